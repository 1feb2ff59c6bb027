//! What is taken away: history past its bound, idle groups, and the room that
//! they took.

use jiff::Timestamp;
use rusqlite::Connection;

use super::{error::StoreError, store::Store, time::millis};

/// How much of what is settled is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HistoryBound {
    pub(crate) alerts: u64,
    pub(crate) bytes: u64,
}

/// How many groups that cannot be read are kept for whoever looks into it.
const UNREADABLE_GROUPS: u32 = 1000;

/// Free pages past this, and past a quarter of the file, are given back.
const FREE_PAGES: u64 = 1024;

/// Given back at once; others may want to write.
const PAGES_AT_ONCE: u64 = 4096;

impl Store {
    /// Takes away the oldest of the alerts that wait for no sink any more, past a
    /// bound. Says whether there was any.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn prune_history(&mut self, bound: HistoryBound) -> Result<bool, StoreError> {
        let Some(last) = first_past(&self.connection, bound)? else { return Ok(false) };
        self.connection.execute(
            "DELETE FROM alerts WHERE seq <= ? AND NOT EXISTS (
                 SELECT 1 FROM deliveries WHERE alert = alerts.seq AND state = 'queued'
             )",
            [last],
        )?;
        Ok(true)
    }

    /// Takes away what was sent only to say that an incident goes on. Says how many
    /// there were.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn prune_repeats(&mut self) -> Result<usize, StoreError> {
        Ok(self.connection.execute(
            "DELETE FROM alerts WHERE kind = 'repeated' AND NOT EXISTS (
                 SELECT 1 FROM deliveries WHERE alert = alerts.seq AND state = 'queued'
             )",
            [],
        )?)
    }

    /// Takes away the states of groups that are worth nothing any more.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn prune_groups(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM groups WHERE idle_from < ?", [millis(now)])?;
        self.connection.execute(
            "DELETE FROM unreadable_groups
             WHERE rowid <= (SELECT max(rowid) FROM unreadable_groups) - ?",
            [UNREADABLE_GROUPS],
        )?;
        Ok(())
    }

    /// Gives room in the file back that nothing is in, some at a time.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn shrink(&mut self) -> Result<(), StoreError> {
        let [free, pages] =
            [self.pragma::<u64>("freelist_count")?, self.pragma::<u64>("page_count")?];
        if free > FREE_PAGES && free > pages / 4 {
            self.connection
                .execute_batch(&format!("PRAGMA incremental_vacuum({PAGES_AT_ONCE})"))?;
        }
        Ok(())
    }

    /// Makes a file able to [shrink](Self::shrink) that an earlier version made:
    /// it is written anew, once.
    ///
    /// # Errors
    /// When it cannot be written; then it stays as it is.
    pub(crate) fn make_shrinkable(&mut self) -> Result<(), StoreError> {
        const INCREMENTAL: i64 = 2;
        if self.pragma::<i64>("auto_vacuum")? != INCREMENTAL {
            self.connection.execute_batch("PRAGMA auto_vacuum = incremental; VACUUM")?;
        }
        Ok(())
    }
}

/// The newest settled alert that is past the bound, counted from the newest.
fn first_past(connection: &Connection, bound: HistoryBound) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, coalesce(octet_length(event), 0) FROM alerts WHERE NOT EXISTS (
             SELECT 1 FROM deliveries WHERE alert = alerts.seq AND state = 'queued'
         ) ORDER BY seq DESC",
    )?;
    let mut rows = statement.query([])?;
    let (mut alerts, mut bytes) = (0, 0);
    while let Some(row) = rows.next()? {
        (alerts, bytes) = (alerts + 1, bytes + row.get::<_, u64>(1)?);
        if alerts > bound.alerts || bytes > bound.bytes {
            return row.get(0).map(Some);
        }
    }
    Ok(None)
}
