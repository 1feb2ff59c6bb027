//! The law of the house: no file imports in a circle, a `mod.rs` or `lib.rs`
//! holds only `mod` and `use`, and no crate depends upwards.

mod check;
mod circles;
mod facades;
mod finding;
#[cfg(test)]
mod fixture;
mod floors;
mod imports;
mod names;
mod source;

pub(crate) use check::{StructureError, check};
