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
//! in the same words as in [`FirstMatch`], only not about places where its
//! literals show that no match can be: further from them than its matches are
//! long, or, where each match begins with one, before the first.
//!
//! # Worst case
//! A text that puts forward more than [`index::MAX_CANDIDATES`] patterns, or a
//! long one that these would read more than [`FEW`] times, or one that is full
//! of near misses, goes through automata of all patterns, which care little what
//! it is made of ([`set`]). Where those would be too large, or the text keeps
//! them building states, the patterns that it puts forward are asked after all,
//! however many. So the time is linear in the text, whoever wrote it.

mod backtracking;
mod first_match;
mod index;
mod literal;
mod set;
mod vector;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

pub(crate) use backtracking::superset;
pub use first_match::FirstMatch;
use index::{Candidate, Candidates, Index, TooMany};
pub(crate) use literal::Required;
use regex_syntax::hir::Hir;
use set::PatternSet;

use crate::{
    automaton::GaveUp,
    coarse::coarse,
    pattern::{LONG_TEXT, Pattern, Places, Search, Traits},
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
    others: Vec<PatternSet>,
    /// The backtracking patterns without a literal.
    backtracking: Vec<u32>,
    /// Whether there are none such, so that no literal means no match.
    has_literals_only: bool,
    all: Arc<All>,
}

/// All patterns but the backtracking ones, for texts that put many forward.
#[derive(Debug, Default)]
struct All {
    /// Made when first needed; none where they would take too much memory or time.
    ///
    /// They are [`coarse`]. Those that begin at the start of a text, and those
    /// that hang on word boundaries, are by themselves: the former are through
    /// with most texts at once, the latter cannot read all.
    sets: OnceLock<Vec<PatternSet>>,
    /// How many texts are still to do without the sets, after one that was made
    /// to keep them building states.
    pause: AtomicU32,
}

/// The most memory that the set of all patterns with the same traits may take.
/// One above this has states so large that a text which is made to build many
/// of them takes longer than asking every pattern.
const ALL_LIMIT: usize = 64 << 20;

/// The most memory that the states of each such set may take in each thread.
const ALL_CACHE_LIMIT: usize = 2 << 20;

/// How often a text longer than [`LONG_TEXT`] is read by patterns that are asked
/// one by one, at most.
const FEW: usize = 4;

/// Of more patterns than this there are no such sets: the first text to need
/// them would wait for seconds.
const ALL_PATTERNS: usize = 4_000;

/// How many texts do without the sets of all patterns after one that these do
/// not get on with.
const PAUSE: u32 = 1_000;

