//! Lines and alerts as people read them on a terminal.

use std::fmt::Write as _;

use jiff::Timestamp;
use signatures_alerts::{Alert, legible::one_line};
use signatures_engine::Severity;

/// How wide a terminal is taken to be that does not say it.
const COLUMNS: usize = 100;

/// What stands before the text: the time, the severity, the signature.
const TIME: usize = 14;
const SEVERITY: usize = 8;
const SIGNATURE: usize = 24;

/// A terminal, or what is to look like one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal {
    columns: usize,
    coloured: bool,
}

/// A line that leaves.
pub(super) struct Shown<'a> {
    /// When it counts, where it does.
    pub(super) time: Option<Timestamp>,
    /// The severity and id of its signature.
    pub(super) signature: Option<(&'a Severity, &'a str)>,
    /// What it says.
    pub(super) text: &'a str,
}

impl Terminal {
    /// The one behind standard output; colours are for it alone.
    pub(super) fn new(is_terminal: bool) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let size = terminal_size::terminal_size_of(std::io::stdout());
        let columns = size.map_or(COLUMNS, |(width, _)| usize::from(width.0));
        Self { columns, coloured: is_terminal && !no_color }
    }

    /// One row: of a line that matches time, severity, signature and text, of another
    /// the text, which steps back.
    pub(super) fn line(self, shown: &Shown<'_>) -> String {
        let Some((severity, id)) = shown.signature else {
            let (begin, end) = if self.coloured { ("\u{1b}[2m", "\u{1b}[0m") } else { ("", "") };
            return format!("{begin}{}{end}\n", one_line(shown.text, self.columns));
        };
        let time = shown.time.map(|time| time.strftime("%m-%d %H:%M:%S").to_string());
        let (begin, end) = self.colours(severity);
        let before = TIME + SEVERITY + SIGNATURE + 6;
        let row = format!(
            "{:TIME$}  {begin}{:SEVERITY$}{end}  {:SIGNATURE$}  {}",
            time.unwrap_or_default(),
            one_line(severity.as_str(), SEVERITY),
            one_line(id, SIGNATURE),
            one_line(shown.text, self.columns.saturating_sub(before).max(20)),
        );
        format!("{}\n", row.trim_end())
    }

    /// The alerts that were raised, a row each, below a heading; nothing for none.
    pub(super) fn alerts(self, raised: &Raised) -> String {
        if raised.rows.is_empty() {
            return String::new();
        }
        let mut table = format!(
            "{:TIME$}  {:SEVERITY$}  {:SIGNATURE$}  {:>6}  {:>10}  {}\n",
            "time", "severity", "signature", "events", "suppressed", "service"
        );
        for row in &raised.rows {
            let Row { time, severity, signature, count, suppressed, service } = row;
            let (begin, end) = self.colours(severity);
            let service = one_line(service.as_deref().unwrap_or_default(), self.columns / 4);
            let line = format!(
                "{:TIME$}  {begin}{:SEVERITY$}{end}  {:SIGNATURE$}  {count:>6}  {suppressed:>10}  {service}",
                time.strftime("%m-%d %H:%M:%S"),
                one_line(severity.as_str(), SEVERITY),
                one_line(signature, SIGNATURE),
            );
            table += line.trim_end();
            table.push('\n');
        }
        if raised.more > 0 {
            let _ = writeln!(table, "and {} before these", raised.more);
        }
        table
    }

    fn colours(self, severity: &Severity) -> (&'static str, &'static str) {
        match (self.coloured, severity.is_critical()) {
            (false, _) => ("", ""),
            (true, true) => ("\u{1b}[1;31m", "\u{1b}[0m"),
            (true, false) => ("\u{1b}[33m", "\u{1b}[0m"),
        }
    }
}

/// The last alerts that were raised.
#[derive(Debug, Default)]
pub(super) struct Raised {
    rows: std::collections::VecDeque<Row>,
    /// How many there were before these.
    more: u64,
}

#[derive(Debug)]
struct Row {
    time: Timestamp,
    severity: Severity,
    signature: String,
    count: u64,
    suppressed: u64,
    service: Option<String>,
}

impl Raised {
    /// How many are kept to be shown.
    const MOST: usize = 50;

    pub(super) fn push(&mut self, alert: &Alert) {
        if self.rows.len() == Self::MOST {
            self.rows.pop_front();
            self.more += 1;
        }
        self.rows.push_back(Row {
            time: alert.last_seen,
            severity: alert.severity_hint.clone(),
            signature: alert.signature_or_generic().to_owned(),
            count: alert.count,
            suppressed: alert.suppressed,
            service: match &alert.joined {
                Some(joined) => Some(format!("in {}", joined.how_many())),
                None => alert.service.clone(),
            },
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Terminal = Terminal { columns: 80, coloured: false };

    fn shown<'a>(severity: &'a Severity, text: &'a str) -> Shown<'a> {
        let time = Some("2026-03-14T09:35:44.27Z".parse().unwrap());
        Shown { time, signature: Some((severity, "DISK_FULL")), text }
    }

    #[test]
    fn a_line_is_one_row_that_fits_whatever_it_says() {
        let critical = Severity::new("critical");
        assert_eq!(
            PLAIN.line(&shown(&critical, "No space\nleft\u{1b}[31m on device: /var/lib/x")),
            "03-14 09:35:44  critical  DISK_FULL                 No space left\u{fffd}[31m on devic…\n"
        );
        let coloured = Terminal { coloured: true, ..PLAIN };
        let row = coloured.line(&shown(&critical, "x"));
        assert!(row.contains("\u{1b}[1;31mcritical\u{1b}[0m  DISK_FULL"), "{row:?}");
        let unmatched = Shown { time: None, signature: None, text: "all is well" };
        assert_eq!(PLAIN.line(&unmatched), "all is well\n");
        assert_eq!(coloured.line(&unmatched), "\u{1b}[2mall is well\u{1b}[0m\n");
    }

    #[test]
    fn the_last_alerts_are_a_table() {
        let mut raised = Raised::default();
        assert_eq!(PLAIN.alerts(&raised), "");
        let mut alert = Alert::test("2026-03-14T09:35:44Z".parse().unwrap());
        alert.suppressed = 22;
        for _ in 0..=Raised::MOST {
            raised.push(&alert);
        }
        let table = PLAIN.alerts(&raised);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), Raised::MOST + 2);
        assert!(lines[0].starts_with("time            severity  signature "), "{table}");
        assert!(lines[1].starts_with("03-14 09:35:44  "), "{table}");
        assert!(lines[1].contains("          22"), "{table}");
        assert_eq!(lines.last(), Some(&"and 1 before these"));
    }
}
