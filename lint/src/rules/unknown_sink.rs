//! ## What it does
//! Finds routes that lead to a sink which neither `sinks` nor the environment
//! (`slack`, `telegram`) can provide.
//!
//! ## Why is this bad?
//! The alerts that the route takes would reach nobody, so the file is refused.
//!
//! ## Example
//! ```yaml
//! sinks: { pager: { type: console } }
//! routes:
//!   - sinks: [pgaer]
//! ```
//!
//! ## Use instead
//! ```yaml
//! sinks: { pager: { type: console } }
//! routes:
//!   - sinks: [pager]
//! ```

use super::rule::{Check, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "unknown-sink",
    severity: Severity::Error,
    check: Check::Reading,
    source: include_str!("unknown_sink.rs"),
};
