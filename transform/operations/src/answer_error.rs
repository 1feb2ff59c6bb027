//! Why a command has no answer.

use signatures_ledger::LedgerError;

/// Why a command has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// It would do more than was meant.
    #[error("{0}")]
    Refused(String),
    /// Nothing can be told now.
    #[error("{0}")]
    Unavailable(String),
    /// A fault of this program.
    #[error("this failed by a fault of the program: see its log")]
    Failed,
}

impl From<LedgerError> for AnswerError {
    fn from(error: LedgerError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
