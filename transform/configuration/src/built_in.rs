//! The rules that ship with the program, for who has none yet.

use signatures_document::yaml::Source;

/// The taxonomy of `config/error_signatures.yml`.
pub const BUILT_IN_TAXONOMY: &str = include_str!("../rules/error_signatures.yml");

/// The alert settings of `config/alerts.yml`.
pub const BUILT_IN_ALERTS: &str = include_str!("../rules/alerts.yml");

/// The built-in taxonomy, by a name that messages can call it.
#[must_use]
pub fn built_in_taxonomy() -> Source {
    Source::new("built-in error_signatures.yml", BUILT_IN_TAXONOMY)
}

/// The built-in alert settings, by a name that messages can call them.
#[must_use]
pub fn built_in_alerts() -> Source {
    Source::new("built-in alerts.yml", BUILT_IN_ALERTS)
}
