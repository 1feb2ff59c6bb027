//! What is wrong, where, and what to do about it.

use std::{fmt, path::PathBuf};

/// One breach of the law.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Relative to the root of the repository.
    pub(crate) file: PathBuf,
    /// From 1.
    pub(crate) line: usize,
    /// What is wrong, and what to do.
    pub(crate) message: String,
    /// Further lines that show it.
    pub(crate) details: Vec<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.file.display(), self.line, self.message)?;
        self.details.iter().try_for_each(|detail| write!(out, "\n    {detail}"))
    }
}
