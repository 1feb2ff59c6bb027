//! Which files a configuration is made of, and what each said.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
};

use signatures_document::file::read_regular;

use crate::source::Unreadable;

/// Files, each with what it said when it was looked at. Two are equal when
/// nothing has changed, whatever the clock says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents(BTreeMap<PathBuf, Content>);

/// Enough of what a file said to tell whether it says something else: a secret is
/// not kept for that.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Read { length: usize, hash: u64 },
    Unreadable { reason: String },
}

impl Contents {
    /// Takes note of a file that is about to be read. One that is not there is
    /// noted, too: it may come.
    ///
    /// # Errors
    /// When there is something that must not be read: no regular file, or too
    /// long a one.
    pub fn note(&mut self, path: &Path) -> Result<(), Unreadable> {
        match self.read(path) {
            Err(unreadable) if unreadable.error.kind() != io::ErrorKind::NotFound => {
                Err(unreadable)
            }
            _ => Ok(()),
        }
    }

    /// What a file says, of which note is taken.
    pub(crate) fn read(&mut self, path: &Path) -> Result<Vec<u8>, Unreadable> {
        let read = read_regular(path);
        self.0.insert(path.to_owned(), Content::of(&read));
        read.map_err(|error| Unreadable { path: path.to_owned(), error })
    }

    /// The files.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    /// Those that said something else before, or were not there.
    pub(crate) fn changed_since(&self, before: &Self) -> Vec<&Path> {
        let changed = self.0.iter().filter(|(path, content)| before.0.get(*path) != Some(*content));
        changed.map(|(path, _)| path.as_path()).collect()
    }

    /// Forgets the files of which it is not so.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(&Path) -> bool) {
        self.0.retain(|path, _| is_kept(path));
    }

    /// Takes over what others have noted later.
    pub fn extend(&mut self, later: Self) {
        self.0.extend(later.0);
    }
}

impl Content {
    fn of(read: &io::Result<Vec<u8>>) -> Self {
        match read {
            Ok(bytes) => {
                let mut hasher = DefaultHasher::new();
                bytes.hash(&mut hasher);
                Self::Read { length: bytes.len(), hash: hasher.finish() }
            }
            Err(error) => Self::Unreadable { reason: error.to_string() },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        time::{Duration, SystemTime},
    };

    use super::*;

    #[test]
    fn what_a_file_says_counts_and_not_when_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let [secret, coming] = ["secret", "coming"].map(|name| folder.path().join(name));
        let look = || {
            let mut contents = Contents::default();
            [&secret, &coming].into_iter().for_each(|path| contents.note(path).unwrap());
            contents
        };
        fs::write(&secret, "a").unwrap();
        let before = look();
        let far = SystemTime::now() + Duration::from_secs(100 * 365 * 86_400);
        for time in [far, SystemTime::UNIX_EPOCH] {
            fs::File::options().write(true).open(&secret).unwrap().set_modified(time).unwrap();
            assert_eq!(look(), before);
        }
        fs::write(&secret, "b").unwrap();
        fs::File::options().write(true).open(&secret).unwrap().set_modified(far).unwrap();
        assert_eq!(look().changed_since(&before), [&secret]);
        fs::write(&coming, "").unwrap();
        assert_eq!(look().changed_since(&before), [&coming, &secret]);
    }

    #[test]
    fn what_must_not_be_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut contents = Contents::default();
        assert!(contents.note(&folder.path().join("not yet")).is_ok());
        let error = contents.note(folder.path()).unwrap_err().to_string();
        assert!(error.contains("it is a folder"), "{error}");
    }
}
