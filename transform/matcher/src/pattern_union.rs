//! Many patterns in one pass of a lazily built automaton.
//!
//! Slower than looking for literals, but its cost does not depend on what the
//! text is made of. So it takes the patterns that have no literal, and the
//! texts that are full of them.

use regex_syntax::hir::Hir;

use crate::{
    lazy_dfa::{GaveUp, LazyDfa, TooLarge},
    limits::AUTOMATA_LIMIT,
};

/// Patterns in one automaton, in order of priority.
#[derive(Clone, Debug)]
pub(crate) struct PatternUnion {
    dfa: LazyDfa,
    patterns: Vec<u32>,
}

/// The most memory that one automaton may take; it is well above what a single
/// pattern may.
const SIZE_LIMIT: usize = 256 << 20;

/// The most memory that one automaton's states may take in each thread: eight have room
/// in what all automata may take.
const CACHE_LIMIT: usize = AUTOMATA_LIMIT / 8;

impl PatternUnion {
    /// Compiles the patterns, in as few automata as [`SIZE_LIMIT`] allows. The
    /// patterns of each are all before those of the next.
    pub(crate) fn all_of(patterns: &[(u32, Hir)]) -> Vec<Self> {
        if patterns.is_empty() {
            return Vec::new();
        }
        Self::within(SIZE_LIMIT, CACHE_LIMIT, patterns).map_or_else(
            |TooLarge| {
                // Ends, since one pattern alone has been compiled in less.
                let (head, tail) = patterns.split_at(patterns.len() / 2);
                [Self::all_of(head), Self::all_of(tail)].concat()
            },
            |union| vec![union],
        )
    }

    /// Compiles the patterns into one automaton, if it takes no more memory;
    /// each thread that uses it caches up to `cache_limit` more.
    pub(crate) fn within(
        limit: usize,
        cache_limit: usize,
        patterns: &[(u32, Hir)],
    ) -> Result<Self, TooLarge> {
        let hirs: Vec<&Hir> = patterns.iter().map(|(_, hir)| hir).collect();
        let dfa = LazyDfa::new(&hirs, limit, cache_limit)?;
        Ok(Self { dfa, patterns: patterns.iter().map(|&(pattern, _)| pattern).collect() })
    }

    /// The patterns that the text contains, in order.
    ///
    /// # Errors
    /// When it is better to ask each of [`PatternUnion::patterns`].
    pub(crate) fn which(&self, text: &str) -> Result<impl Iterator<Item = u32>, GaveUp> {
        let found = self.dfa.which(text)?;
        let places: Vec<usize> =
            found.iter().flat_map(|f| f.iter()).map(|p| p.as_usize()).collect();
        Ok(places.into_iter().map(|place| self.patterns[place]))
    }

    /// The patterns of the union, in order.
    pub(crate) fn patterns(&self) -> &[u32] {
        &self.patterns
    }

    /// The memory that this takes, in bytes, caches aside.
    pub(crate) fn memory_usage(&self) -> usize {
        self.dfa.memory_usage() + size_of_val(&*self.patterns)
    }
}
