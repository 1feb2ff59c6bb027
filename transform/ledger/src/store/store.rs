use std::{fs::OpenOptions, io, path::Path, time::Duration};

use rusqlite::{Connection, types::FromSql};

use super::{error::StoreError, schema::migrate};
use crate::private;

/// How long another process that writes is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// A journal that stays, empty, between two transactions: to make and to delete one
/// costs more. Not a write-ahead log: its index is mapped memory, and a full disk
/// would end the process by a signal. Not one that keeps its room: after a write to a
/// database that was deleted, that could not be read any more.
const JOURNAL: &str = "truncate";

/// How many statements are kept ready.
const STATEMENTS: usize = 64;

/// A database.
///
/// Another process may look into the same file and change what waits in it: each
/// call is one transaction.
#[derive(Debug)]
pub struct Store {
    pub(crate) connection: Connection,
}

impl Store {
    /// Opens the database of a file, creating it where there is none, and looks through
    /// all of it.
    ///
    /// # Errors
    /// When it cannot be written, is damaged, or a later version wrote it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut store = Self::connect(path)?;
        let check: String =
            store.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if check != "ok" {
            let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
            return Err(rusqlite::Error::SqliteFailure(code, Some(check)).into());
        }
        // It is a write, and of use only before anything is in the file.
        if store.pragma::<u64>("page_count")? == 0 {
            store.connection.pragma_update(None, "auto_vacuum", "incremental")?;
        }
        migrate(&mut store.connection)?;
        store.probe()?;
        Ok(store)
    }

    /// Opens the database that another process may use: it has looked through it.
    ///
    /// # Errors
    /// When it cannot be used, or a later version wrote it.
    pub fn open_beside(path: &Path) -> Result<Self, StoreError> {
        let mut store = Self::connect(path)?;
        migrate(&mut store.connection)?;
        Ok(store)
    }

    /// A database in memory, which ends with the process.
    ///
    /// # Errors
    /// When there is no memory to be had.
    pub(crate) fn in_memory() -> Result<Self, StoreError> {
        let mut store = Self { connection: Connection::open_in_memory()? };
        store.connection.pragma_update(None, "foreign_keys", true)?;
        store.connection.set_prepared_statement_cache_capacity(STATEMENTS);
        migrate(&mut store.connection)?;
        Ok(store)
    }

    fn connect(path: &Path) -> Result<Self, StoreError> {
        create_private(path).map_err(|error| StoreError::Files { path: path.to_owned(), error })?;
        let store = Self { connection: Connection::open(path)? };
        let connection = &store.connection;
        connection.pragma_update(None, "mmap_size", 0)?;
        // While nobody else may have it, even the index of the old journal is in
        // memory of our own.
        connection.pragma_update(None, "locking_mode", "exclusive")?;
        let left = store.leave_write_ahead();
        connection.pragma_update(None, "locking_mode", "normal")?;
        left?;
        connection.busy_timeout(PATIENCE)?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(store)
    }

    /// A read-only database would be found out only by the first alert. One that is
    /// full can be read, and may have room later.
    fn probe(&self) -> Result<(), StoreError> {
        let write = "UPDATE groups SET idle_from = 0 WHERE fingerprint = ''";
        match self.connection.execute(write, []).map_err(StoreError::from) {
            Err(error) if !error.is_full() => Err(error),
            _ => Ok(()),
        }
    }

    /// Writes what changes nothing, so that a disk that refuses does it here.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub(crate) fn try_out(&mut self) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        let layout: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        transaction.pragma_update(None, "user_version", layout)?;
        Ok(transaction.commit()?)
    }

    /// Goes over to a journal that is no mapped memory, from that of an earlier
    /// version; not while another process has the database open.
    ///
    /// # Errors
    /// When the database refuses.
    pub(crate) fn leave_write_ahead(&self) -> Result<(), StoreError> {
        self.connection.busy_timeout(Duration::ZERO)?;
        let left =
            self.connection.pragma_update_and_check(None, "journal_mode", JOURNAL, |_| Ok(()));
        self.connection.busy_timeout(PATIENCE)?;
        match left.map_err(StoreError::from) {
            Err(error) if !error.is_busy() => Err(error),
            _ => Ok(()),
        }
    }

    /// A number that changes whenever another process changes the database.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) fn version(&self) -> Result<i64, StoreError> {
        self.pragma("data_version")
    }

    /// Copies all of it into a new file, also when its own file was deleted.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        let files = |error| StoreError::Files { path: path.to_owned(), error };
        create_private(path).map_err(files)?;
        self.connection.execute("VACUUM INTO ?", [path.to_string_lossy()])?;
        OpenOptions::new().read(true).open(path).and_then(|file| file.sync_all()).map_err(files)
    }

    pub(super) fn pragma<T: FromSql>(&self, name: &str) -> Result<T, StoreError> {
        Ok(self.connection.pragma_query_value(None, name, |row| row.get(0))?)
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
    for journal in ["-journal", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(journal);
        match private::close_to_others(Path::new(&name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
