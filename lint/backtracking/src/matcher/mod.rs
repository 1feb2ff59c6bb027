//! A backtracking matcher that counts what it does.

mod program;
mod search;

pub(crate) use program::Program;
pub(crate) use search::{Effort, search};
