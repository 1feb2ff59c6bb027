//! The flags of `vector-signatures pipe`.

use std::{
    io::{self, IsTerminal},
    path::PathBuf,
};

use super::{
    pretty::Terminal,
    shape::{LineFormat, Only, Shape},
};
use crate::{delivery_args::DeliveryArgs, engine_args::EngineArgs, web::StatusArgs};

/// Tag the errors in a stream of log lines, and raise alerts
#[derive(Debug, clap::Args)]
#[command(
    before_help = "\
Examples:
  vector-signatures pipe app.log
  journalctl -f -o cat | vector-signatures pipe --shadow > tagged.jsonl",
    after_long_help = "\
Each line is a JSON object or plain text. What survives leaves on standard output as JSON, one
object a line: known noise is dropped, a known error gets error_category, error_signature,
error_policy, error_severity, error_summary and error_fingerprint, the rest passes as it came; a
plain line becomes {\"message\": …}. Lines that belong together, such as an exception and its
frames, are one event. Alerts go to the sinks of the alert settings and of the environment, or else
to standard error.

Logs that are packed by gzip, zstd, bzip2, xz or lz4 are unpacked, UTF-16 with its byte-order mark
is decoded, from files and from standard input. Where one cannot be read to its end, what could be
read is judged, and the exit code is 2.

An error counts at the time that its line tells, as `sigcheck replay` shows it without sending
anything: that is the command for looking back.

SIGHUP reads taxonomy and alert settings anew; SIGTERM finishes what was read, and ends. Whoever
does not read the output is waited for some seconds then; what has not left is told, and the exit
code is 1. A second SIGTERM ends at once."
)]
pub(crate) struct Args {
    /// The logs; `-` is standard input, the default
    #[arg(value_name = "FILE")]
    pub(super) logs: Vec<PathBuf>,

    /// Whether lines that belong together are one event
    #[arg(long, value_enum, value_name = "auto|off", default_value = "auto")]
    pub(super) multiline: When,

    #[command(flatten)]
    pub(super) engine: EngineArgs,

    #[command(flatten)]
    pub(super) delivery: DeliveryArgs,

    #[command(flatten)]
    pub(super) status: StatusArgs,

    /// How lines leave [default: auto]
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "auto",
        hide_default_value = true
    )]
    pub(super) format: LineFormat,

    /// Of lines, only those that match a signature, or none
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) only: Option<Only>,

    /// Print no summary at the end
    #[arg(long, short)]
    pub(super) quiet: bool,
}

impl Args {
    /// What leaves, and how.
    pub(super) fn shape(&self) -> Shape {
        let is_terminal = io::stdout().is_terminal();
        let is_pretty = self.format.is_pretty(is_terminal);
        Shape { only: self.only, terminal: is_pretty.then(Terminal::new) }
    }
}

/// Whether lines are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum When {
    /// Where they belong together
    Auto,
    /// Never
    Off,
}
