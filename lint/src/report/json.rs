//! Findings as one JSON object.

use std::{io, rc::Rc};

use serde::Serialize;
use signatures_alerts::legible::json;

use super::masked::Quotes;
use crate::finding::{Checked, Severity};

#[derive(Serialize)]
struct Report<'a> {
    findings: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'a str,
    severity: Severity,
    message: String,
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Edit<'a>>,
}

/// What `--fix` would put in place of a part of the file.
#[derive(Serialize)]
struct Edit<'a> {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    text: &'a str,
    /// Whether `--fix` does so by itself, rather than with `--unsafe-fixes`.
    safe: bool,
}

pub(super) fn print(files: &[Checked<'_>], out: &mut dyn io::Write) -> io::Result<()> {
    let findings = files
        .iter()
        .flat_map(|file| {
            let quotes = Rc::new(Quotes::of(file.source));
            file.findings.iter().map(move |finding| (file.source, Rc::clone(&quotes), finding))
        })
        .map(|(source, quotes, finding)| {
            let range = finding.range(source);
            let (start, end) = (source.position(range.start), source.position(range.end));
            Entry {
                rule: finding.rule,
                severity: finding.severity,
                message: quotes.said(&finding.message),
                file: source.name(),
                line: start.line,
                column: start.column,
                end_line: end.line,
                end_column: end.column,
                help: finding.help.as_deref().map(|help| quotes.said(help)),
                // One that cannot be said can still be made, by --fix.
                fix: finding.fix.as_ref().filter(|fix| quotes.said(&fix.text) == fix.text).map(
                    |fix| {
                        let start = source.position(fix.span.start);
                        let end = source.position(fix.span.end);
                        Edit {
                            line: start.line,
                            column: start.column,
                            end_line: end.line,
                            end_column: end.column,
                            text: &fix.text,
                            safe: fix.is_safe,
                        }
                    },
                ),
            }
        })
        .collect();
    writeln!(out, "{}", json(serde_json::to_string_pretty(&Report { findings })?))
}
