//! Which way to print findings.

use std::io;

use super::{github, json, pretty, sarif};
use crate::finding::Checked;

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ReportFormat {
    /// With the lines of the file, for people
    Pretty,
    /// One JSON object, for programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

impl ReportFormat {
    /// Prints the findings of all files.
    pub(crate) fn print(self, files: &[Checked<'_>], out: &mut dyn io::Write) -> io::Result<()> {
        match self {
            Self::Pretty => pretty::print(files, out),
            Self::Json => json::print(files, out),
            Self::Sarif => sarif::print(files, out),
            Self::Github => github::print(files, out),
        }
    }
}
