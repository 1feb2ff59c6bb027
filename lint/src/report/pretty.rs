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
    let (mut errors, mut warnings) = (0, 0);
    let (mut safe, mut unsafe_) = (0, 0);
    for file in files {
        let quotes = Quotes::of(file.source);
        for finding in file.findings {
            match finding.severity {
                Severity::Error => errors += 1,
                Severity::Warning => warnings += 1,
                Severity::Info => {}
            }
            match &finding.fix {
                Some(fix) if fix.is_safe => safe += 1,
                Some(_) => unsafe_ += 1,
                None => {}
            }
            writeln!(out, "{}\n", render(&renderer, file, &quotes, finding))?;
        }
    }
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let names: Vec<_> = files.iter().map(|file| file.source.name()).collect();
    let fixable = match (safe, unsafe_) {
        (0, 0) => String::new(),
        (safe, 0) => format!(" ({safe} fixable with --fix)"),
        (0, more) => format!(" ({more} fixable with --fix --unsafe-fixes)"),
        (safe, more) => format!(" ({safe} fixable with --fix, {more} more with --unsafe-fixes)"),
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
    let range = finding.range(file.source);
    let shown = file.source.lines(range.clone());
    let said = |text: &str| legible(&quotes.said(text));
    let (message, name) = (said(&finding.message), legible(file.source.name()));
    let help = finding.help.as_deref().map(said);
    let group = level.primary_title(&*message).id(finding.rule);
    let at = file.source.position(range.start);
    if shown.len() > MAX_SHOWN {
        let place = Origin::path(&*name).line(at.line).char_column(at.column);
        return renderer.render(&[with_help(group.element(place), help.as_deref())]);
    }
    let lines = &file.source.text()[shown.clone()];
    // What is no part of the text, or an end of a line that is shown as none.
    let start = shown.start + lines.len() - lines.trim_start_matches('\u{feff}').len();
    let lines = &*legible(quotes.part(start..shown.end));
    let range = range.start.max(start)..range.end.max(start);
    let snippet = Snippet::source(lines)
        .line_start(at.line)
        .path(&*name)
        .annotation(AnnotationKind::Primary.span(range.start - start..range.end - start));
    renderer.render(&[with_help(group.element(snippet), help.as_deref())])
}

/// A text without what is hidden; as many bytes, so that places stay where they are.
fn legible(text: &str) -> String {
    let ends_line = |at: usize| text[at + 1..].starts_with('\n');
    let shown = |(at, c): (usize, char)| match c {
        // By itself it ends a line, too, which the renderer does not know.
        '\r' if !ends_line(at) => '\n',
        '\n' | '\r' | '\t' => c,
        c if !is_hidden(c) => c,
        c => match c.len_utf8() {
            1 => '?',
            2 => '¿',
            3 => '\u{fffd}',
            _ => '\u{1f6ab}',
        },
    };
    text.char_indices().map(shown).collect()
}

fn with_help<'a>(group: Group<'a>, help: Option<&'a str>) -> Group<'a> {
    match help {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    }
}
