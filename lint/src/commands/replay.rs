//! `sigcheck replay`: what would have been alerted?
//!
//! The engine of the pipeline over old logs, by the logs' own times. Lines are
//! classified on all cores and aggregated in the order of time, so the result does not
//! depend on the number of threads.

mod classified;
mod engine;
mod merge;
mod report;
mod source;
mod sources;

use std::{
    num::NonZero,
    path::{Path, PathBuf},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;

use self::{engine::Replay, sources::Found};
use crate::{
    command_error::CommandError,
    exit_status::ExitStatus,
    files::{FileArguments, standard_input},
    logs::LogReader,
    standard_error::tell,
};

/// Show what would have been alerted on old logs
#[derive(Debug, clap::Args)]
#[command(
    before_help = "\
Examples:
  sigcheck replay app.log.2.gz app.log.1.gz app.log
  sigcheck replay /var/log/app
  sigcheck replay --alerts quiet.yml --format json app.log | jq .alerts",
    after_long_help = "\
Logs are plain or JSON lines, `-` is standard input; gzip, zstd, bzip2, xz and lz4 are unpacked,
UTF-16 is decoded. Times are the logs' own; a line without one takes the one before it. The lines of
several logs are taken in the order of their times, whatever order the logs are named in; of a
folder what is named as logs are is taken: *.log*, *.jsonl*, *.ndjson*, syslog*, messages*. Where a log cannot be read to its end, what could be
read is shown, and the exit code is 2."
)]
pub(super) struct Args {
    /// Logs, or folders of them; `-` is standard input
    #[arg(value_name = "FILE")]
    logs: Vec<PathBuf>,

    #[command(flatten)]
    config: FileArguments,

    /// How to print the result
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "pretty")]
    format: ReplayFormat,

    /// Whether lines that belong together are one event
    #[arg(long, value_enum, value_name = "auto|off", default_value = "auto")]
    multiline: When,

    /// How many threads classify [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

/// Whether lines are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum When {
    /// Where they belong together
    Auto,
    /// Never
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ReplayFormat {
    /// For people
    #[value(alias = "table")]
    Pretty,
    /// One JSON object
    Json,
}

impl Args {
    pub(super) fn run(mut self) -> Result<ExitStatus, CommandError> {
        if self.logs.is_empty() {
            self.logs.push(standard_input()?.into());
        }
        let now = Timestamp::now();
        let mut complete = true;
        let logs = sources::logs(std::mem::take(&mut self.logs), now, |path, error| {
            complete = false;
            tell(format_args!("error: {}", unreadable(path.display().to_string(), error)));
        })?;
        let files = self.config.files();
        let (classifier, settings) = self.config.load()?;
        let cores = || std::thread::available_parallelism().map_or(1, NonZero::get);
        let threads = self.threads.map_or_else(cores, usize::from);
        let progress = progress(&logs);
        let mut replay = Replay::new(&classifier, settings, now);
        let multiline = self.multiline == When::Auto;
        let is_alone = logs.len() == 1;
        let open = |path: &Path| {
            let reader = LogReader::open(path, multiline, &progress)?;
            Ok(if is_alone { reader } else { reader.in_small_blocks() })
        };
        for (name, error) in replay.read(logs, &open, threads) {
            complete = false;
            progress.suspend(|| tell(format_args!("error: {}", unreadable(name, error))));
        }
        progress.finish_and_clear();
        let report = replay.into_report();
        if !complete && report.tally.events() == 0 {
            // That nothing was found would say too much.
            return Ok(ExitStatus::Incomplete);
        }
        let mut out = anstream::stdout().lock();
        match self.format {
            ReplayFormat::Pretty => report.print_table(&files, &mut out)?,
            ReplayFormat::Json => report.print_json(&files, &mut out)?,
        }
        Ok(if complete { ExitStatus::Fine } else { ExitStatus::Incomplete })
    }
}

fn unreadable(name: String, error: std::io::Error) -> CommandError {
    CommandError::Input { name, error }
}

/// A bar on a terminal, and nothing anywhere else.
fn progress(logs: &[Found]) -> ProgressBar {
    let sizes = logs.iter().map(|log| std::fs::metadata(&log.path).map(|m| m.len()));
    let total = sizes.sum::<std::io::Result<u64>>().ok();
    let progress = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(4));
    let style = match total {
        Some(_) => "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
        None => "{spinner} {bytes} {bytes_per_sec}",
    };
    progress.with_style(ProgressStyle::with_template(style).expect("the template is fixed"))
}
