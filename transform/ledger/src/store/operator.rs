//! What people do with deliveries: look at them, retry them, drop them.

use jiff::Timestamp;
use rusqlite::params_from_iter;

use super::{
    error::StoreError,
    rows::{Entry, Selection, State},
    store::Store,
    time::{from_millis, millis, time},
};

impl Store {
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
}
