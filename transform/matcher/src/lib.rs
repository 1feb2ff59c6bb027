//! Many patterns, one text: which is the first that matches?

mod automaton;
mod coarse;
pub mod matcher;
pub mod pattern;
