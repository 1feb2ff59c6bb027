//! All patterns, searched as one.
//!
//! The prefilter puts the few patterns forward of which a literal is in the text;
//! these are confirmed in order of priority, and the first that matches is the
//! answer. Patterns without a good literal are one automaton that reads every
//! text. Backtracking patterns come last, and only those that would still change
//! the answer.

use std::{borrow::Cow, sync::Arc};

use crate::{
    fallback::Fallback,
    lazy_dfa::GaveUp,
    limits::LONG_TEXT,
    literals::{choose, fold, folded},
    occurrences::Occurrences,
    pattern::{Pattern, Search},
    pattern_union::PatternUnion,
    prefilter::{Candidate, Candidates, Index, TooMany},
    scan::Scan,
};

/// An ordered list of patterns that is searched as one: immutable, and to be
/// shared between threads.
#[derive(Clone, Debug)]
pub struct Matcher {
    patterns: Vec<Pattern>,
    /// By pattern: how it is confirmed once one of its literals is there.
    confirms: Vec<Confirm>,
    index: Index,
    /// The patterns without a literal.
    others: Vec<PatternUnion>,
    /// The backtracking patterns without a literal.
    backtracking: Vec<u32>,
    /// Whether there are none such, so that no literal means no match.
    has_literals_only: bool,
    fallback: Arc<Fallback>,
}

/// How often a text longer than [`LONG_TEXT`] is read by patterns that are run
/// one by one, at most.
const FEW: usize = 4;

