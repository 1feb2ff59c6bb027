//! How a task ends.

use crate::{command::CommandError, files::FileError, packages::MetadataError, structure};

/// How a task that ran to its end turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Fine,
    /// What is wrong has been said.
    Findings,
}

impl Outcome {
    /// Fine where all are.
    pub(crate) fn of_all<const N: usize>(outcomes: [Self; N]) -> Self {
        if outcomes.contains(&Self::Findings) { Self::Findings } else { Self::Fine }
    }
}

/// Why a task could not be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    #[error("{}: {error}", path.display())]
    Schema { path: std::path::PathBuf, error: serde_json::Error },
    #[error(transparent)]
    Structure(#[from] structure::StructureError),
}
