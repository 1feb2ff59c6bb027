//! The program from end to end: arguments in, exit code out.

use std::{io::ErrorKind, process::ExitCode};

use clap::FromArgMatches;

use crate::{
    command_error::CommandError,
    commands::{self, Cli},
    standard_error::tell,
};

/// Runs the command line of this process, and says how it should end.
#[must_use]
pub fn run() -> ExitCode {
    let matches = Cli::shaped().get_matches();
    let parsed = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let ran = commands::refuse_both(&matches).and_then(|()| commands::run(parsed));
    match ran {
        Ok(status) => status.into(),
        // Whoever read the output has seen enough.
        Err(CommandError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            tell(format_args!("error: {error}"));
            ExitCode::from(2)
        }
    }
}
