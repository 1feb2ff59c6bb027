//! Many patterns in one pass of a lazily built automaton.
//!
//! Slower than looking for literals, but its cost does not depend on what the
//! text is made of. So it takes the patterns that have no literal, and the
//! texts that are full of them.

use regex_syntax::hir::Hir;

use crate::automaton::{Automaton, GaveUp, TooLarge};

/// An ordered set of patterns without look-around or back-references.
#[derive(Clone, Debug, Default)]
pub(super) struct PatternSet {
    groups: Vec<Group>,
}

#[derive(Clone, Debug)]
struct Group {
    automaton: Automaton,
    patterns: Vec<u32>,
}

/// The most memory that one automaton may take; it is well above what a single
/// pattern may.
const GROUP_LIMIT: usize = 256 << 20;

/// An automaton above this has states so large that texts made to build many of
/// them take longer than asking every pattern.
const SMALL_LIMIT: usize = 8 << 20;

/// The most memory that one automaton's states may take in each thread.
const CACHE_LIMIT: usize = 32 << 20;

impl PatternSet {
    /// Compiles the patterns, in as few automata as [`GROUP_LIMIT`] allows.
    pub(super) fn new(patterns: &[(u32, Hir)]) -> Self {
        let mut set = Self::default();
        set.add(patterns);
        set
    }

    fn add(&mut self, patterns: &[(u32, Hir)]) {
        if patterns.is_empty() {
            return;
        }
        let hirs: Vec<&Hir> = patterns.iter().map(|(_, hir)| hir).collect();
        match Automaton::new(&hirs, GROUP_LIMIT, CACHE_LIMIT) {
            Ok(automaton) => {
                let patterns = patterns.iter().map(|&(pattern, _)| pattern).collect();
                self.groups.push(Group { automaton, patterns });
            }
            Err(TooLarge) => {
                // Ends, since one pattern alone has been compiled in less.
                let (head, tail) = patterns.split_at(patterns.len() / 2);
                self.add(head);
                self.add(tail);
            }
        }
    }

    /// Compiles the patterns into one automaton, if it takes little memory.
    pub(super) fn small(patterns: &[(u32, Hir)]) -> Option<Self> {
        let hirs: Vec<&Hir> = patterns.iter().map(|(_, hir)| hir).collect();
        let automaton = Automaton::new(&hirs, SMALL_LIMIT, CACHE_LIMIT).ok()?;
        let patterns = patterns.iter().map(|&(pattern, _)| pattern).collect();
        Some(Self { groups: vec![Group { automaton, patterns }] })
    }

    /// The first pattern before `bound` that the text contains.
    ///
    /// # Errors
    /// When it is better to ask each of [`PatternSet::patterns`].
    pub(super) fn first(&self, text: &str, bound: u32) -> Result<Option<u32>, GaveUp> {
        // Groups follow each other in priority, so the first answer is it.
        for group in &self.groups {
            if group.patterns.first().is_none_or(|&first| first >= bound) {
                break;
            }
            if let Some(found) = group.automaton.first(text)? {
                return Ok(Some(group.patterns[found]).filter(|&pattern| pattern < bound));
            }
        }
        Ok(None)
    }

    /// The patterns of the set, in order.
    pub(super) fn patterns(&self) -> impl Iterator<Item = u32> {
        self.groups.iter().flat_map(|group| group.patterns.iter().copied())
    }

    /// The memory that this takes, in bytes, caches aside.
    pub(super) fn memory_usage(&self) -> usize {
        let group = |g: &Group| g.automaton.memory_usage() + size_of_val(&*g.patterns);
        self.groups.iter().map(group).sum()
    }
}
