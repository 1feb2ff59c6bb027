//! The subset construction, a step at a time.

use std::collections::HashMap;

use regex_syntax::hir::Look;

use crate::{
    alphabet::{Alphabet, Neighbour, Symbol},
    nfa::{CharacterNfa, Mode, State},
};

/// A deterministic state: the states to go on from, and what was read last.
type Set = (Vec<usize>, Neighbour);

/// The index of a [`Set`].
pub(super) type SetId = usize;

/// The set in which a search has found its pattern.
pub(super) const FOUND: SetId = 0;

/// An automaton made deterministic where a question leads.
pub(super) struct LazySubsets<'a> {
    nfa: &'a CharacterNfa,
    alphabet: &'a Alphabet,
    sets: Vec<Set>,
    ids: HashMap<Set, SetId>,
    next: HashMap<(SetId, Symbol), SetId>,
}

impl<'a> LazySubsets<'a> {
    pub(super) fn new(nfa: &'a CharacterNfa, alphabet: &'a Alphabet) -> Self {
        let found: Set = (vec![usize::MAX], Neighbour::default());
        let sets = vec![found.clone()];
        Self { nfa, alphabet, sets, ids: [(found, FOUND)].into(), next: HashMap::new() }
    }

    pub(super) fn start(&mut self) -> SetId {
        self.intern((vec![self.nfa.start], Neighbour::EDGE))
    }

    /// Whether nothing that follows can be taken any more.
    pub(super) fn is_dead(&self, set: SetId) -> bool {
        self.sets[set].0.is_empty()
    }

    /// Whether a text that ends here is taken.
    pub(super) fn accepts(&self, set: SetId) -> bool {
        set == FOUND || self.closure(set, Neighbour::EDGE).contains(&0)
    }

    /// The set after one more symbol.
    pub(super) fn step(&mut self, set: SetId, symbol: Symbol) -> SetId {
        if set == FOUND {
            return FOUND;
        }
        if let Some(next) = self.next.get(&(set, symbol)) {
            return *next;
        }
        let neighbour = self.alphabet.neighbours[symbol];
        let closure = self.closure(set, neighbour);
        let search = self.nfa.mode == Mode::Search;
        let next = if search && closure.contains(&0) {
            FOUND
        } else {
            let mut states: Vec<_> = closure
                .into_iter()
                .filter_map(|state| match &self.nfa.states[state] {
                    State::Read { class, to } if self.alphabet.members[*class][symbol] => Some(*to),
                    _ => None,
                })
                .collect();
            if search {
                states.push(self.nfa.start);
            }
            states.sort_unstable();
            states.dedup();
            let last = if self.nfa.looks { neighbour } else { Neighbour::default() };
            self.intern((states, last))
        };
        self.next.insert((set, symbol), next);
        next
    }

    fn intern(&mut self, set: Set) -> SetId {
        if let Some(id) = self.ids.get(&set) {
            return *id;
        }
        self.sets.push(set.clone());
        self.ids.insert(set, self.sets.len() - 1);
        self.sets.len() - 1
    }

    /// All states that are reached without reading, given what comes next.
    fn closure(&self, set: SetId, after: Neighbour) -> Vec<usize> {
        let (states, before) = &self.sets[set];
        let mut seen = vec![false; self.nfa.states.len()];
        let mut reached = Vec::new();
        let mut open: Vec<usize> = states.clone();
        while let Some(state) = open.pop() {
            if std::mem::replace(&mut seen[state], true) {
                continue;
            }
            reached.push(state);
            match &self.nfa.states[state] {
                State::Fork(to) => open.extend(to),
                State::Look { look, to } if holds(*look, *before, after) => open.push(*to),
                _ => {}
            }
        }
        reached
    }
}

/// Whether a condition holds between two characters.
fn holds(look: Look, before: Neighbour, after: Neighbour) -> bool {
    match look {
        Look::Start => before.edge,
        Look::End => after.edge,
        Look::StartLF => before.edge || before.line_feed,
        Look::EndLF => after.edge || after.line_feed,
        Look::StartCRLF => {
            before.edge || before.line_feed || before.carriage_return && !after.line_feed
        }
        Look::EndCRLF => {
            after.edge || after.carriage_return || after.line_feed && !before.carriage_return
        }
        Look::WordAscii => before.ascii_word != after.ascii_word,
        Look::WordAsciiNegate => before.ascii_word == after.ascii_word,
        Look::WordUnicode => before.word != after.word,
        Look::WordUnicodeNegate => before.word == after.word,
        Look::WordStartAscii => !before.ascii_word && after.ascii_word,
        Look::WordEndAscii => before.ascii_word && !after.ascii_word,
        Look::WordStartUnicode => !before.word && after.word,
        Look::WordEndUnicode => before.word && !after.word,
        Look::WordStartHalfAscii => !before.ascii_word,
        Look::WordEndHalfAscii => !after.ascii_word,
        Look::WordStartHalfUnicode => !before.word,
        Look::WordEndHalfUnicode => !after.word,
    }
}
