//! `vector-signatures`: recognises errors in a stream of logs and raises few,
//! true alerts.
//!
//! `main` is short: parse, build, run, drain. Each way to run has a folder.

mod command_line;
mod console;
mod engine_args;
mod pipe;
mod reload;
mod rules;
mod serve;
mod signals;
pub mod wire;

use std::{io, process::ExitCode};

use clap::Parser;

/// Runs the command line of this process, and says how it should end.
#[must_use]
pub fn run() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(console::stderr_is_coloured())
        .with_target(false)
        .init();
    match command_line::run(command_line::CommandLine::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            anstream::eprintln!("error: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Why a command could not start, or had to stop.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// The taxonomy or the alert settings cannot be used.
    #[error("{0}")]
    Rules(#[from] rules::RulesError),
    /// A log cannot be read.
    #[error("cannot read {name}: {error}")]
    Input { name: String, error: io::Error },
    /// The output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    /// The relay cannot start, or stopped.
    #[error("{0}")]
    Serve(#[from] serve::ServeError),
    /// The process cannot be set up.
    #[error("cannot start: {0}")]
    Setup(io::Error),
}
