//! The two files that a user writes: found, read, told apart.

mod arguments;
mod folder;
mod kind;
mod reading;

pub(crate) use arguments::FileArguments;
pub(crate) use folder::within;
pub(crate) use kind::FileKind;
#[cfg(fuzzing)]
pub(crate) use reading::source;
pub(crate) use reading::{Input, read};
