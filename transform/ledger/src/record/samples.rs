//! The newest texts of each error.

use rusqlite::{Connection, Row, params};
use signatures_engine::GENERIC;

use super::{
    columns::{parsed, time},
    rows::{Sample, SamplesOf},
};

/// How many are kept of an error.
pub(crate) const KEPT: usize = 5;

/// Of so many errors of a signature samples are looked at.
const ERRORS: usize = 100;

/// The newest first, at most so many.
pub(crate) fn list(
    connection: &Connection,
    of: &SamplesOf,
    limit: usize,
) -> rusqlite::Result<Vec<Sample>> {
    let (condition, name) = match of {
        SamplesOf::Group(group) => ("id = ?1", Some(group.to_string())),
        SamplesOf::Signature(signature) => {
            ("signature IS ?1", Some(signature.clone()).filter(|name| name != GENERIC))
        }
    };
    // One signature may have ten thousand errors: those that came last will do.
    let sql = format!(
        "SELECT e.id, s.* FROM (
             SELECT no, id FROM errors WHERE {condition} ORDER BY last_seen DESC LIMIT {ERRORS}
         ) AS e JOIN samples AS s ON s.error = e.no
         ORDER BY s.at DESC, s.rowid DESC LIMIT ?2"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let samples = statement.query_map(params![name, limit], sample)?;
    samples.collect()
}

fn sample(row: &Row<'_>) -> rusqlite::Result<Sample> {
    Ok(Sample {
        group: parsed(row, "id", |text| text.parse().ok())?,
        at: time(row, "at")?,
        text: row.get("text")?,
        service: row.get("service")?,
        host: row.get("host")?,
        request_id: row.get("request_id")?,
    })
}
