//! What the patterns of a comparison are compared with.

use std::collections::HashSet;

use super::{branch_index::BranchIndex, relations::PatternIndex, subject::Subject};
use crate::alphabet::Alphabet;

/// What all patterns are compared with.
#[derive(Clone, Copy)]
pub(super) struct Against<'c> {
    pub(super) subjects: &'c [Subject<'c>],
    pub(super) index: &'c BranchIndex,
    pub(super) alphabet: &'c Alphabet,
    /// When each is asked.
    pub(super) turns: &'c [usize],
    /// Those that never have the word.
    pub(super) shadowed: &'c HashSet<PatternIndex>,
}
