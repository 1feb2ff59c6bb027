//! From a log event to a verdict, and from the flood of errors to a few alerts.
//!
//! Pure: no clock, no file, no network. Time is an argument, so that replay,
//! tests and production are the same code.

pub mod aggregate;
pub mod canonical;
mod classifier;
mod fingerprint;
mod observation;
mod policy;
mod selector;
mod settings;
mod severity;
pub mod tags;
pub mod taxonomy;
mod verdict;

pub use classifier::{Classifier, Observer};
pub use fingerprint::{Fingerprint, InvalidFingerprint};
pub use observation::{GENERIC, Observation};
pub use policy::{Policy, UNKNOWN_POLICY};
pub use selector::Selector;
pub use settings::{ClassifierSettings, Settings};
pub use severity::Severity;
pub use taxonomy::Taxonomy;
pub use verdict::{Classification, Outcome, Tally, Verdict};
