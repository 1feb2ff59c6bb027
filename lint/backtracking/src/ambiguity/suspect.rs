//! An ambiguity that may be an attack.

use crate::alphabet::Symbol;
use crate::complexity::Complexity;

/// So many repeats make no difference to what is seen.
const FEW_REPEATS: usize = 8;

/// A part of an attack: a prefix, and the pump that is repeated after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) prefix: Vec<Symbol>,
    pub(crate) pump: Vec<Symbol>,
}

impl Stretch {
    /// Repeats of the pump that the prefix ends with are taken off it, a few: a prefix
    /// that is long for a reason is needed before the pumps begin to tell.
    pub(super) fn new(mut prefix: Vec<Symbol>, pump: Vec<Symbol>) -> Stretch {
        let ends = prefix.rchunks_exact(pump.len()).take_while(|end| *end == pump).count();
        if ends <= FEW_REPEATS {
            prefix.truncate(prefix.len() - ends * pump.len());
        }
        Stretch { prefix, pump }
    }
}

/// An ambiguity, and the attack on it but for the suffix.
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
