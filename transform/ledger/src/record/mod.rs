//! What is remembered for people: how often each error came, its samples, its
//! incidents, silences, what was decided of each alert, and who did what.

mod alerts;
mod audit;
mod bounds;
mod columns;
mod counter;
mod counts;
mod desk;
mod desk_rows;
mod errors;
mod incidents;
mod ledger;
mod messages;
mod observed;
mod packed;
mod reach;
mod rows;
mod samples;
mod silences;
mod standing;
mod time;
mod window;
mod writing;

pub(crate) use audit::prune as prune_audit;
pub(crate) use bounds::{Busy, RecordBound, bound_errors, pack_minutes, prune, prune_incidents};
pub(crate) use counter::Counted;
pub use counter::Counter;
pub(crate) use desk::{Changes, Desk};
pub use desk::{FollowUp, Rules, Ruling};
pub(crate) use desk_rows::{read as read_desk, write as write_changes};
pub(crate) use ledger::Task;
pub use ledger::{Ledger, LedgerError};
pub use rows::*;
pub use silences::LONGEST_SILENCE;
pub use window::{LONGEST_WINDOW, Window};
pub(crate) use writing::add as add_counted;
