//! `sigcheck completions`: for the shell.

use crate::{command_error::CommandError, exit_status::ExitStatus};

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  sigcheck completions bash > /etc/bash_completion.d/sigcheck")]
pub(super) struct Args {
    /// Which shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

impl Args {
    /// Prints the script for a command line.
    pub(super) fn run(self, cli: &mut clap::Command) -> Result<ExitStatus, CommandError> {
        // Generated as a whole first: the generator panics on a closed pipe.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, cli, "sigcheck", &mut script);
        std::io::Write::write_all(&mut std::io::stdout().lock(), &script)?;
        Ok(ExitStatus::Fine)
    }
}
