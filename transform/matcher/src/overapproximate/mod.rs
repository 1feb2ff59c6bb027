//! Expressions that match wherever another one does, and perhaps elsewhere,
//! but are smaller or easier to reason about.
//!
//! What an overapproximation does not match, the original cannot; what it
//! matches is to be confirmed by the original.

mod conditions;
mod unicode_classes;

pub(crate) use conditions::{Unknown, look, parse, without_conditions};
pub(crate) use unicode_classes::with_small_classes;
