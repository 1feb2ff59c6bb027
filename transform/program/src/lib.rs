//! `vector-signatures`: recognises errors in a stream of logs and raises few,
//! true alerts.
//!
//! `main` is short: parse, build, run, drain. Each way to run has a folder.

mod alerts;
mod command_line;
mod delivery_args;
mod engine_args;
mod log;
mod notify_test;
mod outbox;
mod pipe;
mod reload;
mod rules;
mod serve;
mod signals;

use std::{io, path::PathBuf, process::ExitCode};

use clap::Parser;

/// Runs the command line of this process, and says how it should end.
#[must_use]
pub fn run() -> ExitCode {
    let colours = anstream::AutoStream::choice(&io::stderr());
    log::start(colours != anstream::ColorChoice::Never);
    match command_line::run(command_line::CommandLine::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has seen enough.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            anstream::eprintln!("error: {failure}");
            ExitCode::from(failure.exit_code())
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
    /// Alerts cannot be delivered.
    #[error("cannot deliver alerts: {0}")]
    Delivery(#[from] signatures_delivery::OpenError),
    /// The outbox refuses.
    #[error("cannot use the outbox: {0}")]
    Outbox(#[from] signatures_ledger::StoreError),
    /// There is nothing to look into.
    #[error("which outbox? Give its --state-dir, or set SIGNATURES_STATE_DIR")]
    NoStateDirectory,
    /// There is nothing to look into.
    #[error("there is no outbox: {} does not exist", path.display())]
    NoOutbox { path: PathBuf },
    /// There is nothing to send to.
    #[error("there is no sink `{sink}`; known here: {known}")]
    NoSuchSink { sink: String, known: String },
    /// A test alert did not arrive.
    #[error("{failed} of {of} sinks have not taken the test alert")]
    NotDelivered { failed: usize, of: usize },
}

impl Failure {
    fn exit_code(&self) -> u8 {
        match self {
            Self::NotDelivered { .. } => 1,
            _ => 2,
        }
    }
}
