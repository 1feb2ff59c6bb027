//! ## What it does
//! Finds patterns that would take more than 4 MiB once compiled, most often
//! because a large class is repeated many times.
//!
//! ## Why is this bad?
//! Compiling and running it takes memory and time that the log stream needs,
//! so it is refused.
//!
//! ## Example
//! ```yaml
//! pattern: '(?:\w{1000}){9}'
//! ```
//!
//! ## Use instead
//! An open repeat, or a class of ASCII.
//! ```yaml
//! pattern: '[0-9A-Za-z_]{1000,}'
//! ```

use super::rule::{Check, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "regex-too-large",
    severity: Severity::Error,
    check: Check::Reading,
    source: include_str!("regex_too_large.rs"),
};
