//! Commands for people, once: a command line, a page and a chat are faces of
//! the same functions.
//!
//! Each returns a value, prints nothing and knows no flags; time is an argument.
//! What a value looks like as JSON is part of it, since programs read it.
//!
//! - [`outbox`]: the deliveries that wait or were given up; retry or drop them.
//!   Works on a state directory, also while another process delivers from it.
//! - [`status`](fn@status): how a process is.
//! - [`notify_test`](fn@notify_test): does an alert arrive?
//!
//! ```
//! use jiff::Timestamp;
//! use signatures_operations::outbox::{self, OutboxError, Which};
//!
//! # let folder = tempfile::tempdir()?;
//! # let state_dir = folder.path();
//! // Where nothing was ever delivered there is no outbox to look into.
//! let all = Which::Waiting { sink: None };
//! let retried = outbox::retry(state_dir, &all, Timestamp::now());
//! assert!(matches!(retried, Err(OutboxError::Missing { .. })));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! A call opens the database anew, which takes milliseconds: right for people,
//! wrong for a loop.

mod answer;
mod answer_error;
mod classified;
pub mod commands;
mod desk;
mod mode;
mod notify_test;
pub mod outbox;
mod overview;
mod proposal;
mod status;
mod table;
pub mod times;

pub use answer::{
    ActedOn, Alerts, Answer, Cooling, ErrorsOfWindow, Observation, Samples, Silenced, Silences,
    Unsilenced,
};
pub use answer_error::AnswerError;
pub use classified::Classified;
pub use desk::{Desk, Rules, Who};
pub use mode::Mode;
pub use notify_test::{NotifyTestError, SinkAnswer, notify_test};
pub use overview::{ErrorDetail, ErrorsNow, Overview, SignatureDetail, SignatureLine, Sparkline};
pub use proposal::Proposal;
pub use signatures_ledger::record::{
    Audited, DecidedAlert, DecisionState, ErrorCount, Errors, Incident, Reach, Sample, Silence,
    SinkDecisions, TimeLine,
};
pub use status::{Aggregated, AggregationStatus, GenericError, Process, Status, status};
pub use table::decision;
pub use times::Times;
