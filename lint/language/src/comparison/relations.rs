//! What is found out about many patterns.

use std::collections::BTreeMap;

/// The place of a pattern among those that are compared, from 0.
pub type PatternIndex = usize;

/// A branch of one pattern, in whose own text another pattern is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// The pattern with the text.
    pub text_of: PatternIndex,
    /// Its branch, from 0.
    pub branch: usize,
    /// How many branches it has.
    pub branches: usize,
    /// The pattern that is found in it.
    pub found: PatternIndex,
    /// Whether it is found in every text that the branch is found in; none when
    /// that could not be decided.
    pub always: Option<bool>,
    /// Whether it is found at least in all that the branch spells out.
    pub special: bool,
    /// A text in which both are found.
    pub witness: String,
}

/// All that was found out about some patterns.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Relations {
    /// By the pattern with the text, then the pattern that is found.
    pub touches: Vec<Touch>,
    /// Pairs of which nothing could be decided.
    pub undecided: Vec<(PatternIndex, PatternIndex)>,
    /// Patterns that cannot be looked into at all.
    pub opaque: Vec<PatternIndex>,
    /// From which pattern on there was no budget left to compare.
    pub unfinished: Option<PatternIndex>,
}

impl Relations {
    /// The touches of a pattern's own text, grouped by what is found in it.
    #[must_use]
    pub fn found_in(&self, text_of: PatternIndex) -> BTreeMap<PatternIndex, Vec<&Touch>> {
        let start = self.touches.partition_point(|touch| touch.text_of < text_of);
        let mut found: BTreeMap<PatternIndex, Vec<&Touch>> = BTreeMap::new();
        for touch in self.touches[start..].iter().take_while(|touch| touch.text_of == text_of) {
            found.entry(touch.found).or_default().push(touch);
        }
        found
    }
}
