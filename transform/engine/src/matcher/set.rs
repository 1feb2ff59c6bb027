//! Many patterns in one pass of a lazily built automaton.
//!
//! Slower than looking for literals, but its cost does not depend on what the
//! text is made of. So it takes the patterns that have no literal, and the
//! texts that are full of them.

use regex_automata::{MatchKind, PatternSet, meta, nfa::thompson::WhichCaptures};
use regex_syntax::hir::Hir;

/// An ordered set of patterns without look-around or back-references.
#[derive(Clone, Debug, Default)]
pub(super) struct AutomatonSet {
    groups: Vec<Group>,
}

#[derive(Clone, Debug)]
struct Group {
    regex: meta::Regex,
    patterns: Vec<u32>,
}

/// The most memory that one automaton's states before determinising may take.
const GROUP_LIMIT: usize = 64 << 20;

impl AutomatonSet {
    /// Compiles the patterns, in as few groups as [`GROUP_LIMIT`] allows.
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
        let config = meta::Config::new()
            .match_kind(MatchKind::All)
            .utf8_empty(true)
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(GROUP_LIMIT))
            .hybrid_cache_capacity(CACHE_LIMIT);
        match meta::Regex::builder().configure(config).build_many_from_hir(&hirs) {
            Ok(regex) => {
                let patterns = patterns.iter().map(|&(pattern, _)| pattern).collect();
                self.groups.push(Group { regex, patterns });
            }
            Err(_) => {
                // A single pattern is under its own, much lower limit.
                let (head, tail) = patterns.split_at(patterns.len().div_ceil(2));
                self.add(head);
                self.add(tail);
            }
        }
    }

    /// The first pattern before `bound` that the text contains.
    pub(super) fn first(&self, text: &str, bound: u32) -> Option<u32> {
        let mut first = None;
        for group in &self.groups {
            let bound = first.unwrap_or(bound);
            if group.patterns[0] < bound && group.regex.is_match(text) {
                first = group.first(text).filter(|&pattern| pattern < bound).or(first);
            }
        }
        first
    }

    /// The memory that this takes, in bytes, caches aside.
    pub(super) fn memory_usage(&self) -> usize {
        let group = |g: &Group| g.regex.memory_usage() + size_of_val(&*g.patterns);
        self.groups.iter().map(group).sum()
    }
}

/// The most memory that one automaton's states may take in each thread.
const CACHE_LIMIT: usize = 2 << 20;

impl Group {
    fn first(&self, text: &str) -> Option<u32> {
        let mut found = PatternSet::new(self.regex.pattern_len());
        self.regex.which_overlapping_matches(&text.into(), &mut found);
        found.iter().next().map(|pattern| self.patterns[pattern.as_usize()])
    }
}
