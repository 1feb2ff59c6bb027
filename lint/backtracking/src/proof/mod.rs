//! From an ambiguity to an attack that is proved to work.

mod case;
mod culprit;
mod fidelity;
mod growth;
#[cfg(test)]
mod known_growth;
mod suffix;
mod trials;

pub(crate) use case::Case;
