//! Looking at files with all rules, and mending what can be mended.

mod blocks;
mod check;
mod fix;
mod read_back;
mod read_file;
#[cfg(fuzzing)]
mod survey;

pub(crate) use check::check;
pub(crate) use fix::{Wanted, fixed};
pub(crate) use read_file::ReadFile;
#[cfg(fuzzing)]
pub use survey::survey;
