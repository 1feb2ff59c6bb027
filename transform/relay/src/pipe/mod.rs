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
    sync::mpsc,
    time::Instant,
};

use self::{input::Message, lines::Lines, stage::Stage};
use crate::{
    Failure,
    engine_args::EngineArgs,
    reload::{self, CurrentRules},
    rules::RuleFiles,
    signals,
};

/// Tag the errors in a stream of log lines, and raise alerts
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each line is a JSON object or plain text. What survives leaves on standard output as JSON, one
object a line: known noise is dropped, a known error gets error_category, error_signature,
error_policy, error_severity, error_summary and error_fingerprint, the rest passes as it came; a
plain line becomes {\"message\": …}. Alerts go to standard error.

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

    /// Print no summary at the end
    #[arg(long, short)]
    quiet: bool,
}

pub(crate) fn run(args: Args) -> Result<(), Failure> {
    let files = RuleFiles::new(&args.engine);
    let texts = files.read()?;
    let current = CurrentRules::new(files.compile(&texts)?);
    let inputs = input::open(&args.logs)?;
    let mut stage = Stage::new(current.handle(), args.engine.aggregate(), args.engine.shadow());
    tracing::info!(
        mode = stage.mode(),
        files = files.describe(),
        signatures = current.get().classifier.taxonomy().signatures.len(),
        sinks = "console",
        "started"
    );

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
                received.recv().unwrap_or(Message::Stop)
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
    }
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(work).map(drop).map_err(Failure::Setup)
}
