//! The command line of this process, from its start to its exit code.

use std::{io, process::ExitCode};

use clap::FromArgMatches;
use signatures_alerts::legible::lines;

use crate::{
    command_error::CommandError,
    command_line::{self, CommandLine},
    log,
    standard_error::STANDARD_ERROR,
};

/// Runs the command line of this process, and says how it should end.
#[must_use]
pub fn run() -> ExitCode {
    let colours = anstream::AutoStream::choice(&io::stderr());
    log::start(colours != anstream::ColorChoice::Never);
    let matches = CommandLine::shaped().get_matches();
    let parsed = CommandLine::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let exit = match command_line::run(parsed) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the output has seen enough.
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            STANDARD_ERROR.tell(lines(&format!("error: {error}\n")).into_bytes());
            ExitCode::from(error.exit_code())
        }
    };
    // When even that cannot be told, the exit code does.
    STANDARD_ERROR.finish();
    exit
}
