//! How large an expression's automaton can get, told without building it.

use regex_syntax::{
    hir::{Class, ClassUnicode, Hir, HirKind},
    utf8::{Utf8Range, Utf8Sequences},
};

/// No less than what an expression's automaton takes, in bytes, and quickly
/// told: what it says is small need not be compiled to know that it is.
pub(crate) fn size_bound(expression: &Hir) -> usize {
    bound(expression, class_bound)
}

/// The same, nearer to what it takes, and told less quickly.
pub(crate) fn close_size_bound(expression: &Hir) -> usize {
    bound(expression, close_class_bound)
}

type ClassBound = fn(&ClassUnicode) -> usize;

fn bound(expression: &Hir, class_bound: ClassBound) -> usize {
    // To begin anywhere, and to end, takes some states as well.
    part_bound(expression, class_bound).saturating_add(16 * STATE)
}

/// More than a state takes, without its transitions.
const STATE: usize = 64;
const TRANSITION: usize = 8;

fn part_bound(expression: &Hir, class_bound: ClassBound) -> usize {
    let of = |part: &Hir| part_bound(part, class_bound);
    let all = |parts: &[Hir]| parts.iter().map(of).fold(STATE, usize::saturating_add);
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => STATE,
        HirKind::Literal(literal) => STATE.saturating_mul(literal.0.len()),
        HirKind::Class(Class::Bytes(class)) => STATE + TRANSITION * class.ranges().len(),
        HirKind::Class(Class::Unicode(class)) => STATE + class_bound(class),
        HirKind::Repetition(repetition) => {
            // One copy each, and one more for what repeats without end.
            let copies = repetition.max.unwrap_or(repetition.min).max(1) as usize + 1;
            copies.saturating_mul(of(&repetition.sub).saturating_add(3 * STATE))
        }
        HirKind::Capture(capture) => of(&capture.sub),
        HirKind::Concat(parts) => all(parts),
        HirKind::Alternation(branches) => {
            all(branches).saturating_add(branches.len() * (STATE + TRANSITION))
        }
    }
}

fn class_bound(class: &ClassUnicode) -> usize {
    let bytes: usize = class.iter().map(|range| utf8_bound(range.start(), range.end())).sum();
    (STATE + TRANSITION) * bytes
}

/// Sequences that follow each other share the states of what they begin with.
fn close_class_bound(class: &ClassUnicode) -> usize {
    let mut before: Vec<Utf8Range> = Vec::new();
    let sequences = class.iter().flat_map(|range| Utf8Sequences::new(range.start(), range.end()));
    let bytes = sequences.map(|sequence| {
        let ranges = sequence.as_slice();
        let shared = ranges.iter().zip(&before).take_while(|(one, other)| one == other).count();
        before.clear();
        before.extend_from_slice(ranges);
        let new = ranges.len().saturating_sub(shared);
        TRANSITION * new + STATE * new.saturating_sub(1)
    });
    STATE + bytes.sum::<usize>()
}

/// No less than the bytes in all the sequences of byte ranges that a range of
/// characters has in UTF-8: one sequence where only the last byte differs, and
/// for each byte more a beginning and an end that are not whole.
fn utf8_bound(start: char, end: char) -> usize {
    let same = |shift: u32| u32::from(start) >> shift == u32::from(end) >> shift;
    let sequences = match () {
        () if end.is_ascii() || same(6) && start.len_utf8() == end.len_utf8() => 1,
        () if same(12) && start.len_utf8() == end.len_utf8() => 3,
        // All lengths: 1 + 3 + 5 + 7, and the surrogates left out.
        () => 24,
    };
    sequences * end.len_utf8()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lazy_dfa::LazyDfa;

    fn parse(pattern: &str) -> Option<Hir> {
        regex_syntax::ParserBuilder::new().case_insensitive(true).build().parse(pattern).ok()
    }

    #[test]
    fn what_is_said_to_be_small_is_small() {
        for pattern in [
            "",
            "a",
            r"\w",
            r"\W{3,}",
            r"\p{L}*é",
            ".",
            r"\pN|\pL|[^k]",
            r"[\u{7f}-\u{80}\u{7ff}-\u{800}\u{d7ff}-\u{e000}\u{ffff}-\u{10000}]",
            r"(?-u:\w)\b(a|bc|def){2,9}",
            "(((x?){0}y?){7})+",
        ] {
            let hir = parse(pattern).unwrap();
            for bound in [size_bound(&hir), close_size_bound(&hir)] {
                assert!(LazyDfa::new(&[&hir], bound, 1 << 20).is_ok(), "{pattern}");
            }
        }
    }

    #[test]
    fn the_close_bound_is_near() {
        for pattern in [r"\w{20}", r"\d+", r"\p{L}\s", "[^k]*", "[a-z]{2000}", "disk full"] {
            let hir = parse(pattern).unwrap();
            let taken = LazyDfa::new(&[&hir], usize::MAX, 1 << 20).unwrap().memory_usage();
            assert!(close_size_bound(&hir) < 8 * taken + 64 * STATE, "{pattern}: {taken}");
        }
    }

    proptest! {
        #[test]
        fn the_bound_holds(pattern in r"([a-cé.]|\\[wdbs]|\[\^a\]|\(a\||\)|[*+?]|\{2,3\}){0,10}") {
            if let Some(hir) = parse(&pattern) {
                for bound in [size_bound(&hir), close_size_bound(&hir)] {
                    prop_assert!(LazyDfa::new(&[&hir], bound, 1 << 20).is_ok());
                }
            }
        }
    }
}
