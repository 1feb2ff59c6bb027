//! The states of groups, each with the format that it is written in.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use signatures_engine::aggregate::GroupState;

use super::{error::StoreError, store::Store, time::millis};
use crate::groups::{FORMAT, KeptGroups, UnreadableGroup, format};

impl Store {
    /// The states that are still worth something, at most so many: past that, those
    /// that are idle the longest are taken away. Those that cannot be read are put
    /// aside, in the table `unreadable_groups`, and told.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn groups(&mut self, most: usize, now: Timestamp) -> Result<KeptGroups, StoreError> {
        self.prune_groups(now)?;
        self.write(|writing| writing.bound_groups(most))?;
        let (mut kept, mut aside, mut ahead) = (KeptGroups::default(), Vec::new(), Vec::new());
        {
            let mut statement = self
                .connection
                .prepare("SELECT fingerprint, format, state, idle_from FROM groups")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                match read(row) {
                    Ok(state) => {
                        let state = state.by_clock(now);
                        let idle_from = row.get_ref(3)?.as_i64();
                        if idle_from != Ok(millis(state.idle_from())) {
                            ahead.push(kept.states.len());
                        }
                        kept.states.push(state);
                    }
                    Err(reason) => {
                        aside.push((
                            row.get_ref(0)?.as_bytes().unwrap_or_default().to_vec(),
                            reason,
                        ));
                    }
                }
            }
        }
        if aside.is_empty() && ahead.is_empty() {
            return Ok(kept);
        }
        let transaction = self.connection.transaction()?;
        write(&transaction, ahead.iter().filter_map(|index| kept.states.get(*index)))?;
        for (fingerprint, reason) in aside {
            put_aside(&transaction, &fingerprint, &reason, now)?;
            let group = String::from_utf8_lossy(&fingerprint).into_owned();
            kept.unreadable.push(UnreadableGroup { group, reason });
        }
        transaction.commit()?;
        Ok(kept)
    }
}

fn read(row: &Row<'_>) -> Result<GroupState, String> {
    let format = row.get(1).map_err(|error| error.to_string())?;
    let state = row.get_ref(2).map_err(|error| error.to_string())?;
    let json = state.as_str().map_err(|error| error.to_string())?;
    format::read(format, json)
}

/// By its bytes, which need not be text.
fn put_aside(
    connection: &Connection,
    fingerprint: &[u8],
    reason: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO unreadable_groups
             SELECT fingerprint, format, idle_from, state, ?2, ?3 FROM groups
             WHERE CAST(fingerprint AS BLOB) = ?1",
        )?
        .execute(params![fingerprint, reason, millis(now)])?;
    connection
        .prepare_cached("DELETE FROM groups WHERE CAST(fingerprint AS BLOB) = ?1")?
        .execute([fingerprint])?;
    Ok(())
}

pub(super) fn write<'a>(
    connection: &Connection,
    states: impl IntoIterator<Item = &'a GroupState>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO groups (fingerprint, idle_from, state, format)
         VALUES (?, ?, ?, ?)",
    )?;
    for group in states {
        let state = serde_json::to_string(group)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        // The column is named after what groups went by in the first layout.
        let id = group.id().to_string();
        statement.execute(params![id, millis(group.idle_from()), state, FORMAT])?;
    }
    Ok(())
}

/// Takes away the groups past that number, and says how many are left.
pub(super) fn bound(connection: &Connection, most: usize) -> Result<u64, StoreError> {
    let most = u64::try_from(most).unwrap_or(u64::MAX);
    let groups: u64 = connection
        .prepare_cached("SELECT count(*) FROM groups")?
        .query_row([], |row| row.get(0))?;
    let too_many = groups.saturating_sub(most);
    if too_many > 0 {
        connection
            .prepare_cached(
                "DELETE FROM groups WHERE fingerprint IN (
                     SELECT fingerprint FROM groups ORDER BY idle_from LIMIT ?
                 )",
            )?
            .execute([too_many])?;
    }
    Ok(groups - too_many)
}
