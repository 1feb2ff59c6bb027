//! ## What it does
//! Finds patterns that match every line, or every line that is long enough,
//! whatever it says: `.*` and its disguises, such as `[\s\S]+`, `^.{3,}$` or
//! `\d|\D`. Decided on the pattern's automaton, not by its looks.
//!
//! ## Why is this bad?
//! The first signature that matches wins. One that matches every line takes
//! all events, and no signature after it is ever asked; on the allowlist it
//! drops every line that no signature knows.
//!
//! ## Example
//! ```yaml
//! pattern: '.+'
//! ```
//!
//! ## Use instead
//! The words that make the line worth an alert. Errors that no signature knows
//! are grouped without a pattern: see `generic` in alerts.yml.

use sigcheck_language::{OutOfBudget, misses_few, reads_any_character};
use signatures_matcher::Search;

use super::rule::{Check, Rule};
use crate::{
    finding::{Finding, Severity},
    pattern::WrittenPattern,
};

pub(super) const RULE: Rule = Rule {
    name: "matches-everything",
    severity: Severity::Warning,
    check: Check::Pattern(check),
    source: include_str!("matches_everything.rs"),
};

/// Lines that have nothing in common but their length.
const UNLIKE: [&str; 5] = [
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "0101010101010101010101010101010101",
    "                                ",
    "!?!?!?!?!?!?!?!?!?!?!?!?!?!?!?!?!?",
    "\u{e000}\u{e001}\u{e000}\u{e001}\u{e000}\u{e001}\u{e000}\u{e001}\u{e000}\u{e001}",
];

fn check(pattern: &WrittenPattern<'_>, findings: &mut Vec<Finding>) {
    if UNLIKE.iter().any(|line| pattern.pattern.search(line) != Search::Found) {
        return;
    }
    let finding = |message| RULE.finding(pattern.whole(), message);
    let help = match pattern.is_noise {
        true => "write the words that make a line harmless",
        false => "write the words that make a line worth an alert",
    };
    match pattern.hir().map(misses_few) {
        Some(Ok(true)) if !is_empty(pattern) || is_wildcard(pattern) => {
            let message = format!("{} matches every line, whatever it says", pattern.owner);
            findings.push(finding(message).help(help));
        }
        Some(Ok(_)) => {}
        None | Some(Err(OutOfBudget)) => {
            let message = format!("could not decide whether {} matches every line", pattern.owner);
            findings.push(finding(message).undecided());
        }
    }
}

fn is_empty(pattern: &WrittenPattern<'_>) -> bool {
    pattern.pattern.search("") == Search::Found
}

/// Whether each character by itself is matched by more than the empty text.
pub(super) fn is_wildcard(pattern: &WrittenPattern<'_>) -> bool {
    pattern.hir().is_some_and(reads_any_character)
}
