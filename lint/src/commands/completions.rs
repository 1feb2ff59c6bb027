//! `sigcheck completions`: for the shell.

use clap::CommandFactory;

use super::Cli;
use crate::{Failure, Verdict};

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
    pub(super) fn run(self) -> Result<Verdict, Failure> {
        // Generated as a whole first: the generator panics on a closed pipe.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "sigcheck", &mut script);
        std::io::Write::write_all(&mut std::io::stdout().lock(), &script)?;
        Ok(Verdict::Fine)
    }
}
