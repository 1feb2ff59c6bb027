//! How a command that ran to its end turned out.

use std::process::ExitCode;

/// How a command that ran to its end turned out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Nothing to complain about.
    Fine,
    /// Findings, or a failed test.
    Findings,
    /// Some input could not be read, as was said on the way.
    Incomplete,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Fine => Self::SUCCESS,
            ExitStatus::Findings => Self::from(1),
            ExitStatus::Incomplete => Self::from(2),
        }
    }
}
