//! `sigcheck`: keeps a taxonomy of error signatures healthy.
//!
//! Every command is a file in `commands`, every lint rule a file in `rules`,
//! every way to print findings a file in `report`. What is here for others is
//! [`run`], the whole program; `README.md` says how to use it.
//!
//! # What it promises
//! - The same files give the same output, on any number of cores: what is decided by
//!   search has a budget of counted steps, never of time, and what is not found out
//!   within it is said, as information.
//! - No file is so broken that nothing is said of the rest, and none makes it panic
//!   or run without end: `lint/fuzz` holds it to that.
//! - It changes a file only when told to (`--fix`), and only by edits after which it
//!   reads at least as well as before. It opens no connection.
//!
//! # What it costs
//! A file is parsed once, and of an edited one only new patterns are compiled. Rules
//! that look at one pattern take microseconds of each; most time goes to comparing the
//! patterns with each other, in `sigcheck-language`, and to the search for attacks, in
//! `sigcheck-backtracking`. `bench/validate` has a taxonomy of any size to measure with.
//!
//! # Sources
//! That a rule's page is the head of its file, and the list of rules a plain list, is
//! learnt from ruff; findings for programs are SARIF 2.1.0 of OASIS.

mod alert_tests;
mod cache;
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
mod scalar_edit;
mod standard_error;
mod validation;

pub use program::run;
#[cfg(fuzzing)]
pub use validation::survey;
