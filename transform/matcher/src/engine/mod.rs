//! What runs one pattern: the engine that its syntax needs.

mod backtracking;
mod fault;
mod linear;
mod survey;

pub(crate) use backtracking::Backtracking;
pub(crate) use linear::{Linear, Traits};
