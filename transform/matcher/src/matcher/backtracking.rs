//! What a backtracking pattern would match without its conditions.
//!
//! Look-around and back-references only ever narrow down what a pattern
//! matches. Without them it is an ordinary expression that matches wherever the
//! pattern does, and perhaps elsewhere: good enough to take literals from, so
//! that the slow engine runs only on texts that have one.

use fancy_regex::Expr;
use regex_syntax::{
    ParserBuilder, escape,
    hir::{Dot, Hir, Repetition},
};

/// An expression that matches wherever the pattern does, if there is one.
pub(crate) fn superset(pattern: &str) -> Option<Hir> {
    // Control verbs, `(*ACCEPT)` for one, may end a match before the rest of the
    // pattern is reached.
    if pattern.contains("(*") {
        return None;
    }
    loosened(&Expr::parse_tree(pattern).ok()?.expr)
}

fn loosened(expr: &Expr) -> Option<Hir> {
    let all = |parts: &[Expr]| parts.iter().map(loosened).collect::<Option<Vec<_>>>();
    Some(match expr {
        Expr::Literal { val, .. } => parse(&escape(val)),
        Expr::Delegate { inner, .. } => parse(inner),
        Expr::Concat(parts) => Hir::concat(all(parts)?),
        Expr::Alt(branches) => Hir::alternation(all(branches)?),
        Expr::Group(sub) => loosened(sub)?,
        Expr::AtomicGroup(sub) => loosened(sub)?,
        Expr::Repeat { child, lo, hi, greedy } => Hir::repetition(Repetition {
            min: u32::try_from(*lo).ok()?,
            max: u32::try_from(*hi).ok().filter(|&max| max != u32::MAX),
            greedy: *greedy,
            sub: Box::new(loosened(child)?),
        }),
        Expr::Empty
        | Expr::Assertion(_)
        | Expr::LookAround(..)
        | Expr::KeepOut
        | Expr::DefineGroup { .. } => Hir::empty(),
        _ => anything(),
    })
}

fn parse(source: &str) -> Hir {
    // Case is ignored throughout: that, too, only matches more.
    let parser = ParserBuilder::new().case_insensitive(true).build().parse(source);
    parser.unwrap_or_else(|_| anything())
}

fn anything() -> Hir {
    let sub = Box::new(Hir::dot(Dot::AnyChar));
    Hir::repetition(Repetition { min: 0, max: None, greedy: true, sub })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matcher::literal::{Required, choose};

    fn literals(pattern: &str) -> Option<Vec<String>> {
        let required = Required::of(&superset(pattern)?)?;
        let chosen = choose(&[Some(&required)]).remove(0)?.texts.iter();
        Some(chosen.map(|literal| String::from_utf8(literal.clone()).unwrap()).collect())
    }

    #[test]
    fn conditions_are_left_out_and_their_text_is_not_required() {
        assert_eq!(literals(r"(?<!no )Error(?= found)"), Some(vec!["error".into()]));
        assert_eq!(literals(r"(\w+) failed: \1 again"), Some(vec![" failed: ".into()]));
        assert_eq!(
            literals(r"(?>disk|socket) full(?!y)"),
            Some(vec!["disk full".into(), "socket full".into()])
        );
        assert_eq!(literals(r"(?=.*error)\d+"), None);
    }

    #[test]
    fn control_verbs_promise_nothing() {
        assert_eq!(superset("(?:a(*ACCEPT))timeout"), None);
    }
}
