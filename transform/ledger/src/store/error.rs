//! Why a database cannot be used.

use std::{io, path::PathBuf};

use rusqlite::ErrorCode;

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or the files in it cannot be written.
    #[error("cannot use {}: {error}", path.display())]
    Files {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The database refuses.
    #[error("the database refuses: {0}")]
    Database(#[from] rusqlite::Error),
    /// A later version wrote it.
    #[error("it was written by a later version of vector-signatures (layout {0})")]
    LaterVersion(i64),
}

impl StoreError {
    /// Whether the database's content is damaged.
    #[must_use]
    pub fn is_corruption(&self) -> bool {
        matches!(self, Self::Database(error) if matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        ))
    }
}
