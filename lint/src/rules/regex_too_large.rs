//! ## What it does
//! Finds patterns that would take more than 4 MiB once compiled, most often
//! because a large class is repeated many times; 16 MiB with look-around or
//! back-references. Also those that are longer than 128 KiB, that have more than
//! 4,096 classes such as `\w`, or that call groups, `\g<1>`, and have more than 16;
//! and where the patterns without a word in them, and those with look-around or
//! back-references, would take more than 256 MiB together.
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
//! pattern: 'token [0-9A-Za-z_]{1000,}'
//! ```

use super::rule::{Check, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "regex-too-large",
    severity: Severity::Error,
    check: Check::Reading,
    source: include_str!("regex_too_large.rs"),
};
