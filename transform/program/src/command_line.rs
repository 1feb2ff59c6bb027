//! What can be asked of `vector-signatures`.

use clap::{CommandFactory, Parser, Subcommand};

use crate::{command_error::CommandError, notify_test, outbox, pipe, serve};

/// Recognise errors in a stream of logs, tag them, and raise few, true alerts.
#[derive(Debug, Parser)]
#[command(
    name = "vector-signatures",
    version,
    about,
    max_term_width = 100,
    after_help = "\
Exit codes: 0 fine; 1 a test alert was not delivered; 2 wrong usage, or input or configuration that cannot be read.

Examples:
  vector-signatures pipe examples/samples.log           tagged events out, alerts on stderr
  vector-signatures notify-test                         does an alert arrive?
  tail -F app.log | vector-signatures pipe > tagged.jsonl
  vector-signatures serve --forward http://127.0.0.1:6101"
)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Pipe(pipe::Args),
    Serve(Box<serve::Args>),
    Outbox(outbox::Args),
    NotifyTest(notify_test::Args),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

pub(crate) fn run(command_line: CommandLine) -> Result<(), CommandError> {
    match command_line.command {
        Command::Pipe(args) => pipe::run(args),
        Command::Serve(args) => serve::run(*args),
        Command::Outbox(args) => outbox::run(args),
        Command::NotifyTest(args) => notify_test::run(args),
        Command::Completions { shell } => {
            // Generated as a whole first: the generator panics on a closed pipe.
            let mut script = Vec::new();
            let mut command = CommandLine::command();
            clap_complete::generate(shell, &mut command, "vector-signatures", &mut script);
            std::io::Write::write_all(&mut std::io::stdout().lock(), &script)
                .map_err(CommandError::Output)
        }
    }
}
