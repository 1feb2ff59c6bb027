//! What a backtracking pattern matches for certain.
//!
//! Look-around at an edge of the pattern may as well read what it looks at, for a
//! search: nothing of the pattern has read that. What is optional there may as well be
//! left out. An atomic group that nothing follows,
//! or that can match in one way only, is a group like any other. What else no automaton
//! can express is taken to match nothing.

use fancy_regex::{Expr, LookAround};
use regex_syntax::{
    escape,
    hir::{Class, ClassUnicode, ClassUnicodeRange, Dot, Hir, HirKind, Look, Repetition},
};

use crate::overapproximate::{look, parse};

/// An expression such that the pattern is found wherever it is, if it can be found at
/// all.
pub(crate) fn surely_matched(pattern: &str) -> Option<Hir> {
    if pattern.contains("(*") {
        return None;
    }
    let tree = Expr::parse_tree(&format!("(?i){pattern}")).ok()?;
    let narrowed = narrowed(&tree.expr, Edges { first: true, last: true });
    can_match(&narrowed).then_some(narrowed)
}

fn can_match(hir: &Hir) -> bool {
    hir.properties().minimum_len().is_some()
}

/// Whether a part of a pattern has nothing before it, and nothing after it.
#[derive(Clone, Copy)]
struct Edges {
    first: bool,
    last: bool,
}

impl Edges {
    const NONE: Self = Self { first: false, last: false };
}

fn narrowed(expr: &Expr, edges: Edges) -> Hir {
    match expr {
        Expr::Empty | Expr::KeepOut | Expr::DefineGroup { .. } => Hir::empty(),
        Expr::Literal { val, casei } => parse(&escape(val), *casei).unwrap_or_else(Hir::fail),
        Expr::Delegate { inner, casei } => parse(inner, *casei).unwrap_or_else(Hir::fail),
        Expr::Any { newline, crlf } => Hir::dot(match (newline, crlf) {
            (true, _) => Dot::AnyChar,
            (false, true) => Dot::AnyCharExceptCRLF,
            (false, false) => Dot::AnyCharExceptLF,
        }),
        Expr::Concat(parts) => {
            let start = parts.iter().position(|part| !edges.first || !may_be_left_out(part));
            let end = parts.iter().rposition(|part| !edges.last || !may_be_left_out(part));
            let (Some(start), Some(end)) = (start, end) else { return Hir::empty() };
            let part = |(at, part)| {
                let (first, last) = (edges.first && at == start, edges.last && at == end);
                narrowed(part, Edges { first, last })
            };
            Hir::concat(parts.iter().enumerate().take(end + 1).skip(start).map(part).collect())
        }
        Expr::Alt(branches) => {
            let branches = branches.iter().map(|branch| narrowed(branch, edges));
            Hir::alternation(branches.filter(can_match).collect())
        }
        Expr::Group(sub) => narrowed(sub, edges),
        Expr::AtomicGroup(sub) if edges.last || width(sub).is_some() => narrowed(sub, edges),
        Expr::Repeat { child, lo, hi, greedy } => {
            let Ok(min) = u32::try_from(*lo) else { return Hir::fail() };
            let sub = narrowed(child, Edges::NONE);
            if min == 0 && !can_match(&sub) {
                return Hir::empty();
            }
            let max = u32::try_from(*hi).ok().filter(|&max| max != u32::MAX);
            Hir::repetition(Repetition { min, max, greedy: *greedy, sub: Box::new(sub) })
        }
        Expr::Assertion(assertion) => look(*assertion).map_or_else(Hir::fail, Hir::look),
        Expr::LookAround(sub, kind) => looked_at(sub, *kind, edges),
        _ => Hir::fail(),
    }
}

/// Whether a pattern that has this at its edge is found without it, if at all.
fn may_be_left_out(expr: &Expr) -> bool {
    match expr {
        Expr::Empty | Expr::Repeat { lo: 0, .. } => true,
        Expr::Group(sub) => may_be_left_out(sub),
        _ => false,
    }
}

