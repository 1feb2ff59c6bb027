//! The directory that the state is kept in: one process owns it, and what is
//! damaged in it is moved aside.

use std::{
    fs::{self, TryLockError},
    io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use tracing::error;

use crate::{
    ownership::{LockFile, Ownership, identity},
    store::{Store, StoreError},
};

/// The database in the state directory.
pub const DATABASE: &str = "alerts.db";

/// Why an outbox cannot be opened. A folder that cannot be written is no
/// reason: then it runs in memory.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses the folder.
    #[error(
        "another process uses the state directory {}; give each its own, or stop the other",
        .0.display()
    )]
    InUse(PathBuf),
    /// The database cannot be used, and throwing it away would lose alerts.
    #[error("cannot use {}: {error}", path.display())]
    Unusable {
        /// The database.
        path: PathBuf,
        /// Why.
        error: StoreError,
    },
    /// There is no thread to be had.
    #[error("cannot start the thread that writes alerts: {0}")]
    Thread(io::Error),
}

/// A state directory that this process owns, with its database.
#[derive(Debug)]
pub(crate) struct StateDirectory {
    path: PathBuf,
    ownership: Ownership,
    /// Which file the open database is.
    database: Option<(u64, u64)>,
    /// The copy of it that was put in its place, and could not be opened.
    unopened: Option<(u64, u64)>,
}

/// Whether a state directory is still owned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owned {
    Yes,
    /// The lock file was deleted; it is held again.
    LockFileMadeAgain,
    /// Another process holds a new lock file.
    Shared,
    /// The directory or its database was deleted or replaced.
    Lost,
}

/// Owns a state directory and opens its database; why it cannot be written where it
/// cannot, which is said loudly.
///
/// # Errors
/// When another process owns the directory, or a later version wrote it.
pub(crate) fn open(
    folder: &Path,
    now: Timestamp,
) -> Result<Result<(Store, StateDirectory), String>, OpenError> {
    let ownership = match Ownership::of(folder) {
        Ok(ownership) => ownership,
        Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => {
            return Ok(Err(in_memory_only(folder, &StoreError::files(folder, error))));
        }
    };
    let path = folder.join(DATABASE);
    let opened = match Store::open(&path) {
        Err(error) if error.is_corruption() => {
            error!(event = "signatures.database_damaged", path = %path.display(), %error,
                "the database of alerts is damaged: it is moved aside and a new one begun; alerts \
                 that waited in it are not sent");
            move_aside(&path, "damaged", now)
                .map_err(|error| StoreError::files(&path, error))
                .and_then(|()| Store::open(&path))
        }
        opened => opened,
    };
    match opened {
        Ok(store) => {
            let database = database(&path);
            Ok(Ok((store, StateDirectory { path, ownership, database, unopened: None })))
        }
        Err(error @ StoreError::LaterVersion(_)) => Err(OpenError::Unusable { path, error }),
        Err(error) => Ok(Err(in_memory_only(folder, &error))),
    }
}

impl StateDirectory {
    /// Where the database is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is still owned, and the database in it the one that is open.
    pub(crate) fn check(&mut self) -> Owned {
        if !self.ownership.holds() || database(&self.path) != self.database {
            return Owned::Lost;
        }
        match self.ownership.hold_lock_file() {
            LockFile::Held => Owned::Yes,
            LockFile::MadeAgain => Owned::LockFileMadeAgain,
            LockFile::Lost => Owned::Shared,
        }
    }

    /// Owns the directory at the path anew, with all that was in the database that
    /// was deleted: it is there as long as it is open. One that was put in its place
    /// is moved aside; the same that is there again is gone on with.
    ///
    /// An attempt that fails leaves nothing behind that the next one adds to.
    ///
    /// # Errors
    /// When another process owns the directory now, or it cannot be written.
    pub(crate) fn recover(
        &mut self,
        lost: &Store,
        now: Timestamp,
    ) -> Result<Option<Store>, StoreError> {
        let files = |error| StoreError::files(&self.path, error);
        self.ownership.regain().map_err(|error| files(error.into()))?;
        if database(&self.path) == self.database {
            return Ok(None);
        }
        let copy = self.copy_of(lost)?;
        let there = database(&self.path);
        if there.is_some() && there != self.unopened {
            move_aside(&self.path, "replaced", now).map_err(files)?;
        }
        fs::rename(&copy, &self.path).map_err(files)?;
        self.unopened = database(&self.path);
        let store = Store::open(&self.path)?;
        self.database = self.unopened.take();
        Ok(Some(store))
    }

    /// A copy beside it that can be opened.
    fn copy_of(&self, lost: &Store) -> Result<PathBuf, StoreError> {
        let mut copy = self.path.as_os_str().to_owned();
        copy.push(".new");
        let copy = PathBuf::from(copy);
        match fs::remove_file(&copy) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::Files { path: copy, error });
            }
            _ => {}
        }
        lost.copy_to(&copy)?;
        Store::open(&copy)?;
        Ok(copy)
    }
}

fn database(path: &Path) -> Option<(u64, u64)> {
    identity(&path.metadata().ok()?)
}

/// Says that it cannot be written, and why.
fn in_memory_only(folder: &Path, error: &StoreError) -> String {
    error!(event = "signatures.state_directory_unusable", folder = %folder.display(), %error,
        "the state directory cannot be written: alerts and cooldowns are kept in memory only, and \
         a restart forgets them");
    error.of(folder)
}

/// The database and its journals, under a name that says why and since when.
fn move_aside(path: &Path, why: &str, now: Timestamp) -> io::Result<()> {
    for ending in ["", "-journal", "-wal", "-shm"] {
        let mut from = path.as_os_str().to_owned();
        from.push(ending);
        let mut to = path.as_os_str().to_owned();
        to.push(format!(".{why}-{}{ending}", now.as_second()));
        match fs::rename(from, to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
