//! The states of groups: in which format they are written, and the file that a
//! Vector with our transforms keeps them in.

mod file;
pub(crate) mod format;
mod kept;

pub use file::{GroupsFileError, read_groups, write_groups};
pub use format::FORMAT;
pub use kept::{KeptGroups, UnreadableGroup};
