//! The extended canonical text: what is left of an error without its variables.
//!
//! A pure function of the text: no training, no state, the same on every node.
//! It is part of the [group](crate::GroupId), and so a contract with applications
//! that compute it themselves: `schemas/group_vectors.json` pins it, and
//! `docs/grouping.md` says every rule.
//!
//! A text goes through `lines` (which line of several says it), `header` (time,
//! level and whatever stands in front go), and `scan`, which reads one `chunk`
//! after another and has the `writer` write words, and one `*` for each run of
//! variables. The `shape` of a variable names the rule by which it is one.

mod chunk;
mod clock;
mod ends;
mod header;
mod key;
mod lines;

mod pieces;
mod roles;
mod scan;
mod shape;
mod symbols;
mod text;
mod writer;

pub use shape::Shape;
pub(crate) use text::has_words;
pub use text::{Buffer, MAX_CHARS, Step, extended, extended_in, redacted_extended, steps};
