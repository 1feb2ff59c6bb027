//! Reading a file.

use std::path::{Path, PathBuf};

use signatures_configuration::source_of_bytes;
use signatures_document::{file, yaml::Source};

use super::kind::FileKind;
use crate::command_error::CommandError;

/// A file that is to be looked at.
pub(crate) struct Input {
    /// Where it lies; `-` is standard input.
    pub(crate) path: PathBuf,
    /// Its text, or why there is none.
    pub(crate) source: Result<Source, CommandError>,
    /// What it is used for, where that is known before it is read.
    pub(crate) used_as: Option<FileKind>,
}

impl Input {
    /// Reads a file, or standard input for `-`.
    pub(crate) fn read(path: PathBuf) -> Self {
        let source = read(&path);
        Self { path, source, used_as: None }
    }

    /// Reads the file that is used as one of a kind.
    pub(crate) fn read_as(kind: FileKind, path: &Path) -> Self {
        Self { used_as: Some(kind), ..Self::read(path.to_owned()) }
    }
}

/// Reads a file, or standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<Source, CommandError> {
    let (name, bytes) = match path == Path::new("-") {
        true => ("<stdin>".to_owned(), file::read_to_end(std::io::stdin().lock())),
        false => (path.display().to_string(), file::read_once(path)),
    };
    bytes
        .and_then(|bytes| source_of_bytes(&name, bytes))
        .map_err(|error| CommandError::Input { name: name.clone(), error })
}
