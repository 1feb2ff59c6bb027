//! The commands, and what their help says of them together.

use clap::{ArgMatches, CommandFactory, Parser, Subcommand, parser::ValueSource};
use signatures_command_line::{Script, shaped};

use super::{classify, explain, init, replay, rules, schema, test, validate};
use crate::{command_error::CommandError, exit_status::ExitStatus};

/// Check a taxonomy of error signatures, and see what it would do.
#[derive(Debug, Parser)]
#[command(
    name = "sigcheck",
    version,
    about,
    before_help = "\
Examples:
  sigcheck init                             a taxonomy to begin with
  sigcheck validate                         what is wrong with config/?
  sigcheck test                             do the taxonomy's examples hold?
  sigcheck classify 'read ECONNRESET'       what would this line be?
  sigcheck replay app.log.gz                what would have been alerted?",
    after_help = "\
Exit codes: 0 fine; 1 findings, or a failed test; 2 wrong usage, or input that
cannot be read."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Validate(validate::Args),
    Test(test::Args),
    Classify(classify::Args),
    Replay(replay::Args),
    Rules(rules::Args),
    Explain(explain::Args),
    Schema(schema::Args),
    #[command(flatten)]
    Script(Script),
}

impl Cli {
    /// What there is to ask, with the look that our programs share.
    pub(crate) fn shaped() -> clap::Command {
        shaped(Self::command())
    }
}

/// Refuses what a command would pass over in silence: `--taxonomy` or `--alerts`
/// beside the files in whose place they stand. What a variable says is no slip.
pub(crate) fn refuse_both(matches: &ArgMatches) -> Result<(), CommandError> {
    let Some((name, sub)) = matches.subcommand() else { return Ok(()) };
    let in_place_of_files: &[&str] = match name {
        "validate" => &["taxonomy", "alerts"],
        "test" => &["taxonomy"],
        _ => &[],
    };
    let said = |id: &str| sub.value_source(id) == Some(ValueSource::CommandLine);
    match in_place_of_files.iter().find(|id| said("files") && said(id)) {
        Some(id) => Err(CommandError::Usage(format!(
            "--{id} is what is looked at where no FILE is named; name the files, or use --{id}"
        ))),
        None => Ok(()),
    }
}

pub(crate) fn run(cli: Cli) -> Result<ExitStatus, CommandError> {
    match cli.command {
        Command::Init(args) => args.run(),
        Command::Validate(args) => args.run(),
        Command::Test(args) => args.run(),
        Command::Classify(args) => args.run(),
        Command::Replay(args) => args.run(),
        Command::Rules(args) => args.run(),
        Command::Explain(args) => args.run(),
        Command::Schema(args) => args.run(),
        Command::Script(script) => {
            script.write(&mut Cli::shaped())?;
            Ok(ExitStatus::Fine)
        }
    }
}

#[cfg(test)]
mod tests {
    use signatures_command_line::{differences, oversize};

    use super::*;

    #[test]
    fn options_are_those_of_the_page() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/command-line.md");
        let page = std::fs::read_to_string(page).unwrap();
        assert_eq!(differences(&Cli::shaped(), &page), <[&str; 0]>::default());
    }

    #[test]
    fn short_help_fits_a_terminal() {
        assert_eq!(oversize(&Cli::shaped()), <[&str; 0]>::default());
    }

    #[test]
    fn help_offers_built_in_rules_where_there_are_any() {
        let cli = Cli::shaped();
        for (command, built_in) in
            [("validate", false), ("test", false), ("classify", true), ("replay", true)]
        {
            let help = cli.find_subcommand(command).unwrap().clone().render_help().to_string();
            assert_eq!(help.contains("built in"), built_in, "{command}: {help}");
        }
    }
}
