//! The pattern as a nondeterministic finite automaton (NFA).

mod automaton;
mod construction;
mod contexts;
mod epsilon;

pub(crate) use automaton::{Nfa, SEARCH, TooLarge, Transition};
pub(crate) use construction::{Shape, has_readable_looks};
