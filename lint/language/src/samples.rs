//! Some texts that an automaton takes, to be tried on other patterns.
//!
//! Whether a pattern is found in a text is known in a millionth of the time that a
//! question to automata may take. Most patterns that meet do so in one of a few texts,
//! and most that are not contained in each other are told apart by one.

use std::collections::VecDeque;

use crate::{
    alphabet::{Alphabet, EDGE, Kind, Symbol},
    places::{Automaton, Place, START},
};

/// So many texts are tried for.
const SAMPLES: u64 = 12;

/// A walk that is longer than this is given up.
const LONGEST: usize = 2_000;

/// Texts that the automaton takes from end to end, each once: the shortest first, then
/// some at random, always the same.
pub(super) fn samples(automaton: &Automaton, alphabet: &Alphabet) -> Vec<String> {
    let rest = rest(automaton);
    let mut texts: Vec<String> = Vec::new();
    for number in 0..SAMPLES {
        let walk = Walk { automaton, alphabet, rest: &rest, random: Random(number) };
        if let Some(text) = walk.text(number).filter(|text| !texts.contains(text)) {
            texts.push(text);
        }
    }
    texts
}

/// How many characters are still to be read from each place, look-around aside, at
/// least.
fn rest(automaton: &Automaton) -> Vec<usize> {
    let places = 0..automaton.size();
    let mut before: Vec<Vec<Place>> = vec![Vec::new(); automaton.size()];
    for place in places.clone() {
        for read in automaton.all_reads(place as Place) {
            before[read.to as usize].push(place as Place);
        }
    }
    let mut rest = vec![usize::MAX; automaton.size()];
    let ends = places.filter(|place| automaton.may_accept(*place as Place));
    let mut open: VecDeque<usize> = ends.collect();
    open.iter().for_each(|place| rest[*place] = 0);
    while let Some(place) = open.pop_front() {
        for earlier in &before[place] {
            let earlier = *earlier as usize;
            if rest[earlier] == usize::MAX {
                rest[earlier] = rest[place] + 1;
                open.push_back(earlier);
            }
        }
    }
    rest
}

/// A walk through an automaton from its start to an end.
struct Walk<'a> {
    automaton: &'a Automaton,
    alphabet: &'a Alphabet,
    rest: &'a [usize],
    random: Random,
}

impl Walk<'_> {
    /// The text that is read on the way, unless the way is lost. The first walk is the
    /// shortest, the others stray for a while.
    fn text(mut self, number: u64) -> Option<String> {
        let shortest = self.rest[START as usize];
        let strays = if number == 0 { 0 } else { shortest.saturating_mul(2).saturating_add(12) };
        let (mut place, mut before) = (START, EDGE);
        let mut text = String::new();
        for length in 0..LONGEST {
            let strays = length < strays;
            if self.automaton.accepts(place, before, EDGE) && !(strays && self.random.one_in(2)) {
                return Some(text);
            }
            let (symbol, to, kind) = self.step(place, before, strays)?;
            text.push(self.alphabet.characters[symbol]);
            (place, before) = (to, kind);
        }
        None
    }

    fn step(&mut self, place: Place, before: Kind, strays: bool) -> Option<(Symbol, Place, Kind)> {
        let (automaton, alphabet) = (self.automaton, self.alphabet);
        let mut steps = Vec::new();
        for kind in alphabet.kinds_for(automaton.looks) {
            let of_kind = &alphabet.kinds[kind].1;
            for read in automaton.reads(place, before, kind) {
                let mut symbols = alphabet.members[read.class()].common(of_kind);
                if self.rest[read.to as usize] < usize::MAX && symbols.next().is_some() {
                    steps.push((read, kind));
                }
            }
        }
        let (read, kind) = match strays {
            true => *steps.get(self.random.below(steps.len()))?,
            false => *steps.iter().min_by_key(|(read, _)| self.rest[read.to as usize])?,
        };
        let symbols = || alphabet.members[read.class()].common(&alphabet.kinds[kind].1);
        let chosen = match strays && self.random.one_in(2) {
            true => self.random.below(symbols().count()),
            false => 0,
        };
        Some((symbols().nth(chosen)?, read.to, kind))
    }
}

/// Numbers that look random, and are the same in every run (Vigna's splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.next().is_multiple_of(count)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use signatures_matcher::{Pattern, Search};

    use super::*;
    use crate::{alphabet::Classes, nfa::Mode};

    fn samples_of(pattern: &str) -> Vec<String> {
        let hir = Pattern::compile(pattern).unwrap().hir().unwrap();
        let mut classes = Classes::default();
        classes.add(&hir);
        let alphabet = Alphabet::new(classes);
        samples(&Automaton::new(&hir, Mode::Whole, &alphabet).unwrap(), &alphabet)
    }

    #[test]
    fn the_shortest_text_comes_first_and_others_follow() {
        let texts = samples_of("order (?:lost|found)");
        assert!(texts[0] == "order lost" && texts.contains(&"order found".to_owned()), "{texts:?}");
        let texts = samples_of(r"took \d+ ms");
        assert!(texts[0] == "took 1 ms" && texts.len() > 1, "{texts:?}");
        assert_eq!(samples_of(r"a\bb"), [""; 0]);
    }

    proptest! {
        #[test]
        fn samples_are_matched_from_end_to_end(
            pattern in "(a|b|[ab]|\\[\\^a\\]|\\\\b|\\^|\\$|a\\*|b\\+|\\(a\\|bb\\)|\\\\w|[.]){1,5}",
        ) {
            let whole = Pattern::compile(&format!("^(?:{pattern})$")).unwrap();
            for text in samples_of(&pattern) {
                prop_assert_eq!(whole.search(&text), Search::Found, "{:?}", text);
            }
        }
    }
}
