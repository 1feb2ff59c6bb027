//! Why a database cannot be used.

use std::{
    io,
    path::{Path, PathBuf},
};

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
    /// There is none, or it could not be had just now.
    #[error("the database cannot be had")]
    Unavailable,
    /// Something that cannot happen did.
    #[error("a fault of this program: {0}")]
    Internal(String),
}

impl StoreError {
    pub(crate) fn files(path: &Path, error: io::Error) -> Self {
        Self::Files { path: path.to_owned(), error }
    }

    /// As it is told of what lies at a path.
    pub(crate) fn of(&self, path: &Path) -> String {
        match self {
            Self::Files { .. } => self.to_string(),
            other => format!("cannot use {}: {other}", path.display()),
        }
    }

    /// Whether the database's content is damaged.
    #[must_use]
    pub fn is_corruption(&self) -> bool {
        matches!(self, Self::Database(error) if matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
        ))
    }

    /// Whether another process is writing.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self, Self::Database(error) if matches!(
            error.sqlite_error_code(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        ))
    }

    /// Whether there is no room on the disk.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, Self::Database(error) if
            error.sqlite_error_code() == Some(ErrorCode::DiskFull))
    }

    /// Whether it may be about what was written, so that other rows may be
    /// taken; otherwise the database takes nothing at all now.
    pub(crate) fn may_be_about_the_row(&self) -> bool {
        match self {
            Self::Database(error) => !matches!(
                error.sqlite_error_code(),
                Some(
                    ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::ReadOnly
                        | ErrorCode::CannotOpen
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::DatabaseCorrupt
                        | ErrorCode::NotADatabase
                )
            ),
            Self::Internal(_) => true,
            Self::Files { .. } | Self::LaterVersion(_) | Self::Unavailable => false,
        }
    }
}
