//! The tasks of whoever works on vector-signatures, each one command:
//! `cargo xtask TASK`. CI runs the same: `.ci/run`.

mod apart;
mod command;
mod deny;
mod files;
mod kubernetes;
mod links;
mod named_tests;
mod outcome;
mod package;
mod packages;
mod settings;
mod snapshots;
mod structure;
mod tasks;

use std::process::ExitCode;

use clap::Parser;
use outcome::Outcome;

fn main() -> ExitCode {
    match tasks::run(tasks::CommandLine::parse()) {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(2)
        }
    }
}
