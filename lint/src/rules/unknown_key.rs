//! ## What it does
//! Finds keys that nothing reads, in places where no others are expected. Other
//! keys of a signature travel with its matches; of those only such are found that
//! miss one of ours by a letter, as `sumary` does.
//!
//! ## Why is this bad?
//! It is probably a slip of the pen, and what it was to set has its default.
//!
//! ## Example
//! ```yaml
//! window_minute: 10
//! ```
//!
//! ## Use instead
//! ```yaml
//! window_minutes: 10
//! ```

use super::rule::{Check, Rule};
use crate::finding::Severity;

pub(super) const RULE: Rule = Rule {
    name: "unknown-key",
    severity: Severity::Warning,
    check: Check::Reading,
    source: include_str!("unknown_key.rs"),
};
