//! Who did what, for 90 days.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::{columns::time, rows::Audited};
use crate::store::time::millis;

/// How long it is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How many are kept at most, the newest.
const MOST: i64 = 100_000;

pub(crate) fn add(connection: &Connection, audited: &Audited) -> rusqlite::Result<()> {
    let Audited { at, who, place, command, result } = audited;
    connection
        .prepare_cached(
            "INSERT INTO audit (at, who, place, command, result) VALUES (?, ?, ?, ?, ?)",
        )?
        .execute(params![millis(*at), who, place, command, result])?;
    Ok(())
}

/// The newest first.
pub(crate) fn list(connection: &Connection, limit: usize) -> rusqlite::Result<Vec<Audited>> {
    let sql = format!("SELECT * FROM audit ORDER BY no DESC LIMIT {limit}");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([], |row| {
        Ok(Audited {
            at: time(row, "at")?,
            who: row.get("who")?,
            place: row.get("place")?,
            command: row.get("command")?,
            result: row.get("result")?,
        })
    })?;
    rows.collect()
}

/// Takes away what is too old, or too much.
pub(crate) fn prune(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let from = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
    connection.execute("DELETE FROM audit WHERE at < ?", [millis(from)])?;
    connection.execute("DELETE FROM audit WHERE no <= (SELECT max(no) FROM audit) - ?", [MOST])?;
    Ok(())
}
