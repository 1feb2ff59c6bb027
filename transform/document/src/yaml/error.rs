//! Why a text is no document.

use super::span::Span;

/// Why a text is no document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct YamlError {
    /// The reason, in one line.
    pub message: String,
    /// Where.
    pub span: Span,
}
