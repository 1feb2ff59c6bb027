//! From the flood of errors to a few alerts.
//!
//! One interface: an observation and a time go in, a decision comes out. Time
//! is an argument, so replay, tests and production are the same code, and a
//! caller may not assume that what decides lives in its own process.
//!
//! Events may come late, and out of order: each counts at its own [`EventTime`].
//!
//! - An alert is raised when `min_count` events of a group lie within `window`, in
//!   whatever order they came; it is dated by the last of them. Remembered are the
//!   last four times `min_count` that raised none.
//! - It answers for the time from a window or a cooldown before it, whichever is
//!   longer, until its cooldown is over: what lies in there is suppressed, also what
//!   comes late, and reported by the next alert after it.
//! - What lies anywhere else is decided as if the alert had not been. So backlogs
//!   may be read beside a stream, each with cooldowns of its own; the last four
//!   cooldowns of a group are remembered.
//! - After a silence of twice the longer of window and cooldown, as events tell the
//!   time, nothing of what was before is reported. Memory is given back by arrival:
//!   what an event says of the time forgets nobody.
//! - Where more than `collapse_above` groups of one error, the fields that tell them
//!   apart left aside, alert within a window, or were held back, the next that would is
//!   one alert of all of them. Its cooldown holds those of all groups; what they would
//!   have told is in the next alert of the group or of all.
//! - An alert that did not arrive can be taken back: its cooldown ends, and the next
//!   event of its group raises it again with what both have to tell.

mod cooldowns;
mod decision;
mod event_time;
mod frequent;
mod group;
mod joined;
mod reason;
mod samples;
mod settings;
mod spans;
mod state;
mod table;
mod times;
mod triggers;
mod undo;

pub use decision::{
    Aggregate, Decision, Hold, JoinedValues, Raised, Timed, ToldBefore, ValueCount,
};
pub use event_time::{EventTime, LineClock, TimeSource};
pub use frequent::MOST_FREQUENT;
pub use joined::MAX_LISTED_VALUES;
pub use reason::{Reason, Trigger};
pub use samples::{MAX_SAMPLE_CHARS, MAX_SAMPLES, sample};
pub use settings::{AggregationSettings, MAX_MIN_COUNT, Override, Thresholds};
pub use spans::MAX_MINUTES;
pub use state::GroupState;
pub use table::{GenericGroup, GroupTable, Stats};
pub use triggers::{
    AbsentTrigger, CooldownBackoff, DistinctTrigger, MAX_DISTINCT, NewTrigger, SpikeTrigger,
    Triggers,
};
pub use undo::Undo;
