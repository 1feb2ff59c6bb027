//! The command line: one file per command.

mod classify;
mod cli;
mod explain;
mod replay;
mod rules;
mod schema;
mod test;
mod validate;
mod why;

pub(crate) use cli::{Cli, run};
