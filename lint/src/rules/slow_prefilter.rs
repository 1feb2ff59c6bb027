//! ## What it does
//! Finds patterns without any plain text to look for: nothing that every match
//! contains and that is rare in logs, as a single letter is not.
//!
//! ## Why is this bad?
//! The matcher looks for the plain text of all patterns at once, and runs a
//! pattern only on a line that holds its text. A pattern without any is run on
//! every line: one such pattern can cost more than a thousand others.
//!
//! ## Example
//! ```yaml
//! pattern: '\d{3}'
//! ```
//!
//! ## Use instead
//! The words that stand next to it in the log.
//! ```yaml
//! pattern: 'status \d{3}'
//! ```

use super::rule::{Check, Rule};
use crate::{
    finding::{Finding, Severity},
    pattern::WrittenPattern,
};

pub(super) const RULE: Rule = Rule {
    name: "slow-prefilter",
    severity: Severity::Warning,
    check: Check::Pattern(check),
    source: include_str!("slow_prefilter.rs"),
};

fn check(pattern: &WrittenPattern<'_>, findings: &mut Vec<Finding>) {
    if pattern.pattern.has_literals() {
        return;
    }
    let message =
        format!("{} has no plain text to look for first: every line pays for it", pattern.owner);
    findings.push(
        RULE.finding(pattern.whole(), message)
            .help("add a word that is always there, in each branch of the pattern"),
    );
}
