//! Two automata read the same text.
//!
//! Walks go breadth first, and through texts of one length in the order of their
//! symbols: the first text that leads to a goal is the shortest, and of those the
//! one that reads best. Places that one text leads to are kept together; a place
//! that an earlier text has led to need not be looked at again.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{BuildHasherDefault, Hasher},
};

use crate::{
    alphabet::{Alphabet, EDGE, Kind, Symbol},
    budget::{OutOfBudget, Steps},
    places::{Automaton, Place, START},
    subsets::{FOUND, LazySubsets, SetId},
};

/// So many texts are shown to be confirmed before the question is given up.
const PROPOSALS: usize = 24;

/// Of the sets that go with a place so many are held against a new one.
const RIVALS: usize = 48;

/// Hashes the small numbers of places: faster than what withstands an attacker, and
/// there is none.
#[derive(Default)]
struct Mixer(u64);

type Mixing = BuildHasherDefault<Mixer>;

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64((*byte).into()));
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(26) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }
}

/// The texts that were read: each is an earlier one and a symbol more.
struct Texts<'a> {
    alphabet: &'a Alphabet,
    ends: Vec<Option<(usize, Symbol)>>,
}

impl Texts<'_> {
    fn longer(&mut self, text: usize, symbol: Symbol) -> usize {
        self.ends.push(Some((text, symbol)));
        self.ends.len() - 1
    }

    fn spelled_out(&self, mut text: usize) -> String {
        let mut characters = Vec::new();
        while let Some((before, symbol)) = self.ends[text] {
            characters.push(self.alphabet.characters[symbol]);
            text = before;
        }
        characters.iter().rev().collect()
    }
}

/// The nearest text that both take and that is confirmed, if there is one. Neither
/// needs to be made deterministic for that.
pub(super) fn taken_by_both(
    [one, other]: [&Automaton; 2],
    alphabet: &Alphabet,
    looks: bool,
    steps: &mut Steps,
    mut confirms: impl FnMut(&str) -> bool,
) -> Result<Option<String>, OutOfBudget> {
    let mut texts = Texts { alphabet, ends: vec![None] };
    let start = (START, START, EDGE);
    let mut seen: HashSet<_, Mixing> = [start].into_iter().collect();
    let mut open = VecDeque::from([(vec![start], 0)]);
    let mut proposals = 0;
    while let Some((places, text)) = open.pop_front() {
        let accepts = |&(p, q, before): &(Place, Place, Kind)| {
            one.accepts(p, before, EDGE) && other.accepts(q, before, EDGE)
        };
        if places.iter().any(accepts) {
            let text = texts.spelled_out(text);
            if confirms(&text) {
                return Ok(Some(text));
            }
            proposals += 1;
            if proposals == PROPOSALS {
                return Err(OutOfBudget);
            }
        }
        let mut further = Vec::new();
        for (p, q, before) in places {
            for after in alphabet.kinds_for(looks) {
                let of_kind = &alphabet.kinds[after].1;
                for own in one.reads(p, before, after) {
                    for theirs in other.reads(q, before, after) {
                        steps.take()?;
                        let place = (own.to, theirs.to, after);
                        let [class, their_class] =
                            [own, theirs].map(|read| &alphabet.members[read.class()]);
                        if let Some(symbol) = class.lowest_common(their_class, of_kind)
                            && !seen.contains(&place)
                        {
                            further.push((symbol, place));
                        }
                    }
                }
            }
        }
        for (symbol, places) in by_symbol(further, |place| seen.insert(*place)) {
            open.push_back((places, texts.longer(text, symbol)));
        }
    }
    // Of the texts that lead to a place one was shown, the others might be confirmed.
    if proposals == 0 { Ok(None) } else { Err(OutOfBudget) }
}

/// The nearest text that `one` takes, and in which `other` is not found. Only the
/// other needs to be made deterministic for that. Of two of its sets at one place
/// that which holds less misses more, so the other can be left out (the antichains
/// of De Wulf and others).
pub(super) fn missed(
    one: &Automaton,
    other: &mut LazySubsets<'_>,
    alphabet: &Alphabet,
    looks: bool,
    steps: &mut Steps,
) -> Result<Option<String>, OutOfBudget> {
    let mut texts = Texts { alphabet, ends: vec![None] };
    let start = (START, EDGE, other.start());
    let mut known: HashMap<(Place, Kind), Vec<SetId>, Mixing> = HashMap::default();
    let mut open = VecDeque::from([(vec![start], 0)]);
    while let Some((places, text)) = open.pop_front() {
        let misses = |&(p, before, set): &(Place, Kind, SetId)| {
            one.accepts(p, before, EDGE) && !other.accepts(set)
        };
        if places.iter().any(misses) {
            return Ok(Some(texts.spelled_out(text)));
        }
        let mut further = Vec::new();
        for (p, before, set) in places {
            let successors = other.successors(set, steps)?;
            for after in alphabet.kinds_for(looks) {
                let of_kind = &alphabet.kinds[after].1;
                for own in one.reads(p, before, after) {
                    for (next, symbols) in successors.iter().filter(|next| next.0 != FOUND) {
                        steps.take()?;
                        let class = &alphabet.members[own.class()];
                        if let Some(symbol) = class.lowest_common(symbols, of_kind) {
                            further.push((symbol, (own.to, after, *next)));
                        }
                    }
                }
            }
        }
        let mut is_new = |&(p, before, set): &(Place, Kind, SetId)| {
            let sets = known.entry((p, before)).or_default();
            let new = !sets.contains(&set)
                && !sets.iter().take(RIVALS).any(|rival| other.is_within(*rival, set));
            if new {
                sets.push(set);
            }
            new
        };
        for (symbol, places) in by_symbol(further, &mut is_new) {
            open.push_back((places, texts.longer(text, symbol)));
        }
    }
    Ok(None)
}

/// The new places that each symbol leads to, lower symbols first.
fn by_symbol<Place>(
    mut further: Vec<(Symbol, Place)>,
    mut is_new: impl FnMut(&Place) -> bool,
) -> Vec<(Symbol, Vec<Place>)> {
    further.sort_by_key(|(symbol, _)| *symbol);
    let mut places: Vec<(Symbol, Vec<Place>)> = Vec::new();
    for (symbol, place) in further.into_iter().filter(|(_, place)| is_new(place)) {
        match places.last_mut().filter(|(last, _)| *last == symbol) {
            Some((_, same)) => same.push(place),
            None => places.push((symbol, vec![place])),
        }
    }
    places
}
