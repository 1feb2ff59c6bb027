//! What people do with deliveries: look at them, retry them, drop them.

use jiff::Timestamp;
use rusqlite::{Row, params_from_iter};

use super::{
    error::StoreError,
    rows::{Entry, Selection, State},
    store::Store,
    time::{from_millis, millis},
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
             FROM deliveries AS d LEFT JOIN alerts AS a ON a.seq = d.alert
             WHERE {condition} ORDER BY d.seq DESC LIMIT {limit}"
        ))?;
        let rows = statement.query_map(params_from_iter(values), entry)?;
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

/// One that is damaged is shown as far as it can be read: why it is a dead letter
/// is what people want to see.
fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let time = |column| number(row, column).and_then(from_millis);
    Ok(Entry {
        seq: row.get(0)?,
        state: State::read(&text(row, 1).unwrap_or_default()),
        sink: text(row, 2).unwrap_or_default(),
        attempts: number(row, 3).and_then(|number| u32::try_from(number).ok()).unwrap_or_default(),
        queued_at: time(4).unwrap_or_default(),
        due_at: time(5).unwrap_or_default(),
        settled_at: time(6),
        reason: text(row, 7),
        event: text(row, 8).unwrap_or_default(),
    })
}

fn number(row: &Row<'_>, column: usize) -> Option<i64> {
    row.get_ref(column).ok()?.as_i64().ok()
}

fn text(row: &Row<'_>, column: usize) -> Option<String> {
    let bytes = row.get_ref(column).ok()?.as_bytes().ok()?;
    Some(String::from_utf8_lossy(bytes).into_owned())
}
