//! The database: alerts, what becomes of each delivery, and the state of the
//! aggregation.
//!
//! One table holds the queue, the dead letters and the history, so an alert
//! changes from one to the other in place, and nothing can be in two or none.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension, params, params_from_iter, types::Type};
use signatures_engine::aggregate::GroupState;

/// The layout below. A database with a later one was written by a later
/// version.
const LAYOUT: i64 = 1;

const SCHEMA: &str = "
    CREATE TABLE alerts (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        fingerprint TEXT NOT NULL,
        urgency INTEGER NOT NULL,
        event TEXT NOT NULL,
        raised_at INTEGER NOT NULL
    );
    CREATE TABLE deliveries (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        alert INTEGER NOT NULL REFERENCES alerts (seq) ON DELETE CASCADE,
        sink TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        urgency INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'dead', 'dropped')),
        attempts INTEGER NOT NULL DEFAULT 0,
        alone INTEGER NOT NULL DEFAULT 0,
        queued_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        settled_at INTEGER,
        reason TEXT
    );
    CREATE INDEX deliveries_of_alert ON deliveries (alert);
    CREATE INDEX queue ON deliveries (sink, seq) WHERE state = 'queued';
    CREATE INDEX queue_of_fingerprint ON deliveries (sink, fingerprint, seq)
        WHERE state = 'queued';
    CREATE INDEX queue_by_urgency ON deliveries (sink, urgency, seq) WHERE state = 'queued';
    CREATE TABLE groups (
        fingerprint TEXT PRIMARY KEY,
        idle_from INTEGER NOT NULL,
        state TEXT NOT NULL
    ) WITHOUT ROWID;
    PRAGMA user_version = 1;
";

/// A database, on disk or in memory.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

/// An alert on its way into the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAlert {
    /// Its id; a second alert of the same is ignored.
    pub id: String,
    /// What counts as the same error, within which order is kept.
    pub fingerprint: String,
    /// The lower, the sooner it gives way when the queue is full.
    pub urgency: u8,
    /// The alert event.
    pub event: String,
    /// Where it is to go.
    pub sinks: Vec<String>,
}

/// One alert for one sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub seq: i64,
    /// How often it was tried.
    pub attempts: u32,
    /// Whether it may not go in a digest.
    pub alone: bool,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// The alert event.
    pub event: String,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The sink took it.
    Sent,
    /// It is to be tried again.
    Retry {
        /// Not before then.
        at: Timestamp,
        /// What went wrong.
        reason: String,
        /// Whether it is to be sent alone then.
        alone: bool,
    },
    /// It lies with the dead letters.
    Dead {
        /// Why.
        reason: String,
    },
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Waits to be sent, perhaps again.
    Queued,
    /// The sink took it.
    Sent,
    /// Given up, with a reason; the operator may retry it.
    Dead,
    /// Gave way when the queue was full, or was dropped by the operator.
    Dropped,
}

/// A delivery as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub seq: i64,
    /// Where it stands.
    pub state: State,
    /// The sink.
    pub sink: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// When it is tried next, for what is queued.
    pub due_at: Timestamp,
    /// When it left the queue.
    pub settled_at: Option<Timestamp>,
    /// What went wrong last.
    pub reason: Option<String>,
    /// The alert event.
    pub event: String,
}

/// Which deliveries are meant: all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// These numbers.
    pub seqs: Vec<i64>,
    /// Those that stand there.
    pub states: Vec<State>,
    /// Those for that sink.
    pub sink: Option<String>,
}

/// How many of what was put in gave way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Put {
    /// Deliveries queued.
    pub queued: u64,
    /// Deliveries that gave way, by sink.
    pub gave_way: Vec<(String, u64)>,
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or the files in it cannot be written.
    #[error("cannot use {}: {error}", path.display())]
    Files {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The database refuses.
    #[error("the database refuses: {0}")]
    Database(#[from] rusqlite::Error),
    /// A later version wrote it.
    #[error("it was written by a later version of vector-signatures (layout {0})")]
    LaterVersion(i64),
}

impl StoreError {
    /// Whether the database's content is damaged.
    #[must_use]
    pub fn is_corruption(&self) -> bool {
        matches!(self, Self::Database(error) if matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        ))
    }
}

