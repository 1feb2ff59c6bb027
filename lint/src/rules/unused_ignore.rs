//! ## What it does
//! Finds comments `# sigcheck: ignore[rule]` that silence nothing: nothing of
//! that rule is found there, or no rule has that name.
//!
//! ## Why is this bad?
//! What it was for has been mended, or it never worked. Left where it is, it
//! will silence the next mistake of that kind.
//!
//! ## Example
//! ```yaml
//! pattern: '\b499\b' # sigcheck: ignore[bare-number]
//! ```
//!
//! ## Use instead
//! ```yaml
//! pattern: '\b499\b'
//! ```
//! A comment behind a line is for that line; behind the first line of a
//! signature, or on lines of its own above one, for the whole signature; beside the
//! `|` of a text that stands in the lines below, for that text. What makes a file
//! unusable, as `invalid-regex` does, cannot be ignored: that is an error.
//! Name more rules with commas between: `ignore[bare-number, portability]`.

use super::rule::{Check, Rule};
use crate::finding::Severity;

pub(crate) const RULE: Rule = Rule {
    name: "unused-ignore",
    severity: Severity::Warning,
    check: Check::Ignores,
    source: include_str!("unused_ignore.rs"),
};
