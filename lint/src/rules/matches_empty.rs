//! ## What it does
//! Finds patterns that match the empty text, and so every line, because all
//! that they look for may be absent.
//!
//! ## Why is this bad?
//! The first signature that matches wins. One that matches every line takes
//! all events, and no signature after it is ever asked.
//!
//! ## Example
//! ```yaml
//! pattern: '(OOMKilled)?'
//! ```
//!
//! ## Use instead
//! ```yaml
//! pattern: 'OOMKilled'
//! ```

use regex_syntax::hir::Hir;
use signatures_matcher::Search;

use super::{
    matches_everything,
    rule::{Check, Rule},
};
use crate::{
    finding::{Finding, Severity},
    pattern::{WrittenPattern, relation},
};

pub(super) const RULE: Rule = Rule {
    name: "matches-empty",
    severity: Severity::Warning,
    check: Check::Pattern(check),
    source: include_str!("matches_empty.rs"),
};

fn check(pattern: &WrittenPattern<'_>, findings: &mut Vec<Finding>) {
    // `^$` matches the empty text too, but no other: in a line it finds nothing.
    let everywhere = ["", "x", "\u{1}"].map(|text| pattern.pattern.search(text) == Search::Found);
    if everywhere != [true; 3] || matches_everything::is_wildcard(pattern) || !is_certain(pattern) {
        return;
    }
    let message = format!("{} matches the empty text, and so every line", pattern.owner);
    findings.push(
        RULE.finding(pattern.whole(), message)
            .help("let at least one part of it be required: `+` for `*`, no `?`, no empty branch"),
    );
}

/// Whether what it finds in a few lines it finds in all. What look-around asks for may be
/// missing where the words stand that it names.
fn is_certain(pattern: &WrittenPattern<'_>) -> bool {
    match pattern.hir() {
        Some(hir) => matches!(relation(&Hir::empty(), hir), Some(all) if all.only_first.is_none()),
        None => !matches_everything::misses_its_words(pattern),
    }
}
