//! The bytes of files, each read once.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// How long a file may be, in bytes: the certificates of a whole system are a
/// fiftieth of it.
const MOST_BYTES: u64 = 16 << 20;

/// What files said when they were read. Each is read once, however often it is named:
/// a pipe, as of `<(…)`, has nothing more to say. Two are equal when they say the same.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct KeptFiles(BTreeMap<PathBuf, Kept>);

#[derive(Clone, PartialEq, Eq)]
struct Kept {
    bytes: Vec<u8>,
    /// Whether it may say something else later.
    is_regular: bool,
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {source}", path.display())]
pub struct UnreadableFile {
    /// Which.
    pub path: PathBuf,
    /// Why not.
    pub source: io::Error,
}

impl KeptFiles {
    /// Reads the files. Waits for a pipe until it ends.
    ///
    /// # Errors
    /// When one cannot be read, or is longer than 16 MiB.
    pub fn read<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Result<Self, UnreadableFile> {
        let paths: BTreeSet<&Path> = paths.into_iter().collect();
        paths.into_iter().map(|path| Ok((path.to_owned(), Kept::read(path)?))).collect()
    }

    /// What they say now. Only regular files are looked at: others are as they were,
    /// and nobody waits for them.
    ///
    /// # Errors
    /// When a regular file cannot be read any more, or is none now.
    pub fn read_again(&self) -> Result<Self, UnreadableFile> {
        let again = |(path, kept): (&PathBuf, &Kept)| {
            let kept = if kept.is_regular { Kept::read_regular(path)? } else { kept.clone() };
            Ok((path.clone(), kept))
        };
        self.0.iter().map(again).collect()
    }

    /// Some of them.
    #[must_use]
    pub(super) fn only<'a>(&self, paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let some = paths.into_iter().filter_map(|path| self.0.get_key_value(path));
        some.map(|(path, kept)| (path.clone(), kept.clone())).collect()
    }

    /// Whether any of them may say something else later.
    #[must_use]
    pub fn may_change(&self) -> bool {
        self.0.values().any(|kept| kept.is_regular)
    }

    /// What a file said.
    ///
    /// # Errors
    /// When it is none of those that were read.
    pub fn bytes(&self, path: &Path) -> Result<&[u8], UnreadableFile> {
        let missing =
            || UnreadableFile { path: path.into(), source: io::ErrorKind::NotFound.into() };
        self.0.get(path).map(|kept| &*kept.bytes).ok_or_else(missing)
    }
}

impl FromIterator<(PathBuf, Kept)> for KeptFiles {
    fn from_iter<I: IntoIterator<Item = (PathBuf, Kept)>>(files: I) -> Self {
        Self(files.into_iter().collect())
    }
}

impl Kept {
    fn read(path: &Path) -> Result<Self, UnreadableFile> {
        Self::read_file(path).map_err(|source| UnreadableFile { path: path.to_owned(), source })
    }

    fn read_regular(path: &Path) -> Result<Self, UnreadableFile> {
        // Asked before it is opened: to open a pipe is to wait for who writes to it.
        let read = path.metadata().and_then(|metadata| match metadata.is_file() {
            true => Self::read_file(path),
            false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file now")),
        });
        read.map_err(|source| UnreadableFile { path: path.to_owned(), source })
    }

    fn read_file(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let is_regular = file.metadata()?.is_file();
        let mut bytes = Vec::new();
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
        match bytes.len() as u64 > MOST_BYTES {
            true => Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is longer than 16 MiB")),
            false => Ok(Self { bytes, is_regular }),
        }
    }
}

/// Without what they say: keys are among them.
impl fmt::Debug for KeptFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn regular_files_are_looked_at_again_and_others_are_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let [file, other] = ["file", "other"].map(|name| folder.path().join(name));
        fs::write(&file, "one").unwrap();
        fs::write(&other, "other").unwrap();
        let null = Path::new("/dev/null");
        let read = KeptFiles::read([&*file, null, &*file, &*other]).unwrap();
        let said = |files: &KeptFiles| files.bytes(&file).unwrap().to_vec();
        assert_eq!((said(&read), read.bytes(null).unwrap()), (b"one".to_vec(), &[][..]));
        assert!(read.may_change() && !KeptFiles::read([null]).unwrap().may_change());
        assert_eq!(read.read_again().unwrap(), read);

        fs::write(&file, "two").unwrap();
        let again = read.read_again().unwrap();
        assert_eq!((said(&again), again == read), (b"two".to_vec(), false));
        fs::remove_file(&file).unwrap();
        let error = again.read_again().unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot read {}: ", file.display())), "{error}");
        fs::create_dir(&file).unwrap();
        let error = again.read_again().unwrap_err().to_string();
        assert!(error.ends_with("it is no regular file now"), "{error}");
        assert!(read.bytes(Path::new("unknown")).is_err());
        assert!(KeptFiles::read([Path::new("/dev/zero")]).is_err());
    }
}
