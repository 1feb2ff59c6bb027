//! What an alert is, whom it concerns, and what it looks like.
//!
//! Pure: nothing is sent from here.

mod alert;
pub mod excerpt;
mod routes;
mod settings;
mod severity;

pub use alert::{ALERT_EVENT, Alert};
pub use routes::{Route, UNKNOWN_SINK, UNROUTED_SINK, check_routes};
pub use settings::Settings;
pub use severity::AlertSeverity;
