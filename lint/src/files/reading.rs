//! Reading a file.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use signatures_document::yaml::Source;

use crate::command_error::CommandError;

/// A file that is to be looked at.
pub(crate) struct Input {
    /// Where it lies; `-` is standard input.
    pub(crate) path: PathBuf,
    /// Its text, or why there is none.
    pub(crate) source: Result<Source, CommandError>,
}

impl Input {
    /// Reads a file, or standard input for `-`.
    pub(crate) fn read(path: PathBuf) -> Self {
        let source = read(&path);
        Self { path, source }
    }
}

/// Reads a file, or standard input for `-`.
pub(crate) fn read(path: &Path) -> Result<Source, CommandError> {
    let (name, bytes) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().read_to_end(&mut bytes);
        ("<stdin>".to_owned(), read.map(|_| bytes))
    } else {
        (path.display().to_string(), std::fs::read(path))
    };
    bytes
        .and_then(|bytes| source(&name, bytes))
        .map_err(|error| CommandError::Input { name: name.clone(), error })
}

/// A text out of bytes.
pub(crate) fn source(name: &str, bytes: Vec<u8>) -> io::Result<Source> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let message = match error.as_bytes() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16; save it as UTF-8".to_owned(),
            _ => format!("byte {at} is not UTF-8; save the file as UTF-8"),
        };
        io::Error::new(io::ErrorKind::InvalidData, message)
    })?;
    Ok(Source::new(name, text))
}
