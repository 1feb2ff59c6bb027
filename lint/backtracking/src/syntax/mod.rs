//! The syntax tree that every dialect is parsed into.

mod class;
mod edges;
mod features;
mod node;

pub(crate) use class::{Class, Item, Named};
pub(crate) use edges::with_plain_edges;
pub(crate) use node::{Assertion, Kind, Mode, Node};
