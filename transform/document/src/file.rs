//! The bytes of a file, within bounds.
//!
//! Whoever writes a file decides how long it is, and whoever names it, what it
//! is: a pipe that nobody writes to would be waited for, and a device may have no
//! end.

use std::{
    fs::{File, Metadata},
    io::{self, Read},
    path::Path,
};

/// How long a file of ours may be, in bytes.
pub const MAX_FILE_BYTES: usize = 16 << 20;

/// Reads a file of which a running program may read something else later, and so
/// nothing but a regular file.
///
/// # Errors
/// When it cannot be read, is a pipe, a device or a folder, or is longer than
/// [`MAX_FILE_BYTES`].
pub fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    // Asked before it is opened: to open a pipe is to wait for who writes to it.
    check_regular(&path.metadata()?)?;
    let file = File::open(path)?;
    check_regular(&file.metadata()?)?;
    read_to_end(file)
}

/// Reads a file once, or a pipe that ends, as of `<(…)`.
///
/// # Errors
/// When it cannot be read, is a folder, or is longer than [`MAX_FILE_BYTES`].
pub fn read_once(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
    }
    read_to_end(file)
}

/// Reads to the end.
///
/// # Errors
/// When it cannot be read, or there are more bytes than [`MAX_FILE_BYTES`].
pub fn read_to_end(input: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_FILE_BYTES {
        let message = format!("it is longer than {} MiB", MAX_FILE_BYTES >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

fn check_regular(metadata: &Metadata) -> io::Result<()> {
    let (kind, what) = match () {
        () if metadata.is_file() => return Ok(()),
        () if metadata.is_dir() => (io::ErrorKind::IsADirectory, "a folder"),
        () => (io::ErrorKind::InvalidInput, "a pipe or a device"),
    };
    let message = format!("it is {what}; name a regular file, which can be read again");
    Err(io::Error::new(kind, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(read: io::Result<Vec<u8>>) -> String {
        read.unwrap_err().to_string()
    }

    #[test]
    fn what_has_no_end_is_not_read_to_it() {
        assert_eq!(error(read_to_end(io::repeat(b'a'))), "it is longer than 16 MiB");
        let longest = io::repeat(b'a').take(MAX_FILE_BYTES as u64);
        assert_eq!(read_to_end(longest).unwrap().len(), MAX_FILE_BYTES);
    }

    #[cfg(unix)]
    #[test]
    fn only_a_regular_file_is_read_again_and_again() {
        let regular = "name a regular file, which can be read again";
        for path in ["/dev/zero", "/dev/null"] {
            let expected = format!("it is a pipe or a device; {regular}");
            assert_eq!(error(read_regular(Path::new(path))), expected);
        }
        let folder = format!("it is a folder; {regular}");
        assert_eq!(error(read_regular(Path::new("/"))), folder);
        assert_eq!(error(read_once(Path::new("/"))), "it is a folder");
        assert_eq!(error(read_once(Path::new("/dev/zero"))), "it is longer than 16 MiB");
        assert_eq!(read_once(Path::new("/dev/null")).unwrap(), b"");
    }
}
