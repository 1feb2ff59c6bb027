//! The commands, and what their help says of them together.

use clap::{CommandFactory, Parser, Subcommand};

use super::{classify, completions, explain, replay, rules, schema, test, validate};
use crate::{command_error::CommandError, exit_status::ExitStatus};

/// Check a taxonomy of error signatures, and see what it would do.
#[derive(Debug, Parser)]
#[command(
    name = "sigcheck",
    version,
    about,
    max_term_width = 100,
    after_help = "\
Exit codes: 0 fine; 1 findings, or a failed test; 2 wrong usage, or input that cannot be read.

Examples:
  sigcheck validate                                 check config/ and say what is wrong
  sigcheck test                                     prove the taxonomy's own examples
  sigcheck classify 'read ECONNRESET'               what would this line be?
  sigcheck replay app.log.gz                        what would have been alerted?"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Validate(validate::Args),
    Test(test::Args),
    Classify(classify::Args),
    Replay(replay::Args),
    Rules(rules::Args),
    Explain(explain::Args),
    Schema(schema::Args),
    Completions(completions::Args),
}

pub(crate) fn run(cli: Cli) -> Result<ExitStatus, CommandError> {
    match cli.command {
        Command::Validate(args) => args.run(),
        Command::Test(args) => args.run(),
        Command::Classify(args) => args.run(),
        Command::Replay(args) => args.run(),
        Command::Rules(args) => args.run(),
        Command::Explain(args) => args.run(),
        Command::Schema(args) => args.run(),
        Command::Completions(args) => args.run(&mut Cli::command()),
    }
}
