//! A pattern as an automaton over the symbols of a question, made
//! deterministic step by step as the question goes.

use std::collections::HashMap;

use regex_syntax::hir::{Hir, HirKind, Look, Repetition};

use super::{
    alphabet::{Alphabet, ClassId, Classes, Neighbour, Symbol},
    question::OutOfBudget,
    shape,
};

/// More states than this are not built.
const STATE_LIMIT: usize = 10_000;

/// Which texts an automaton takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Those in which the pattern is found.
    Search,
    /// Those that are one match from end to end.
    Whole,
}

enum State {
    Read { class: ClassId, to: usize },
    Look { look: Look, to: usize },
    Fork(Vec<usize>),
    Accept,
}

/// A nondeterministic automaton, after Thompson.
pub(super) struct Automaton {
    states: Vec<State>,
    start: usize,
    mode: Mode,
    looks: bool,
}

impl Automaton {
    /// Builds the automaton of a pattern, and adds its classes to those of the
    /// question.
    pub(super) fn new(hir: &Hir, mode: Mode, classes: &mut Classes) -> Result<Self, OutOfBudget> {
        let looks = !hir.properties().look_set().is_empty();
        classes.looks |= looks;
        let mut automaton = Self { states: vec![State::Accept], start: 0, mode, looks };
        automaton.start = automaton.build(hir, 0, classes)?;
        Ok(automaton)
    }

    fn push(&mut self, state: State) -> Result<usize, OutOfBudget> {
        if self.states.len() >= STATE_LIMIT {
            return Err(OutOfBudget);
        }
        self.states.push(state);
        Ok(self.states.len() - 1)
    }

    /// The state that reads `hir` and then goes on at `next`.
    fn build(
        &mut self,
        hir: &Hir,
        next: usize,
        classes: &mut Classes,
    ) -> Result<usize, OutOfBudget> {
        match hir.kind() {
            HirKind::Empty => Ok(next),
            HirKind::Literal(literal) => {
                let characters: Vec<_> = shape::characters(&literal.0).collect();
                characters.into_iter().rev().try_fold(next, |to, c| {
                    let range = regex_syntax::hir::ClassUnicodeRange::new(c, c);
                    let class = classes.id(&regex_syntax::hir::ClassUnicode::new([range]));
                    self.push(State::Read { class, to })
                })
            }
            HirKind::Class(class) => {
                let class = classes.id(&shape::unicode(class));
                self.push(State::Read { class, to: next })
            }
            HirKind::Look(look) => self.push(State::Look { look: *look, to: next }),
            HirKind::Capture(capture) => self.build(&capture.sub, next, classes),
            HirKind::Concat(parts) => {
                parts.iter().rev().try_fold(next, |to, part| self.build(part, to, classes))
            }
            HirKind::Alternation(parts) => {
                let starts: Result<Vec<_>, _> =
                    parts.iter().map(|part| self.build(part, next, classes)).collect();
                self.push(State::Fork(starts?))
            }
            HirKind::Repetition(repetition) => self.repeat(repetition, next, classes),
        }
    }

    fn repeat(
        &mut self,
        repetition: &Repetition,
        next: usize,
        classes: &mut Classes,
    ) -> Result<usize, OutOfBudget> {
        let sub = &repetition.sub;
        let mut to = next;
        match repetition.max {
            None => {
                let fork = self.push(State::Fork(Vec::new()))?;
                let body = self.build(sub, fork, classes)?;
                self.states[fork] = State::Fork(vec![body, next]);
                to = fork;
            }
            Some(max) => {
                for _ in repetition.min..max {
                    let body = self.build(sub, to, classes)?;
                    to = self.push(State::Fork(vec![body, next]))?;
                }
            }
        }
        (0..repetition.min).try_fold(to, |to, _| self.build(sub, to, classes))
    }
}

/// A deterministic state: the states to go on from, and what was read last.
type Set = (Vec<usize>, Neighbour);

/// The index of a [`Set`].
pub(super) type SetId = usize;

/// The set in which a search has found its pattern.
pub(super) const FOUND: SetId = 0;

/// An automaton made deterministic where it is asked to be.
pub(super) struct Subsets<'a> {
    automaton: &'a Automaton,
    alphabet: &'a Alphabet,
    sets: Vec<Set>,
    ids: HashMap<Set, SetId>,
    next: HashMap<(SetId, Symbol), SetId>,
}

impl<'a> Subsets<'a> {
    pub(super) fn new(automaton: &'a Automaton, alphabet: &'a Alphabet) -> Self {
        let found: Set = (vec![usize::MAX], Neighbour::default());
        let sets = vec![found.clone()];
        Self { automaton, alphabet, sets, ids: [(found, FOUND)].into(), next: HashMap::new() }
    }

    pub(super) fn start(&mut self) -> SetId {
        self.intern((vec![self.automaton.start], Neighbour::EDGE))
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
        let search = self.automaton.mode == Mode::Search;
        let next = if search && closure.contains(&0) {
            FOUND
        } else {
            let mut states: Vec<_> = closure
                .into_iter()
                .filter_map(|state| match &self.automaton.states[state] {
                    State::Read { class, to } if self.alphabet.members[*class][symbol] => Some(*to),
                    _ => None,
                })
                .collect();
            if search {
                states.push(self.automaton.start);
            }
            states.sort_unstable();
            states.dedup();
            let last = if self.automaton.looks { neighbour } else { Neighbour::default() };
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
        let mut seen = vec![false; self.automaton.states.len()];
        let mut reached = Vec::new();
        let mut open: Vec<usize> = states.clone();
        while let Some(state) = open.pop() {
            if std::mem::replace(&mut seen[state], true) {
                continue;
            }
            reached.push(state);
            match &self.automaton.states[state] {
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
