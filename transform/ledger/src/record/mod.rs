//! What is remembered for people: how often each error came, its samples, its
//! incidents, silences, what was decided of each alert, and who did what.

mod alerts;
mod audit;
mod columns;
mod counts;
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
mod time;
mod window;

pub(crate) use ledger::Task;
pub use ledger::{Ledger, LedgerError};
pub use rows::*;
pub use silences::LONGEST_SILENCE;
pub use window::{LONGEST_WINDOW, Window};
