//! The database: alerts, what becomes of each delivery, and the state of the
//! groups.
//!
//! One table holds the queue, the dead letters and the history, so an alert
//! changes from one to the other in place, and nothing can be in two or none.

mod error;
mod groups;
mod history;
mod operator;
mod queue;
mod rows;
mod schema;
#[allow(clippy::module_inception)] // the type that the folder is about
mod store;
pub(crate) mod time;
mod writing;

pub use error::StoreError;
pub(crate) use history::HistoryBound;
pub(crate) use queue::{Counts, ReadQueue};
pub use rows::{
    AlertKind, Among, Delivery, Entry, HeldAt, HeldBy, NewAlert, Outcome, Put, Selection, State,
};
pub(crate) use rows::{KeptAlert, Standing, Waiting, moved};
pub use store::Store;
pub(crate) use writing::{Queued, Writing};
