//! A pattern as it is written in a file: its text, its syntax, its place.
//!
//! Rules look at one pattern at a time through [`WrittenPattern`], which knows
//! how to point at a part of it and how to replace that part.

mod change;
mod lines;
mod tokens;
mod written;

pub(crate) use change::Change;
pub(crate) use lines::relation;
pub(crate) use tokens::{Token, TokenKind, closing, tokens};
pub(crate) use written::WrittenPattern;
