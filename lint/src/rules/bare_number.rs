//! ## What it does
//! Finds patterns, or branches of them, that are nothing but a number, with a boundary
//! on one side at most.
//!
//! ## Why is this bad?
//! Patterns search anywhere in the text: `499` also matches inside order 14990,
//! the port 24991 and the address 10.1.49.94.99.
//!
//! ## Example
//! ```yaml
//! noise_allowlist:
//!   - '499'
//! ```
//!
//! ## Use instead
//! Enough of what is around the number to mean one thing only, or at least
//! its boundaries.
//! ```yaml
//! noise_allowlist:
//!   - 'HTTP/1\.[01]" 499\b'
//!   - '\b499\b'
//! ```

use std::ops::Range;

use regex_syntax::{
    ast::{AssertionKind, Ast},
    hir::{Class, Hir, HirKind},
};
use signatures_matcher::Pattern;

use super::rule::{Check, Rule};
use crate::{
    finding::{Finding, Severity},
    pattern::WrittenPattern,
};

pub(super) const RULE: Rule = Rule {
    name: "bare-number",
    severity: Severity::Warning,
    check: Check::Pattern(check),
    source: include_str!("bare_number.rs"),
};

fn check(pattern: &WrittenPattern<'_>, findings: &mut Vec<Finding>) {
    let Some(ast) = pattern.ast() else { return };
    branches(ast, &mut |branch| {
        let Some(number) = BareNumber::of(branch, pattern.text()) else { return };
        let text = &pattern.text()[number.part.clone()];
        let bounds = |is_there| if is_there { "" } else { r"\b" };
        let (start, end) = (bounds(number.starts), bounds(number.ends));
        let where_else = match (number.starts, number.ends) {
            (false, false) => "inside",
            (true, _) => "at the start of",
            (_, true) => "at the end of",
        };
        let message = format!("`{text}` also matches {where_else} longer numbers");
        let bounded = format!("{start}{text}{end}");
        findings.push(
            RULE.finding(pattern.span(number.part.clone()), message)
                .help(format!("anchor it, as in `{bounded}`, or say what stands around it"))
                .fix(pattern.fix(number.part, &bounded)),
        );
    });
}

/// A branch that is a number, without a boundary on one side or on both.
struct BareNumber {
    part: Range<usize>,
    /// Whether a boundary stands before it, and behind it.
    starts: bool,
    ends: bool,
}

impl BareNumber {
    fn of(branch: &Ast, text: &str) -> Option<Self> {
        let parts = match branch {
            Ast::Concat(concat) => concat.asts.as_slice(),
            one => std::slice::from_ref(one),
        };
        let parts = match parts {
            [Ast::Flags(_), rest @ ..] => rest,
            all => all,
        };
        let (starts, rest) = match parts {
            [first, rest @ ..] if is_boundary(first) => (true, rest),
            all => (false, all),
        };
        let (ends, number) = match rest {
            [number @ .., last] if is_boundary(last) => (true, number),
            all => (false, all),
        };
        let of = |parts: &[Ast]| {
            Some(parts.first()?.span().start.offset..parts.last()?.span().end.offset)
        };
        let is_bare = !(starts && ends) && is_number(&text[of(number)?]);
        is_bare.then_some(Self { part: of(parts)?, starts, ends })
    }
}

fn is_boundary(ast: &Ast) -> bool {
    matches!(ast, Ast::Assertion(assertion) if assertion.kind == AssertionKind::WordBoundary)
}

/// Calls `visit` with each branch that is a whole way to match.
fn branches<'a>(ast: &'a Ast, visit: &mut impl FnMut(&'a Ast)) {
    match ast {
        Ast::Alternation(alternation) => {
            alternation.asts.iter().for_each(|branch| branches(branch, visit));
        }
        Ast::Group(group) => branches(&group.ast, visit),
        _ => visit(ast),
    }
}

/// Whether all that it matches is a number of up to eight digits; any single
/// digit, as `\d` reads it, is none.
fn is_number(text: &str) -> bool {
    let spelt = text.bytes().all(|b| b.is_ascii_digit());
    let bounded = |hir: &Hir| {
        let properties = hir.properties();
        let lengths = properties.minimum_len().zip(properties.maximum_len());
        lengths.is_some_and(|(least, most)| (least > 1 || spelt && least > 0) && most <= 8)
            && properties.look_set().is_empty()
    };
    // `\d` reads other scripts' digits too, some bytes each; what is meant is clear.
    let ascii = text.replace(r"\d", "[0-9]");
    text.starts_with(|c: char| c.is_ascii_digit() || "[(\\".contains(c))
        && Pattern::compile(&ascii)
            .ok()
            .and_then(|pattern| pattern.hir())
            .is_some_and(|hir| bounded(&hir) && reads_only_digits(&hir))
}

/// Whether all that a pattern reads is ASCII digits.
fn reads_only_digits(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Look(_) => false,
        HirKind::Literal(literal) => literal.0.iter().all(u8::is_ascii_digit),
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().all(|r| r.start() >= '0' && r.end() <= '9')
        }
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().all(|r| r.start() >= b'0' && r.end() <= b'9')
        }
        HirKind::Repetition(repetition) => reads_only_digits(&repetition.sub),
        HirKind::Capture(capture) => reads_only_digits(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(reads_only_digits),
    }
}
