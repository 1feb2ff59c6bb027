//! From the flood of errors to a few alerts.
//!
//! One interface: an observation and a time go in, a decision comes out. Time
//! is an argument, so replay, tests and production are the same code, and a
//! caller may not assume that what decides lives in its own process.

mod decision;
mod group;
mod samples;
mod settings;
mod state;
mod table;
mod times;

pub use decision::{Aggregate, Cause, Decision, Hold, Raised};
pub use samples::{MAX_SAMPLE_CHARS, MAX_SAMPLES, sample};
pub use settings::{AggregationSettings, MAX_MIN_COUNT, MAX_MINUTES, Override, Thresholds};
pub use state::GroupState;
pub use table::{GenericGroup, GroupTable, Stats};
