//! A text out of a file.

use std::{
    io,
    path::{Path, PathBuf},
};

use signatures_document::{file, yaml::Source};

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {error}", path.display())]
pub struct Unreadable {
    /// Which.
    pub path: PathBuf,
    /// Why not.
    pub error: io::Error,
}

/// What a regular file says, named by its path.
///
/// # Errors
/// When it cannot be read, is no regular file, too long, or no UTF-8.
pub fn source_of(path: &Path) -> Result<Source, Unreadable> {
    let name = path.display().to_string();
    file::read_regular(path)
        .and_then(|bytes| source_of_bytes(&name, bytes))
        .map_err(|error| Unreadable { path: path.to_owned(), error })
}

/// What bytes say, by the name that messages call them.
///
/// # Errors
/// When they are no UTF-8: the message says what to do.
pub fn source_of_bytes(name: &str, bytes: Vec<u8>) -> io::Result<Source> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_told_with_what_to_do() {
        let error = |bytes: &[u8]| source_of_bytes("a", bytes.to_vec()).unwrap_err().to_string();
        assert_eq!(error(b"\xff\xfea\0"), "it is UTF-16; save it as UTF-8");
        assert_eq!(error(b"ab\xe9"), "byte 2 is not UTF-8; save the file as UTF-8");
        let error = source_of(Path::new("no/such.yml")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read no/such.yml: "), "{error}");
    }
}
