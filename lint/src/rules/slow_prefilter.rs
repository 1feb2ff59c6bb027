//! ## What it does
//! Finds patterns without any plain text to look for: no two characters in a
//! row that every match contains.
//!
//! ## Why is this bad?
//! The matcher looks for the plain text of all patterns at once, and runs a
//! pattern only on a line that holds its text. A pattern without any is run on
//! every line: one such pattern can cost more than a thousand others.
//!
//! ## Example
//! ```yaml
//! pattern: '\d+%'
//! ```
//!
//! ## Use instead
//! The words that stand next to it in the log.
//! ```yaml
//! pattern: 'disk at \d+%'
//! ```

use super::{Check, Rule};
use crate::{
    finding::{Finding, Severity},
    language,
    pattern::{WrittenPattern, relaxed},
};

pub(super) const RULE: Rule = Rule {
    name: "slow-prefilter",
    severity: Severity::Warning,
    check: Check::Pattern(check),
    source: include_str!("slow_prefilter.rs"),
};

/// A single character is on most lines, and finding it rules nothing out.
const SHORTEST: usize = 2;

fn check(pattern: &WrittenPattern<'_>, findings: &mut Vec<Finding>) {
    let hir = pattern.hir().cloned().or_else(|| relaxed(pattern.text()));
    let has_literal = hir.is_some_and(|hir| language::shortest_literal(&hir) >= SHORTEST);
    if has_literal {
        return;
    }
    let message =
        format!("{} has no plain text to look for first: every line pays for it", pattern.owner);
    findings.push(
        RULE.finding(pattern.whole(), message)
            .help("add a word that is always there, in each branch of the pattern"),
    );
}
