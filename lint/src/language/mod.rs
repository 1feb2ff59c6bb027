//! What patterns can find, decided on automata.
//!
//! A pattern is a regular language, so whether it finds everything that another
//! one finds, or whether a text exists that both find, can be decided rather
//! than guessed. The automata read characters, not bytes: look-around of one
//! character, as `\b` in Unicode, is exact, and a text that proves the answer
//! reads like one. They are made deterministic only where a question leads, and
//! every question has a budget; past it the answer is [`Answer::Undecided`].

mod alphabet;
mod automaton;
mod question;
mod relations;
mod required;
mod shape;
mod texts;

pub(crate) use question::{Answer, misses_few, reads_any_character};
pub(crate) use relations::{Relations, Touch};
pub(crate) use required::shortest_literal;
pub(crate) use shape::reads_only_digits;
