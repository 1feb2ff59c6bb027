//! `vector-signatures outbox`: what waits, what was given up, what was sent.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::ValueEnum;
use jiff::Timestamp;
use signatures_alerts::legible::{json, one_line};
use signatures_command_line::{Column, Table, columns};
use signatures_configuration::environment;
use signatures_ledger::State;
use signatures_operations::outbox::{self, Delivery, Query, Which};

use crate::command_error::CommandError;

/// Look at alerts that wait or were given up; retry or drop them
///
/// Works while another process delivers from the same state directory.
#[derive(Debug, clap::Args)]
#[command(before_help = "\
Examples:
  vector-signatures outbox list --state-dir /var/lib/vector-signatures
  vector-signatures outbox retry 17 18
  vector-signatures outbox drop --sink slack --all")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,

    /// The state directory
    #[arg(long, value_name = "DIR", env = environment::STATE_DIR, global = true)]
    state_dir: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List deliveries, newest first
    List {
        /// Only those in that state; may be repeated [default: queued and dead]
        #[arg(long, value_enum, value_name = "STATE")]
        state: Vec<StateName>,
        /// Only those for that sink
        #[arg(long, value_name = "SINK")]
        sink: Option<String>,
        /// How many at most
        #[arg(long, value_name = "COUNT", default_value_t = 100)]
        limit: usize,
        /// For people, or for programs
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Pretty)]
        format: Format,
    },
    /// Queue dead or dropped deliveries again; try queued ones now
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
    #[arg(long, value_name = "SINK", requires = "all")]
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
    /// A line or two each
    #[value(alias = "table")]
    Pretty,
    /// One JSON object a line
    Json,
}

pub(crate) fn run(args: Args) -> Result<(), CommandError> {
    let state_dir = args.state_dir.ok_or(CommandError::NoStateDirectory)?;
    let now = Timestamp::now();
    match args.action {
        Action::List { state, sink, limit, format } => {
            let states = match state.as_slice() {
                [] => vec![State::Queued, State::Dead],
                names => names.iter().map(|name| name.state()).collect(),
            };
            let listed = outbox::list(&state_dir, &Query { states, sink, limit })?;
            show(&listed, format).map_err(CommandError::Output)
        }
        Action::Retry(chosen) => {
            let which = chosen.which();
            tell(outbox::retry(&state_dir, &which, now)?, &which, "back in the queue")
        }
        Action::Drop(chosen) => {
            let which = chosen.which();
            tell(outbox::drop(&state_dir, &which, now)?, &which, "dropped")
        }
    }
}

/// That all of none are done is well; who names one has meant something.
fn tell(count: usize, which: &Which, what: &'static str) -> Result<(), CommandError> {
    if count == 0 && matches!(which, Which::Numbers(_)) {
        return Err(CommandError::NothingDone(what));
    }
    let deliveries = if count == 1 { "delivery" } else { "deliveries" };
    writeln!(io::stdout().lock(), "{count} {deliveries} {what}").map_err(CommandError::Output)
}

impl Chosen {
    fn which(self) -> Which {
        match self.all {
            true => Which::Waiting { sink: self.sink },
            false => Which::Numbers(self.numbers),
        }
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

fn show(deliveries: &[Delivery], format: Format) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match format {
        Format::Json => deliveries
            .iter()
            .try_for_each(|delivery| writeln!(out, "{}", json(serde_json::to_string(delivery)?))),
        Format::Pretty => {
            rows(deliveries, columns()).iter().try_for_each(|row| writeln!(out, "{row}"))
        }
    }
}

/// Two rows each: what it is, and how it went.
fn rows(deliveries: &[Delivery], most: Option<usize>) -> Vec<String> {
    use Column::{Name, Number, Text, Whole};
    let mut table = Table::new(&[Number, Whole, Name, Whole, Text]);
    for Delivery { number, state, sink, queued_at, alert, .. } in deliveries {
        let name = alert["name"].as_str().unwrap_or("an alert that cannot be read");
        let queued_at = format!("{queued_at:.0}");
        table.push([&number.to_string(), state.as_str(), sink, &queued_at, name]);
    }
    let result = |Delivery { attempts, reason, .. }: &Delivery| {
        let tried = if *attempts == 1 { "attempt" } else { "attempts" };
        let reason = reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        one_line(&format!("        {attempts} {tried}{reason}"), most.unwrap_or(usize::MAX))
    };
    table.lines(0, most).into_iter().zip(deliveries).flat_map(|(row, d)| [row, result(d)]).collect()
}
