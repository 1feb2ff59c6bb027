//! One or many regular expressions as one lazily built DFA.
//!
//! Asked only *whether* a text matches, never where. So it needs neither
//! captures nor the reversed automaton that finds where a match begins, and
//! compiles in half the time and memory of a general-purpose regex.

use std::{fmt, ops::Range, sync::Arc};

use regex_automata::{
    Anchored, Input, MatchKind, PatternSet,
    hybrid::dfa::{Cache, DFA},
    nfa::thompson::{self, NFA, WhichCaptures, pikevm},
};
use regex_syntax::hir::Hir;

use crate::slot::{Recipe, Slot};

/// Compiled expressions: cheap to share between threads. What can be built again may
/// be discarded between two searches.
#[derive(Clone)]
pub(crate) struct LazyDfa {
    slot: Arc<Slot<Expressions>>,
}

/// What an automaton is built of.
struct Expressions {
    origin: Origin,
    /// The most memory that its states may take in each thread.
    cache_limit: usize,
}

enum Origin {
    /// An automaton of many expressions takes long to build, and is kept.
    Compiled(NFA),
    /// One is compiled when it is needed.
    One(Box<dyn Fn() -> Hir + Send + Sync>),
}

struct Engines {
    dfa: DFA,
    /// Takes over where the automaton gives up: Unicode word boundaries next
    /// to other than ASCII, and texts that keep it building states.
    vm: pikevm::PikeVM,
}

struct Caches {
    dfa: Cache,
    /// Made when it is first needed.
    vm: Option<pikevm::Cache>,
}

/// The expressions take more memory than allowed.
#[derive(Debug)]
pub(crate) struct TooLarge;

/// A text keeps the automaton building states, or has a word boundary next to
/// other than ASCII.
#[derive(Debug)]
pub(crate) struct GaveUp;

impl LazyDfa {
    /// Compiles the expressions into at most `limit` bytes; each thread that
    /// uses them caches up to `cache_limit` more.
    pub(crate) fn new(
        expressions: &[&Hir],
        limit: usize,
        cache_limit: usize,
    ) -> Result<Self, TooLarge> {
        Ok(Self::from(Origin::Compiled(compile(expressions, limit)?), cache_limit))
    }

    /// One expression, which is compiled when it is needed; each thread that uses it
    /// caches up to `cache_limit` more.
    pub(crate) fn later(
        expression: impl Fn() -> Hir + Send + Sync + 'static,
        cache_limit: usize,
    ) -> Self {
        Self::from(Origin::One(Box::new(expression)), cache_limit)
    }

    fn from(origin: Origin, cache_limit: usize) -> Self {
        Self { slot: Slot::new(Expressions { origin, cache_limit }) }
    }

    /// Whether this part of the text contains a match of any expression, or,
    /// when told so, begins with one. What looks around sees the whole text.
    pub(crate) fn is_match(&self, text: &str, part: Range<usize>, begins: bool) -> bool {
        self.slot.with(|engines, caches| {
            let anchored = if begins { Anchored::Yes } else { engines.anchored() };
            let input = Input::new(text).anchored(anchored).span(part).earliest(true);
            let answer = engines.dfa.try_search_fwd(&mut caches.dfa, &input);
            answer.map_or_else(|_| engines.vm_is_match(caches, input), |found| found.is_some())
        })
    }

    /// Which of the expressions the text contains; none at all if it has none.
    ///
    /// # Errors
    /// When the text keeps it building states: to go on would be slower than to
    /// ask for each expression by itself.
    pub(crate) fn which(&self, text: &str) -> Result<Option<PatternSet>, GaveUp> {
        self.slot.with(|engines, Caches { dfa: cache, .. }| {
            let (dfa, input) = (&engines.dfa, Input::new(text).anchored(engines.anchored()));
            let earliest = input.clone().earliest(true);
            if dfa.try_search_fwd(cache, &earliest).map_err(|_| GaveUp)?.is_none() {
                return Ok(None);
            }
            let mut found = PatternSet::new(dfa.pattern_len());
            dfa.try_which_overlapping_matches(cache, &input, &mut found).map_err(|_| GaveUp)?;
            Ok(Some(found))
        })
    }

    /// The memory that is never given back as long as this is there, in bytes.
    pub(crate) fn memory_usage(&self) -> usize {
        match &self.slot.recipe().origin {
            Origin::Compiled(nfa) => nfa.memory_usage(),
            Origin::One(_) => 0,
        }
    }
}

/// Compiles expressions into at most `limit` bytes.
fn compile(expressions: &[&Hir], limit: usize) -> Result<NFA, TooLarge> {
    let config =
        thompson::Config::new().which_captures(WhichCaptures::None).nfa_size_limit(Some(limit));
    let compiler = { thompson::Compiler::new() }.configure(config).build_many_from_hir(expressions);
    compiler.map_err(|_| TooLarge)
}

impl Recipe for Expressions {
    type Shared = Engines;
    type Own = Caches;

    fn build(&self) -> (Engines, usize) {
        let (nfa, bytes) = match &self.origin {
            Origin::Compiled(nfa) => (nfa.clone(), 0),
            Origin::One(expression) => {
                let nfa = compile(&[&expression()], usize::MAX).expect("there is no limit");
                let bytes = nfa.memory_usage();
                (nfa, bytes)
            }
        };
        let engines = Engines::new(nfa, self.cache_limit);
        let bytes = bytes + engines.dfa.memory_usage();
        (engines, bytes)
    }

    fn own(engines: &Engines) -> Caches {
        Caches { dfa: engines.dfa.create_cache(), vm: None }
    }

    fn bytes(Caches { dfa, vm }: &Caches) -> usize {
        dfa.memory_usage() + vm.as_ref().map_or(0, pikevm::Cache::memory_usage)
    }
}

impl Engines {
    fn new(nfa: NFA, cache_limit: usize) -> Self {
        let config = DFA::config()
            .match_kind(MatchKind::All)
            .unicode_word_boundary(true)
            .cache_capacity(cache_limit)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(3))
            .minimum_bytes_per_state(Some(10));
        let dfa = DFA::builder().configure(config).build_from_nfa(nfa.clone());
        let vm = pikevm::PikeVM::builder()
            .configure(pikevm::Config::new().match_kind(MatchKind::All))
            .build_from_nfa(nfa);
        // Nothing is asked of the one that it has not, and nothing of the other.
        let (dfa, vm) = (dfa.expect("there is no limit"), vm.expect("there is no limit"));
        Self { dfa, vm }
    }

    /// An automaton that can only begin at the start need not read on.
    fn anchored(&self) -> Anchored {
        let start = self.dfa.get_nfa().is_always_start_anchored();
        if start { Anchored::Yes } else { Anchored::No }
    }

    #[cold]
    fn vm_is_match(&self, caches: &mut Caches, input: Input<'_>) -> bool {
        let cache = caches.vm.get_or_insert_with(|| self.vm.create_cache());
        self.vm.is_match(cache, input)
    }
}

impl fmt::Debug for LazyDfa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyDfa").finish_non_exhaustive()
    }
}
