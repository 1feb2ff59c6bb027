//! The numbers that decided that an alert is one.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use signatures_engine::aggregate::Reason;

/// The numbers that decided that an alert is one, as far as its trigger has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Numbers {
    /// How many events there were, or values, or errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Within which time, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_seconds: Option<u64>,
    /// How many there usually are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual: Option<u64>,
    /// For how long nothing came before, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_seconds: Option<u64>,
    /// The field whose values were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Numbers {
    /// Those of a reason.
    #[must_use]
    pub fn of(reason: &Reason) -> Self {
        let seconds = |span: SignedDuration| u64::try_from(span.as_secs()).ok();
        let none = Self::default();
        match reason {
            Reason::Immediate => none,
            Reason::MoreNew { errors, .. } => Self { count: Some(*errors), ..none },
            Reason::New { quiet } => Self { quiet_seconds: quiet.and_then(seconds), ..none },
            Reason::Returned { quiet, .. } | Reason::Absent { quiet } => {
                Self { quiet_seconds: seconds(*quiet), ..none }
            }
            Reason::Threshold { count, window } => {
                Self { count: Some(*count), window_seconds: seconds(*window), ..none }
            }
            Reason::Spike { count, window, usual } => Self {
                count: Some(*count),
                window_seconds: seconds(*window),
                usual: Some(*usual),
                ..none
            },
            Reason::Distinct { field, count, window } => Self {
                count: Some(*count),
                window_seconds: seconds(*window),
                field: Some(field.clone()),
                ..none
            },
        }
    }
}
