//! A pattern as an automaton that reads characters.

use regex_syntax::hir::{ClassUnicode, Hir, HirKind, Look, Repetition};

use crate::{
    alphabet::{Alphabet, ClassId, single},
    budget::OutOfBudget,
    characters::{characters, unicode},
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

pub(super) enum State {
    Read { class: ClassId, to: usize },
    Look { look: Look, to: usize },
    Fork(Vec<usize>),
    Accept,
}

/// A nondeterministic automaton, after Thompson.
pub(super) struct CharacterNfa {
    pub(super) states: Vec<State>,
    pub(super) start: usize,
    /// Whether it has conditions on what stands around a place.
    pub(super) looks: bool,
}

impl CharacterNfa {
    /// Builds the automaton of a pattern, whose classes the alphabet knows.
    pub(super) fn new(hir: &Hir, alphabet: &Alphabet) -> Result<Self, OutOfBudget> {
        let looks = !hir.properties().look_set().is_empty();
        let mut automaton = Self { states: vec![State::Accept], start: 0, looks };
        automaton.start = automaton.build(hir, 0, alphabet)?;
        Ok(automaton)
    }

    fn read(
        &mut self,
        class: &ClassUnicode,
        to: usize,
        alphabet: &Alphabet,
    ) -> Result<usize, OutOfBudget> {
        let class = alphabet.class(class).ok_or(OutOfBudget)?;
        self.push(State::Read { class, to })
    }

    fn push(&mut self, state: State) -> Result<usize, OutOfBudget> {
        if self.states.len() >= STATE_LIMIT {
            return Err(OutOfBudget);
        }
        self.states.push(state);
        Ok(self.states.len() - 1)
    }

    /// The state that reads `hir` and then goes on at `next`.
    fn build(&mut self, hir: &Hir, next: usize, alphabet: &Alphabet) -> Result<usize, OutOfBudget> {
        match hir.kind() {
            HirKind::Empty => Ok(next),
            HirKind::Literal(literal) => {
                let characters: Vec<_> = characters(&literal.0).collect();
                let mut characters = characters.into_iter().rev();
                characters.try_fold(next, |to, c| self.read(&single(c), to, alphabet))
            }
            HirKind::Class(class) => self.read(&unicode(class), next, alphabet),
            HirKind::Look(look) => self.push(State::Look { look: *look, to: next }),
            HirKind::Capture(capture) => self.build(&capture.sub, next, alphabet),
            HirKind::Concat(parts) => {
                parts.iter().rev().try_fold(next, |to, part| self.build(part, to, alphabet))
            }
            HirKind::Alternation(parts) => {
                let starts: Result<Vec<_>, _> =
                    parts.iter().map(|part| self.build(part, next, alphabet)).collect();
                self.push(State::Fork(starts?))
            }
            HirKind::Repetition(repetition) => self.repeat(repetition, next, alphabet),
        }
    }

    fn repeat(
        &mut self,
        repetition: &Repetition,
        next: usize,
        alphabet: &Alphabet,
    ) -> Result<usize, OutOfBudget> {
        let sub = &repetition.sub;
        let mut to = next;
        match repetition.max {
            None => {
                let fork = self.push(State::Fork(Vec::new()))?;
                let body = self.build(sub, fork, alphabet)?;
                self.states[fork] = State::Fork(vec![body, next]);
                to = fork;
            }
            Some(max) => {
                for _ in repetition.min..max {
                    let body = self.build(sub, to, alphabet)?;
                    to = self.push(State::Fork(vec![body, next]))?;
                }
            }
        }
        (0..repetition.min).try_fold(to, |to, _| self.build(sub, to, alphabet))
    }
}
