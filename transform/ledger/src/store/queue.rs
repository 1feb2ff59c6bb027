//! What waits, as it is read: rows that cannot be read are dead letters from then
//! on, so that nothing waits behind them.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use rusqlite::{Connection, Row, types::ValueRef};

use super::{
    error::StoreError,
    rows::{State, Waiting},
    store::Store,
    time::{from_millis, millis},
};

/// How many deliveries of each sink stand where, those that wait aside.
pub(crate) type Counts = HashMap<String, HashMap<State, u64>>;

/// What a database holds of the queue.
#[derive(Debug, Default)]
pub(crate) struct ReadQueue {
    /// What waits, oldest first.
    pub(crate) waiting: Vec<Waiting>,
    /// What does not.
    pub(crate) counts: Counts,
    /// The alerts that are kept, those that wait included, and their size.
    pub(crate) alerts: (u64, u64),
    /// Why those that were laid aside cannot be read.
    pub(crate) unreadable: Vec<String>,
}

impl Store {
    /// All that waits. What cannot be read is laid with the dead letters.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn read_queue(&mut self, now: Timestamp) -> Result<ReadQueue, StoreError> {
        let mut read = ReadQueue::default();
        let mut unreadable = Vec::new();
        {
            let mut statement = self.connection.prepare_cached(
                "SELECT d.seq, d.alert, d.sink, d.fingerprint, d.urgency, octet_length(a.event),
                     d.attempts, d.alone, d.queued_at, d.due_at
                 FROM deliveries AS d LEFT JOIN alerts AS a ON a.seq = d.alert
                 WHERE d.state = 'queued' ORDER BY d.seq",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                match waiting(row) {
                    Ok(waiting) => read.waiting.push(waiting),
                    Err(reason) => unreadable.push((row.get::<_, i64>(0)?, reason)),
                }
            }
        }
        if !unreadable.is_empty() {
            lay_aside(&self.connection, &unreadable, now)?;
            read.unreadable = unreadable.into_iter().map(|(_, reason)| reason).collect();
        }
        (read.counts, read.alerts) = (self.counts()?, self.size()?);
        Ok(read)
    }

    /// An alert event, or why it cannot be read.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn event(&self, alert: i64) -> Result<Result<String, String>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT event FROM alerts WHERE seq = ?")?;
        let mut rows = statement.query([alert])?;
        let Some(row) = rows.next()? else { return Ok(Err(unreadable("its alert is missing"))) };
        Ok(text(row, 0, "event").map(str::to_owned))
    }

    pub(crate) fn counts(&self) -> Result<Counts, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT sink, state, count(*) FROM deliveries WHERE state <> 'queued' GROUP BY 1, 2",
        )?;
        let mut rows = statement.query([])?;
        let mut counts = Counts::new();
        while let Some(row) = rows.next()? {
            let (Ok(sink), Ok(state)) = (text(row, 0, "sink"), text(row, 1, "state")) else {
                continue;
            };
            counts.entry(sink.to_owned()).or_default().insert(State::read(state), row.get(2)?);
        }
        Ok(counts)
    }

    /// How many alerts are kept, and their size in bytes.
    pub(crate) fn size(&self) -> Result<(u64, u64), StoreError> {
        let sql = "SELECT count(*), coalesce(sum(octet_length(event)), 0) FROM alerts";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }
}

/// The reasons are written with the rows, so that people who list them see why.
fn lay_aside(
    connection: &Connection,
    unreadable: &[(i64, String)],
    now: Timestamp,
) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    for (seq, reason) in unreadable {
        transaction
            .prepare_cached(
                "UPDATE deliveries SET state = 'dead', reason = ?2, settled_at = ?3 WHERE seq = ?1",
            )?
            .execute((seq, reason, millis(now)))?;
    }
    transaction.commit()
}

fn waiting(row: &Row<'_>) -> Result<Waiting, String> {
    let (attempts, due_at) = (number(row, 6, "attempts")?, time(row, 9, "due_at")?);
    Ok(Waiting {
        seq: number(row, 0, "number")?,
        alert: number(row, 1, "alert")?,
        sink: Arc::from(text(row, 2, "sink")?),
        fingerprint: Arc::from(text(row, 3, "fingerprint")?),
        urgency: number(row, 4, "urgency")?,
        bytes: match row.get_ref(5) {
            Ok(ValueRef::Null) => return Err(unreadable("its alert is missing")),
            _ => number(row, 5, "event")?,
        },
        attempts,
        alone: number::<i64>(row, 7, "alone")? != 0,
        queued_at: time(row, 8, "queued_at")?,
        due_at,
        // What was never tried was put off by nothing.
        decided_at: (attempts == 0).then_some(due_at),
        reason: None,
    })
}

fn number<T: TryFrom<i64>>(row: &Row<'_>, column: usize, name: &str) -> Result<T, String> {
    let number = row.get_ref(column).ok().and_then(|value| value.as_i64().ok());
    number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| not_usable(name))
}

fn text<'a>(row: &'a Row<'_>, column: usize, name: &str) -> Result<&'a str, String> {
    let value = row.get_ref(column).ok();
    value.and_then(|value| value.as_str().ok()).ok_or_else(|| not_usable(name))
}

fn time(row: &Row<'_>, column: usize, name: &str) -> Result<Timestamp, String> {
    from_millis(number(row, column, name)?).ok_or_else(|| not_usable(name))
}

fn not_usable(name: &str) -> String {
    unreadable(&format!("`{name}` is none"))
}

fn unreadable(why: &str) -> String {
    format!("cannot be read: {why}")
}
