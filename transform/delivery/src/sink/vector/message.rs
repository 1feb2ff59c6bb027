//! Alert events as log events.

use signatures_alerts::Alert;
use signatures_event::Metadata;

/// How many alerts one request carries at most.
pub(super) const MOST: usize = 100;

/// The fields of each event.
///
/// # Errors
/// None that is known: an alert is an object.
pub(super) fn message(alerts: &[Alert]) -> serde_json::Result<Vec<Metadata>> {
    alerts.iter().map(|alert| serde_json::from_str(&alert.to_json())).collect()
}
