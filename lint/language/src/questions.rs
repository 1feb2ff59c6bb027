//! Questions about one pattern or two, answered by walking their automata.

use std::collections::HashMap;

use regex_syntax::hir::Hir;

use crate::{
    alphabet::{Alphabet, Classes},
    budget::{OutOfBudget, Steps},
    nfa::{CharacterNfa, Mode},
    subsets::{FOUND, LazySubsets, SetId},
    walk::shortest,
};

/// A text that is one match of `whole` from end to end, and in which `finder`
/// finds a match: the shortest there is.
pub(super) fn match_within(whole: &Hir, finder: &Hir) -> Result<Option<String>, OutOfBudget> {
    let mut classes = Classes::default();
    let whole = CharacterNfa::new(whole, Mode::Whole, &mut classes)?;
    let finder = CharacterNfa::new(finder, Mode::Search, &mut classes)?;
    let alphabet = Alphabet::new(classes);
    let mut pair = [LazySubsets::new(&whole, &alphabet), LazySubsets::new(&finder, &alphabet)];
    shortest(
        &mut pair,
        &alphabet,
        |pair, sets| !pair[0].is_dead(sets[0]),
        |pair, sets| pair[0].accepts(sets[0]) && pair[1].accepts(sets[1]),
    )
}

/// A text that `one` takes (in which it is found, or that it is from end to end)
/// and in which `other` is not found: the shortest there is. When there is none,
/// `other` finds all that `one` takes.
pub(super) fn missed_by(other: &Hir, one: &Hir, mode: Mode) -> Result<Option<String>, OutOfBudget> {
    let mut classes = Classes::default();
    let one = CharacterNfa::new(one, mode, &mut classes)?;
    let other = CharacterNfa::new(other, Mode::Search, &mut classes)?;
    let alphabet = Alphabet::new(classes);
    let mut pair = [LazySubsets::new(&one, &alphabet), LazySubsets::new(&other, &alphabet)];
    shortest(
        &mut pair,
        &alphabet,
        |pair, sets| sets[1] != FOUND && !pair[0].is_dead(sets[0]),
        |pair, sets| pair[0].accepts(sets[0]) && !pair[1].accepts(sets[1]),
    )
}

/// A text in which both are found: the shortest there is.
pub(super) fn found_together(one: &Hir, other: &Hir) -> Result<Option<String>, OutOfBudget> {
    let mut classes = Classes::default();
    let one = CharacterNfa::new(one, Mode::Search, &mut classes)?;
    let other = CharacterNfa::new(other, Mode::Search, &mut classes)?;
    let alphabet = Alphabet::new(classes);
    let mut pair = [LazySubsets::new(&one, &alphabet), LazySubsets::new(&other, &alphabet)];
    shortest(
        &mut pair,
        &alphabet,
        |pair, sets| !pair[0].is_dead(sets[0]) && !pair[1].is_dead(sets[1]),
        |pair, sets| pair[0].accepts(sets[0]) && pair[1].accepts(sets[1]),
    )
}

/// Whether a pattern is found in all lines but for finitely many: in every line
/// that is long enough.
///
/// # Errors
/// When that cannot be decided within the budget.
pub fn misses_few(hir: &Hir) -> Result<bool, OutOfBudget> {
    lines_missed(hir).map(|without_end| !without_end)
}

/// Whether a pattern misses lines without end. It does if its automaton can come
/// to reject behind a cycle.
fn lines_missed(hir: &Hir) -> Result<bool, OutOfBudget> {
    let mut classes = Classes::default();
    let nfa = CharacterNfa::new(hir, Mode::Search, &mut classes)?;
    let alphabet = Alphabet::new(classes);
    let mut subsets = LazySubsets::new(&nfa, &alphabet);
    let start = subsets.start();
    let mut leads: HashMap<SetId, Vec<SetId>> = HashMap::new();
    let mut open = vec![start];
    let mut steps = Steps::default();
    while let Some(set) = open.pop() {
        if leads.contains_key(&set) || set == FOUND {
            continue;
        }
        let mut next = Vec::new();
        for symbol in 0..alphabet.characters.len() {
            if alphabet.neighbours[symbol].line_feed {
                continue;
            }
            steps.take()?;
            next.push(subsets.step(set, symbol));
        }
        open.extend(&next);
        leads.insert(set, next);
    }
    Ok(behind_cycles(&leads).into_iter().any(|set| !subsets.accepts(set)))
}

/// The sets that some cycle leads to: those that are left when, again and
/// again, what nothing leads to is taken away.
fn behind_cycles(leads: &HashMap<SetId, Vec<SetId>>) -> Vec<SetId> {
    let mut led_to: HashMap<SetId, usize> = leads.keys().map(|set| (*set, 0)).collect();
    for next in leads.values().flatten() {
        if let Some(count) = led_to.get_mut(next) {
            *count += 1;
        }
    }
    let mut open: Vec<_> =
        led_to.iter().filter(|(_, count)| **count == 0).map(|(set, _)| *set).collect();
    while let Some(set) = open.pop() {
        led_to.remove(&set);
        for next in &leads[&set] {
            if let Some(count) = led_to.get_mut(next) {
                *count -= 1;
                if *count == 0 {
                    open.push(*next);
                }
            }
        }
    }
    led_to.into_keys().collect()
}

