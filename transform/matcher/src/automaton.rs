//! One or many regular expressions as one lazily built automaton.
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
use regex_syntax::hir::{Class, Hir, HirKind};

/// A compiled automaton: immutable, and cheap to share between threads.
#[derive(Clone)]
pub(crate) struct Automaton {
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

/// No less than what an expression's automaton takes, in bytes, and quickly
/// told: what it says is small need not be compiled to know that it is.
pub(crate) fn size_bound(expression: &Hir) -> usize {
    // To begin anywhere, and to end, takes some states as well.
    part_bound(expression).saturating_add(16 * STATE)
}

/// More than a state takes, without its transitions.
const STATE: usize = 64;
const TRANSITION: usize = 8;

fn part_bound(expression: &Hir) -> usize {
    let all = |parts: &[Hir]| parts.iter().map(part_bound).fold(STATE, usize::saturating_add);
    match expression.kind() {
        HirKind::Empty | HirKind::Look(_) => STATE,
        HirKind::Literal(literal) => STATE.saturating_mul(literal.0.len()),
        HirKind::Class(Class::Bytes(class)) => STATE + TRANSITION * class.ranges().len(),
        HirKind::Class(Class::Unicode(class)) => {
            let bytes: usize =
                class.iter().map(|range| utf8_bound(range.start(), range.end())).sum();
            STATE + (STATE + TRANSITION) * bytes
        }
        HirKind::Repetition(repetition) => {
            // One copy each, and one more for what repeats without end.
            let copies = repetition.max.unwrap_or(repetition.min).max(1) as usize + 1;
            copies.saturating_mul(part_bound(&repetition.sub).saturating_add(3 * STATE))
        }
        HirKind::Capture(capture) => part_bound(&capture.sub),
        HirKind::Concat(parts) => all(parts),
        HirKind::Alternation(branches) => {
            all(branches).saturating_add(branches.len() * (STATE + TRANSITION))
        }
    }
}

/// No less than the bytes in all the sequences of byte ranges that a range of
/// characters has in UTF-8: one sequence where only the last byte differs, and
/// for each byte more a beginning and an end that are not whole.
fn utf8_bound(start: char, end: char) -> usize {
    let same = |shift: u32| u32::from(start) >> shift == u32::from(end) >> shift;
    let sequences = match () {
        () if end.is_ascii() || same(6) && start.len_utf8() == end.len_utf8() => 1,
        () if same(12) && start.len_utf8() == end.len_utf8() => 3,
        // All lengths: 1 + 3 + 5 + 7, and the surrogates left out.
        () => 24,
    };
    sequences * end.len_utf8()
}

/// The expressions take more memory than allowed.
#[derive(Debug)]
pub(crate) struct TooLarge;

/// The automaton does not get on with a text.
#[derive(Debug)]
pub(crate) struct GaveUp;

impl Automaton {
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

impl fmt::Debug for Automaton {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Automaton").field("expressions", &self.inner.dfa.pattern_len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(pattern: &str) -> Option<Hir> {
        regex_syntax::ParserBuilder::new().case_insensitive(true).build().parse(pattern).ok()
    }

    #[test]
    fn what_is_said_to_be_small_is_small() {
        for pattern in [
            "",
            "a",
            r"\w",
            r"\W{3,}",
            r"\p{L}*é",
            ".",
            r"\pN|\pL|[^k]",
            r"[\u{7f}-\u{80}\u{7ff}-\u{800}\u{d7ff}-\u{e000}\u{ffff}-\u{10000}]",
            r"(?-u:\w)\b(a|bc|def){2,9}",
            "(((x?){0}y?){7})+",
        ] {
            let hir = parse(pattern).unwrap();
            assert!(Automaton::new(&[&hir], size_bound(&hir), 1 << 20).is_ok(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn the_bound_holds(pattern in r"([a-cé.]|\\[wdbs]|\[\^a\]|\(a\||\)|[*+?]|\{2,3\}){0,10}") {
            if let Some(hir) = parse(&pattern) {
                prop_assert!(Automaton::new(&[&hir], size_bound(&hir), 1 << 20).is_ok());
            }
        }
    }
}
