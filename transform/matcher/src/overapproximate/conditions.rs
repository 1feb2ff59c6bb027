//! What a backtracking pattern would match without its conditions.
//!
//! Look-around only ever narrows down what a pattern matches, atomic groups and
//! possessive repeats only give up ways to match, and a back-reference reads
//! nothing that could not stand there anyway. Without them a pattern is an
//! ordinary expression that matches wherever the pattern does, and perhaps
//! elsewhere: good enough to take literals from, so that the slow engine runs
//! only on texts that have one, and to compare the pattern with others.

use fancy_regex::{Assertion, Expr};
use regex_syntax::{
    ParserBuilder, escape,
    hir::{Dot, Hir, Look, Repetition},
};

/// What becomes of a construct of which it is not known here what it matches,
/// such as a condition on a group or a call of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// It matches anything: what stands around it still says something.
    Anything,
    /// The pattern has no overapproximation worth the name.
    Refused,
}

/// An expression that matches wherever the pattern does, if there is one.
pub(crate) fn without_conditions(pattern: &str, unknown: Unknown) -> Option<Hir> {
    // Control verbs, `(*ACCEPT)` for one, may end a match before the rest of the
    // pattern is reached.
    if pattern.contains("(*") {
        return None;
    }
    // The parser knows of no other way to be told that patterns ignore case.
    let tree = Expr::parse_tree(&format!("(?i){pattern}")).ok()?;
    loosened(&tree.expr, unknown)
}

fn loosened(expr: &Expr, unknown: Unknown) -> Option<Hir> {
    let all = |parts: &[Expr]| {
        parts.iter().map(|part| loosened(part, unknown)).collect::<Option<Vec<_>>>()
    };
    Some(match expr {
        Expr::Literal { val, casei } => parse(&escape(val), *casei).unwrap_or_else(anything),
        Expr::Delegate { inner, casei } => parse(inner, *casei).unwrap_or_else(anything),
        Expr::Any { newline, crlf } => Hir::dot(match (newline, crlf) {
            (true, _) => Dot::AnyChar,
            (false, true) => Dot::AnyCharExceptCRLF,
            (false, false) => Dot::AnyCharExceptLF,
        }),
        Expr::Concat(parts) => Hir::concat(all(parts)?),
        Expr::Alt(branches) => Hir::alternation(all(branches)?),
        Expr::Group(sub) => loosened(sub, unknown)?,
        Expr::AtomicGroup(sub) => loosened(sub, unknown)?,
        Expr::Repeat { child, lo, hi, greedy } => Hir::repetition(Repetition {
            min: u32::try_from(*lo).ok()?,
            max: u32::try_from(*hi).ok().filter(|&max| max != u32::MAX),
            greedy: *greedy,
            sub: Box::new(loosened(child, unknown)?),
        }),
        Expr::Assertion(assertion) => look(*assertion).map_or_else(Hir::empty, Hir::look),
        Expr::Empty | Expr::LookAround(..) | Expr::KeepOut | Expr::DefineGroup { .. } => {
            Hir::empty()
        }
        Expr::Backref { .. } => anything(),
        _ if unknown == Unknown::Refused => return None,
        _ => anything(),
    })
}

/// The condition on a place that `regex` has as well.
pub(crate) fn look(assertion: Assertion) -> Option<Look> {
    Some(match assertion {
        Assertion::StartText => Look::Start,
        Assertion::EndText => Look::End,
        Assertion::StartLine { crlf: false } => Look::StartLF,
        Assertion::StartLine { crlf: true } => Look::StartCRLF,
        Assertion::EndLine { crlf: false } => Look::EndLF,
        Assertion::EndLine { crlf: true } => Look::EndCRLF,
        Assertion::WordBoundary => Look::WordUnicode,
        Assertion::NotWordBoundary => Look::WordUnicodeNegate,
        Assertion::LeftWordBoundary => Look::WordStartUnicode,
        Assertion::RightWordBoundary => Look::WordEndUnicode,
        Assertion::LeftWordHalfBoundary => Look::WordStartHalfUnicode,
        Assertion::RightWordHalfBoundary => Look::WordEndHalfUnicode,
        _ => return None,
    })
}

