//! The two files that a user writes: found, read, told apart.

mod arguments;
mod folder;
mod kind;
mod reading;
mod relay;
mod schemas;
mod standard_input;

pub(crate) use arguments::{FileArguments, NO_FILES, usable_taxonomy};
pub(crate) use folder::within;
pub(crate) use kind::FileKind;
pub(crate) use reading::{Input, read};
pub(crate) use relay::read_relay;
pub(crate) use schemas::{ALERTS_SCHEMA, RELAY_SCHEMA};
pub(crate) use standard_input::standard_input;
