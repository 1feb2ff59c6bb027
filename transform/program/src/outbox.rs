//! `vector-signatures outbox`: what waits, what was given up, what was sent.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::ValueEnum;
use jiff::Timestamp;
use serde_json::{Value, json};
use signatures_ledger::{DATABASE, Entry, Selection, State, Store};

use crate::Failure;

/// Look at the alerts that wait or were given up; retry or drop them
///
/// Works while another process delivers from the same state directory.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  vector-signatures outbox list --state-dir /var/lib/signatures
  vector-signatures outbox retry 17 18
  vector-signatures outbox drop --sink slack --all")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,

    /// The state directory
    #[arg(long, value_name = "DIR", env = "SIGNATURES_STATE_DIR", global = true)]
    state_dir: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List deliveries, newest first
    List {
        /// Only those in that state; may be repeated [default: queued and dead]
        #[arg(long, value_enum)]
        state: Vec<StateName>,
        /// Only those for that sink
        #[arg(long)]
        sink: Option<String>,
        /// How many at most
        #[arg(long, default_value_t = 100)]
        limit: usize,
        /// For people or for programs, one JSON object a line
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Put dead or dropped deliveries back into the queue; queued ones are tried at once
    Retry(Chosen),
    /// Drop queued or dead deliveries
    Drop(Chosen),
}

/// Which deliveries.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
struct Chosen {
    /// Their numbers, as `list` shows them
    numbers: Vec<i64>,
    /// Those for that sink; with --all
    #[arg(long, requires = "all")]
    sink: Option<String>,
    /// All that are queued or dead
    #[arg(long, conflicts_with = "numbers")]
    all: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StateName {
    Queued,
    Sent,
    Dead,
    Dropped,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Table,
    Json,
}

pub(crate) fn run(args: Args) -> Result<(), Failure> {
    let mut store = open(args.state_dir)?;
    let now = Timestamp::now();
    match args.action {
        Action::List { state, sink, limit, format } => {
            let states = match state.as_slice() {
                [] => vec![State::Queued, State::Dead],
                names => names.iter().map(|name| name.state()).collect(),
            };
            let selection = Selection { states, sink, ..Selection::default() };
            list(&store.list(&selection, limit)?, format).map_err(Failure::Output)
        }
        Action::Retry(chosen) => tell(store.retry(&chosen.selection(), now)?, "back in the queue"),
        Action::Drop(chosen) => tell(store.drop_(&chosen.selection(), now)?, "dropped"),
    }
}

fn open(state_dir: Option<PathBuf>) -> Result<Store, Failure> {
    let path = state_dir.ok_or(Failure::NoStateDirectory)?.join(DATABASE);
    if !path.exists() {
        return Err(Failure::NoOutbox { path });
    }
    Ok(Store::open(&path)?)
}

fn tell(count: usize, what: &str) -> Result<(), Failure> {
    let deliveries = if count == 1 { "delivery" } else { "deliveries" };
    writeln!(io::stdout().lock(), "{count} {deliveries} {what}").map_err(Failure::Output)
}

impl Chosen {
    fn selection(self) -> Selection {
        let states = if self.all { vec![State::Queued, State::Dead] } else { Vec::new() };
        Selection { seqs: self.numbers, states, sink: self.sink }
    }
}

impl StateName {
    fn state(self) -> State {
        match self {
            Self::Queued => State::Queued,
            Self::Sent => State::Sent,
            Self::Dead => State::Dead,
            Self::Dropped => State::Dropped,
        }
    }
}

fn list(entries: &[Entry], format: Format) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for entry in entries {
        let event: Value = serde_json::from_str(&entry.event).unwrap_or_default();
        match format {
            Format::Json => writeln!(out, "{}", object(entry, event))?,
            Format::Table => writeln!(out, "{}", row(entry, &event))?,
        }
    }
    Ok(())
}

fn object(entry: &Entry, event: Value) -> Value {
    json!({
        "number": entry.seq,
        "state": entry.state.as_str(),
        "sink": entry.sink,
        "attempts": entry.attempts,
        "queued_at": entry.queued_at,
        "due_at": (entry.state == State::Queued).then_some(entry.due_at),
        "settled_at": entry.settled_at,
        "reason": entry.reason,
        "alert": event,
    })
}

fn row(entry: &Entry, event: &Value) -> String {
    let name = event["name"].as_str().unwrap_or("an alert that cannot be read");
    let name: String = name.chars().take(80).map(printable).collect();
    let attempts = if entry.attempts == 1 { "attempt" } else { "attempts" };
    let reason = entry.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!(
        "{:>6}  {:<7}  {:<12}  {:.0}  {name}\n        {} {attempts}{reason}",
        entry.seq,
        entry.state.as_str(),
        entry.sink,
        entry.queued_at,
        entry.attempts,
    )
}

fn printable(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}
