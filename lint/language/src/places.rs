//! An automaton as its places: what was read last, and what may be read next.

use std::collections::HashMap;

use regex_syntax::hir::{Hir, Look};

use crate::{
    alphabet::{ALL, Alphabet, ClassId, Kind, Neighbour},
    budget::OutOfBudget,
    nfa::{CharacterNfa, Mode, State},
};

/// A place in an automaton.
pub(super) type Place = u32;

/// Pairs of the kinds of neighbours on both sides of a place: a bit for each.
type Contexts = u64;

/// Kinds of neighbours beyond these are not told apart; there are fewer.
const KINDS: usize = 8;

const ANYWHERE: Contexts = Contexts::MAX;

fn context(before: Kind, after: Kind) -> Contexts {
    1 << (KINDS * before.min(KINDS - 1) + after.min(KINDS - 1))
}

/// What is read next from a place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read {
    /// A [`ClassId`], in little room: large patterns have very many of these.
    class: u32,
    pub(super) to: Place,
    contexts: Contexts,
}

impl Read {
    fn new(class: ClassId, to: Place, contexts: Contexts) -> Result<Self, OutOfBudget> {
        let class = u32::try_from(class).map_err(|_| OutOfBudget)?;
        Ok(Self { class, to, contexts })
    }

    pub(super) fn class(&self) -> ClassId {
        self.class as ClassId
    }
}

#[derive(Default)]
struct Moves {
    reads: Vec<Read>,
    /// Where a text that ends here is taken.
    accepts: Contexts,
}

/// An automaton without empty moves. A search has a place of its own before and after
/// the match.
pub(super) struct Automaton {
    moves: Vec<Moves>,
    mode: Mode,
    /// Whether it has conditions on what stands around a place.
    pub(super) looks: bool,
}

/// Where an automaton begins.
pub(super) const START: Place = 0;

/// Where a search has found its pattern.
pub(super) const AFTER_MATCH: Place = 1;

impl Automaton {
    /// The automaton of a pattern, whose classes the alphabet knows.
    pub(super) fn new(hir: &Hir, mode: Mode, alphabet: &Alphabet) -> Result<Self, OutOfBudget> {
        let nfa = CharacterNfa::new(hir, alphabet)?;
        let mut builder = Builder { nfa: &nfa, alphabet, places: HashMap::new(), open: Vec::new() };
        let mut automaton =
            Self { moves: vec![Moves::default(), Moves::default()], mode, looks: nfa.looks };
        let start = builder.moves(nfa.start, &mut automaton)?;
        automaton.moves[START as usize] = start;
        while let Some((state, place)) = builder.open.pop() {
            let moves = builder.moves(state, &mut automaton)?;
            automaton.moves[place as usize] = moves;
        }
        if mode == Mode::Search {
            let stay = |to| Read::new(ALL, to, ANYWHERE);
            automaton.moves[START as usize].reads.push(stay(START)?);
            automaton.moves[AFTER_MATCH as usize] =
                Moves { reads: vec![stay(AFTER_MATCH)?], accepts: ANYWHERE };
        }
        Ok(automaton)
    }

    /// Whether a text that ends at a place is taken, or a match that ends there is found.
    pub(super) fn accepts(&self, place: Place, before: Kind, after: Kind) -> bool {
        self.moves[place as usize].accepts & context(before, after) != 0
    }

    /// What may be read at a place between two neighbours. Once a search has found its
    /// pattern, whatever follows does not matter.
    pub(super) fn reads(
        &self,
        place: Place,
        before: Kind,
        after: Kind,
    ) -> impl Iterator<Item = &Read> + Clone {
        let found = self.mode == Mode::Search && self.accepts(place, before, after);
        let place = if found { AFTER_MATCH } else { place };
        let here = context(before, after);
        self.moves[place as usize].reads.iter().filter(move |read| read.contexts & here != 0)
    }

    /// How many places there are.
    pub(super) fn size(&self) -> usize {
        self.moves.len()
    }

    /// What may be read at a place, whatever is around it.
    pub(super) fn all_reads(&self, place: Place) -> &[Read] {
        &self.moves[place as usize].reads
    }

    /// Whether a text that ends at a place is taken, whatever is around it.
    pub(super) fn may_accept(&self, place: Place) -> bool {
        self.moves[place as usize].accepts != 0
    }

    pub(super) fn is_search(&self) -> bool {
        self.mode == Mode::Search
    }
}

/// Finds the places of an automaton: the states that something is read on the way to.
struct Builder<'a> {
    nfa: &'a CharacterNfa,
    alphabet: &'a Alphabet,
    places: HashMap<usize, Place>,
    /// States whose moves are still to be found.
    open: Vec<(usize, Place)>,
}

impl Builder<'_> {
    /// Follows the empty moves from a state, with the contexts in which they may be
    /// taken.
    fn moves(&mut self, state: usize, automaton: &mut Automaton) -> Result<Moves, OutOfBudget> {
        let mut reached: HashMap<usize, Contexts> = HashMap::new();
        let mut order = Vec::new();
        let mut open = vec![(state, ANYWHERE)];
        while let Some((state, contexts)) = open.pop() {
            let known = reached.entry(state).or_insert_with(|| {
                order.push(state);
                0
            });
            if *known | contexts == *known {
                continue;
            }
            *known |= contexts;
            let contexts = *known;
            match &self.nfa.states[state] {
                State::Fork(to) => open.extend(to.iter().map(|to| (*to, contexts))),
                State::Look { look, to } => open.push((*to, contexts & self.where_holds(*look))),
                State::Read { .. } | State::Accept => {}
            }
        }
        let mut moves = Moves::default();
        for state in order {
            let contexts = reached[&state];
            match self.nfa.states[state] {
                State::Accept => moves.accepts = contexts,
                State::Read { class, to } => {
                    let place = self.place(to, automaton)?;
                    moves.reads.push(Read::new(class, place, contexts)?);
                }
                State::Fork(_) | State::Look { .. } => {}
            }
        }
        moves.reads.shrink_to_fit();
        Ok(moves)
    }

    fn place(&mut self, state: usize, automaton: &mut Automaton) -> Result<Place, OutOfBudget> {
        if let Some(known) = self.places.get(&state) {
            return Ok(*known);
        }
        let place = Place::try_from(automaton.moves.len()).map_err(|_| OutOfBudget)?;
        automaton.moves.push(Moves::default());
        self.places.insert(state, place);
        self.open.push((state, place));
        Ok(place)
    }

    fn where_holds(&self, look: Look) -> Contexts {
        let mut contexts = 0;
        for (before, (left, _)) in self.alphabet.kinds.iter().enumerate() {
            for (after, (right, _)) in self.alphabet.kinds.iter().enumerate() {
                if holds(look, *left, *right) {
                    contexts |= context(before, after);
                }
            }
        }
        contexts
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
