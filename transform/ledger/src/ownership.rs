//! Which process owns a state directory: a lock on the directory itself, which
//! cannot be deleted away unnoticed, and one on a file in it, which keeps out
//! processes of earlier versions.

use std::{
    fs::{File, Metadata, TryLockError},
    io,
    path::{Path, PathBuf},
};

use crate::private::{self, create_private_directory};

const LOCK: &str = "lock";

/// A directory that this process owns.
#[derive(Debug)]
pub(crate) struct Ownership {
    folder: PathBuf,
    /// None where directories cannot be locked.
    directory: Option<File>,
    lock: File,
}

/// What became of the file that keeps out earlier versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockFile {
    Held,
    /// It was deleted; there is one again, and it is held.
    MadeAgain,
    /// It was deleted, and another process holds the one that is there.
    Lost,
}

impl Ownership {
    /// Makes the directory where there is none, and owns it.
    ///
    /// # Errors
    /// When another process owns it, or it cannot be written.
    pub(crate) fn of(folder: &Path) -> Result<Self, TryLockError> {
        create_private_directory(folder).map_err(TryLockError::Error)?;
        let directory = lock_directory(folder)?;
        Ok(Self { folder: folder.to_owned(), directory, lock: lock_file(folder)? })
    }

    /// Whether what is at the path of the directory is still what is owned.
    pub(crate) fn holds(&self) -> bool {
        let owned = self.directory.as_ref().unwrap_or(&self.lock);
        let path = if self.directory.is_some() { self.folder.clone() } else { self.lock_path() };
        is_same(owned, &path)
    }

    /// Sees to it that processes of earlier versions are kept out.
    pub(crate) fn hold_lock_file(&mut self) -> LockFile {
        if is_same(&self.lock, &self.lock_path()) {
            return LockFile::Held;
        }
        match lock_file(&self.folder) {
            Ok(lock) => {
                self.lock = lock;
                LockFile::MadeAgain
            }
            Err(_) => LockFile::Lost,
        }
    }

    /// Owns the directory that is at the path now.
    ///
    /// # Errors
    /// When another process owns it, or it cannot be written.
    pub(crate) fn regain(&mut self) -> Result<(), TryLockError> {
        create_private_directory(&self.folder).map_err(TryLockError::Error)?;
        if !self.directory.as_ref().is_some_and(|directory| is_same(directory, &self.folder)) {
            self.directory = lock_directory(&self.folder)?;
        }
        if !is_same(&self.lock, &self.lock_path()) {
            self.lock = lock_file(&self.folder)?;
        }
        Ok(())
    }

    fn lock_path(&self) -> PathBuf {
        self.folder.join(LOCK)
    }
}

fn lock_file(folder: &Path) -> Result<File, TryLockError> {
    let options = &mut File::options();
    let file = private::open(&folder.join(LOCK), options.create(true).append(true));
    let file = file.map_err(TryLockError::Error)?;
    file.try_lock()?;
    Ok(file)
}

/// Network file systems, and systems other than Unix, lock files only.
fn lock_directory(folder: &Path) -> Result<Option<File>, TryLockError> {
    let Ok(directory) = File::open(folder) else { return Ok(None) };
    match directory.try_lock() {
        Ok(()) => Ok(Some(directory)),
        Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Whether a path leads to the file that is open.
fn is_same(open: &File, path: &Path) -> bool {
    let identity = |metadata: io::Result<Metadata>| metadata.ok().and_then(|m| identity(&m));
    identity(open.metadata()) == identity(path.metadata())
}

/// What tells a file from another that is put in its place.
#[cfg(unix)]
pub(crate) fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
pub(crate) fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}
