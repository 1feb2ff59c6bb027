//! ## What it does
//! Finds `.*` at the start or the end of a pattern.
//!
//! ## Why is this bad?
//! Patterns search anywhere in the text, so `.*` at an edge changes nothing
//! about what is found. It costs time on every line, and on an engine that
//! backtracks the square of the line's length.
//!
//! ## Example
//! ```yaml
//! pattern: '.*connection refused.*'
//! ```
//!
//! ## Use instead
//! ```yaml
//! pattern: 'connection refused'
//! ```

use std::ops::Range;

use regex_syntax::ast::{Ast, RepetitionKind, RepetitionRange};

use super::rule::{Check, Rule};
use crate::{
    finding::{Finding, Severity},
    pattern::WrittenPattern,
};

pub(super) const RULE: Rule = Rule {
    name: "redundant-wildcard",
    severity: Severity::Warning,
    check: Check::Pattern(check),
    source: include_str!("redundant_wildcard.rs"),
};

fn check(pattern: &WrittenPattern<'_>, findings: &mut Vec<Finding>) {
    let Some(ast) = pattern.ast() else { return };
    let mut wildcards = Vec::new();
    edges(ast, true, true, &mut wildcards);
    wildcards.sort_by_key(|part| part.start);
    wildcards.dedup();
    for part in wildcards {
        let text = &pattern.text()[part.clone()];
        let message = format!("`{text}` at the edge of a pattern changes nothing it finds");
        findings.push(
            RULE.finding(pattern.span(part.clone()), message)
                .help("leave it out: patterns search anywhere in the text")
                .fix(pattern.fix(part, "")),
        );
    }
}

/// The wildcards at those edges of a pattern that are also edges of the whole.
fn edges(ast: &Ast, start: bool, end: bool, found: &mut Vec<Range<usize>>) {
    match ast {
        Ast::Group(group) => edges(&group.ast, start, end, found),
        Ast::Alternation(alternation) => {
            alternation.asts.iter().for_each(|branch| edges(branch, start, end, found));
        }
        Ast::Concat(concat) => {
            // A pattern of nothing but wildcards is another rule's.
            if concat.asts.iter().all(is_wildcard) {
                return;
            }
            let last = concat.asts.len().saturating_sub(1);
            for (index, part) in concat.asts.iter().enumerate() {
                let (start, end) = (start && index == 0, end && index == last);
                match is_wildcard(part) && (start || end) {
                    true => found.push(part.span().start.offset..part.span().end.offset),
                    false if start || end => edges(part, start, end, found),
                    false => {}
                }
            }
        }
        _ => {}
    }
}

fn is_wildcard(ast: &Ast) -> bool {
    let Ast::Repetition(repetition) = ast else { return false };
    let optional = matches!(
        repetition.op.kind,
        RepetitionKind::ZeroOrMore | RepetitionKind::Range(RepetitionRange::AtLeast(0))
    );
    optional && matches!(*repetition.ast, Ast::Dot(_))
}
