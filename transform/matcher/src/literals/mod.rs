//! Plain texts that every match of a pattern contains, for those who analyse
//! patterns as the matcher does.
//!
//! # The idea
//! Most patterns hold a stretch of plain text: `gunicorn.*worker timeout` can
//! match no text without `worker timeout`. Looking for such stretches, of all
//! patterns at once, is far cheaper than running the patterns, and the text
//! that has none of them is done with.
//!
//! # What is promised
//! Of each set that [`required()`] returns, the [`folded`] text of every match
//! contains at least one literal; so a text that contains none of a set does
//! not match. Nothing is promised the other way round. How many sets there are
//! and which literals they hold may change from version to version.
//!
//! # Sources
//! RE2's `FilteredRE2` (Russ Cox, "Regular Expression Matching with a Trigram
//! Index", 2012) and the inner literals of ripgrep. Unlike these, the matcher
//! knows when a literal is all that its pattern says (an *exact* one), and then
//! need not run the pattern at all.

mod case;
mod extract;
mod frequency;
mod required;
mod set;

pub(crate) use case::fold;
pub use case::{fold_char, folded};
pub use extract::required;
pub(crate) use frequency::{byte_frequency, text_frequency};
pub(crate) use required::{Required, choose};
pub use set::Literals;
