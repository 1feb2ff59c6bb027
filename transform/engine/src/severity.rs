//! How bad an error is, as its signature says.

use std::fmt;

use serde::{Deserialize, Serialize};
use signatures_document::{Reader, yaml::Node};

/// How bad a match is: one of the known severities, or as the file has it.
///
/// Compared without regard to case.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Severity(String);

impl Severity {
    /// The severities that have a meaning, mildest first.
    pub const KNOWN: [&str; 7] =
        ["info", "low", "warning", "medium", "anomaly", "high", "critical"];

    /// A severity by its name; a known one is put in lower case.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let known = Self::KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(name));
        Self(known.unwrap_or(name).to_owned())
    }

    /// Reads the severity that a key of a file names.
    pub fn read(reader: &mut Reader, key: &str, node: &Node) -> Option<Self> {
        reader.text(key, node).map(|name| Self::new(&name))
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is one of [`Severity::KNOWN`].
    #[must_use]
    pub fn is_known(&self) -> bool {
        Self::KNOWN.contains(&self.0.as_str())
    }

    /// Its place among the known ones, mildest first; an unknown one has that of
    /// `anomaly`.
    #[must_use]
    pub fn rank(&self) -> u8 {
        let place = |name: &str| Self::KNOWN.iter().position(|known| *known == name);
        let place = place(&self.0).or_else(|| place("anomaly"));
        place.and_then(|place| u8::try_from(place).ok()).unwrap_or_default()
    }

    /// Whether it is `critical`, which makes every match an alert at once.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        self.0 == "critical"
    }
}

impl Default for Severity {
    fn default() -> Self {
        Self::new("anomaly")
    }
}

impl PartialEq for Severity {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Severity {}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
