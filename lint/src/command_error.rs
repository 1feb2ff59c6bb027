//! Why a command could not do its work.

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
    /// The output cannot be written.
    #[error("cannot write: {0}")]
    Output(#[from] std::io::Error),
}
