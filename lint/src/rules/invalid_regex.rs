//! ## What it does
//! Finds patterns that are no regular expressions.
//!
//! ## Why is this bad?
//! The taxonomy cannot be used: to leave out the one signature would be to
//! lose its errors without a word.
//!
//! ## Example
//! ```yaml
//! pattern: 'worker (pid'
//! ```
//!
//! ## Use instead
//! ```yaml
//! pattern: 'worker \(pid'
//! ```
//!
//! ## References
//! - [Syntax of the regex crate](https://docs.rs/regex/latest/regex/#syntax)

use super::rule::{Check, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "invalid-regex",
    severity: Severity::Error,
    check: Check::Reading,
    source: include_str!("invalid_regex.rs"),
};