/// Whether each character by itself is matched; not if that is too much to find
/// out.
#[must_use]
pub fn reads_any_character(hir: &Hir) -> bool {
    let mut classes = Classes::default();
    let Ok(nfa) = CharacterNfa::new(hir, Mode::Whole, &mut classes) else { return false };
    let alphabet = Alphabet::new(classes);
    let mut subsets = LazySubsets::new(&nfa, &alphabet);
    let start = subsets.start();
    (0..alphabet.characters.len()).filter(|symbol| !alphabet.neighbours[*symbol].line_feed).all(
        |symbol| {
            let next = subsets.step(start, symbol);
            subsets.accepts(next)
        },
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use signatures_matcher::{Pattern, Search};

    use super::*;

    fn hir(pattern: &str) -> Hir {
        Pattern::compile(pattern).unwrap().hir().unwrap()
    }

    fn within(whole: &str, finder: &str) -> Option<String> {
        match_within(&hir(whole), &hir(finder)).unwrap()
    }

    fn only(one: &str, other: &str) -> Option<String> {
        missed_by(&hir(other), &hir(one), Mode::Search).unwrap()
    }

    #[test]
    fn a_match_of_one_within_the_other_is_shown() {
        assert_eq!(
            within("write: broken pipe", "Broken Pipe").as_deref(),
            Some("write: broken pipe")
        );
        assert_eq!(within("a|foobar", "o+b").as_deref(), Some("foobar"));
        assert_eq!(within(r"order \d+", r"\b49+\b").as_deref(), Some("order 49"));
        assert_eq!(within("foo", r"\bfo\b"), None);
    }

    #[test]
    fn what_one_finds_and_the_other_misses_is_shown() {
        assert_eq!(only("read econnreset", "econnreset"), None);
        assert_eq!(only("(?:é|É)x", "[éx]x"), None);
        assert_eq!(only("foo", r"\bfoo").as_deref(), Some("afoo"));
        assert_eq!(only("a.*b", "ab").as_deref(), Some("acb"));
        assert_eq!(only(r"^x$", r"x\z"), None);
        assert_eq!(only(r"\w", "[a-z]").as_deref(), Some("1"));
    }

    #[test]
    fn every_disguise_of_everything_is_seen_through() {
        for pattern in
            [".*", ".+", r"[\s\S]+", "^.{3,}$", r"\d|\D", "x?", "^", "(?:.|x)*y?", r"\w|\W"]
        {
            assert_eq!(misses_few(&hir(pattern)), Ok(true), "{pattern}");
        }
        for pattern in ["x", r"\b", "^$", r"\w*x", "^.{0,9}$", "[^a]", r"\S"] {
            assert_eq!(misses_few(&hir(pattern)), Ok(false), "{pattern}");
        }
    }

    #[test]
    fn a_question_that_takes_too_long_is_undecided() {
        assert_eq!(misses_few(&hir("[ab]*a[ab]{40}[^c]")), Err(OutOfBudget));
    }

    proptest! {
        #[test]
        fn answers_agree_with_searching(
            one in "(a|b|[ab]|\\[\\^a\\]|\\\\b|\\^|\\$|a\\*|b\\+|\\(a\\|bb\\)|\\\\w|[.]){1,5}",
            other in "(a|b|[ab]|\\[\\^a\\]|\\\\b|\\^|\\$|a\\*|b\\+|\\(a\\|bb\\)|\\\\w|[.]){1,5}",
            text in "[ab é]{0,6}",
        ) {
            let (Ok(a), Ok(b)) = (Pattern::compile(&one), Pattern::compile(&other)) else { return Ok(()) };
            let found = |pattern: &Pattern, text: &str| pattern.search(text) == Search::Found;
            match missed_by(&b.hir().unwrap(), &a.hir().unwrap(), Mode::Search) {
                Ok(Some(proof)) => prop_assert!(found(&a, &proof) && !found(&b, &proof), "{proof:?}"),
                Ok(None) => prop_assert!(!found(&a, &text) || found(&b, &text)),
                Err(OutOfBudget) => {}
            }
            if let Ok(Some(proof)) = match_within(&a.hir().unwrap(), &b.hir().unwrap()) {
                prop_assert!(found(&a, &proof) && found(&b, &proof), "{proof:?}");
            }
            if misses_few(&a.hir().unwrap()) == Ok(true) {
                prop_assert!(found(&a, &"aé b".repeat(16)) && found(&a, &"b".repeat(64)));
            }
        }
    }
}