impl Store {
    /// Opens the database of a file, creating it where there is none.
    ///
    /// # Errors
    /// When it cannot be written, is damaged, or is of a later version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        create_private(path).map_err(|error| StoreError::Files { path: path.to_owned(), error })?;
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        let check: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if check != "ok" {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
            return Err(rusqlite::Error::SqliteFailure(code, Some(check)).into());
        }
        Self::prepare(connection)
    }

    /// A database that ends with the process.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn prepare(mut connection: Connection) -> Result<Self, StoreError> {
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.set_prepared_statement_cache_capacity(32);
        let transaction = connection.transaction()?;
        match transaction.query_row("PRAGMA user_version", [], |row| row.get(0))? {
            0 => transaction.execute_batch(SCHEMA)?,
            LAYOUT => {}
            later => return Err(StoreError::LaterVersion(later)),
        }
        transaction.commit()?;
        // A read-only database would be found out only by the first alert.
        connection.execute("UPDATE groups SET idle_from = 0 WHERE fingerprint = ''", [])?;
        Ok(Self { connection })
    }

    /// Queues alerts and keeps states of the aggregation with them: all or
    /// none, and on the disk itself when this returns.
    ///
    /// Each sink has a bound of deliveries that may wait: past it, of the least
    /// urgent the oldest gives way.
    ///
    /// # Errors
    /// When it cannot be written; then nothing was.
    pub fn put(
        &mut self,
        alerts: &[NewAlert],
        groups: &[GroupState],
        bound: impl Fn(&str) -> u64,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        self.connection.pragma_update(None, "synchronous", "full")?;
        let transaction = self.connection.transaction()?;
        let mut put = Put::default();
        for alert in alerts {
            put.queued += insert(&transaction, alert, now)?;
        }
        let mut sinks: Vec<&String> = alerts.iter().flat_map(|alert| &alert.sinks).collect();
        sinks.sort_unstable();
        sinks.dedup();
        for sink in sinks {
            let gave_way = make_way(&transaction, sink, bound(sink), now)?;
            if gave_way > 0 {
                put.gave_way.push((sink.clone(), gave_way));
            }
        }
        write_groups(&transaction, groups)?;
        transaction.commit()?;
        Ok(put)
    }

    /// Keeps states of the aggregation. They outlive the process; a power cut
    /// may cost the last few.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn save(&mut self, groups: &[GroupState]) -> Result<(), StoreError> {
        self.relax()?;
        let transaction = self.connection.transaction()?;
        write_groups(&transaction, groups)?;
        Ok(transaction.commit()?)
    }

    /// The states that are still worth something; those that cannot be read are
    /// left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn groups(&self, now: Timestamp) -> Result<Vec<GroupState>, StoreError> {
        let mut statement =
            self.connection.prepare("SELECT state FROM groups WHERE idle_from >= ?")?;
        let rows = statement.query_map([millis(now)], |row| row.get::<_, String>(0))?;
        let states = rows.map(|row| row.map(|json| serde_json::from_str(&json).ok()));
        Ok(states.filter_map(Result::transpose).collect::<Result<_, _>>()?)
    }

    /// The numbers of deliveries that may be sent now, oldest first: those whose
    /// time has come, of each fingerprint only the first in the queue.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn due(&self, sink: &str, now: Timestamp, limit: usize) -> Result<Vec<i64>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq FROM deliveries AS this
             WHERE sink = ?1 AND state = 'queued' AND due_at <= ?2 AND NOT EXISTS (
                 SELECT 1 FROM deliveries AS earlier
                 WHERE earlier.sink = ?1 AND earlier.state = 'queued'
                     AND earlier.fingerprint = this.fingerprint AND earlier.seq < this.seq
             )
             ORDER BY seq LIMIT ?3",
        )?;
        let rows = statement.query_map(params![sink, millis(now), limit], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A queued delivery with its alert; none when it is not queued any more.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn delivery(&self, seq: i64) -> Result<Option<Delivery>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT d.seq, d.attempts, d.alone, d.queued_at, a.event
             FROM deliveries AS d JOIN alerts AS a ON a.seq = d.alert
             WHERE d.seq = ? AND d.state = 'queued'",
        )?;
        let delivery = statement.query_row([seq], |row| {
            Ok(Delivery {
                seq: row.get(0)?,
                attempts: row.get(1)?,
                alone: row.get(2)?,
                queued_at: time(row, 3)?,
                event: row.get(4)?,
            })
        });
        Ok(delivery.optional()?)
    }

    /// Records what became of attempts.
    ///
    /// A power cut may undo it, and then the sink sees an alert twice.
    ///
    /// # Errors
    /// When it cannot be written; then nothing was.
    pub fn settle(
        &mut self,
        outcomes: &[(i64, Outcome)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.relax()?;
        let transaction = self.connection.transaction()?;
        for (seq, outcome) in outcomes {
            let (state, due_at, reason, alone) = match outcome {
                Outcome::Sent => (State::Sent, now, None, false),
                Outcome::Dead { reason } => (State::Dead, now, Some(reason), false),
                Outcome::Retry { at, reason, alone } => (State::Queued, *at, Some(reason), *alone),
            };
            let settled_at = (state != State::Queued).then(|| millis(now));
            transaction
                .prepare_cached(
                    "UPDATE deliveries SET state = ?2, attempts = attempts + 1, due_at = ?3,
                         settled_at = ?4, reason = coalesce(?5, reason), alone = alone OR ?6
                     WHERE seq = ?1 AND state = 'queued'",
                )?
                .execute(params![seq, state.as_str(), millis(due_at), settled_at, reason, alone])?;
        }
        Ok(transaction.commit()?)
    }

    /// Gives up what is queued for sinks that are not there any more, and says
    /// how many deliveries those were.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn give_up_unknown_sinks(
        &mut self,
        known: &[&str],
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let marks = vec!["?"; known.len()].join(", ");
        let sql = format!(
            "UPDATE deliveries SET state = 'dead', settled_at = {}, reason = 'its sink is gone'
             WHERE state = 'queued' AND sink NOT IN ({marks})",
            millis(now)
        );
        Ok(self.connection.execute(&sql, params_from_iter(known))?)
    }

    /// Takes away the oldest of what is settled past the newest `keep` alerts,
    /// and states of the aggregation that are worth nothing any more.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn prune(&mut self, keep: usize, now: Timestamp) -> Result<usize, StoreError> {
        self.relax()?;
        let transaction = self.connection.transaction()?;
        transaction.execute("DELETE FROM groups WHERE idle_from < ?", [millis(now)])?;
        let pruned = transaction.execute(
            "DELETE FROM alerts WHERE seq <= (SELECT max(seq) FROM alerts) - ?
             AND NOT EXISTS (
                 SELECT 1 FROM deliveries WHERE alert = alerts.seq AND state = 'queued'
             )",
            [keep],
        )?;
        transaction.commit()?;
        Ok(pruned)
    }

    /// How many deliveries of each sink stand where.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn count(&self, sink: &str, state: State) -> Result<u64, StoreError> {
        let sql = match state {
            // Said so that the index of the queue serves.
            State::Queued => "SELECT count(*) FROM deliveries WHERE sink = ? AND state = 'queued'",
            _ => "SELECT count(*) FROM deliveries WHERE sink = ? AND state = ?",
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(match state {
            State::Queued => statement.query_row([sink], |row| row.get(0))?,
            other => statement.query_row([sink, other.as_str()], |row| row.get(0))?,
        })
    }

    /// Deliveries, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn list(&self, selection: &Selection, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let (condition, values) = selection.condition();
        let mut statement = self.connection.prepare(&format!(
            "SELECT d.seq, d.state, d.sink, d.attempts, d.queued_at, d.due_at, d.settled_at,
                 d.reason, a.event
             FROM deliveries AS d JOIN alerts AS a ON a.seq = d.alert
             WHERE {condition} ORDER BY d.seq DESC LIMIT {limit}"
        ))?;
        let rows = statement.query_map(params_from_iter(values), |row| {
            Ok(Entry {
                seq: row.get(0)?,
                state: State::read(row.get_ref(1)?.as_str()?),
                sink: row.get(2)?,
                attempts: row.get(3)?,
                queued_at: time(row, 4)?,
                due_at: time(row, 5)?,
                settled_at: row.get::<_, Option<i64>>(6)?.and_then(from_millis),
                reason: row.get(7)?,
                event: row.get(8)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Selected deliveries as they were put in, with their numbers.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn new_alerts(
        &self,
        selection: &Selection,
    ) -> Result<Vec<(Vec<i64>, NewAlert)>, StoreError> {
        let (condition, values) = selection.condition();
        let mut statement = self.connection.prepare(&format!(
            "SELECT a.id, a.fingerprint, a.urgency, a.event, d.seq, d.sink
             FROM deliveries AS d JOIN alerts AS a ON a.seq = d.alert
             WHERE {condition} ORDER BY d.seq"
        ))?;
        let mut rows = statement.query(params_from_iter(values))?;
        let mut alerts: Vec<(Vec<i64>, NewAlert)> = Vec::new();
        while let Some(row) = rows.next()? {
            let (id, seq, sink): (String, i64, String) = (row.get(0)?, row.get(4)?, row.get(5)?);
            match alerts.last_mut().filter(|(_, alert)| alert.id == id) {
                Some((seqs, alert)) => {
                    seqs.push(seq);
                    alert.sinks.push(sink);
                }
                None => {
                    let (fingerprint, urgency, event) = (row.get(1)?, row.get(2)?, row.get(3)?);
                    let sinks = vec![sink];
                    alerts.push((vec![seq], NewAlert { id, fingerprint, urgency, event, sinks }));
                }
            }
        }
        Ok(alerts)
    }

    /// Puts dead and dropped deliveries back into the queue, due at once and
    /// with a new deadline; queued ones become due at once.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn retry(&mut self, selection: &Selection, now: Timestamp) -> Result<usize, StoreError> {
        let (condition, values) = selection.condition();
        let now = millis(now);
        let sql = format!(
            "UPDATE deliveries AS d SET state = 'queued', due_at = {now}, settled_at = NULL,
                 queued_at = CASE state WHEN 'queued' THEN queued_at ELSE {now} END
             WHERE d.state <> 'sent' AND {condition}"
        );
        Ok(self.connection.execute(&sql, params_from_iter(values))?)
    }

    /// Drops queued and dead deliveries.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn drop_(&mut self, selection: &Selection, now: Timestamp) -> Result<usize, StoreError> {
        let (condition, values) = selection.condition();
        let sql = format!(
            "UPDATE deliveries AS d SET state = 'dropped', settled_at = {},
                 reason = 'dropped by the operator'
             WHERE d.state IN ('queued', 'dead') AND {condition}",
            millis(now)
        );
        Ok(self.connection.execute(&sql, params_from_iter(values))?)
    }

    /// For what a lost power supply may undo, at the gain of not waiting for
    /// the disk.
    fn relax(&self) -> Result<(), StoreError> {
        Ok(self.connection.pragma_update(None, "synchronous", "normal")?)
    }

    #[cfg(test)]
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// Alerts hold lines of logs: nobody else is to read them.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn insert(connection: &Connection, alert: &NewAlert, now: Timestamp) -> rusqlite::Result<u64> {
    let now = millis(now);
    let inserted = connection
        .prepare_cached(
            "INSERT OR IGNORE INTO alerts (id, fingerprint, urgency, event, raised_at)
             VALUES (?, ?, ?, ?, ?)",
        )?
        .execute(params![alert.id, alert.fingerprint, alert.urgency, alert.event, now])?;
    if inserted == 0 {
        return Ok(0);
    }
    let seq = connection.last_insert_rowid();
    let mut statement = connection.prepare_cached(
        "INSERT INTO deliveries (alert, sink, fingerprint, urgency, state, queued_at, due_at)
         VALUES (?1, ?2, ?3, ?4, 'queued', ?5, ?5)",
    )?;
    for sink in &alert.sinks {
        statement.execute(params![seq, sink, alert.fingerprint, alert.urgency, now])?;
    }
    Ok(alert.sinks.len() as u64)
}

/// Drops the oldest of the least urgent until no more than `bound` are queued.
fn make_way(
    connection: &Connection,
    sink: &str,
    bound: u64,
    now: Timestamp,
) -> rusqlite::Result<u64> {
    let queued: u64 = connection
        .prepare_cached("SELECT count(*) FROM deliveries WHERE sink = ? AND state = 'queued'")?
        .query_row([sink], |row| row.get(0))?;
    let too_many = queued.saturating_sub(bound);
    if too_many > 0 {
        connection
            .prepare_cached(
                "UPDATE deliveries SET state = 'dropped', settled_at = ?3,
                     reason = 'gave way because the queue was full'
                 WHERE seq IN (
                     SELECT seq FROM deliveries WHERE sink = ?1 AND state = 'queued'
                     ORDER BY urgency, seq LIMIT ?2
                 )",
            )?
            .execute(params![sink, too_many, millis(now)])?;
    }
    Ok(too_many)
}

fn write_groups(connection: &Connection, groups: &[GroupState]) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO groups (fingerprint, idle_from, state) VALUES (?, ?, ?)",
    )?;
    for group in groups {
        let state = serde_json::to_string(group)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        let fingerprint = group.fingerprint().to_string();
        statement.execute(params![fingerprint, millis(group.idle_from()), state])?;
    }
    Ok(())
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Sent, Self::Dead, Self::Dropped];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Dead => "dead",
            Self::Dropped => "dropped",
        }
    }

    /// The database itself checks that it holds no other.
    fn read(name: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == name).unwrap_or(Self::Dead)
    }
}

impl Selection {
    fn condition(&self) -> (String, Vec<String>) {
        let mut condition = "1".to_owned();
        let list = |values: Vec<String>| values.join(", ");
        if !self.seqs.is_empty() {
            let seqs = list(self.seqs.iter().map(i64::to_string).collect());
            condition += &format!(" AND d.seq IN ({seqs})");
        }
        if !self.states.is_empty() {
            let states = list(self.states.iter().map(|s| format!("'{}'", s.as_str())).collect());
            condition += &format!(" AND d.state IN ({states})");
        }
        if self.sink.is_some() {
            condition += " AND d.sink = ?";
        }
        (condition, self.sink.iter().cloned().collect())
    }
}

fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

fn from_millis(millis: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(millis).ok()
}

fn time(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let out_of_range = |error: jiff::Error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, error.into())
    };
    Timestamp::from_millisecond(row.get(column)?).map_err(out_of_range)
}