/// How to confirm a pattern of which a literal was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Confirm {
    /// Not at all: its literals are exact.
    Exact,
    /// By searching where its literals occur; `leading` as in [`Occurrences`].
    Search { leading: bool },
    /// By searching, but late, since it may take long.
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
        let required: Vec<_> = patterns.iter().map(Pattern::required).collect();
        let chosen = choose(&required);
        let confirms =
            patterns.iter().zip(&chosen).map(|(pattern, chosen)| match pattern.required() {
                _ if pattern.is_backtracking() => Confirm::Backtrack,
                Some(required) if required.exact => Confirm::Exact,
                _ => Confirm::Search { leading: chosen.is_some_and(|c| c.are_leading()) },
            });
        let confirms = confirms.collect();
        let (mut literals, mut others, mut backtracking) = (Vec::new(), Vec::new(), Vec::new());
        for ((index, chosen), pattern) in (0..).zip(chosen).zip(&patterns) {
            match chosen {
                Some(chosen) => {
                    let texts = chosen.texts().iter();
                    literals.extend(texts.map(|text| (text.clone().into_bytes(), index)));
                }
                None => match pattern.hir() {
                    Some(hir) => others.push((index, hir)),
                    None => backtracking.push(index),
                },
            }
        }
        Self {
            confirms,
            index: Index::new(literals),
            has_literals_only: others.is_empty() && backtracking.is_empty(),
            others: PatternUnion::all_of(&others),
            backtracking,
            fallback: Arc::default(),
            patterns,
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
            Ok(()) => self.confirm(text, candidates.sorted()),
            Err(TooMany) => self.search_all(text),
        }
    }

    /// Text that holds letters which only Unicode takes for ASCII ones is
    /// searched for literals once more, without them.
    fn scan_beyond_ascii(&self, text: &str, mut candidates: Candidates) -> Scan {
        if let Cow::Owned(folded) = fold(text) {
            candidates = Candidates::default();
            if let Err(TooMany) = self.index.candidates(folded.as_bytes(), &mut candidates) {
                return self.search_all(text);
            }
            candidates.sorted().iter_mut().for_each(Candidate::forget_occurrences);
        }
        self.confirm(text, candidates.sorted())
    }

    fn confirm(&self, text: &str, candidates: &[Candidate]) -> Scan {
        match text.len() > LONG_TEXT {
            true => self.confirm_in_long(text, candidates),
            false => self.confirm_each(text, candidates),
        }
    }

    /// Confirms the candidates, which are in order, and searches for the patterns
    /// that have no literal.
    fn confirm_each(&self, text: &str, candidates: &[Candidate]) -> Scan {
        let mut progress = Progress::new();
        for candidate in candidates {
            match self.confirms[candidate.pattern as usize] {
                Confirm::Exact => progress.first = candidate.pattern,
                Confirm::Search { leading } => {
                    let occurrences = Occurrences { leading, ..candidate.occurrences };
                    self.search_near(candidate.pattern, text, occurrences, &mut progress);
                }
                Confirm::Backtrack => {}
            }
            if progress.first <= candidate.pattern {
                break;
            }
        }
        for union in &self.others {
            if self.search_union(union, true, text, &mut progress).is_err() {
                union.patterns().iter().for_each(|&other| self.search(other, text, &mut progress));
            }
        }
        let late = |&pattern: &u32| self.confirms[pattern as usize] == Confirm::Backtrack;
        let candidates = candidates.iter().map(|candidate| candidate.pattern);
        for pattern in candidates.filter(late).chain(self.backtracking.iter().copied()) {
            self.search(pattern, text, &mut progress);
        }
        progress.scan()
    }

    /// As [`Matcher::confirm_each`], where a search may take a while.
    #[cold]
    fn confirm_in_long(&self, text: &str, candidates: &[Candidate]) -> Scan {
        if self.work(text, candidates) <= text.len() {
            return self.confirm_each(text, candidates);
        }
        let likely = self.likely(text, candidates);
        match self.work(text, &likely) > FEW * text.len() {
            true => self.search_all(text),
            false => self.confirm_each(text, &likely),
        }
    }

    /// How many bytes confirming the candidates may take to read.
    fn work(&self, text: &str, candidates: &[Candidate]) -> usize {
        let of = |&Candidate { pattern, occurrences }: &Candidate| {
            let pattern = pattern as usize;
            match self.confirms[pattern] {
                Confirm::Exact => 0,
                Confirm::Search { leading } => {
                    let occurrences = Occurrences { leading, ..occurrences };
                    self.patterns[pattern].region(text, occurrences).len()
                }
                Confirm::Backtrack => text.len(),
            }
        };
        candidates.iter().map(of).sum()
    }

    /// The candidates of which all that they require is in the text.
    fn likely(&self, text: &str, candidates: &[Candidate]) -> Vec<Candidate> {
        if candidates.is_empty() {
            return Vec::new();
        }
        let folded = folded(text);
        let required = |candidate: &Candidate| self.patterns[candidate.pattern as usize].required();
        let is_likely = |candidate: &&Candidate| {
            required(candidate).is_none_or(|required| required.may_match(&folded))
        };
        candidates.iter().filter(is_likely).copied().collect()
    }

    /// As [`Matcher::confirm_each`], with so many candidates that it is better
    /// not to know them.
    #[cold]
    fn search_all(&self, text: &str) -> Scan {
        let unions = self.fallback.unions(&self.patterns);
        let is_ascii = text.is_ascii();
        let mut progress = Progress::new();
        let search = |union| self.search_union(union, is_ascii, text, &mut progress);
        let searched: Result<(), GaveUp> = unions.iter().try_for_each(search);
        if searched.is_err() {
            self.fallback.pause();
        }
        if searched.is_err() || unions.is_empty() {
            let folded = fold(text);
            let mut every = self.index.every_candidate(&folded);
            if let Cow::Owned(_) = folded {
                every.iter_mut().for_each(Candidate::forget_occurrences);
            }
            return self.confirm_each(text, &self.likely(text, &every));
        }
        for (index, _) in (0..).zip(&self.confirms).filter(|&(_, c)| *c == Confirm::Backtrack) {
            self.search(index, text, &mut progress);
        }
        progress.scan()
    }

    /// Searches a union, if one of its patterns could be the best. Where it is
    /// not exact, what it finds is confirmed.
    fn search_union(
        &self,
        union: &PatternUnion,
        exact: bool,
        text: &str,
        progress: &mut Progress,
    ) -> Result<(), GaveUp> {
        let better = |&pattern: &u32| pattern < progress.first;
        if !union.patterns().first().is_some_and(better) {
            return Ok(());
        }
        for found in union.which(text)? {
            match exact {
                true => progress.first = progress.first.min(found),
                false => self.search(found, text, progress),
            }
            if progress.first <= found {
                break;
            }
        }
        Ok(())
    }

    /// Searches for one pattern, if its match would be the best.
    fn search(&self, pattern: u32, text: &str, progress: &mut Progress) {
        self.search_near(pattern, text, Occurrences::ANYWHERE, progress);
    }

    fn search_near(
        &self,
        pattern: u32,
        text: &str,
        literals: Occurrences,
        progress: &mut Progress,
    ) {
        if pattern < progress.first {
            match self.patterns[pattern as usize].search_near(text, literals) {
                Search::Found => progress.first = pattern,
                Search::Absent => {}
                Search::StepLimit => progress.step_limit_hits += 1,
            }
        }
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
        size_of_val(&*self.confirms)
            + self.index.memory_usage()
            + self.others.iter().map(PatternUnion::memory_usage).sum::<usize>()
            + self.fallback.memory_usage()
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
