//! The names by which the environment configures.

/// Where the taxonomy is.
pub const TAXONOMY: &str = "ERROR_SIGNATURES_PATH";

/// Where alerts.yml is.
pub const ALERTS: &str = "ALERTS_GROUPING_CONFIG";

/// Whether errors become alerts: a [switch](crate::switch).
pub const AGGREGATE: &str = "LOG_AGGREGATOR_ENABLED";

/// Whether alerts are decided and not delivered: a [switch](crate::switch).
pub const SHADOW: &str = "LOG_AGGREGATOR_SHADOW";

/// How many seconds pass between two looks at the files.
pub const RELOAD_SECONDS: &str = "LOG_AGG_RELOAD_SECONDS";

/// Where alerts wait until delivered, and groups are kept over a restart.
pub const STATE_DIR: &str = "SIGNATURES_STATE_DIR";

/// What a variable says, without blanks around it. An empty one says nothing, as
/// compose files have it.
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}
