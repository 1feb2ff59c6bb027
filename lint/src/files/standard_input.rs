//! What is read where nothing is named.

use std::io::{IsTerminal, stdin};

use crate::command_error::CommandError;

/// The name of standard input, unless that is a terminal: who sits there has
/// forgotten something.
pub(crate) fn standard_input() -> Result<&'static str, CommandError> {
    match stdin().is_terminal() {
        false => Ok("-"),
        true => Err(CommandError::Usage(
            "name what to read, or give it on standard input; `--help` has examples".to_owned(),
        )),
    }
}
