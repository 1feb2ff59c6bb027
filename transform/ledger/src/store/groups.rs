//! The states of groups, each with the format that it is written in.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params, types::Value};
use signatures_engine::aggregate::GroupState;

use super::{error::StoreError, store::Store, time::millis};
use crate::groups::{FORMAT, KeptGroups, UnreadableGroup, format};

impl Store {
    /// Keeps states of groups. They outlive the process; a power cut may cost
    /// the last few.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn save(&mut self, groups: &[GroupState]) -> Result<(), StoreError> {
        self.relax()?;
        let transaction = self.connection.transaction()?;
        write_groups(&transaction, groups)?;
        Ok(transaction.commit()?)
    }

    /// The states that are still worth something. Those that cannot be read are
    /// put aside, in the table `unreadable_groups`, and told.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn groups(&mut self, now: Timestamp) -> Result<KeptGroups, StoreError> {
        let transaction = self.connection.transaction()?;
        let mut kept = KeptGroups::default();
        let mut statement = transaction
            .prepare("SELECT fingerprint, format, state FROM groups WHERE idle_from >= ?")?;
        let mut rows = statement.query([millis(now)])?;
        let mut aside = Vec::new();
        while let Some(row) = rows.next()? {
            match read(row) {
                Ok(state) => kept.states.push(state),
                Err(reason) => aside.push((row.get(0)?, reason)),
            }
        }
        drop(rows);
        drop(statement);
        for (fingerprint, reason) in aside {
            put_aside(&transaction, &fingerprint, &reason, now)?;
            let group = match fingerprint {
                Value::Text(text) => text,
                other => format!("{other:?}"),
            };
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

fn put_aside(
    connection: &Connection,
    fingerprint: &Value,
    reason: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO unreadable_groups
             SELECT fingerprint, format, idle_from, state, ?2, ?3 FROM groups
             WHERE fingerprint = ?1",
        )?
        .execute(params![fingerprint, reason, millis(now)])?;
    connection
        .prepare_cached("DELETE FROM groups WHERE fingerprint = ?1")?
        .execute([fingerprint])?;
    Ok(())
}

pub(super) fn write_groups(
    connection: &Connection,
    groups: &[GroupState],
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO groups (fingerprint, idle_from, state, format)
         VALUES (?, ?, ?, ?)",
    )?;
    for group in groups {
        let state = serde_json::to_string(group)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        // The column is named after what groups went by in the first layout.
        let id = group.id().to_string();
        statement.execute(params![id, millis(group.idle_from()), state, FORMAT])?;
    }
    Ok(())
}
