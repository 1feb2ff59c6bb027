//! The command line of this process, from its start to its exit code.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::FromArgMatches;

use crate::{
    command_error::CommandError,
    command_line::{self, CommandLine},
    log,
};

/// Runs the command line of this process, and says how it should end.
#[must_use]
pub fn run() -> ExitCode {
    let colours = anstream::AutoStream::choice(&io::stderr());
    log::start(colours != anstream::ColorChoice::Never);
    let matches = CommandLine::shaped().get_matches();
    let parsed = CommandLine::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match command_line::run(parsed) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has seen enough.
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            // When even that cannot be told, the exit code does.
            let _ = writeln!(anstream::stderr(), "error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
