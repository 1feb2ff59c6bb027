//! What leaves, and how.

use super::pretty::Terminal;

/// What leaves, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// What alone.
    pub(super) only: Option<Only>,
    /// The terminal that it is for; none where programs read it.
    pub(super) terminal: Option<Terminal>,
}

/// How lines leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LineFormat {
    /// `pretty` on a terminal, `json` anywhere else
    Auto,
    /// A row each: time, severity, signature, text
    Pretty,
    /// One JSON object a line
    Json,
}

/// What alone leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Only {
    /// Lines that match a signature
    Matched,
    /// No lines
    Alerts,
}

impl LineFormat {
    /// Whether people read it.
    pub(super) fn is_pretty(self, is_terminal: bool) -> bool {
        match self {
            Self::Auto => is_terminal,
            Self::Pretty => true,
            Self::Json => false,
        }
    }
}
