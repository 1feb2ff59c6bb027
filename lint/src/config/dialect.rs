//! The dialects of regular expressions, as users name them.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde::{Deserialize, Deserializer};
use sigcheck_backtracking::Dialect;

/// What the help says of them.
const DIALECTS: [(Dialect, &str); 4] = [
    (Dialect::Python, "Python's `re`, in an application that shares the taxonomy"),
    (Dialect::Pcre2, "PCRE2"),
    (Dialect::JavaScript, "JavaScript"),
    (Dialect::Rust, "This project alone"),
];

/// Takes the name of a dialect on the command line.
pub(crate) fn dialects() -> impl TypedValueParser<Value = Dialect> {
    let values = DIALECTS.map(|(dialect, help)| PossibleValue::new(dialect.name()).help(help));
    PossibleValuesParser::new(values).try_map(|name| name.parse::<Dialect>())
}

/// A dialect in sigcheck.toml.
#[derive(Deserialize)]
#[serde(remote = "Dialect", rename_all = "lowercase")]
pub(super) enum DialectName {
    Python,
    Pcre2,
    JavaScript,
    Rust,
}

/// One that may read the taxonomy besides this project.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OtherDialect {
    Python,
    Pcre2,
    JavaScript,
}

impl From<OtherDialect> for Dialect {
    fn from(other: OtherDialect) -> Self {
        match other {
            OtherDialect::Python => Self::Python,
            OtherDialect::Pcre2 => Self::Pcre2,
            OtherDialect::JavaScript => Self::JavaScript,
        }
    }
}

/// Reads a list of those.
pub(super) fn others<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Dialect>>, D::Error> {
    let others = Vec::<OtherDialect>::deserialize(deserializer)?;
    Ok(Some(others.into_iter().map(Dialect::from).collect()))
}
