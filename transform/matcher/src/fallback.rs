//! All patterns in a few automata, for texts that put many of them forward.

use std::{
    collections::BTreeMap,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use regex_syntax::hir::Hir;

use crate::{
    engine::Traits, overapproximate::with_small_classes, pattern::Pattern,
    pattern_union::PatternUnion,
};

/// All patterns but the backtracking ones.
#[derive(Debug, Default)]
pub(crate) struct Fallback {
    /// Made when first needed; none where they would take too much memory or time.
    ///
    /// They overapproximate: their classes are small. Those that begin at the
    /// start of a text, and those that hang on word boundaries, are by themselves:
    /// the former are through with most texts at once, the latter cannot read all.
    unions: OnceLock<Vec<PatternUnion>>,
    /// How many texts are still to do without the unions, after one that was
    /// made to keep them building states.
    pause: AtomicU32,
}

/// The most memory that the union of all patterns with the same traits may take.
/// One above this has states so large that a text which is made to build many
/// of them takes longer than running every pattern.
const SIZE_LIMIT: usize = 64 << 20;

/// The most memory that the states of each union may take in each thread.
const CACHE_LIMIT: usize = 2 << 20;

/// Of more patterns than this there are no unions: the first text to need them
/// would wait for seconds.
const MAX_PATTERNS: usize = 4_000;

/// How many texts do without the unions after one that kept them building states.
const PAUSE: u32 = 1_000;

impl Fallback {
    /// The unions to search next, unless they are to be left alone; none at all
    /// where there can be none.
    pub(crate) fn unions(&self, patterns: &[Pattern]) -> &[PatternUnion] {
        let rest = |pause: u32| pause.checked_sub(1);
        let resting = self.pause.fetch_update(Ordering::Relaxed, Ordering::Relaxed, rest);
        match resting {
            Ok(_) => &[],
            Err(_) => self.unions.get_or_init(|| build(patterns)),
        }
    }

    /// Leaves the unions alone for a while.
    pub(crate) fn pause(&self) {
        self.pause.store(PAUSE, Ordering::Relaxed);
    }

    /// The memory that the unions take, in bytes, caches aside.
    pub(crate) fn memory_usage(&self) -> usize {
        self.unions.get().into_iter().flatten().map(PatternUnion::memory_usage).sum()
    }
}

fn build(patterns: &[Pattern]) -> Vec<PatternUnion> {
    if patterns.len() > MAX_PATTERNS {
        return Vec::new();
    }
    let mut alike: BTreeMap<Traits, Vec<(u32, Hir)>> = BTreeMap::new();
    for (index, pattern) in (0..).zip(patterns) {
        if let (Some(traits), Some(hir)) = (pattern.traits(), pattern.hir()) {
            alike.entry(traits).or_default().push((index, with_small_classes(&hir)));
        }
    }
    let unions =
        alike.values().map(|patterns| PatternUnion::within(SIZE_LIMIT, CACHE_LIMIT, patterns));
    unions.collect::<Result<_, _>>().unwrap_or_default()
}
