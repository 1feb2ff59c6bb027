//! The tokens of who has no other files of its own. They may be changed while it runs.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use signatures_configuration::{Contents, source_of_bytes};
use signatures_document::file::read_regular;

use super::{
    args::StatusArgs,
    keys::{Keys, KeysError},
};

/// The files of tokens, and what they came to when they were taken last.
#[derive(Debug)]
pub(crate) struct KeyFiles {
    reader: Option<PathBuf>,
    operators: Option<PathBuf>,
    in_force: Mutex<Arc<Keys>>,
}

/// Why they cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyFilesError {
    /// One cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The one who looks shows nothing.
    #[error("the file of the token is empty")]
    Empty,
    /// The one of those who act says something else.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl KeyFiles {
    /// Reads them.
    ///
    /// # Errors
    /// When one cannot be read, or says what it must not.
    pub(crate) fn open(args: &StatusArgs) -> Result<Self, KeyFilesError> {
        let (reader, operators) = (args.status_token_file.clone(), args.write_tokens_file.clone());
        let in_force = Mutex::new(Arc::new(read(reader.as_deref(), operators.as_deref())?));
        Ok(Self { reader, operators, in_force })
    }

    /// Takes over what the files say now, and takes note of them.
    ///
    /// # Errors
    /// When that cannot be used; what is in force stays.
    pub(crate) fn look(&self, noted: &mut Contents) -> Result<(), KeyFilesError> {
        for path in self.reader.iter().chain(&self.operators) {
            // What is no file is told when it is read.
            let _ = noted.note(path);
        }
        let keys = read(self.reader.as_deref(), self.operators.as_deref())?;
        *self.in_force() = Arc::new(keys);
        Ok(())
    }

    /// The tokens in force.
    pub(crate) fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.in_force())
    }

    fn in_force(&self) -> MutexGuard<'_, Arc<Keys>> {
        self.in_force.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(reader: Option<&Path>, operators: Option<&Path>) -> Result<Keys, KeyFilesError> {
    let reader = reader.map(text).transpose()?;
    let reader = reader.as_deref().map(str::trim);
    // Nobody who writes it means that anybody may look.
    if reader.is_some_and(str::is_empty) {
        return Err(KeyFilesError::Empty);
    }
    let operators =
        operators.map(|path| Ok::<_, KeyFilesError>((path, text(path)?))).transpose()?;
    let operators = operators.as_ref().map(|(path, text)| (*path, text.as_str()));
    Ok(Keys::new(reader, operators)?)
}

fn text(path: &Path) -> Result<String, KeyFilesError> {
    let unreadable = |error| KeyFilesError::Unreadable { path: path.to_owned(), error };
    let bytes = read_regular(path).map_err(unreadable)?;
    let source = source_of_bytes("", bytes).map_err(unreadable)?;
    Ok(source.text().to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_cannot_be_used_leaves_what_is_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens");
        fs::write(&path, "dana:0123456789abcdef").unwrap();
        let args = StatusArgs { write_tokens_file: Some(path.clone()), ..StatusArgs::default() };
        let files = KeyFiles::open(&args).unwrap();
        let look = |text: &str| {
            fs::write(&path, text).unwrap();
            let looked = files.look(&mut Contents::default()).is_ok();
            let known = |token: &str| files.keys().holder(token.as_bytes()).is_some();
            (looked, known("0123456789abcdef"), known("fedcba9876543210"))
        };
        assert_eq!(look("dana"), (false, true, false));
        assert_eq!(look("dana:fedcba9876543210"), (true, false, true));
        assert_eq!(look(""), (false, false, true));
        fs::remove_file(&path).unwrap();
        assert!(files.look(&mut Contents::default()).is_err());
    }
}
