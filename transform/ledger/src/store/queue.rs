//! The queue: alerts go in, deliveries come out when they are due, and what
//! became of them is recorded.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::{
    error::StoreError,
    groups::write_groups,
    rows::{Delivery, NewAlert, Outcome, Put, Selection, State, Submission},
    store::Store,
    time::{millis, time},
};

impl Store {
    /// Queues alerts and keeps states of groups with them: all or none, and on
    /// the disk itself when this returns.
    ///
    /// Each sink has a bound of deliveries that may wait: past it, of the least
    /// urgent the oldest gives way.
    ///
    /// # Errors
    /// When it cannot be written; then nothing was.
    pub fn put(&mut self, submission: &Submission) -> Result<Put, StoreError> {
        Ok(self.put_all(&[submission])?.pop().unwrap_or_default())
    }

    /// As [`put`](Self::put), with one wait for the disk.
    ///
    /// # Errors
    /// When one of them cannot be written; then none was.
    pub(crate) fn put_all(&mut self, submissions: &[&Submission]) -> Result<Vec<Put>, StoreError> {
        self.connection.pragma_update(None, "synchronous", "full")?;
        let transaction = self.connection.transaction()?;
        let puts = submissions.iter().map(|submission| put(&transaction, submission));
        let puts = puts.collect::<Result<_, StoreError>>()?;
        transaction.commit()?;
        Ok(puts)
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
    /// and states of groups that are worth nothing any more.
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
}

fn put(connection: &Connection, submission: &Submission) -> Result<Put, StoreError> {
    let Submission { alerts, groups, bounds, now } = submission;
    let mut put = Put::default();
    for alert in alerts {
        put.queued += insert(connection, alert, *now)?;
    }
    let mut sinks: Vec<&String> = alerts.iter().flat_map(|alert| &alert.sinks).collect();
    sinks.sort_unstable();
    sinks.dedup();
    for sink in sinks {
        let bound = bounds.get(sink).copied().unwrap_or(u64::MAX);
        let gave_way = make_way(connection, sink, bound, *now)?;
        if gave_way > 0 {
            put.gave_way.push((sink.clone(), gave_way));
        }
    }
    write_groups(connection, groups)?;
    Ok(put)
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
