//! The engine of vector-signatures: from a taxonomy of regular expressions to
//! a verdict on each log event, and from the flood of matches to a few alerts.

mod automaton;
pub mod matcher;
pub mod pattern;
