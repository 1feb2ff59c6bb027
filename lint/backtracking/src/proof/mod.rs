//! From an ambiguity to an attack that is proved to work.

mod case;
mod culprit;
mod fidelity;
mod growth;
mod suffix;
mod trials;

pub(crate) use case::Case;
