//! Many patterns, one text: which is the first that matches?
//!
//! ```
//! use signatures_matcher::{Matcher, Pattern};
//!
//! let patterns = ["ECONNRESET|socket hang up", r"exited with code [1-9]\d*", "broken pipe|499"];
//! let patterns: Result<Vec<_>, _> = patterns.into_iter().map(Pattern::compile).collect();
//! let matcher = Matcher::new(patterns?);
//!
//! assert_eq!(matcher.scan("worker exited with code 137: Broken pipe").first, Some(1));
//! assert_eq!(matcher.scan("GET /health 200").first, None);
//! # Ok::<(), signatures_matcher::PatternError>(())
//! ```
//!
//! # What it promises
//! The order of the patterns is their priority, and [`Matcher::scan`] says what a
//! plain loop over them would say, which takes the first that is found:
//!
//! ```
//! # use signatures_matcher::{Matcher, Pattern, PatternError, Search};
//! # fn main() -> Result<(), PatternError> {
//! # let matcher = Matcher::new(vec![Pattern::compile("reset")?, Pattern::compile("by peer")?]);
//! # let text = "connection closed by peer";
//! let first = matcher.patterns().iter().position(|p| p.search(text) == Search::Found);
//! assert_eq!(matcher.scan(text).first, first);
//! # Ok(())
//! # }
//! ```
//!
//! A backtracking pattern that gives up at its step limit counts as not found,
//! there as here; the matcher may be spared such a search, never the other way
//! round. Its time is linear in the text, whoever wrote it. It is immutable, and to be
//! shared between threads. `tests/differential.rs` holds it to all this
//! on random patterns and texts.
//!
//! # How
//! Almost no line of a log matches anything, so what counts is how fast that is
//! known. From each pattern are taken [`literals`] of which a match must contain
//! one; one vectorised pass looks for all of them. A text without any is done with.
//! Otherwise the few patterns that it puts forward are confirmed in order of
//! priority, unless their literals are exact, which is all that the pattern says;
//! and the first that matches is the answer. Patterns without a good literal go
//! into one automaton that reads every text. Backtracking patterns come last, and
//! only those that would still change the answer.
//!
//! A pattern is not run only when its literals are absent, and then it cannot
//! match; or when one before it has matched. Whatever is run is run as in the plain
//! loop, only not on places where its literals show that no match can be: further
//! from them than its matches are long, or, where each match begins with one,
//! before the first.
//!
//! # What it costs
//! Figures are of lines of 150 bytes on a Zen 4; `bench/` in the repository measures
//! them beside others.
//! - *To compile*: thirty to a hundred microseconds a pattern. Automata are built
//!   when a text first needs them.
//! - *Memory*: about 600 bytes a pattern ([`Matcher::memory_usage`] tells the part of
//!   the literals). Automata come on top, of patterns that were run: mostly some
//!   kilobytes each, up to [`SIZE_LIMIT`], and up to a mebibyte of states in each thread
//!   that runs it. Together they take no more than [`AUTOMATA_LIMIT`] in a process:
//!   past it, those that were not needed lately are discarded, and built again when a
//!   text needs them; [`automata`] tells how often. Two kinds are outside of that and
//!   stay with the matcher, since they take long to build; only their states count: the
//!   patterns without literals together, in automata of up to 256 MiB, and those for the
//!   worst texts, below. [`Matcher::memory_usage`] tells both.
//! - *A text*: a fifth of a nanosecond a byte with ten patterns, two fifths with ten
//!   thousand (AVX-512; more with AVX2 and SSSE3, and still more elsewhere). One
//!   pattern without literals makes every text cost what an automaton takes to read
//!   it, ten times that; [`Pattern::has_literals`] tells.
//! - *The worst text*: one that puts more than two dozen patterns forward, or a long
//!   one that these would read more than four times, or one full of near misses, goes
//!   through automata of all patterns, which care little what it is made of. Where
//!   those would be too large (64 MiB each, or of more than 4,000 patterns), or the
//!   text keeps them building states, the patterns that it puts forward are run after
//!   all, however many.
//!
//! # When not to use it
//! - To know *all* patterns that match: `regex::RegexSet` says so in one pass.
//! - To know *where* a pattern matches, or what its groups capture: run a `Regex` of it
//!   on the few texts in which it is first.
//! - For texts that come in pieces, or are not UTF-8. Hyperscan takes both, and reports
//!   every match; it may be five times as fast on long texts full of near misses. It is
//!   a C++ library, takes seconds to compile thousands of patterns, and half to a third
//!   as fast on lines that match nothing.
//! - For patterns that have no words in them. There is nothing to look for, and what is
//!   left is an automaton.
//!
//! # Sources
//! Which literals a match must contain: RE2's `FilteredRE2` and the inner literals
//! of ripgrep. Looking for them: Teddy, by Geoffrey Langdale for Hyperscan, but with a
//! hash table behind it in place of its buckets, and with windows chosen anywhere in a
//! literal. The automata are the lazy DFA and the Pike VM of `regex-automata`; the
//! backtracking engine is `fancy-regex`.

mod budget;
mod engine;
mod error;
mod fallback;
mod lazy_dfa;
mod limits;
pub mod literals;
mod matcher;
mod occurrences;
mod overapproximate;
mod pattern;
mod pattern_union;
mod prefilter;
mod scan;
mod size_bound;
mod slot;
mod syntax;
mod underapproximate;

pub use budget::{Automata, automata};
pub use error::{PatternError, PatternErrorKind};
pub use limits::{
    AUTOMATA_LIMIT, BACKTRACKING_SIZE_LIMIT, CLASSES_LIMIT, LENGTH_LIMIT, LONG_TEXT,
    LONG_TEXT_STEP_LIMIT, NEST_LIMIT, SIZE_LIMIT, STEP_LIMIT,
};
pub use matcher::Matcher;
pub use pattern::{Pattern, Search};
pub use scan::Scan;
