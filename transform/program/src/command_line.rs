//! What can be asked of `vector-signatures`.

use clap::{CommandFactory, Parser, Subcommand};
use signatures_command_line::{Script, shaped};

use crate::{
    ask::{self, Asking, Observing, Silencing},
    command_error::CommandError,
    notify_test, operations, outbox, pipe, serve,
};

/// Recognise errors in a stream of logs, tag them, and raise few, true alerts.
#[derive(Debug, Parser)]
#[command(
    name = "vector-signatures",
    version,
    about,
    before_help = "\
Examples:
  vector-signatures pipe app.log                  tagged events, and alerts
  tail -F app.log | vector-signatures pipe > tagged.jsonl
  vector-signatures serve --forward http://127.0.0.1:6101
  vector-signatures notify-test                   does an alert arrive?",
    after_help = "\
Exit codes: 0 fine; 1 alerts were not delivered, or could not be kept in the state
directory; 2 wrong usage, or input or configuration that cannot be read."
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
    Operations(operations::Args),
    /// The top errors of a window: `errors 30m category=network unknown`
    Errors(Asking),
    /// The newest samples: `samples GROUP` or `samples SIGNATURE`
    Samples(Asking),
    /// How the process is, and what became of its alerts: `observe -v 24h`
    Observe(Observing),
    /// Recent alerts: `alerts 5 severity=high open`
    Alerts(Asking),
    /// The time line of an alert: `alert ID`
    Alert(Asking),
    /// The silences in force
    Silences(Asking),
    /// What a line would be: `classify 'read ECONNRESET'`
    Classify(Asking),
    /// Say that somebody is on it: `ack INCIDENT on it`
    Ack(Asking),
    /// Take an ack back: `unack INCIDENT`
    Unack(Asking),
    /// Say that it is over: `resolve INCIDENT`
    Resolve(Asking),
    /// Hold alerts back: `silence signature=NET_* 2h a deploy`
    Silence(Silencing),
    /// End a silence: `unsilence 3`
    Unsilence(Asking),
    #[command(flatten)]
    Script(Script),
}

impl CommandLine {
    /// What there is to ask, with the look that our programs share.
    pub(crate) fn shaped() -> clap::Command {
        shaped(Self::command())
    }
}

pub(crate) fn run(command_line: CommandLine) -> Result<(), CommandError> {
    match command_line.command {
        Command::Pipe(args) => pipe::run(args),
        Command::Serve(args) => serve::run(*args),
        Command::Outbox(args) => outbox::run(args),
        Command::NotifyTest(args) => notify_test::run(args),
        Command::Operations(args) => operations::run(args),
        Command::Errors(asking) => ask::run("errors", asking),
        Command::Samples(asking) => ask::run("samples", asking),
        Command::Observe(observing) => ask::observe(observing),
        Command::Alerts(asking) => ask::run("alerts", asking),
        Command::Alert(asking) => ask::run("alert", asking),
        Command::Silences(asking) => ask::run("silences", asking),
        Command::Classify(asking) => ask::run("classify", asking),
        Command::Ack(asking) => ask::run("ack", asking),
        Command::Unack(asking) => ask::run("unack", asking),
        Command::Resolve(asking) => ask::run("resolve", asking),
        Command::Silence(silencing) => ask::silence(silencing),
        Command::Unsilence(asking) => ask::run("unsilence", asking),
        Command::Script(script) => Ok(script.write(&mut CommandLine::shaped())?),
    }
}

#[cfg(test)]
mod tests {
    use signatures_command_line::{differences, oversize};

    use super::*;

    #[test]
    fn options_are_those_of_the_page() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/command-line.md");
        let page = std::fs::read_to_string(page).unwrap();
        assert_eq!(differences(&CommandLine::shaped(), &page), <[&str; 0]>::default());
    }

    #[test]
    fn short_help_fits_a_terminal() {
        assert_eq!(oversize(&CommandLine::shaped()), <[&str; 0]>::default());
    }
}
