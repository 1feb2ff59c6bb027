//! `grouping:` of alerts.yml.

use signatures_document::{
    Reader, keep,
    yaml::{Node, NodeKind},
};

/// By what errors are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// Which canonical text identifies an error.
    pub canonicalization: Canonicalization,
    /// The fields whose values tell errors apart, up to [`MAX_FIELDS`]. `service`
    /// and `host` are what the event is found to name as such; of any other the
    /// value of the field of that name counts.
    pub by: Vec<String>,
    /// Whether an exception is identified by its types, its root's message and its
    /// frames.
    pub exceptions: bool,
    /// Of how many of its groups an error may alert within a window; those that follow
    /// are one alert of all of them. None joins none.
    pub collapse_above: Option<u64>,
}

/// Which canonical text identifies an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Canonicalization {
    /// The text that the [fingerprint](crate::Fingerprint) is made of.
    Seed,
    /// The [extended](crate::extended) text.
    #[default]
    Extended,
}

/// How many fields may tell errors apart.
pub const MAX_FIELDS: usize = 16;

impl Default for Grouping {
    /// What a section says that is empty.
    fn default() -> Self {
        Self {
            canonicalization: Canonicalization::Extended,
            by: vec!["service".to_owned()],
            exceptions: true,
            collapse_above: None,
        }
    }
}

/// The highest `collapse_above`.
pub const MAX_COLLAPSE_ABOVE: u64 = 100;

const KEYS: [&str; 4] = ["canonicalization", "by", "exceptions", "collapse_above"];
const CANONICALIZATIONS: [(&str, Canonicalization); 2] =
    [("seed", Canonicalization::Seed), ("extended", Canonicalization::Extended)];

impl Grouping {
    /// Reads the section. One that says nothing is none.
    pub(crate) fn read(reader: &mut Reader, key: &str, node: &Node) -> Option<Self> {
        if node.is_null() {
            return None;
        }
        let mut grouping = Self::default();
        for entry in reader.mapping(key, node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                "canonicalization" => {
                    keep(&mut grouping.canonicalization, canonicalization(reader, key, value));
                }
                "by" => keep(&mut grouping.by, fields(reader, key, value)),
                "collapse_above" if value.is_null() => grouping.collapse_above = None,
                "collapse_above" => {
                    let above = reader.integer(key, value, 1, MAX_COLLAPSE_ABOVE);
                    keep(&mut grouping.collapse_above, above.map(Some));
                }
                "exceptions" => keep(&mut grouping.exceptions, reader.boolean(key, value)),
                _ => reader.unknown_key(entry, "grouping", &KEYS),
            }
        }
        Some(grouping)
    }
}

fn canonicalization(reader: &mut Reader, key: &str, node: &Node) -> Option<Canonicalization> {
    let word = node.as_text().unwrap_or_default();
    let known = CANONICALIZATIONS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
    match known {
        Some((_, canonicalization)) => Some(*canonicalization),
        None => reader.expected(key, "`seed` or `extended`", node),
    }
}

fn fields(reader: &mut Reader, key: &str, node: &Node) -> Option<Vec<String>> {
    const EXPECTED: &str = "a list of at most 16 names of fields";
    let NodeKind::Sequence(items) = &node.kind else {
        return reader.expected(key, EXPECTED, node);
    };
    let names = reader.texts(key, node);
    match names.len() {
        // What is no name has been reported.
        length if length < items.len() => None,
        length if length > MAX_FIELDS => reader.expected(key, EXPECTED, node),
        _ => Some(names),
    }
}
