//! What waits, what was given up, what was sent.
//!
//! Works while another process delivers from the same state directory.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;
use signatures_ledger::{Among, DATABASE, Entry, Selection, State, Store, StoreError};

/// Which deliveries are to be retried or dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those of these numbers, as [`list`] shows them.
    Numbers(Vec<i64>),
    /// All that are queued or dead.
    Waiting {
        /// Only those for that sink.
        sink: Option<String>,
    },
}

/// Which deliveries are to be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Those that stand there; wherever when there are none.
    pub states: Vec<State>,
    /// Only those for that sink.
    pub sink: Option<String>,
    /// How many at most.
    pub limit: usize,
}

/// One alert for one sink. As JSON it is what `outbox list --format json` shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Delivery {
    /// Its number.
    pub number: i64,
    /// Where it stands.
    #[serde(serialize_with = "state_name")]
    pub state: State,
    /// The sink.
    pub sink: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// When it is tried next; none when it is not queued.
    pub due_at: Option<Timestamp>,
    /// When it left the queue.
    pub settled_at: Option<Timestamp>,
    /// What went wrong last.
    pub reason: Option<String>,
    /// The alert event; null when it cannot be read.
    pub alert: Value,
}

/// Why an outbox cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// Nothing was ever delivered from that state directory.
    #[error("there is no outbox: {} does not exist", path.display())]
    Missing {
        /// Where it would be.
        path: PathBuf,
    },
    /// The database refuses.
    #[error("cannot use the outbox: {0}")]
    Store(#[from] StoreError),
}

/// Deliveries, newest first.
///
/// # Errors
/// When there is no outbox, or it cannot be read.
pub fn list(state_dir: &Path, query: &Query) -> Result<Vec<Delivery>, OutboxError> {
    let Query { states, sink, limit } = query.clone();
    let states = if states.is_empty() { Among::All } else { Among::These(states) };
    let selection = Selection { states, sinks: of(sink), ..Selection::ALL };
    let entries = open(state_dir)?.list(&selection, limit)?;
    Ok(entries.into_iter().map(Delivery::from).collect())
}

/// Puts dead and dropped deliveries back into the queue, due at once and with a
/// new deadline; queued ones become due at once. Says how many those were.
///
/// # Errors
/// When there is no outbox, or it cannot be written.
pub fn retry(state_dir: &Path, which: &Which, now: Timestamp) -> Result<usize, OutboxError> {
    let mut store = open(state_dir)?;
    Ok(store.retry(&which.selection(), now)?)
}

/// Drops queued and dead deliveries, and says how many those were.
///
/// # Errors
/// When there is no outbox, or it cannot be written.
pub fn drop(state_dir: &Path, which: &Which, now: Timestamp) -> Result<usize, OutboxError> {
    let mut store = open(state_dir)?;
    Ok(store.drop_(&which.selection(), now)?)
}

fn open(state_dir: &Path) -> Result<Store, OutboxError> {
    let path = state_dir.join(DATABASE);
    if !path.exists() {
        return Err(OutboxError::Missing { path });
    }
    Ok(Store::open_beside(&path)?)
}

impl Which {
    fn selection(&self) -> Selection {
        match self {
            Self::Numbers(numbers) => {
                Selection { numbers: Among::These(numbers.clone()), ..Selection::ALL }
            }
            Self::Waiting { sink } => {
                let states = Among::These(vec![State::Queued, State::Dead]);
                Selection { states, sinks: of(sink.clone()), ..Selection::ALL }
            }
        }
    }
}

/// That sink, or all when none is named.
fn of(sink: Option<String>) -> Among<String> {
    sink.map_or(Among::All, |sink| Among::These(vec![sink]))
}

impl From<Entry> for Delivery {
    fn from(entry: Entry) -> Self {
        Self {
            number: entry.seq,
            state: entry.state,
            sink: entry.sink,
            attempts: entry.attempts,
            queued_at: entry.queued_at,
            due_at: (entry.state == State::Queued).then_some(entry.due_at),
            settled_at: entry.settled_at,
            reason: entry.reason,
            alert: serde_json::from_str(&entry.event).unwrap_or_default(),
        }
    }
}

fn state_name<S: Serializer>(state: &State, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(state.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use signatures_ledger::{NewAlert, Outbox};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    /// A state directory in which an alert waits for each of two sinks.
    fn state_dir() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let alert = NewAlert {
            id: "a".to_owned(),
            fingerprint: "f".to_owned(),
            urgency: 1,
            event: r#"{"name":"OOM"}"#.to_owned(),
            sinks: vec!["hook".to_owned(), "slack".to_owned()],
            ..NewAlert::default()
        };
        let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
        outbox.submit(vec![alert], vec![], |_| 10, at(0)).wait().unwrap();
        folder
    }

    fn states(state_dir: &Path) -> Vec<(i64, &'static str)> {
        let query = Query { states: vec![], sink: None, limit: 10 };
        let listed = list(state_dir, &query).unwrap();
        listed.iter().map(|delivery| (delivery.number, delivery.state.as_str())).collect()
    }

    #[test]
    fn what_is_listed_reads_as_programs_know_it() {
        let folder = state_dir();
        let query = Query { states: vec![State::Queued], sink: Some("hook".to_owned()), limit: 10 };
        let listed = list(folder.path(), &query).unwrap();
        assert_eq!(
            serde_json::to_string(&listed).unwrap(),
            json!([{
                "number": 1,
                "state": "queued",
                "sink": "hook",
                "attempts": 0,
                "queued_at": at(0),
                "due_at": at(0),
                "settled_at": null,
                "reason": null,
                "alert": {"name": "OOM"},
            }])
            .to_string()
        );
        assert_eq!(list(folder.path(), &Query { limit: 0, ..query }).unwrap(), []);
    }

    #[test]
    fn deliveries_are_dropped_and_put_back_by_number_or_by_sink() {
        let folder = state_dir();
        let waiting = |sink: &str| Which::Waiting { sink: Some(sink.to_owned()) };
        assert_eq!(drop(folder.path(), &waiting("other"), at(1)).unwrap(), 0);
        assert_eq!(drop(folder.path(), &waiting("slack"), at(1)).unwrap(), 1);
        assert_eq!(states(folder.path()), [(2, "dropped"), (1, "queued")]);
        assert_eq!(drop(folder.path(), &Which::Numbers(vec![1, 2]), at(2)).unwrap(), 1);
        assert_eq!(retry(folder.path(), &Which::Numbers(vec![2]), at(3)).unwrap(), 1);
        assert_eq!(states(folder.path()), [(2, "queued"), (1, "dropped")]);
        // Nothing is not everything.
        assert_eq!(retry(folder.path(), &Which::Numbers(vec![]), at(4)).unwrap(), 0);
        assert_eq!(states(folder.path()), [(2, "queued"), (1, "dropped")]);
    }

    #[test]
    fn an_outbox_that_is_not_there_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(DATABASE);
        let error = drop(folder.path(), &Which::Numbers(vec![1]), at(0)).unwrap_err();
        let expected = format!("there is no outbox: {} does not exist", path.display());
        assert_eq!((error.to_string(), path.exists()), (expected, false));
    }
}
