//! The program from end to end: arguments in, exit code out.

use std::{io::ErrorKind, process::ExitCode};

use clap::FromArgMatches;

use crate::{
    command_error::CommandError,
    commands::{self, Cli},
};

/// Runs the command line of this process, and says how it should end.
#[must_use]
pub fn run() -> ExitCode {
    let matches = Cli::shaped().get_matches();
    let parsed = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match commands::run(parsed) {
        Ok(status) => status.into(),
        // Whoever read the output has seen enough.
        Err(CommandError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
