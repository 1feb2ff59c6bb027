use std::{fs::OpenOptions, io, path::Path, time::Duration};

use rusqlite::Connection;

use super::{error::StoreError, schema::migrate};
use crate::private;

/// A database, on disk or in memory.
///
/// Another process may look into the same file and change what waits in it: each
/// call is one transaction.
#[derive(Debug)]
pub struct Store {
    pub(super) connection: Connection,
}

impl Store {
    /// Opens the database of a file, creating it where there is none.
    ///
    /// # Errors
    /// When it cannot be written, is damaged, or a later version wrote it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        create_private(path).map_err(|error| StoreError::Files { path: path.to_owned(), error })?;
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "wal")?;
        let check: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if check != "ok" {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
            return Err(rusqlite::Error::SqliteFailure(code, Some(check)).into());
        }
        Self::prepare(connection)
    }

    /// A database that ends with the process.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn in_memory() -> Result<Self, StoreError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn prepare(mut connection: Connection) -> Result<Self, StoreError> {
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.set_prepared_statement_cache_capacity(32);
        migrate(&mut connection)?;
        // A read-only database would be found out only by the first alert.
        connection.execute("UPDATE groups SET idle_from = 0 WHERE fingerprint = ''", [])?;
        Ok(Self { connection })
    }

    /// For what a lost power supply may undo, at the gain of not waiting for
    /// the disk.
    pub(super) fn relax(&self) -> Result<(), StoreError> {
        Ok(self.connection.pragma_update(None, "synchronous", "normal")?)
    }

    #[cfg(test)]
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// Makes the file before SQLite does, whose journals then get its permissions;
/// journals that a crash left get them here.
fn create_private(path: &Path) -> io::Result<()> {
    private::open(path, OpenOptions::new().append(true).create(true))?;
    for journal in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(journal);
        match private::close_to_others(Path::new(&name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