/// What is written as the crate `regex` writes it.
pub(crate) fn parse(source: &str, ignore_case: bool) -> Option<Hir> {
    ParserBuilder::new().case_insensitive(ignore_case).build().parse(source).ok()
}

fn anything() -> Hir {
    let sub = Box::new(Hir::dot(Dot::AnyChar));
    Hir::repetition(Repetition { min: 0, max: None, greedy: true, sub })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        literals::{Required, choose},
        pattern::{Pattern, Search},
        syntax,
    };

    fn literals(pattern: &str) -> Option<Vec<String>> {
        let required = Required::of(&without_conditions(pattern, Unknown::Anything)?)?;
        Some(choose(&[Some(&required)]).remove(0)?.texts().to_vec())
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
        assert_eq!(without_conditions("(?:a(*ACCEPT))timeout", Unknown::Anything), None);
    }

    #[test]
    fn what_is_not_a_condition_is_as_it_was_written() {
        for (pattern, loosened) in [
            (r"code (?!0)\d+", r"code \d+"),
            (r"(?>a|b)(?<=x)c", "(?:a|b)c"),
            (r"(a)\1", "a(?s:.*)"),
            (r"^\bline(?=s)\b.$", r"^\bline\b.$"),
            (r"(?m)^a(?-i)b(?!c)", r"(?m:^)a(?-i)b"),
        ] {
            let expected = syntax::parse(loosened).ok();
            let found = without_conditions(pattern, Unknown::Refused);
            assert!(found.is_some() && found == expected, "{pattern}: {found:?}");
        }
    }

    #[test]
    fn classes_are_what_their_flags_make_of_them() {
        for (source, text) in [
            (r"(?-i)[[:alpha:]&&[^[:lower:]]]\d+(?! ok)", "A17 bad"),
            (r"(?-i)[^[:^upper:]]x(?!y)", "Ax"),
            (r"[[:alpha:]--[a-y]]17(?! ok)", "Z17"),
            (r"(?-i:[^a])(?i)ok(?!y)", "AOK"),
        ] {
            let over = without_conditions(source, Unknown::Refused).unwrap();
            let dfa = crate::lazy_dfa::LazyDfa::new(&[&over], usize::MAX, 1 << 20).unwrap();
            assert!(dfa.is_match(text, 0..text.len(), false), "{source} on {text}");
            let pattern = Pattern::compile(source).unwrap();
            assert_eq!(crate::Matcher::new(vec![pattern]).scan(text).first, Some(0), "{source}");
        }
    }

    #[test]
    fn what_is_unknown_is_anything_or_refused() {
        let condition = r"(c)(?(1)a|b)";
        assert_eq!(without_conditions(condition, Unknown::Refused), None);
        assert!(without_conditions(condition, Unknown::Anything).is_some());
    }

    proptest! {
        #[test]
        fn it_matches_where_the_pattern_does(
            source in r"(a|b|K|\(\?[=!]b\)|\(\?<[=!]a\)|\(a\|b\)|c\*|b\+|\(\?>a\*\)|[.]|\\b|\^|[$]|\(\?-i:k\)|\(a\)\\1|\(\?m:\^\)){1,5}",
            text in "[abcABk \n\u{212A}]{0,12}",
        ) {
            let Ok(pattern) = Pattern::compile(&source) else { return Ok(()) };
            let loosened = without_conditions(&source, Unknown::Refused);
            if let (Some(hir), Search::Found) = (loosened, pattern.search(&text)) {
                let dfa = crate::lazy_dfa::LazyDfa::new(&[&hir], usize::MAX, 1 << 20).unwrap();
                prop_assert!(dfa.is_match(&text, 0..text.len(), false), "{} on {:?}", source, text);
            }
        }
    }
}
