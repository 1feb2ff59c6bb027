//! Files, with their names in what goes wrong.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Why a file or folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {error}", path.display())]
pub(crate) struct FileError {
    pub(crate) path: PathBuf,
    pub(crate) error: io::Error,
}

impl FileError {
    /// For `map_err`.
    pub(crate) fn of(path: &Path) -> impl Fn(io::Error) -> Self + '_ {
        |error| Self { path: path.to_owned(), error }
    }
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String, FileError> {
    fs::read_to_string(path).map_err(FileError::of(path))
}

/// All files under a folder, in order, but for what cargo builds; none where
/// there is no such folder.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(FileError::of(folder))?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(FileError::of(folder))?;
        let path = entry.path();
        if !entry.file_type().map_err(FileError::of(&path))?.is_dir() {
            files.push(path);
        } else if entry.file_name() != "target" {
            files.extend(list(&path)?);
        }
    }
    files.sort();
    Ok(files)
}
