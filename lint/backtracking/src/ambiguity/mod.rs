//! Where an automaton can read the same text in several ways, and how many.
//!
//! The criteria are those of Weber and Seidl ("On the degree of ambiguity of
//! finite automata", 1991), as Weideman et al. ("Analyzing matching time
//! behavior of backtracking regular expression matchers by using ambiguity of
//! NFA", CIAA 2016) carry them over to backtracking:
//!
//! - *exponential* (EDA): some state returns to itself along two different
//!   paths that read the same word;
//! - *polynomial* (IDA): some word loops at a state `p`, loops at a state `q`,
//!   and leads from `p` to `q`. Each such pair adds one to the degree, and pairs
//!   add up along a path through the automaton.
//!
//! The state before the match is one of the states, so what an unanchored
//! search adds is found like any other pair.

mod components;
mod examination;
mod exponential;
mod fuel;
mod mixing;
mod palette;
mod paths;
mod polynomial;
mod suspect;

pub(crate) use examination::Examination;
pub(crate) use fuel::{Fuel, OutOfFuel};
pub(crate) use palette::Palettes;
pub(crate) use polynomial::Pair;
pub(crate) use suspect::{Stretch, Suspect};
