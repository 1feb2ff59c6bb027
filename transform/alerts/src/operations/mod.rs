//! `operations:` of alerts.yml: what happens after an alert is decided.

mod escalation;
mod mute_time;
mod settings;
mod zone;

pub use escalation::{Escalation, check_escalation};
pub use mute_time::MuteTime;
pub use settings::OperationsSettings;
