//! An ambiguity that may be an attack.

use crate::alphabet::Symbol;
use crate::complexity::Complexity;

/// A word that goes in front of a pump, and the pump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) prefix: Vec<Symbol>,
    pub(crate) pump: Vec<Symbol>,
}

impl Stretch {
    /// The stretch; what the prefix has of the pump at its end is left to the
    /// repeats.
    pub(super) fn new(mut prefix: Vec<Symbol>, pump: Vec<Symbol>) -> Stretch {
        while prefix.ends_with(&pump) {
            prefix.truncate(prefix.len() - pump.len());
        }
        Stretch { prefix, pump }
    }
}

/// An ambiguity, with the text that shows it up to its suffix.
#[derive(Debug, Clone)]
pub(crate) struct Suspect {
    pub(crate) complexity: Complexity,
    pub(crate) stretches: Vec<Stretch>,
    /// The state that the first pump loops at.
    pub(crate) from: usize,
    /// The state that the last pump loops at.
    pub(crate) to: usize,
    /// The states of the loops concerned.
    pub(crate) looping: Vec<usize>,
}
