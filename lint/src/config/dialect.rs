//! The dialects of regular expressions, as users name them.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde::{Deserialize, Deserializer, de::Error};

use crate::backtracking::Engine as Dialect;

/// Their names, in the order in which they are listed, and what the help says.
const DIALECTS: [(&str, Dialect, &str); 4] = [
    ("python", Dialect::Python, "Python's `re`, in an application that shares the taxonomy"),
    ("pcre2", Dialect::Pcre2, "PCRE2"),
    ("javascript", Dialect::JavaScript, "JavaScript"),
    ("rust", Dialect::Rust, "This project alone"),
];

/// The names of all.
const ALL: [&str; 4] = ["python", "pcre2", "javascript", "rust"];

/// The names of those that may read the taxonomy besides this project.
const OTHERS: [&str; 3] = ["python", "pcre2", "javascript"];

/// Takes the name of a dialect on the command line.
pub(crate) fn dialects() -> impl TypedValueParser<Value = Dialect> {
    let values = DIALECTS.map(|(name, _, help)| PossibleValue::new(name).help(help));
    PossibleValuesParser::new(values).try_map(|name| named(&name).ok_or("no dialect"))
}

/// Reads one dialect.
pub(super) fn one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Dialect, D::Error> {
    let name = String::deserialize(deserializer)?;
    named(&name).ok_or_else(|| D::Error::unknown_variant(&name, &ALL))
}

/// Reads a list of dialects other than this project's own.
pub(super) fn portable<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Dialect>>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let other = |name: String| {
        let dialect = named(&name).filter(|_| OTHERS.contains(&name.as_str()));
        dialect.ok_or_else(|| D::Error::unknown_variant(&name, &OTHERS))
    };
    names.into_iter().map(other).collect::<Result<_, _>>().map(Some)
}

fn named(name: &str) -> Option<Dialect> {
    DIALECTS.iter().find(|(known, ..)| *known == name).map(|(_, dialect, _)| *dialect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_in_messages_are_those_that_are_known() {
        assert_eq!(DIALECTS.map(|(name, ..)| name), ALL);
        assert_eq!(ALL[..3], OTHERS);
    }
}
