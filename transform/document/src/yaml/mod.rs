//! YAML (and so JSON) as a tree that remembers where everything stood.
//!
//! A serde deserialiser stops at the first thing it does not like and forgets
//! how a scalar was quoted. A linter needs all problems at once and the exact
//! place of each, so both files that users write are read from this tree, which
//! is built on the event stream of `granit-parser`.

mod budget;
mod error;
mod explanation;
mod source;
mod span;
mod tree;
mod written;

pub use error::YamlError;
pub use source::{Position, Source};
pub use span::Span;
pub use tree::{Comment, Entry, Node, NodeKind, ScalarStyle, parse};
