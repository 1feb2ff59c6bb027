//! Why a pattern cannot be used.

use std::ops::Range;

use crate::limits::SIZE_LIMIT;

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    /// What kind of trouble it is.
    pub kind: PatternErrorKind,
    /// The reason, in one line.
    pub message: String,
    /// The bytes of the pattern that are at fault.
    pub span: Range<usize>,
}

/// The kinds of trouble that a pattern can be in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternErrorKind {
    /// It is not a regular expression.
    Syntax,
    /// Compiled it would take more than [`SIZE_LIMIT`].
    TooLarge,
}

impl PatternError {
    pub(crate) fn syntax(message: String, span: Range<usize>) -> Self {
        Self { kind: PatternErrorKind::Syntax, message, span }
    }

    pub(crate) fn too_large(source: &str) -> Self {
        Self {
            kind: PatternErrorKind::TooLarge,
            message: format!("compiled it would take more than {} MiB", SIZE_LIMIT >> 20),
            span: 0..source.len(),
        }
    }
}
