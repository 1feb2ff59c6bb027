//! What becomes of an observation.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{event_time::EventTime, reason::Reason, undo::Undo};
use crate::{observation::Observation, presence::Present};

/// Decides when a group of errors is worth an alert.
pub trait Aggregate {
    /// Takes note of an error at a time, and says whether it raises an alert.
    ///
    /// Events may come in any order: each counts at its own time, as the module's
    /// first lines say. Arrivals should not go back.
    fn observe(&mut self, observation: &Observation<'_>, time: EventTime) -> Decision;

    /// Takes note that events came of which it is to be told where none come: when
    /// they came on the clock of the ticks.
    fn present(&mut self, present: Present, at: Timestamp);

    /// Goes on to a time, and says what is raised by that alone. To be called before
    /// the events of that time, and every few seconds while none come; a replay calls
    /// it with the times that its logs tell. It costs nothing where no setting asks
    /// for it.
    fn tick(&mut self, now: Timestamp) -> Vec<Timed>;
}

/// An alert that no event raised, and what stands for the event in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Timed {
    /// The alert.
    pub raised: Raised,
    /// What it is about.
    pub observation: Observation<'static>,
}

/// What became of an observation.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Tell somebody.
    Raised(Box<Raised>),
    /// Tell nobody, for a reason.
    Held(Hold),
}

/// What a group knows of the alert that it raises.
#[derive(Clone, Debug, PartialEq)]
pub struct Raised {
    /// Why.
    pub reason: Reason,
    /// Which alert of its group it is, from 1 since that was last forgotten.
    pub ordinal: u32,
    /// How many events raised it.
    pub count: u64,
    /// How many more came during the cooldown before it.
    pub suppressed: u64,
    /// The earliest event that it reports, counted or suppressed.
    pub first_seen: Timestamp,
    /// The latest event that it counts.
    pub last_seen: Timestamp,
    /// When the event came that raised it: much later, when it came late.
    pub decided_at: Timestamp,
    /// Until when, as events tell the time, nothing follows it.
    pub cooldown_until: Timestamp,
    /// Some of the texts, redacted and cut.
    pub samples: Vec<String>,
    /// What it tells of, where it is the alert of all groups of an error.
    pub joined: Option<Box<JoinedValues>>,
    /// What takes it back, where it does not arrive.
    pub undo: Undo,
}

/// The groups of one error that alert together, by what tells them apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinedValues {
    /// The most frequent, at most [`MAX_LISTED_VALUES`](super::MAX_LISTED_VALUES).
    pub values: Vec<ValueCount>,
    /// How many more there are.
    pub more_values: u64,
    /// How many events those had.
    pub more_count: u64,
    /// What of all this alerts of single groups have told before: whoever counts alerts
    /// is not to count it twice. It is known to whoever decides, and written nowhere.
    #[serde(skip)]
    pub before: ToldBefore,
}

/// What of a joined alert was told before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToldBefore {
    /// How many of its values.
    pub values: u64,
    /// How many of the events that it counts.
    pub count: u64,
    /// How many of those that it says were suppressed.
    pub suppressed: u64,
}

/// A value, and how often it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueCount {
    /// What events say in the fields that tell groups apart, without secrets.
    pub value: String,
    /// How many events said it, counted or suppressed.
    pub count: u64,
}

/// Why an observation raises no alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hold {
    /// Too few like it within the window, so far.
    BelowThreshold,
    /// An alert for it went out a moment ago.
    Cooldown,
    /// No signature knows it, and such errors are only counted.
    Generic,
}

impl Hold {
    /// The reason as a label for metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BelowThreshold => "below_threshold",
            Self::Cooldown => "cooldown",
            Self::Generic => "generic",
        }
    }
}
