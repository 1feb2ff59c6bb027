//! Reads a pattern as one of the backtracking engines would.
//!
//! One recursive descent reads every dialect; where they differ it asks a
//! `Grammar`, of which `python`, `pcre2`, `javascript` and
//! `rust` each hold one. What the engine would refuse is refused here too, since a
//! pattern that cannot run cannot blow up.

mod census;
mod class;
mod cursor;
mod error;
mod escape;
mod flag;
mod grammar;
mod group;
mod javascript;
mod parse;
mod pcre2;
mod python;
mod quantifier;
mod reference;
mod rust;
mod scope;
mod sequence;

pub(crate) use error::ParseError;
pub(crate) use parse::{Parsed, parse};
