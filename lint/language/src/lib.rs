//! What patterns can find, decided on automata.
//!
//! A pattern is a regular language, so whether it finds everything that another
//! one finds, or whether a text exists that both find, can be decided rather than
//! guessed. The answer comes with a text that proves it:
//!
//! ```
//! use sigcheck_language::Relation;
//! use signatures_matcher::Pattern;
//!
//! let general = Pattern::compile("ECONNRESET|socket hang up")?.hir().expect("it is linear");
//! let special = Pattern::compile("redis: read ECONNRESET")?.hir().expect("it is linear");
//! let relation = Relation::between(&general, &special)?;
//! // Whatever the special one finds, the general one finds too.
//! assert_eq!(relation.only_second, None);
//! assert_eq!(relation.only_first.as_deref(), Some("econnreset"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it promises
//! - An answer is exact, `\b`, `^` and `$` in Unicode included, for the pattern as a
//!   syntax tree of `regex-syntax`, searched for anywhere in a line: texts have no
//!   line feed. A witness is the shortest there is, of characters that read well.
//! - Of a pattern with look-around or back-references the tree that
//!   [`Pattern::overapproximate`](signatures_matcher::Pattern::overapproximate) gives
//!   takes more than the pattern does, and that of
//!   [`Pattern::underapproximate`](signatures_matcher::Pattern::underapproximate) less.
//!   [`Relations`] allows for that: what it says of such a pattern holds for both or is
//!   confirmed by the pattern's own engine, or it says nothing. Its witnesses need not be
//!   the shortest.
//! - The same question always gets the same answer. Work is bounded by counted steps,
//!   never by the clock; past them the answer is [`OutOfBudget`], not a guess.
//! - It starts no threads. [`Comparison`] cuts its work into shares for the caller's.
//!
//! # What it costs
//! A question takes some microseconds for patterns as people write them, and at most
//! a million steps of some tens of nanoseconds. A list of patterns gets 60 million; what
//! was not compared within these is said. To compare `n` patterns, each with all others, takes no
//! `n²` questions: a pattern can only be found in what another one spells out if the
//! plain text that it requires can be there, which is looked up; some texts of each are
//! tried on the others before any automaton is asked; and one that an earlier one
//! shadows is compared no further. 300 patterns of a few thousand places each, as those of
//! logstash, take about a second.
//!
//! # When not to use it
//! To match texts: `signatures-matcher` and `regex-automata` do, a thousand times as
//! fast. For languages in which a match must span the text: questions here are those of
//! a search.
//!
//! # Sources
//! - K. Thompson, "Regular expression search algorithm" (1968): the automata. They
//!   read characters, not bytes, sorted into as few symbols as the classes in question
//!   tell apart, and know what stands on either side of a place.
//! - M. Rabin and D. Scott, "Finite automata and their decision problems" (1959): the
//!   subset construction, here only where a question leads, and walks over the product
//!   of two automata, breadth first.
//! - V. Glushkov, "The abstract theory of automata" (1961): the positions of a pattern,
//!   by which it is known where a plain text can be.
//! - M. De Wulf and others, "Antichains: A New Algorithm for Checking Universality of
//!   Finite Automata" (2006): which sets need not be looked at when one pattern finds
//!   all that another does.
//! - R. Cox, "Regular Expression Matching with a Trigram Index" (2012): looking patterns
//!   up by the text that they require. Which that is,
//!   [`signatures_matcher::literals`] says, so that the matcher and this crate agree.

mod alphabet;
mod branches;
mod budget;
mod characters;
mod comparison;
mod folding;
mod gaps;
mod nfa;
mod places;
mod positions;
mod questions;
mod relation;
mod required;
mod samples;
mod subsets;
mod texts;
mod walk;

pub use budget::OutOfBudget;
pub use comparison::{Compared, Comparison, PatternIndex, Relations, Shadowed, Share, Touch};
pub use questions::{misses_few, reads_any_character};
pub use relation::Relation;
