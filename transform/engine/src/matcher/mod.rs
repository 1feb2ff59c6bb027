//! Many patterns, one text: which is the first that matches?
//!
//! Compiled once, then immutable and shared between threads. The order of the
//! patterns is their priority, so signatures followed by the allowlist (or the
//! other way round) make one list, and the verdict is one search.
//!
//! # How
//! Almost no line of a log matches anything, so what counts is how fast that
//! is known. From each pattern are taken literals of which a match must
//! contain one ([`literal`]); one vectorised pass looks for all of them
//! ([`vector`], [`index`]). A text without any is done with. Otherwise the
//! few patterns that it puts forward are asked in order of priority, and the
//! first that matches is the answer. Patterns without a good literal go into
//! one automaton that reads every text ([`set`]). Backtracking patterns come
//! last, and only those that would still change the answer.
//!
//! # Why the answer is that of the plain loop
//! A pattern is left unasked only when its literals are absent, and then it
//! cannot match; or when one before it has matched. Whatever is asked is asked
//! in the same words as in [`FirstMatch`].
//!
//! # Worst case
//! A text that puts forward more than [`index::MAX_CANDIDATES`] patterns, or
//! is full of near misses, goes through one automaton of all patterns. Where
//! that would be too large, or gives the text up, each pattern is asked in
//! turn. So the time is linear in the text, whoever wrote it.

mod backtracking;
mod first_match;
mod index;
mod literal;
mod set;
mod vector;

use std::{borrow::Cow, sync::OnceLock};

pub use first_match::FirstMatch;
use index::{Candidates, Index, TooMany};
use literal::Required;
use regex_syntax::hir::Hir;
use set::PatternSet;

use crate::{
    automaton::GaveUp,
    pattern::{Pattern, Search},
};

/// What looking for all patterns in one text came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// The index of the first pattern in priority order that matches.
    pub first: Option<usize>,
    /// How many patterns were asked and gave up at the step limit before that
    /// was known.
    pub step_limit_hits: u32,
}

/// An ordered set of patterns that is searched as one.
#[derive(Clone, Debug)]
pub struct Matcher {
    patterns: Vec<Pattern>,
    /// By pattern: what is left to ask once one of its literals is there.
    checks: Vec<Check>,
    index: Index,
    /// The patterns without a literal.
    others: PatternSet,
    /// The backtracking patterns without a literal.
    backtracking: Vec<u32>,
    /// Whether there are none such, so that no literal means no match.
    has_literals_only: bool,
    /// All patterns but the backtracking ones, unless that takes too much
    /// memory; made when first needed.
    all: OnceLock<Option<PatternSet>>,
}

/// What to ask of a pattern of which a literal was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    /// Nothing: it matches.
    None,
    Search,
    /// To search, but late, since it may take long.
    Backtrack,
}

/// Where the search stands: the best pattern so far, and what it cost.
struct Progress {
    first: u32,
    step_limit_hits: u32,
}

impl Matcher {
    /// Prepares the patterns for searching, first ones first in priority.
    #[must_use]
    pub fn new(patterns: Vec<Pattern>) -> Self {
        let hirs: Vec<Option<Hir>> = patterns.iter().map(Pattern::hir).collect();
        let required = hirs.iter().zip(&patterns).map(|(hir, pattern)| match hir {
            Some(hir) => Required::of(hir),
            None => Required::of(&backtracking::superset(pattern.as_str())?),
        });
        let required: Vec<_> = required.collect();
        let checks = required.iter().zip(&patterns).map(|(required, pattern)| match required {
            _ if pattern.is_backtracking() => Check::Backtrack,
            Some(required) if required.sufficient => Check::None,
            _ => Check::Search,
        });
        let checks = checks.collect();
        let (mut literals, mut others, mut backtracking) = (Vec::new(), Vec::new(), Vec::new());
        for ((index, chosen), hir) in (0..).zip(literal::choose(required)).zip(hirs) {
            match (chosen, hir) {
                (Some(chosen), _) => literals.extend(chosen.into_iter().map(|l| (l, index))),
                (None, Some(hir)) => others.push((index, hir)),
                (None, None) => backtracking.push(index),
            }
        }
        Self {
            patterns,
            checks,
            index: Index::new(literals),
            has_literals_only: others.is_empty() && backtracking.is_empty(),
            others: PatternSet::new(&others),
            backtracking,
            all: OnceLock::new(),
        }
    }