/// What to ask of a pattern of which a literal was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    /// Nothing: it matches.
    None,
    /// To search around its literals; where they are leading, from them on.
    Search { leading: bool },
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
        let required: Vec<_> = patterns.iter().map(Pattern::required).collect();
        let chosen = literal::choose(&required);
        let checks =
            patterns.iter().zip(&chosen).map(|(pattern, chosen)| match pattern.required() {
                _ if pattern.is_backtracking() => Check::Backtrack,
                Some(required) if required.sufficient => Check::None,
                _ => Check::Search { leading: chosen.is_some_and(|chosen| chosen.leading) },
            });
        let checks = checks.collect();
        let (mut literals, mut others, mut backtracking) = (Vec::new(), Vec::new(), Vec::new());
        for ((index, chosen), pattern) in (0..).zip(chosen).zip(&patterns) {
            match chosen {
                Some(chosen) => literals.extend(chosen.texts.iter().map(|l| (l.clone(), index))),
                None => match pattern.hir() {
                    Some(hir) => others.push((index, hir)),
                    None => backtracking.push(index),
                },
            }
        }
        Self {
            checks,
            index: Index::new(literals),
            has_literals_only: others.is_empty() && backtracking.is_empty(),
            others: PatternSet::all_of(&others),
            backtracking,
            all: Arc::default(),
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
            Ok(()) => self.ask_found(text, candidates.sorted()),
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
            candidates.sorted().iter_mut().for_each(Candidate::misplace);
        }
        self.ask_found(text, candidates.sorted())
    }

    fn ask_found(&self, text: &str, candidates: &[Candidate]) -> Scan {
        let is_long = text.len() > LONG_TEXT;
        if is_long { self.ask_long(text, candidates) } else { self.ask(text, candidates) }
    }

    /// Asks the candidates, which are in order, and the patterns that are
    /// always asked.
    fn ask(&self, text: &str, candidates: &[Candidate]) -> Scan {
        let mut progress = Progress::new();
        for candidate in candidates {
            match self.checks[candidate.pattern as usize] {
                Check::None => progress.first = candidate.pattern,
                Check::Search { leading } => {
                    let Candidate { pattern, literals } = *candidate;
                    self.search_near(pattern, text, literals, leading, &mut progress);
                }
                Check::Backtrack => {}
            }
            if progress.first <= candidate.pattern {
                break;
            }
        }
        for set in &self.others {
            if self.search_set(set, true, text, &mut progress).is_err() {
                set.patterns().iter().for_each(|&other| self.search(other, text, &mut progress));
            }
        }
        let late = |&pattern: &u32| self.checks[pattern as usize] == Check::Backtrack;
        let candidates = candidates.iter().map(|candidate| candidate.pattern);
        for pattern in candidates.filter(late).chain(self.backtracking.iter().copied()) {
            self.search(pattern, text, &mut progress);
        }
        progress.scan()
    }

    /// As [`Matcher::ask`], where a question may take a while.
    #[cold]
    fn ask_long(&self, text: &str, candidates: &[Candidate]) -> Scan {
        if self.work(text, candidates) <= text.len() {
            return self.ask(text, candidates);
        }
        let likely = self.likely(text, candidates);
        match self.work(text, &likely) > FEW * text.len() {
            true => self.ask_all(text),
            false => self.ask(text, &likely),
        }
    }

    /// How many bytes asking the candidates may take to read.
    fn work(&self, text: &str, candidates: &[Candidate]) -> usize {
        let of = |&Candidate { pattern, literals }: &Candidate| match self.checks[pattern as usize]
        {
            Check::None => 0,
            Check::Search { leading } => {
                self.patterns[pattern as usize].region(text, literals, leading).len()
            }
            Check::Backtrack => text.len(),
        };
        candidates.iter().map(of).sum()
    }

    /// The candidates of which all that they require is in the text.
    fn likely(&self, text: &str, candidates: &[Candidate]) -> Vec<Candidate> {
        if candidates.is_empty() {
            return Vec::new();
        }
        let lower = literal::fold(text).to_ascii_lowercase();
        let required = |candidate: &Candidate| self.patterns[candidate.pattern as usize].required();
        let is_likely = |candidate: &&Candidate| {
            required(candidate).is_none_or(|required| required.may_match(lower.as_bytes()))
        };
        candidates.iter().filter(is_likely).copied().collect()
    }

    /// As [`Matcher::ask`], with so many candidates that it is better not to
    /// know them.
    #[cold]
    fn ask_all(&self, text: &str) -> Scan {
        let rest = |pause: u32| pause.checked_sub(1);
        let resting = self.all.pause.fetch_update(Ordering::Relaxed, Ordering::Relaxed, rest);
        let sets = if resting.is_ok() { &[] } else { self.all() };
        let is_ascii = text.is_ascii();
        let mut progress = Progress::new();
        let search = |set| self.search_set(set, is_ascii, text, &mut progress);
        let searched: Result<(), GaveUp> = sets.iter().try_for_each(search);
        if searched.is_err() {
            self.all.pause.store(PAUSE, Ordering::Relaxed);
        }
        if searched.is_err() || sets.is_empty() {
            let folded = literal::fold(text);
            let mut every = self.index.every_candidate(&folded);
            if let Cow::Owned(_) = folded {
                every.iter_mut().for_each(Candidate::misplace);
            }
            return self.ask(text, &self.likely(text, &every));
        }
        for (index, _) in (0..).zip(&self.checks).filter(|&(_, c)| *c == Check::Backtrack) {
            self.search(index, text, &mut progress);
        }
        progress.scan()
    }

    /// Asks a set, if one of its patterns could be the best. Where the set says
    /// more than is certain, its patterns are asked by themselves as well.
    fn search_set(
        &self,
        set: &PatternSet,
        certain: bool,
        text: &str,
        progress: &mut Progress,
    ) -> Result<(), GaveUp> {
        let better = |&pattern: &u32| pattern < progress.first;
        if !set.patterns().first().is_some_and(better) {
            return Ok(());
        }
        for found in set.which(text)? {
            match certain {
                true => progress.first = progress.first.min(found),
                false => self.search(found, text, progress),
            }
            if progress.first <= found {
                break;
            }
        }
        Ok(())
    }

    /// Asks one pattern, if its match would be the best.
    fn search(&self, pattern: u32, text: &str, progress: &mut Progress) {
        self.search_near(pattern, text, Places::ANYWHERE, false, progress);
    }

    fn search_near(
        &self,
        pattern: u32,
        text: &str,
        literals: Places,
        leading: bool,
        progress: &mut Progress,
    ) {
        if pattern < progress.first {
            match self.patterns[pattern as usize].search_near(text, literals, leading) {
                Search::Found => progress.first = pattern,
                Search::Absent => {}
                Search::StepLimit => progress.step_limit_hits += 1,
            }
        }
    }

    fn all(&self) -> &[PatternSet] {
        self.all.sets.get_or_init(|| {
            let mut alike: BTreeMap<Traits, Vec<(u32, Hir)>> = BTreeMap::new();
            if self.patterns.len() > ALL_PATTERNS {
                return Vec::new();
            }
            for (index, pattern) in (0..).zip(&self.patterns) {
                if let (Some(traits), Some(hir)) = (pattern.traits(), pattern.hir()) {
                    alike.entry(traits).or_default().push((index, coarse(&hir)));
                }
            }
            let sets = alike
                .values()
                .map(|patterns| PatternSet::within(ALL_LIMIT, ALL_CACHE_LIMIT, patterns));
            sets.collect::<Result<_, _>>().unwrap_or_default()
        })
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
        let sets = self.others.iter().chain(self.all.sets.get().into_iter().flatten());
        size_of_val(&*self.checks)
            + self.index.memory_usage()
            + sets.map(PatternSet::memory_usage).sum::<usize>()
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
