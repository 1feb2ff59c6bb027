//! Findings as workflow commands of GitHub Actions, which shows them beside the
//! lines of a pull request.
//!
//! The format: <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use std::io;

use signatures_alerts::legible::lines;

use super::masked::Quotes;
use crate::finding::{Checked, Severity};

pub(super) fn print(files: &[Checked<'_>], out: &mut dyn io::Write) -> io::Result<()> {
    for file in files {
        let quotes = Quotes::of(file.source);
        for finding in file.findings {
            let command = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "notice",
            };
            let range = finding.range(file.source);
            let (start, end) = (file.source.position(range.start), file.source.position(range.end));
            let help = finding.help.as_deref().map(|help| format!("\n{help}")).unwrap_or_default();
            writeln!(
                out,
                "::{command} file={},line={},endLine={},col={},endColumn={},title={}::{}",
                property(file.source.name()),
                start.line,
                end.line,
                start.column,
                end.column,
                property(finding.rule),
                message(&quotes.said(&format!("{}{help}", finding.message))),
            )?;
        }
    }
    Ok(())
}

fn message(text: &str) -> String {
    lines(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
