//! The directory that the state is kept in: one process owns it, and what is
//! damaged in it is moved aside.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use signatures_alerts::ALERT_EVENT;
use tracing::error;

use crate::{
    private::{self, create_private_directory},
    store::{Store, StoreError},
};

/// The database in the state directory.
pub const DATABASE: &str = "alerts.db";

const LOCK: &str = "lock";

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

/// The database of a state directory, and the lock by which this process owns
/// it; none when it cannot be written, which is said loudly.
///
/// # Errors
/// When another process owns the directory, or a later version wrote it.
pub(crate) fn open(folder: &Path, now: Timestamp) -> Result<Option<(Store, File)>, OpenError> {
    let lock = match lock(folder) {
        Ok(lock) => lock,
        Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => {
            in_memory_only(folder, &error);
            return Ok(None);
        }
    };
    let path = folder.join(DATABASE);
    let opened = match Store::open(&path) {
        Err(error) if error.is_corruption() => {
            error!(event = ALERT_EVENT, path = %path.display(), %error,
                "the database of alerts is damaged: it is moved aside and a new one begun; alerts \
                 that waited in it are not sent");
            move_aside(&path, now)
                .map_err(|error| StoreError::Files { path: path.clone(), error })
                .and_then(|()| Store::open(&path))
        }
        opened => opened,
    };
    match opened {
        Ok(store) => Ok(Some((store, lock))),
        Err(error @ StoreError::LaterVersion(_)) => Err(OpenError::Unusable { path, error }),
        Err(error) => {
            in_memory_only(folder, &error);
            Ok(None)
        }
    }
}

fn in_memory_only(folder: &Path, error: &dyn std::error::Error) {
    error!(event = ALERT_EVENT, folder = %folder.display(), %error,
        "the state directory cannot be written: alerts and cooldowns are kept in memory only, and \
         a restart forgets them");
}

fn lock(folder: &Path) -> Result<File, TryLockError> {
    create_private_directory(folder).map_err(TryLockError::Error)?;
    let options = &mut File::options();
    let file = private::open(&folder.join(LOCK), options.create(true).append(true));
    let file = file.map_err(TryLockError::Error)?;
    file.try_lock()?;
    Ok(file)
}

/// The database and its journals, under a name that says since when.
fn move_aside(path: &Path, now: Timestamp) -> io::Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let mut from = path.as_os_str().to_owned();
        from.push(ending);
        let mut to = path.as_os_str().to_owned();
        to.push(format!(".damaged-{}{ending}", now.as_second()));
        match fs::rename(from, to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
