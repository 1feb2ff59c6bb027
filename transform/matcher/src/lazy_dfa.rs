//! One or many regular expressions as one lazily built DFA.
//!
//! Asked only *whether* a text matches, never where. So it needs neither
//! captures nor the reversed automaton that finds where a match begins, and
//! compiles in half the time and memory of a general-purpose regex.

use std::{fmt, ops::Range, sync::Arc};

use regex_automata::{
    Anchored, Input, MatchKind, PatternSet,
    hybrid::dfa::{Cache, DFA},
    nfa::thompson::{self, WhichCaptures, pikevm},
    util::pool::Pool,
};
use regex_syntax::hir::Hir;

/// Compiled expressions: immutable, and cheap to share between threads.
#[derive(Clone)]
pub(crate) struct LazyDfa {
    inner: Arc<Inner>,
}

struct Inner {
    dfa: DFA,
    /// Takes over where the automaton gives up: Unicode word boundaries next
    /// to other than ASCII, and texts that keep it building states.
    vm: pikevm::PikeVM,
    caches: Pool<Cache, CreateCache>,
    vm_caches: Pool<pikevm::Cache, CreateVmCache>,
}

type CreateCache =
    Box<dyn Fn() -> Cache + Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe>;
type CreateVmCache = Box<
    dyn Fn() -> pikevm::Cache + Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe,
>;

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
        let config =
            thompson::Config::new().which_captures(WhichCaptures::None).nfa_size_limit(Some(limit));
        let nfa = thompson::Compiler::new()
            .configure(config)
            .build_many_from_hir(expressions)
            .map_err(|_| TooLarge)?;
        let config = DFA::config()
            .match_kind(MatchKind::All)
            .unicode_word_boundary(true)
            .cache_capacity(cache_limit)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(Some(3))
            .minimum_bytes_per_state(Some(10));
        let dfa =
            DFA::builder().configure(config).build_from_nfa(nfa.clone()).map_err(|_| TooLarge)?;
        let vm = pikevm::PikeVM::builder()
            .configure(pikevm::Config::new().match_kind(MatchKind::All))
            .build_from_nfa(nfa)
            .map_err(|_| TooLarge)?;
        let caches = Pool::new({
            let dfa = dfa.clone();
            Box::new(move || dfa.create_cache()) as CreateCache
        });
        let vm_caches = Pool::new({
            let vm = vm.clone();
            Box::new(move || vm.create_cache()) as CreateVmCache
        });
        Ok(Self { inner: Arc::new(Inner { dfa, vm, caches, vm_caches }) })
    }

    /// Whether this part of the text contains a match of any expression, or,
    /// when told so, begins with one. What looks around sees the whole text.
    pub(crate) fn is_match(&self, text: &str, part: Range<usize>, begins: bool) -> bool {
        let anchored = if begins { Anchored::Yes } else { self.anchored() };
        let input = Input::new(text).anchored(anchored).span(part).earliest(true);
        let answer = self.inner.dfa.try_search_fwd(&mut self.inner.caches.get(), &input);
        answer.map_or_else(
            |_| self.inner.vm.is_match(&mut self.inner.vm_caches.get(), input),
            |found| found.is_some(),
        )
    }

    /// Which of the expressions the text contains; none at all if it has none.
    ///
    /// # Errors
    /// When the text keeps it building states: to go on would be slower than to
    /// ask for each expression by itself.
    pub(crate) fn which(&self, text: &str) -> Result<Option<PatternSet>, GaveUp> {
        let Inner { dfa, caches, .. } = &*self.inner;
        let (input, mut cache) = (Input::new(text).anchored(self.anchored()), caches.get());
        let earliest = input.clone().earliest(true);
        if dfa.try_search_fwd(&mut cache, &earliest).map_err(|_| GaveUp)?.is_none() {
            return Ok(None);
        }
        let mut found = PatternSet::new(dfa.pattern_len());
        dfa.try_which_overlapping_matches(&mut cache, &input, &mut found).map_err(|_| GaveUp)?;
        Ok(Some(found))
    }

    /// An automaton that can only begin at the start need not read on.
    fn anchored(&self) -> Anchored {
        let start = self.inner.dfa.get_nfa().is_always_start_anchored();
        if start { Anchored::Yes } else { Anchored::No }
    }

    /// The memory that this takes, in bytes, caches aside.
    pub(crate) fn memory_usage(&self) -> usize {
        self.inner.dfa.memory_usage() + self.inner.dfa.get_nfa().memory_usage()
    }
}

impl fmt::Debug for LazyDfa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyDfa").field("expressions", &self.inner.dfa.pattern_len()).finish()
    }
}