/// Look-around at an edge, as what it reads there.
fn looked_at(sub: &Expr, kind: LookAround, edges: Edges) -> Hir {
    match kind {
        LookAround::LookAhead if edges.last => narrowed(sub, edges),
        LookAround::LookBehind if edges.first => narrowed(sub, edges),
        LookAround::LookAheadNeg if edges.last => not(sub, Look::End),
        LookAround::LookBehindNeg if edges.first => not(sub, Look::Start),
        _ => Hir::fail(),
    }
}

/// Any character but those that are not to stand there, or the edge of the text.
fn not(character: &Expr, edge: Look) -> Hir {
    let mut class = match narrowed(character, Edges::NONE).into_kind() {
        HirKind::Class(Class::Unicode(class)) => class,
        HirKind::Literal(literal) => match str::from_utf8(&literal.0).map(|text| text.chars()) {
            Ok(mut text) if text.clone().count() == 1 => {
                ClassUnicode::new(text.next().map(|c| ClassUnicodeRange::new(c, c)))
            }
            _ => return Hir::fail(),
        },
        _ => return Hir::fail(),
    };
    class.negate();
    Hir::alternation(vec![Hir::look(edge), Hir::class(Class::Unicode(class))])
}

/// How many characters an expression reads, if it is always the same number: then it
/// does not matter in which of its ways it has read them.
fn width(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Empty | Expr::Assertion(_) | Expr::LookAround(..) => Some(0),
        Expr::Literal { val, .. } => Some(val.chars().count()),
        Expr::Delegate { .. } | Expr::Any { .. } => Some(1),
        Expr::Concat(parts) => parts.iter().map(width).sum(),
        Expr::Alt(branches) => {
            let first = branches.first().and_then(width)?;
            branches.iter().all(|branch| width(branch) == Some(first)).then_some(first)
        }
        Expr::Group(sub) => width(sub),
        Expr::AtomicGroup(sub) => width(sub),
        Expr::Repeat { child, lo, hi, .. } if lo == hi => width(child)?.checked_mul(*lo),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        lazy_dfa::LazyDfa,
        pattern::{Pattern, Search},
        syntax,
    };

    #[test]
    fn what_is_certain_stays_and_the_rest_matches_nothing() {
        for (pattern, narrowed) in [
            (r"(?<![0-9])(?:a|b)(?![0-9])", Some(r"(?:\A|[^0-9])(?:a|b)(?:\z|[^0-9])")),
            (r"error(?= found)", Some("error found")),
            (r"(?<=no )error", Some("no error")),
            (r"x(?>\d\d|ab)y", Some(r"x(?:\d\d|ab)y")),
            (r"x(?>a|ab)", Some("x(?:a|ab)")),
            (r"(?:\s*)(?<!a)b(?!c)(,.*)?", Some(r"(?:\A|[^a])b(?:\z|[^c])")),
            (r"x(?>a|ab)c|timeout", Some("timeout")),
            (r"a(?!b)c|(a)\1|b", Some("b")),
            (r"x(?:a(?!b)c)*d", Some("xd")),
            (r"(a)\1", None),
            (r"(?>a|ab)c", None),
            (r"(?:(?<!a)b)+c", None),
            (r"a(*FAIL)|b", None),
        ] {
            let expected = narrowed.map(|narrowed| syntax::parse(narrowed).ok().unwrap());
            assert_eq!(surely_matched(pattern), expected, "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn where_it_matches_the_pattern_does(
            source in r"(a|b|K|\(\?[=!][ab]\)|\(\?<[=!]a\)|\(a\|b\)|c\*|b\+|\(\?>a\*\)|\(\?>ab\|a\)|\(\?>ab\|ba\)|[.]|\\b|\^|[$]|\||\(\?-i:k\)|\(a\)\\1|\(\?m:\^\)){1,5}",
            text in "[abcABk \n\u{212A}]{0,12}",
        ) {
            let Ok(pattern) = Pattern::compile(&source) else { return Ok(()) };
            if let Some(hir) = surely_matched(&source) {
                let dfa = LazyDfa::new(&[&hir], usize::MAX, 1 << 20).unwrap();
                if dfa.is_match(&text, 0..text.len(), false) {
                    prop_assert_ne!(pattern.search(&text), Search::Absent, "{} on {:?}", source, text);
                }
            }
        }
    }
}
