//! Questions about one pattern or two, answered by walking their automata.

use std::collections::{HashMap, VecDeque};

use regex_syntax::hir::Hir;

use super::{
    alphabet::{Alphabet, Classes, Symbol},
    automaton::{Automaton, FOUND, Mode, SetId, Subsets},
};

/// Steps that one question may take; each costs about a microsecond.
const STEP_LIMIT: usize = 60_000;

/// The budget of a question is used up.
#[derive(Debug)]
pub(super) struct OutOfBudget;

/// The answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    /// Not within the budget.
    Undecided,
}

/// A text that is one match of `whole` from end to end, and in which `finder`
/// finds a match: the shortest there is.
pub(super) fn match_within(whole: &Hir, finder: &Hir) -> Result<Option<String>, OutOfBudget> {
    let mut classes = Classes::default();
    let whole = Automaton::new(whole, Mode::Whole, &mut classes)?;
    let finder = Automaton::new(finder, Mode::Search, &mut classes)?;
    let alphabet = Alphabet::new(classes);
    let mut pair = [Subsets::new(&whole, &alphabet), Subsets::new(&finder, &alphabet)];
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
    let one = Automaton::new(one, mode, &mut classes)?;
    let other = Automaton::new(other, Mode::Search, &mut classes)?;
    let alphabet = Alphabet::new(classes);
    let mut pair = [Subsets::new(&one, &alphabet), Subsets::new(&other, &alphabet)];
    shortest(
        &mut pair,
        &alphabet,
        |pair, sets| sets[1] != FOUND && !pair[0].is_dead(sets[0]),
        |pair, sets| pair[0].accepts(sets[0]) && !pair[1].accepts(sets[1]),
    )
}

/// Walks two automata side by side, breadth first, to the nearest goal.
fn shortest(
    pair: &mut [Subsets<'_>; 2],
    alphabet: &Alphabet,
    may_lead: impl Fn(&[Subsets<'_>; 2], [SetId; 2]) -> bool,
    is_goal: impl Fn(&[Subsets<'_>; 2], [SetId; 2]) -> bool,
) -> Result<Option<String>, OutOfBudget> {
    let start = [pair[0].start(), pair[1].start()];
    // Where each place was first come to from, and by which symbol.
    let mut from: HashMap<[SetId; 2], Option<([SetId; 2], Symbol)>> = [(start, None)].into();
    let mut open = VecDeque::from([start]);
    let mut steps = 0;
    while let Some(sets) = open.pop_front() {
        if is_goal(pair, sets) {
            return Ok(Some(text(&from, sets, alphabet)));
        }
        for symbol in 0..alphabet.characters.len() {
            // Signatures are looked for line by line.
            if alphabet.neighbours[symbol].line_feed {
                continue;
            }
            steps += 1;
            if steps > STEP_LIMIT {
                return Err(OutOfBudget);
            }
            let next = [pair[0].step(sets[0], symbol), pair[1].step(sets[1], symbol)];
            if may_lead(pair, next) && !from.contains_key(&next) {
                from.insert(next, Some((sets, symbol)));
                open.push_back(next);
            }
        }
    }
    Ok(None)
}

fn text(
    from: &HashMap<[SetId; 2], Option<([SetId; 2], Symbol)>>,
    mut sets: [SetId; 2],
    alphabet: &Alphabet,
) -> String {
    let mut characters = Vec::new();
    while let Some(Some((before, symbol))) = from.get(&sets) {
        characters.push(alphabet.characters[*symbol]);
        sets = *before;
    }
    characters.iter().rev().collect()
}

/// Whether a pattern is found in all texts but for finitely many: in every
/// line that is long enough.
pub(crate) fn misses_few(hir: &Hir) -> Answer {
    match lines_missed(hir) {
        Ok(true) => Answer::No,
        Ok(false) => Answer::Yes,
        Err(OutOfBudget) => Answer::Undecided,
    }
}

/// Whether a pattern misses lines without end. It does if its automaton can come
/// to reject behind a cycle.
fn lines_missed(hir: &Hir) -> Result<bool, OutOfBudget> {
    let mut classes = Classes::default();
    let automaton = Automaton::new(hir, Mode::Search, &mut classes)?;
    let alphabet = Alphabet::new(classes);
    let mut subsets = Subsets::new(&automaton, &alphabet);
    let start = subsets.start();
    let mut leads: HashMap<SetId, Vec<SetId>> = HashMap::new();
    let mut open = vec![start];
    let mut steps = 0;
    while let Some(set) = open.pop() {
        if leads.contains_key(&set) || set == FOUND {
            continue;
        }
        let mut next = Vec::new();
        for symbol in 0..alphabet.characters.len() {
            if alphabet.neighbours[symbol].line_feed {
                continue;
            }
            steps += 1;
            if steps > STEP_LIMIT {
                return Err(OutOfBudget);
            }
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

/// Whether each character by itself is matched.
pub(crate) fn reads_any_character(hir: &Hir) -> bool {
    let mut classes = Classes::default();
    let Ok(automaton) = Automaton::new(hir, Mode::Whole, &mut classes) else { return false };
    let alphabet = Alphabet::new(classes);
    let mut subsets = Subsets::new(&automaton, &alphabet);
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
            assert_eq!(misses_few(&hir(pattern)), Answer::Yes, "{pattern}");
        }
        for pattern in ["x", r"\b", "^$", r"\w*x", "^.{0,9}$", "[^a]", r"\S"] {
            assert_eq!(misses_few(&hir(pattern)), Answer::No, "{pattern}");
        }
    }

    #[test]
    fn a_question_that_takes_too_long_is_undecided() {
        assert_eq!(misses_few(&hir("[ab]*a[ab]{40}[^c]")), Answer::Undecided);
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
            if misses_few(&a.hir().unwrap()) == Answer::Yes {
                prop_assert!(found(&a, &"aé b".repeat(16)) && found(&a, &"b".repeat(64)));
            }
        }
    }
}
