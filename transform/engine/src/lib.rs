//! The engine of vector-signatures: from a taxonomy of regular expressions to
//! a verdict on each log event, and from the flood of matches to a few alerts.

pub mod aggregate;
pub mod alert;
pub mod canonical;
pub mod event;
pub mod fingerprint;
pub mod level;
pub mod message;
pub mod problem;
mod reader;
pub mod redact;
pub mod routes;
pub mod settings;
pub mod sinks;
pub mod subject;
pub mod switch;
pub mod tags;
pub mod taxonomy;
pub mod verdict;
pub mod yaml;

// Until those who use them name the crate itself.
pub use signatures_matcher::{matcher, pattern};
