//! `vector-signatures pipe`: lines in, tagged lines out, alerts to the side.
//!
//! One thread reads, one judges and writes, with a short queue between them, so
//! memory stays the same however long the input and however slow the output.

mod input;
mod lines;
mod long_line;
mod stage;

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::mpsc::{self, RecvTimeoutError},
    time::{Duration, Instant},
};

use self::{input::Message, lines::Lines, stage::Stage};
use crate::{
    Failure,
    alerts::{self, Alerts},
    delivery_args::DeliveryArgs,
    engine_args::EngineArgs,
    reload::{self, CurrentRules},
    rules::RuleFiles,
    signals,
};

/// How long the end may wait for sinks to take what is queued.
const DRAIN: Duration = Duration::from_secs(10);

/// Tag the errors in a stream of log lines, and raise alerts
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each line is a JSON object or plain text. What survives leaves on standard output as JSON, one
object a line: known noise is dropped, a known error gets error_category, error_signature,
error_policy, error_severity, error_summary and error_fingerprint, the rest passes as it came; a
plain line becomes {\"message\": …}. Alerts go to the sinks of the alert settings and of the
environment, or else to standard error.

SIGHUP reads taxonomy and alert settings anew; SIGTERM finishes what was read, and ends.

Examples:
  vector-signatures pipe examples/samples.log
  journalctl -f -o cat | vector-signatures pipe --shadow > tagged.jsonl")]
pub(crate) struct Args {
    /// The logs [default: standard input]
    #[arg(value_name = "FILE")]
    logs: Vec<PathBuf>,

    #[command(flatten)]
    engine: EngineArgs,

    #[command(flatten)]
    delivery: DeliveryArgs,

    /// Print no summary at the end
    #[arg(long, short)]
    quiet: bool,
}

pub(crate) fn run(args: Args) -> Result<(), Failure> {
    let files = RuleFiles::new(&args.engine, &args.delivery);
    let texts = files.read()?;
    let current = CurrentRules::new(files.compile(&texts)?);
    let inputs = input::find(&args.logs)?;
    let rules = current.get();
    let alerts = match args.engine.aggregate() {
        true => {
            let state_dir = args.delivery.state_dir.as_deref();
            Some(Alerts::open(&rules, args.engine.shadow(), state_dir)?)
        }
        false => None,
    };
    let mut stage = Stage::new(current.handle(), alerts);
    tracing::info!(
        mode = args.engine.mode(),
        files = files.describe(),
        signatures = rules.classifier.taxonomy().signatures.len(),
        sinks = rules.delivery.sink_names(),
        "started"
    );
    drop(rules);

    let (messages, received) = mpsc::sync_channel(input::QUEUED_BLOCKS);
    let (wake, woken) = mpsc::channel();
    let stop = messages.clone();
    signals::listen(wake, move || drop(stop.send(Message::Stop))).map_err(Failure::Setup)?;
    let period = args.engine.reload_period();
    let watched = std::sync::Arc::clone(&current);
    spawn("reload", move || reload::watch(&files, texts, &watched, period, &woken))?;
    spawn("input", move || input::read(inputs, &messages))?;

    let start = Instant::now();
    let mut lines = Lines::new(io::stdout().lock());
    let ended = pump(&received, &mut lines, &mut stage);
    // Alerts that were decided are delivered however it ended.
    stage.shut_down(DRAIN);
    match ended {
        // Whoever read the output has seen enough.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
        Err(failure) => return Err(failure),
        Ok(()) => {}
    }
    if !args.quiet {
        let summary = stage.summary(start.elapsed(), current.reloads());
        let _ = writeln!(io::stderr().lock(), "{summary}");
    }
    Ok(())
}

/// Judges what is read until it ends, or somebody asks to stop.
fn pump(
    received: &mpsc::Receiver<Message>,
    lines: &mut Lines<impl Write>,
    stage: &mut Stage,
) -> Result<(), Failure> {
    loop {
        // Nothing is waiting: whoever reads the output should not either.
        let message = match received.try_recv() {
            Ok(message) => message,
            Err(_) => {
                lines.flush().map_err(Failure::Output)?;
                match received.recv_timeout(alerts::SAVE_EVERY) {
                    Ok(message) => message,
                    Err(RecvTimeoutError::Disconnected) => Message::Stop,
                    Err(RecvTimeoutError::Timeout) => {
                        stage.deliver();
                        continue;
                    }
                }
            }
        };
        match message {
            Message::Bytes(bytes) => lines.push(&bytes, stage),
            Message::EndOfInput => lines.end(stage),
            Message::Failed { name, error } => {
                lines.end(stage).map_err(Failure::Output)?;
                return Err(Failure::Input { name, error });
            }
            Message::Stop => {
                return lines.end(stage).and_then(|()| lines.flush()).map_err(Failure::Output);
            }
        }
        .map_err(Failure::Output)?;
        stage.deliver();
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(work).map(drop).map_err(Failure::Setup)
}
