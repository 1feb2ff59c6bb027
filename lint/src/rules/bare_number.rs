//! ## What it does
//! Finds patterns, or branches of them, that are nothing but a number.
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

use regex_syntax::{
    ast::Ast,
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
        let part = branch.span().start.offset..branch.span().end.offset;
        let text = &pattern.text()[part.clone()];
        if !is_number(text) {
            return;
        }
        let message = format!("`{text}` also matches inside longer numbers");
        findings.push(
            RULE.finding(pattern.span(part.clone()), message)
                .help(format!("anchor it, as in `\\b{text}\\b`, or say what stands around it"))
                .fix(pattern.fix(part, &format!(r"\b{text}\b"))),
        );
    });
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
