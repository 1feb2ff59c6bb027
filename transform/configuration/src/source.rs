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
        not_text(match error.as_bytes() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => UTF_16.to_owned(),
            bytes => not_utf_8(bytes, at),
        })
    })?;
    // UTF-16 without its mark is UTF-8 of a kind where all of it is ASCII.
    if text.as_bytes().get(..2).is_some_and(|head| head.contains(&0)) {
        return Err(not_text(UTF_16.to_owned()));
    }
    Ok(Source::new(name, text))
}

const UTF_16: &str = "it is UTF-16; save it as UTF-8";

fn not_text(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

/// What an editor shows of the byte at which UTF-8 ends.
fn not_utf_8(bytes: &[u8], at: usize) -> String {
    let line = 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count();
    let byte = bytes[at];
    format!("line {line} is not UTF-8, at its byte {byte:#04x}; save the file as UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_told_with_what_to_do() {
        let error = |bytes: &[u8]| source_of_bytes("a", bytes.to_vec()).unwrap_err().to_string();
        assert_eq!(error(b"\xff\xfea\0"), "it is UTF-16; save it as UTF-8");
        assert_eq!(error(b"c\0a\0"), "it is UTF-16; save it as UTF-8");
        assert_eq!(
            error(b"a\nb\xe9 c"),
            "line 2 is not UTF-8, at its byte 0xe9; save the file as UTF-8"
        );
        let error = source_of(Path::new("no/such.yml")).unwrap_err().to_string();
        assert!(error.starts_with("cannot read no/such.yml: "), "{error}");
    }
}
