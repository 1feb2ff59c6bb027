//! ## What it does
//! Finds values of the wrong shape: a text where a list belongs, a signature
//! without a pattern, minutes below zero.
//!
//! ## Why is this bad?
//! The file cannot be used, for nobody knows what was meant.
//!
//! ## Example
//! ```yaml
//! window_minutes: five
//! ```
//!
//! ## Use instead
//! ```yaml
//! window_minutes: 5
//! ```
//! `sigcheck schema taxonomy` and `sigcheck schema alerts` print what an editor
//! needs to check this while you type.

use super::rule::{Check, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "schema",
    severity: Severity::Error,
    check: Check::Reading,
    source: include_str!("schema.rs"),
};
