//! `vector-signatures notify-test`: does an alert arrive?

use std::io::{self, Write};

use jiff::Timestamp;
use signatures_command_line::RulesArgs;
use signatures_operations::{SinkAnswer, notify_test};

use crate::{
    bootstrap::Bootstrap, command_error::CommandError, delivery_args::SinkArgs,
    engine_args::EngineArgs,
};

/// Send a test alert to the sinks, and tell what each answered
#[derive(Debug, clap::Args)]
#[command(
    before_help = "\
Examples:
  vector-signatures notify-test
  SIGNATURES_SLACK_WEBHOOK_URL=https://… vector-signatures notify-test slack",
    after_help = "\
The alert goes straight to the sinks, whatever routes and minimum severities
say, and is not repeated. Exits with 1 when any sink has not taken it."
)]
pub(crate) struct Args {
    /// The name of the sink [default: all]
    #[arg(value_name = "SINK")]
    sink: Option<String>,

    #[command(flatten)]
    rules: RulesArgs,

    #[command(flatten)]
    sinks: SinkArgs,
}

pub(crate) fn run(args: Args) -> Result<(), CommandError> {
    let engine = EngineArgs::of(args.rules);
    let configuration = Bootstrap::read(&engine, &args.sinks)?.current().get();
    let sinks = &configuration.settings.delivery;
    let answers = notify_test(sinks, args.sink.as_deref(), Timestamp::now())?;
    let mut out = io::stdout().lock();
    for SinkAnswer { sink, answer } in &answers {
        let line = match answer {
            Ok(answer) => format!("{sink}: delivered: {answer}"),
            Err(reason) => format!("{sink}: NOT delivered: {reason}"),
        };
        writeln!(out, "{}", line.trim_end()).map_err(CommandError::Output)?;
    }
    match answers.iter().filter(|answer| answer.answer.is_err()).count() {
        0 => Ok(()),
        failed => Err(CommandError::NotDelivered { failed, of: answers.len() }),
    }
}
