//! The table of silences.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    columns::{parsed, time, time_if_any},
    rows::{Acted, Ended, NewSilence, Silence},
};
use crate::store::time::millis;

/// The longest that a silence lasts.
pub const LONGEST_SILENCE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Those in force, the next to end first.
pub(crate) fn active(connection: &Connection, now: Timestamp) -> rusqlite::Result<Vec<Silence>> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM silences WHERE until > ? AND ended_at IS NULL ORDER BY until, id",
    )?;
    let silences = statement.query_map([millis(now)], silence)?;
    silences.collect()
}

/// The silence of that number.
pub(crate) fn get(connection: &Connection, id: i64) -> rusqlite::Result<Option<Silence>> {
    let mut statement = connection.prepare_cached("SELECT * FROM silences WHERE id = ?")?;
    statement.query_row([id], silence).optional()
}

/// Makes one.
pub(crate) fn add(
    connection: &Connection,
    new: &NewSilence,
    now: Timestamp,
) -> rusqlite::Result<Silence> {
    let NewSilence { matchers, by, until, reason } = new;
    let longest = now.checked_add(LONGEST_SILENCE).unwrap_or(Timestamp::MAX);
    let until = (*until).min(longest);
    connection.execute(
        "INSERT INTO silences (matchers, by, at, until, reason) VALUES (?, ?, ?, ?, ?)",
        params![matchers.to_string(), by, millis(now), millis(until), reason],
    )?;
    Ok(Silence {
        id: connection.last_insert_rowid(),
        matchers: matchers.clone(),
        by: by.clone(),
        at: now,
        until,
        reason: reason.clone(),
        ended: None,
        hits: 0,
        last_hit: None,
    })
}

/// Ends one before its time.
pub(crate) fn end(
    connection: &Connection,
    id: i64,
    by: &str,
    now: Timestamp,
) -> rusqlite::Result<Acted<Silence>> {
    let changed = connection.execute(
        "UPDATE silences SET ended_at = ?2, ended_by = ?3
         WHERE id = ?1 AND ended_at IS NULL AND until > ?2",
        params![id, millis(now), by],
    )?;
    Ok(match get(connection, id)? {
        None => Acted::Unknown,
        Some(silence) if changed == 0 => Acted::Already(silence),
        Some(silence) => Acted::Done(silence),
    })
}

fn silence(row: &Row<'_>) -> rusqlite::Result<Silence> {
    let ended = match time_if_any(row, "ended_at")? {
        Some(at) => {
            let by = row.get::<_, Option<String>>("ended_by")?.unwrap_or_default();
            Some(Ended { by, at })
        }
        None => None,
    };
    Ok(Silence {
        id: row.get("id")?,
        matchers: parsed(row, "matchers", |text| text.parse().ok())?,
        by: row.get("by")?,
        at: time(row, "at")?,
        until: time(row, "until")?,
        reason: row.get("reason")?,
        ended,
        hits: row.get("hits")?,
        last_hit: time_if_any(row, "last_hit")?,
    })
}
