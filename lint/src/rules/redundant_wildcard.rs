//! ## What it does
//! Finds `.*` at the start or the end of a pattern, in a group or by itself. With `^`
//! before it, or `$` behind it, it changes nothing in a line; of a text of several
//! lines `^.*` keeps to the first, and `.*$` to the last.
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

use regex_syntax::ast::{AssertionKind, Ast, RepetitionKind, RepetitionRange};
use sigcheck_language::Relation;
use signatures_matcher::Pattern;

use super::rule::{Check, Rule};
use crate::{
    finding::{Finding, Severity},
    pattern::{Change, WrittenPattern},
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
        let (message, help) = match pattern.change(&part, "") {
            Some(Change::Nothing) => (
                format!("`{text}` at the edge of a pattern changes nothing it finds"),
                "leave it out: patterns search anywhere in the text",
            ),
            Some(_) if finds_the_same_lines(pattern, &part) => (
                format!("`{text}` at the edge of a pattern changes nothing it finds in a line"),
                "leave it out, unless of a text of several lines it is to find one alone",
            ),
            _ => continue,
        };
        findings.push(
            RULE.finding(pattern.span(part.clone()), message).help(help).fix(pattern.fix(part, "")),
        );
    }
}

/// Whether in texts of one line a pattern finds the same without a part.
fn finds_the_same_lines(pattern: &WrittenPattern<'_>, part: &Range<usize>) -> bool {
    let text = pattern.text();
    let without = format!("{}{}", &text[..part.start], &text[part.end..]);
    let without = Pattern::compile(&without).ok().and_then(|pattern| pattern.hir());
    let relation = pattern.hir().zip(without.as_ref());
    let relation = relation.and_then(|(before, after)| Relation::between(before, after).ok());
    relation.is_some_and(|found| found.only_first.is_none() && found.only_second.is_none())
}

/// The wildcards at those edges of a pattern that are also edges of the whole, with
/// the ends of the text that they reach to.
fn edges(ast: &Ast, start: bool, end: bool, found: &mut Vec<Range<usize>>) {
    match ast {
        Ast::Group(group) => edges(&group.ast, start, end, found),
        Ast::Alternation(alternation) => {
            alternation.asts.iter().for_each(|branch| edges(branch, start, end, found));
        }
        Ast::Concat(concat) => {
            let parts = match concat.asts.as_slice() {
                [Ast::Flags(_), rest @ ..] => rest,
                all => all,
            };
            let passes = |part: &Ast| is_wildcard(part) || is_end(part);
            // A pattern of nothing but wildcards is another rule's.
            if parts.iter().all(passes) {
                return;
            }
            let first = if start { leading(parts.iter()) } else { 0 };
            let last = if end { leading(parts.iter().rev()) } else { 0 };
            let (wild, rest) = parts.split_at(first);
            found.extend(range(wild));
            let (rest, wild) = rest.split_at(rest.len() - last);
            found.extend(range(wild));
            if let [only] = rest {
                edges(only, start && first == 0, end && last == 0, found);
            } else if let [one, .., other] = rest {
                edges(one, start && first == 0, false, found);
                edges(other, false, end && last == 0, found);
            }
        }
        _ => {}
    }
}

/// How many parts are a wildcard that the whole text may be read by: an end of the
/// text alone is none.
fn leading<'a>(parts: impl Iterator<Item = &'a Ast> + Clone) -> usize {
    let ends = parts.clone().take_while(|part| is_end(part)).count();
    let wild = parts.skip(ends).take_while(|part| is_wildcard(part)).count();
    if wild > 0 { ends + wild } else { 0 }
}

fn range(parts: &[Ast]) -> Option<Range<usize>> {
    Some(parts.first()?.span().start.offset..parts.last()?.span().end.offset)
}

fn is_end(ast: &Ast) -> bool {
    use AssertionKind::{EndLine, EndText, StartLine, StartText};
    let is_end = |kind| [EndLine, EndText, StartLine, StartText].contains(kind);
    matches!(ast, Ast::Assertion(assertion) if is_end(&assertion.kind))
}

/// `.*`, or what holds nothing else.
fn is_wildcard(ast: &Ast) -> bool {
    match ast {
        Ast::Group(group) => match &*group.ast {
            Ast::Concat(concat) => {
                concat.asts.iter().all(|part| is_wildcard(part) || is_end(part))
                    && concat.asts.iter().any(is_wildcard)
            }
            inside => is_wildcard(inside),
        },
        Ast::Repetition(repetition) => {
            let unbounded = match repetition.op.kind {
                RepetitionKind::ZeroOrMore => true,
                RepetitionKind::Range(RepetitionRange::AtLeast(least)) => least == 0,
                _ => false,
            };
            unbounded && reads_anything(&repetition.ast) || is_wildcard(&repetition.ast)
        }
        _ => false,
    }
}

/// `.`, `[\s\S]` and the like.
fn reads_anything(ast: &Ast) -> bool {
    match ast {
        Ast::Dot(_) => true,
        Ast::ClassBracketed(_) => {
            let written = ast.to_string();
            [r"[\s\S]", r"[\S\s]", r"[\d\D]", r"[\D\d]", r"[\w\W]", r"[\W\w]"]
                .contains(&written.as_str())
        }
        _ => false,
    }
}
