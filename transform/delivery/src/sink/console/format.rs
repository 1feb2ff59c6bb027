//! What is written for an alert.

/// How the console shows an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConsoleFormat {
    /// For people.
    Pretty,
    /// One JSON object a line.
    Json,
}
