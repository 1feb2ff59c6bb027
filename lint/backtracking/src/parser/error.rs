//! Why a pattern cannot be read.

/// Why a pattern cannot be analysed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ParseError {
    /// The engine itself would not compile it.
    Rejected { at: usize, message: String },
    /// The engine would, but it is not modelled here.
    Unsupported { at: usize, feature: &'static str },
}

pub(super) type Parse<T> = Result<T, ParseError>;
