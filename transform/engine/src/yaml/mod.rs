//! YAML (and so JSON) as a tree that remembers where everything stood.
//!
//! A serde deserialiser stops at the first thing it does not like and forgets
//! how a scalar was quoted. A linter needs all problems at once and the exact
//! place of each, so both files that users write are read from this tree, which
//! is built on the event stream of `granit-parser`.

mod source;
mod tree;

pub(crate) use source::floor_char_boundary;
pub use source::{Position, Source};
pub use tree::{Comment, Entry, Node, NodeKind, ScalarStyle, YamlError, comments, parse};

/// A half-open range of bytes in a source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to, not including, `end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }
}
