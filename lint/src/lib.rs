//! `sigcheck`: keeps a taxonomy of error signatures healthy.
//!
//! Every command is a file in `commands`, every lint rule a file in `rules`,
//! every way to print findings a file in `report`.

mod choices;
mod commands;
mod files;
mod finding;
mod ignores;
mod language;
mod logs;
mod parallel;
mod pattern;
mod report;
mod rules;
mod validation;

#[cfg(fuzzing)]
pub use validation::survey;

use std::process::ExitCode;

use clap::Parser;

/// Runs the command line of this process, and says how it should end.
#[must_use]
pub fn run() -> ExitCode {
    match commands::run(commands::Cli::parse()) {
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::Findings) => ExitCode::from(1),
        Ok(Verdict::Incomplete) => ExitCode::from(2),
        // Whoever read the output has seen enough.
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            anstream::eprintln!("error: {failure}");
            ExitCode::from(2)
        }
    }
}

/// How a command that ran to its end turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Nothing to complain about.
    Fine,
    /// Findings, or a failed test.
    Findings,
    /// Some input could not be read, as was said on the way.
    Incomplete,
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// An input cannot be read.
    #[error("cannot read {name}: {error}")]
    Input { name: String, error: std::io::Error },
    /// The taxonomy or the alerts file cannot be used.
    #[error("{0}")]
    Unusable(#[from] signatures_document::Unusable),
    /// sigcheck.toml cannot be used.
    #[error("{name}: {message}")]
    Choices { name: String, message: String },
    /// What was asked for cannot be done.
    #[error("{0}")]
    Usage(String),
    /// The output cannot be written.
    #[error("cannot write: {0}")]
    Output(#[from] std::io::Error),
}