    /// Finds the first pattern, in priority order, that occurs in the text.
    #[inline]
    #[must_use]
    pub fn scan(&self, text: &str) -> Scan {
        let mut candidates = Candidates::default();
        match self.index.candidates(text.as_bytes(), &mut candidates) {
            Ok(()) if candidates.beyond_ascii => self.scan_beyond_ascii(text, candidates),
            Ok(()) if candidates.is_empty() && self.has_literals_only => Scan::default(),
            Ok(()) => self.ask(text, candidates),
            Err(TooMany) => self.ask_all(text),
        }
    }

    /// Text that holds letters which only Unicode takes for ASCII ones is
    /// searched for literals once more, without them.
    fn scan_beyond_ascii(&self, text: &str, mut candidates: Candidates) -> Scan {
        if let Cow::Owned(folded) = literal::fold(text) {
            candidates = Candidates::default();
            if let Err(TooMany) = self.index.candidates(folded.as_bytes(), &mut candidates) {
                return self.ask_all(text);
            }
        }
        self.ask(text, candidates)
    }

    fn ask(&self, text: &str, mut candidates: Candidates) -> Scan {
        let candidates = candidates.sorted();
        let mut progress = Progress::new();
        for &candidate in candidates {
            match self.checks[candidate as usize] {
                Check::None => progress.first = candidate,
                Check::Search => self.search(candidate, text, &mut progress),
                Check::Backtrack => {}
            }
            if progress.first <= candidate {
                break;
            }
        }
        self.search_set(&self.others, text, &mut progress);
        let late = |&&candidate: &&u32| self.checks[candidate as usize] == Check::Backtrack;
        for &candidate in candidates.iter().filter(late).chain(&self.backtracking) {
            self.search(candidate, text, &mut progress);
        }
        progress.scan()
    }

    #[cold]
    fn ask_all(&self, text: &str) -> Scan {
        let mut progress = Progress::new();
        let all = (0..).zip(&self.patterns);
        let (late, early): (Vec<_>, Vec<_>) = all.partition(|(_, p)| p.is_backtracking());
        match self.all() {
            Some(set) => self.search_set(set, text, &mut progress),
            None => early.iter().for_each(|&(index, _)| self.search(index, text, &mut progress)),
        }
        late.iter().for_each(|&(index, _)| self.search(index, text, &mut progress));
        progress.scan()
    }

    fn search_set(&self, set: &PatternSet, text: &str, progress: &mut Progress) {
        match set.first(text, progress.first) {
            Ok(Some(first)) => progress.first = first,
            Ok(None) => {}
            Err(GaveUp) => set.patterns().for_each(|pattern| self.search(pattern, text, progress)),
        }
    }

    /// Asks one pattern, if its match would be the best.
    fn search(&self, pattern: u32, text: &str, progress: &mut Progress) {
        if pattern < progress.first {
            match self.patterns[pattern as usize].search(text) {
                Search::Found => progress.first = pattern,
                Search::Absent => {}
                Search::StepLimit => progress.step_limit_hits += 1,
            }
        }
    }

    fn all(&self) -> Option<&PatternSet> {
        let make = || {
            let hirs = (0..).zip(&self.patterns).filter_map(|(i, p)| Some((i, p.hir()?)));
            PatternSet::small(&hirs.collect::<Vec<_>>())
        };
        self.all.get_or_init(make).as_ref()
    }

    /// The patterns, in the order they were given.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// The memory that the literals and automata take, in bytes; the patterns
    /// themselves and what each thread caches come on top.
    #[must_use]
    pub fn memory_usage(&self) -> usize {
        size_of_val(&*self.checks)
            + self.index.memory_usage()
            + self.others.memory_usage()
            + self.all.get().and_then(Option::as_ref).map_or(0, PatternSet::memory_usage)
    }
}

impl Progress {
    fn new() -> Self {
        Self { first: u32::MAX, step_limit_hits: 0 }
    }

    fn scan(self) -> Scan {
        let first = (self.first != u32::MAX).then_some(self.first as usize);
        Scan { first, step_limit_hits: self.step_limit_hits }
    }
}
