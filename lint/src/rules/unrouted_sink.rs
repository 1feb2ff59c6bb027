//! ## What it does
//! Finds sinks that no route leads to, where there are routes.
//!
//! ## Why is this bad?
//! It gets only the alerts that no route takes, which is seldom what a sink was
//! written down for.
//!
//! ## Example
//! ```yaml
//! sinks: { pager: { type: console }, chat: { type: console } }
//! routes:
//!   - sinks: [pager]
//! ```
//!
//! ## Use instead
//! ```yaml
//! sinks: { pager: { type: console }, chat: { type: console } }
//! routes:
//!   - match: { severity: critical }
//!     sinks: [pager]
//!   - sinks: [chat]
//! ```

use super::rule::{Check, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "unrouted-sink",
    severity: Severity::Warning,
    check: Check::Reading,
    source: include_str!("unrouted_sink.rs"),
};
