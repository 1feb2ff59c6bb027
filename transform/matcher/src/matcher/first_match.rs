//! The reference: every pattern in turn until one matches.
//!
//! Whatever faster way there is must give exactly this answer.

use super::Scan;
use crate::pattern::{Pattern, Search};

/// A plain loop over the patterns.
#[derive(Clone, Debug)]
pub struct FirstMatch {
    patterns: Vec<Pattern>,
}

impl FirstMatch {
    /// Keeps the patterns in the order given, which is their priority.
    #[must_use]
    pub fn new(patterns: Vec<Pattern>) -> Self {
        Self { patterns }
    }

    /// Asks every pattern in turn until one is found.
    #[must_use]
    pub fn scan(&self, text: &str) -> Scan {
        let mut step_limit_hits = 0;
        for (index, pattern) in self.patterns.iter().enumerate() {
            match pattern.search(text) {
                Search::Found => return Scan { first: Some(index), step_limit_hits },
                Search::Absent => {}
                Search::StepLimit => step_limit_hits += 1,
            }
        }
        Scan { first: None, step_limit_hits }
    }

    /// The patterns, in the order they were given.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }
}
