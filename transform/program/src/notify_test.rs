//! `vector-signatures notify-test`: does an alert arrive?

use std::io::{self, Write};

use jiff::Timestamp;
use signatures_delivery::notify_test;

use crate::{Failure, delivery_args::DeliveryArgs, engine_args::EngineArgs, rules::RuleFiles};

/// Send a marked test alert to the sinks, and tell what each answered
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The alert goes straight to the sinks, whatever routes and minimum severities say, and is not
repeated. Exits with 1 when any sink has not taken it.

Examples:
  vector-signatures notify-test
  SLACK_WEBHOOK_URL=https://hooks.slack.com/services/… vector-signatures notify-test slack")]
pub(crate) struct Args {
    /// The name of the sink [default: all]
    #[arg(value_name = "SINK")]
    sink: Option<String>,

    #[command(flatten)]
    engine: EngineArgs,

    #[command(flatten)]
    delivery: DeliveryArgs,
}

pub(crate) fn run(args: Args) -> Result<(), Failure> {
    let files = RuleFiles::new(&args.engine, &args.delivery);
    let config = files.compile(&files.read()?)?.delivery;
    let answers =
        notify_test(&config, args.sink.as_deref(), Timestamp::now()).map_err(Failure::Setup)?;
    if answers.is_empty() {
        let sink = args.sink.unwrap_or_default();
        return Err(Failure::NoSuchSink { sink, known: config.sink_names() });
    }
    let mut out = io::stdout().lock();
    let mut failed = 0;
    for (sink, answer) in &answers {
        let line = match answer {
            Ok(accepted) => format!("{sink}: delivered: {}", accepted.answer),
            Err(error) => {
                failed += 1;
                format!("{sink}: NOT delivered: {error}")
            }
        };
        writeln!(out, "{}", line.trim_end()).map_err(Failure::Output)?;
    }
    if failed > 0 { Err(Failure::NotDelivered { failed, of: answers.len() }) } else { Ok(()) }
}
