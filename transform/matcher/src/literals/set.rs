//! Literals of which each match contains at least one.

use super::frequency::text_frequency;

/// Literals of which every match of a pattern contains at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literals {
    pub(super) texts: Vec<String>,
    pub(super) leading: bool,
}

/// Nothing is taken to be rarer than this: what seems to be may still be a
/// phrase that is in every line.
const MIN_FREQUENCY: f64 = 1e-6;

impl Literals {
    /// The literals, none of them empty, in the spelling of
    /// [`folded`](super::folded). None at all: nothing matches.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// Whether every match not only contains one of the literals, but begins
    /// with one.
    #[must_use]
    pub fn are_leading(&self) -> bool {
        self.leading
    }

    /// Drops each literal that contains another: to contain the longer is to
    /// contain the shorter.
    pub(super) fn without_superstrings(mut self) -> Self {
        self.texts.sort_unstable_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        self.texts.dedup();
        let mut kept: Vec<String> = Vec::new();
        for text in self.texts {
            let contains =
                |short: &String| memchr::memmem::find(text.as_bytes(), short.as_bytes()).is_some();
            if !kept.iter().any(contains) {
                kept.push(text);
            } else {
                // A match that begins with the longer begins with the shorter.
                self.leading &= kept.iter().any(|short| text.starts_with(short.as_str()));
            }
        }
        Self { texts: kept, ..self }
    }

    /// The empty literal is in every text, and tells nothing.
    pub(super) fn are_usable(&self) -> bool {
        self.texts.iter().all(|text| !text.is_empty())
    }

    /// About how often, per byte of an ordinary log, one of them begins.
    pub(super) fn frequency(&self) -> f64 {
        self.texts.iter().map(|text| text_frequency(text.as_bytes())).sum()
    }

    /// What it costs to look for them: those found less often are cheaper; of
    /// equally rare ones the longer. What many patterns share is likely to be
    /// more frequent than it seems, and when found more of them have to be
    /// confirmed.
    pub(super) fn cost(&self, sharing: impl Fn(&str) -> usize) -> (u64, usize) {
        let one = |text: &String| {
            text_frequency(text.as_bytes()).max(MIN_FREQUENCY) * (sharing(text) as f64).powi(2)
        };
        let shortest = self.texts.iter().map(String::len).min().unwrap_or(0);
        ((self.texts.iter().map(one).sum::<f64>() * 1e12) as u64, usize::MAX - shortest)
    }
}
