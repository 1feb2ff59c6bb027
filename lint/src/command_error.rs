//! Why a command could not do its work.

use signatures_command_line::ScriptError;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// An input cannot be read.
    #[error("cannot read {name}: {error}")]
    Input { name: String, error: std::io::Error },
    /// The taxonomy or the alerts file cannot be used.
    #[error("{0}")]
    Unusable(#[from] signatures_document::Unusable),
    /// sigcheck.toml cannot be used.
    #[error("{name}: {message}")]
    Config { name: String, message: String },
    /// What was asked for cannot be done.
    #[error("{0}")]
    Usage(String),
    /// A script cannot be written where it was to be.
    #[error("cannot write {}: {error}", path.display())]
    File { path: std::path::PathBuf, error: std::io::Error },
    /// The output cannot be written.
    #[error("cannot write: {0}")]
    Output(#[from] std::io::Error),
}

impl From<ScriptError> for CommandError {
    fn from(error: ScriptError) -> Self {
        match error {
            ScriptError::Output(error) => Self::Output(error),
            ScriptError::Folder(path, error) => Self::File { path, error },
        }
    }
}
