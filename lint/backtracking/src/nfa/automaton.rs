//! A pattern as a nondeterministic automaton without empty transitions.
//!
//! A state is a place in the pattern that reads one symbol (Glushkov's
//! construction); a transition knows whether more than one empty path leads along it,
//! and between which sorts of symbol its assertions allow it. Empty paths are
//! those that a backtracking matcher walks: a loop takes no further turn once a
//! turn took nothing.
//!
//! What no finite automaton can express is overapproximated: look-around may or
//! may not hold, a back-reference reads anything its group can, an atomic group
//! may give back. An attack found here is therefore only a suspicion, until the
//! matcher has run it.

use std::{collections::HashMap, ops::Range};

use super::contexts::{Contexts, context};
use crate::alphabet::{Sort, Symbols};

/// The state before a match: it reads anything, as a search skips ahead.
pub(crate) const SEARCH: usize = 0;

/// A place in the pattern that reads one symbol.
#[derive(Debug, Clone)]
pub(crate) struct State {
    /// Any one of these.
    pub(crate) reads: Symbols,
    /// What it stands for in the pattern.
    pub(crate) span: Range<usize>,
    /// What may be read next.
    pub(crate) transitions: Vec<Transition>,
    /// In which contexts a match may end right after it.
    pub(crate) accepts: Contexts,
}

/// From the state that holds it to the one that reads next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Transition {
    pub(crate) to: usize,
    /// In which contexts the assertions on the way hold.
    pub(crate) contexts: Contexts,
    /// Whether more than one empty path leads here.
    pub(crate) many: bool,
}

impl Transition {
    pub(crate) fn allows(&self, before: Sort, after: Sort) -> bool {
        self.contexts & context(before, after) != 0
    }

    /// Whether it can ever be taken: `$` before a letter leads nowhere.
    pub(super) fn allows_any(&self, before: &[Sort], after: &[Sort]) -> bool {
        before.iter().any(|before| after.iter().any(|after| self.allows(*before, *after)))
    }
}

impl State {
    pub(crate) fn accepts(&self, before: Sort, after: Sort) -> bool {
        self.accepts & context(before, after) != 0
    }
}

/// The automaton of one pattern.
#[derive(Debug)]
pub(crate) struct Nfa {
    pub(crate) states: Vec<State>,
    /// Whether some transition depends on the symbols around it.
    pub(crate) asserts: bool,
    /// The states in a repeat whose bound was dropped, and that bound.
    pub(crate) bounded: HashMap<usize, u32>,
    /// Whether some repeat takes fewer turns here than it must.
    pub(crate) folded: bool,
}

/// The pattern needs a larger automaton than is ever built.
#[derive(Debug)]
pub(crate) struct TooLarge;
