//! Why a pattern cannot be used.

use std::ops::Range;

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
    /// It is longer than [`LENGTH_LIMIT`](crate::LENGTH_LIMIT), or would take more
    /// than [`SIZE_LIMIT`](crate::SIZE_LIMIT) once compiled.
    TooLarge,
}

impl PatternError {
    pub(crate) fn syntax(message: String, span: Range<usize>) -> Self {
        Self { kind: PatternErrorKind::Syntax, message, span }
    }

    /// Whether it lies further on than another.
    pub(crate) fn is_behind(&self, other: &Self) -> bool {
        self.span.start > other.span.start
    }

    pub(crate) fn too_large(source: &str, message: String) -> Self {
        Self { kind: PatternErrorKind::TooLarge, message, span: 0..source.len() }
    }

    /// Of one that would be larger than so many bytes.
    pub(crate) fn larger_than(source: &str, limit: usize) -> Self {
        let message = format!("compiled it would take more than {} MiB", limit >> 20);
        Self::too_large(source, message)
    }
}
