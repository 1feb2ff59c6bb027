//! An automaton with what the searches for ambiguity have in common.

use super::components::Components;
use super::fuel::{Fuel, Fueled};
use super::palette::Palette;
use super::paths::shortest;
use crate::alphabet::{Alphabet, Sort, Symbol, Symbols};
use crate::nfa::{Nfa, SEARCH, Transition};

/// Of a loop's states this many are tried as the beginning of a word.
pub(super) const LOOP_SAMPLE: usize = 12;

/// An automaton under examination.
pub(crate) struct Examination<'a> {
    pub(super) nfa: &'a Nfa,
    pub(super) alphabet: &'a Alphabet,
    pub(super) components: Components,
}

impl<'a> Examination<'a> {
    pub(crate) fn new(nfa: &'a Nfa, alphabet: &'a Alphabet) -> Self {
        Examination { nfa, alphabet, components: Components::of(nfa) }
    }

    /// The shortest text after which a match may stand at `state`.
    pub(super) fn path_from_start(
        &self,
        state: usize,
        fuel: &mut Fuel,
    ) -> Fueled<Option<Vec<Symbol>>> {
        if state == SEARCH {
            return Ok(Some(Vec::new()));
        }
        self.path(SEARCH, Sort::Edge, state, fuel)
    }

    pub(super) fn path(
        &self,
        from: usize,
        sort: Sort,
        to: usize,
        fuel: &mut Fuel,
    ) -> Fueled<Option<Vec<Symbol>>> {
        self.path_by(from, sort, to, fuel, |m| {
            self.components.reaches[self.components.of[m.to]].contains(self.components.of[to])
        })
    }

    pub(super) fn path_within(
        &self,
        component: usize,
        from: usize,
        sort: Sort,
        to: usize,
        fuel: &mut Fuel,
    ) -> Fueled<Option<Vec<Symbol>>> {
        self.path_by(from, sort, to, fuel, |m| self.components.of[m.to] == component)
    }

    fn path_by(
        &self,
        from: usize,
        sort: Sort,
        to: usize,
        fuel: &mut Fuel,
        may_go: impl Fn(&Transition) -> bool,
    ) -> Fueled<Option<Vec<Symbol>>> {
        if from == to {
            return Ok(Some(Vec::new()));
        }
        let goal = |key: &(usize, Sort)| key.0 == to;
        shortest((from, sort), goal, fuel, |&(state, before), _, visit| {
            for m in self.nfa.states[state].transitions.iter().filter(|m| may_go(m)) {
                let reads = &self.nfa.states[m.to].reads;
                for after in [Sort::Word, Sort::Other, Sort::Newline] {
                    let symbols = reads.and(&self.alphabet.of_sort[after as usize]);
                    if let Some(symbol) = symbols.first().filter(|_| m.allows(before, after)) {
                        visit((m.to, after), symbol);
                    }
                }
            }
        })
    }

    pub(super) fn transitions_within(
        &self,
        component: usize,
        state: usize,
    ) -> impl Iterator<Item = &Transition> {
        let transitions = self.nfa.states[state].transitions.iter();
        transitions.filter(move |m| self.components.of[m.to] == component)
    }

    /// The sorts that need telling apart; without assertions one stands for all.
    pub(super) fn sorts(&self) -> &'static [Sort] {
        if self.nfa.asserts { &[Sort::Word, Sort::Other, Sort::Newline] } else { &[Sort::Word] }
    }

    /// The same, that one first of which the palette would have a pump end.
    pub(super) fn sorts_for(&self, palette: &Palette) -> &'static [Sort] {
        match palette.prefers_strange() {
            true if self.nfa.asserts => &[Sort::Other, Sort::Newline, Sort::Word],
            _ => self.sorts(),
        }
    }

    pub(super) fn of_sort(&self, sort: Sort) -> Symbols {
        if self.nfa.asserts { self.alphabet.of_sort[sort as usize] } else { self.alphabet.all }
    }

    pub(super) fn sort_of(&self, word: &[Symbol]) -> Sort {
        word.last().map_or(Sort::Edge, |symbol| self.alphabet.sorts[usize::from(*symbol)])
    }

    pub(super) fn each_sort(
        &self,
        palette: &Palette,
        last: Option<Symbol>,
        symbols: &Symbols,
        before: Sort,
        transitions: &[&Transition],
        mut visit: impl FnMut(Sort, Symbol),
    ) {
        for &after in self.sorts() {
            let allowed = !self.nfa.asserts || transitions.iter().all(|m| m.allows(before, after));
            if allowed
                && let Some(symbol) = palette.pick_after(last, &symbols.and(&self.of_sort(after)))
            {
                visit(after, symbol);
            }
        }
    }
}
