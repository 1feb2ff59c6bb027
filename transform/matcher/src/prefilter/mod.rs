//! Many literals, one text: which patterns have one of theirs in it?

mod candidates;
mod index;
mod literal;
mod marker;
mod windows;

pub(crate) use candidates::{Candidate, Candidates, TooMany};
pub(crate) use index::Index;
