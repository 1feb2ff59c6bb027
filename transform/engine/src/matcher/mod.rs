//! Many patterns, one text: which is the first that matches?
//!
//! Compiled once, then immutable and shared between threads. The order of the
//! patterns is their priority, so signatures followed by the allowlist (or the
//! other way round) make one list, and the verdict is one search.

mod first_match;

pub use first_match::FirstMatch;

use crate::pattern::Pattern;

/// What looking for all patterns in one text came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// The index of the first pattern in priority order that matches.
    pub first: Option<usize>,
    /// How many patterns gave up at the step limit before that was known.
    pub step_limit_hits: u32,
}

/// An ordered set of patterns that is searched as one.
#[derive(Clone, Debug)]
pub struct Matcher {
    plan: FirstMatch,
}

impl Matcher {
    /// Prepares the patterns for searching, first ones first in priority.
    #[must_use]
    pub fn new(patterns: Vec<Pattern>) -> Self {
        Self { plan: FirstMatch::new(patterns) }
    }

    /// Finds the first pattern, in priority order, that occurs in the text.
    #[inline]
    #[must_use]
    pub fn scan(&self, text: &str) -> Scan {
        self.plan.scan(text)
    }

    /// The patterns, in the order they were given.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        self.plan.patterns()
    }
}
