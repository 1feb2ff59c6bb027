//! ## What it does
//! Finds policies other than `retry`, `notify` and `escalate`.
//!
//! ## Why is this bad?
//! Routes and overrides go by the policy. One that nobody knows leads nowhere,
//! so the file is refused.
//!
//! ## Example
//! ```yaml
//! policy: page
//! ```
//!
//! ## Use instead
//! ```yaml
//! policy: escalate
//! ```

use super::rule::{Check, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "unknown-policy",
    severity: Severity::Error,
    check: Check::Reading,
    source: include_str!("unknown_policy.rs"),
};
