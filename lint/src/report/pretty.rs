//! Findings for people: the lines of the file, underlined.

use std::io;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use signatures_alerts::legible::is_hidden;

use super::masked::Quotes;
use crate::finding::{Checked, Finding, Severity};

/// Of longer lines, in bytes, only the place is told: they were written by a
/// program, and each finding would go through all of one.
const MAX_SHOWN: usize = 64 << 10;

pub(super) fn print(files: &[Checked<'_>], out: &mut dyn io::Write) -> io::Result<()> {
    let renderer = Renderer::styled();
    let (mut errors, mut warnings, mut fixable) = (0, 0, 0);
    for file in files {
        let quotes = Quotes::of(file.source);
        for finding in file.findings {
            match finding.severity {
                Severity::Error => errors += 1,
                Severity::Warning => warnings += 1,
                Severity::Info => {}
            }
            fixable += usize::from(finding.fix.is_some());
            writeln!(out, "{}\n", render(&renderer, file, &quotes, finding))?;
        }
    }
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let names: Vec<_> = files.iter().map(|file| file.source.name()).collect();
    let fixable = match fixable {
        0 => String::new(),
        _ => format!(" ({fixable} fixable with --fix)"),
    };
    let (errors, warnings) = (count(errors, "error"), count(warnings, "warning"));
    writeln!(out, "{}: {errors}, {warnings}{fixable}", legible(&names.join(", ")))
}

fn render(renderer: &Renderer, file: &Checked<'_>, quotes: &Quotes, finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    // Of a large file the renderer need not see more than the lines concerned.
    let (text, range) = (file.source.text(), finding.range(file.source));
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[range.end..].find('\n').map_or(text.len(), |at| range.end + at);
    let lines = &text[start..end];
    let lines = lines.strip_suffix('\r').filter(|_| end > range.end).unwrap_or(lines);
    let lines = &*legible(quotes.part(start..start + lines.len()));
    let said = |text: &str| legible(&quotes.said(text));
    let (message, name) = (said(&finding.message), legible(file.source.name()));
    let help = finding.help.as_deref().map(said);
    let group = level.primary_title(&*message).id(finding.rule);
    if lines.len() > MAX_SHOWN {
        let at = file.source.position(range.start);
        let place = Origin::path(&*name).line(at.line).char_column(at.column);
        return renderer.render(&[with_help(group.element(place), help.as_deref())]);
    }
    let snippet = Snippet::source(lines)
        .line_start(file.source.position(start).line)
        .path(&*name)
        .annotation(AnnotationKind::Primary.span(range.start - start..range.end - start));
    renderer.render(&[with_help(group.element(snippet), help.as_deref())])
}

/// A text without what is hidden; as many bytes, so that places stay where they are.
fn legible(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\r' | '\t' => c,
        c if !is_hidden(c) => c,
        c => match c.len_utf8() {
            1 => '?',
            2 => '¿',
            3 => '\u{fffd}',
            _ => '\u{1f6ab}',
        },
    };
    text.chars().map(shown).collect()
}

fn with_help<'a>(group: Group<'a>, help: Option<&'a str>) -> Group<'a> {
    match help {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    }
}
