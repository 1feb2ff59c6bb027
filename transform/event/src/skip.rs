//! Which events pass without a look.

use crate::{event::Event, level::Level};

/// Events that this system itself wrote; to count them would feed it its own
/// alerts.
pub const GUARDED_EVENTS: [&str; 4] = [
    "internal_alert",
    "alert_received",
    "single_error_alert_fallback",
    "log_aggregator_shadow_emit",
];

/// Why an event is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Skip {
    /// It says a level below `min_level`.
    BelowMinLevel,
    /// This system wrote it: one of [`GUARDED_EVENTS`].
    LoopGuard,
}

impl Skip {
    /// Why an event that says this level passes untouched, if it does.
    #[must_use]
    pub fn of(event: &impl Event, level: Option<Level>, min_level: Level) -> Option<Self> {
        let name = event.get("event").and_then(|value| value.into_scalar_text());
        if name.is_some_and(|name| GUARDED_EVENTS.contains(&&*name)) {
            return Some(Self::LoopGuard);
        }
        let below = level.is_some_and(|level| level < min_level);
        below.then_some(Self::BelowMinLevel)
    }

    /// The reason as a label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BelowMinLevel => "below_min_level",
            Self::LoopGuard => "loop_guard",
        }
    }
}
