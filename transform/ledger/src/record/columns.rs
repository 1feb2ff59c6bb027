//! Columns as they are read: one that cannot be read is told as damage, or passed by
//! where it may be.

use jiff::Timestamp;
use rusqlite::{Row, types::Type};

use crate::store::time::from_millis;

/// A time that must be there.
pub(crate) fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    Ok(from_millis(row.get(column)?).unwrap_or_default())
}

/// A time that may be there.
pub(crate) fn time_if_any(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.and_then(from_millis))
}

/// A text that says a value.
pub(crate) fn parsed<T>(
    row: &Row<'_>,
    column: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let index = row.as_ref().column_index(column)?;
    let text: String = row.get(index)?;
    read(&text).ok_or_else(|| {
        let why = format!("`{column}` is none: {text}");
        rusqlite::Error::FromSqlConversionFailure(index, Type::Text, why.into())
    })
}
