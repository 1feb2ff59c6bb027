//! Questions about one pattern or two, answered by walking their automata.

use std::collections::HashMap;

use regex_syntax::hir::Hir;

use crate::{
    alphabet::{Alphabet, Classes},
    budget::{OutOfBudget, Steps},
    nfa::Mode,
    places::Automaton,
    subsets::{FOUND, LazySubsets, SetId},
    walk,
};

/// Two automata to ask about, and the alphabet that they are made of.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) alphabet: &'a Alphabet,
    pub(super) one: &'a Automaton,
    pub(super) other: &'a Automaton,
}

impl Asked<'_> {
    fn looks(self) -> bool {
        self.one.looks || self.other.looks
    }

    /// A text that both take, and that is confirmed: the shortest there is.
    pub(super) fn taken_by_both(
        self,
        steps: &mut Steps,
        confirms: impl FnMut(&str) -> bool,
    ) -> Result<Option<String>, OutOfBudget> {
        walk::taken_by_both([self.one, self.other], self.alphabet, self.looks(), steps, confirms)
    }

    /// A text that `one` takes and in which `other` is not found: the shortest there
    /// is. When there is none, `other` finds all that `one` takes. What is known of
    /// the sets of the other can be kept for further questions.
    pub(super) fn missed(
        self,
        other: &mut LazySubsets<'_>,
        steps: &mut Steps,
    ) -> Result<Option<String>, OutOfBudget> {
        walk::missed(self.one, other, self.alphabet, self.looks(), steps)
    }
}

/// A text in which `one` is found (or that it is from end to end) and `other` is
/// not: the shortest there is. When there is none, `other` finds all that `one` takes.
pub(super) fn missed_by(other: &Hir, one: &Hir, mode: Mode) -> Result<Option<String>, OutOfBudget> {
    ask([(one, mode), (other, Mode::Search)], |asked, steps| {
        asked.missed(&mut LazySubsets::new(asked.other, asked.alphabet), steps)
    })
}

/// A text in which both are found: the shortest there is.
pub(super) fn found_together(one: &Hir, other: &Hir) -> Result<Option<String>, OutOfBudget> {
    ask([(one, Mode::Search), (other, Mode::Search)], |asked, steps| {
        asked.taken_by_both(steps, |_| true)
    })
}

fn ask<Answer>(
    [(one, one_mode), (other, other_mode)]: [(&Hir, Mode); 2],
    question: impl FnOnce(Asked<'_>, &mut Steps) -> Result<Answer, OutOfBudget>,
) -> Result<Answer, OutOfBudget> {
    let mut classes = Classes::default();
    classes.add(one);
    classes.add(other);
    let alphabet = Alphabet::new(classes);
    let one = Automaton::new(one, one_mode, &alphabet)?;
    let other = Automaton::new(other, other_mode, &alphabet)?;
    question(Asked { alphabet: &alphabet, one: &one, other: &other }, &mut Steps::default())
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
    let alphabet = alphabet_of(hir);
    let automaton = Automaton::new(hir, Mode::Search, &alphabet)?;
    let mut subsets = LazySubsets::new(&automaton, &alphabet);
    let start = subsets.start();
    let mut leads: HashMap<SetId, Vec<SetId>> = HashMap::new();
    let mut open = vec![start];
    let mut steps = Steps::default();
    while let Some(set) = open.pop() {
        if leads.contains_key(&set) || set == FOUND {
            continue;
        }
        let next: Vec<_> =
            subsets.successors(set, &mut steps)?.iter().map(|(next, _)| *next).collect();
        steps.take_many(next.len())?;
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
    let alphabet = alphabet_of(hir);
    let Ok(automaton) = Automaton::new(hir, Mode::Whole, &alphabet) else { return false };
    let mut subsets = LazySubsets::new(&automaton, &alphabet);
    let start = subsets.start();
    let next = subsets.successors(start, &mut Steps::default());
    next.is_ok_and(|next| next.iter().all(|(set, _)| subsets.accepts(*set)))
}

fn alphabet_of(hir: &Hir) -> Alphabet {
    let mut classes = Classes::default();
    classes.add(hir);
    Alphabet::new(classes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use signatures_matcher::{Pattern, Search};

    use super::*;

    fn hir(pattern: &str) -> Hir {
        Pattern::compile(pattern).unwrap().hir().unwrap()
    }

    fn match_within(whole: &Hir, finder: &Hir) -> Result<Option<String>, OutOfBudget> {
        ask([(whole, Mode::Whole), (finder, Mode::Search)], |asked, steps| {
            asked.taken_by_both(steps, |_| true)
        })
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
