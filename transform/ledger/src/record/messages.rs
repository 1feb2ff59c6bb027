//! Messages that were sent and can be edited.

use rusqlite::{Connection, params};

use super::rows::Message;

/// Remembers one, in the place of an earlier one of its incident and place.
pub(crate) fn put(connection: &Connection, message: &Message) -> rusqlite::Result<()> {
    let Message { incident, sink, place, id, shown } = message;
    connection
        .prepare_cached("INSERT OR REPLACE INTO messages VALUES (?, ?, ?, ?, ?)")?
        .execute(params![incident, sink, place, id, shown])?;
    Ok(())
}

/// Those of an incident.
pub(crate) fn of(connection: &Connection, incident: &str) -> rusqlite::Result<Vec<Message>> {
    let mut statement = connection.prepare_cached("SELECT * FROM messages WHERE incident = ?")?;
    let rows = statement.query_map([incident], |row| {
        Ok(Message {
            incident: row.get("incident")?,
            sink: row.get("sink")?,
            place: row.get("place")?,
            id: row.get("id")?,
            shown: row.get("shown")?,
        })
    })?;
    rows.collect()
}
