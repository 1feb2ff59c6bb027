//! `sigcheck`: keeps a taxonomy of error signatures healthy.
//!
//! Every command is a file in `commands`, every lint rule a file in `rules`,
//! every way to print findings a file in `report`.

mod command_error;
mod commands;
mod config;
mod exit_status;
mod files;
mod finding;
mod ignores;
mod logs;
mod parallel;
mod pattern;
mod program;
mod report;
mod rules;
mod validation;

pub use program::run;
#[cfg(fuzzing)]
pub use validation::survey;
