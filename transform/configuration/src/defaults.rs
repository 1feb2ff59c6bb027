//! What holds unless somebody says otherwise.

use std::time::Duration;

/// Where the taxonomy is.
pub const DEFAULT_TAXONOMY: &str = "config/error_signatures.yml";

/// Where alerts.yml is.
pub const DEFAULT_ALERTS: &str = "config/alerts.yml";

/// The time between two looks at the files.
pub const DEFAULT_RELOAD: Duration = Duration::from_secs(60);
