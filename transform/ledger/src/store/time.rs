//! Times as the database holds them: milliseconds since 1970.

use jiff::Timestamp;
use rusqlite::{Row, types::Type};

pub(super) fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

pub(super) fn from_millis(millis: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(millis).ok()
}

pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let out_of_range = |error: jiff::Error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, error.into())
    };
    Timestamp::from_millisecond(row.get(column)?).map_err(out_of_range)
}
