//! Lines and alerts as people read them on a terminal.

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use signatures_alerts::{
    Alert,
    legible::{one_line, padded},
};
use signatures_command_line::{Column, Table, is_coloured};
use signatures_engine::{Severity, aggregate::ToldBefore};

/// How wide rows are where no terminal says it.
const COLUMNS: usize = 100;

/// What stands before the text: the time, the severity, the signature.
const TIME: usize = 14;
const SEVERITY: usize = 8;
const SIGNATURE: usize = 24;
const GAP: usize = 2;

/// What a narrow terminal leaves of them.
const LEAST_SIGNATURE: usize = 8;
const LEAST_TEXT: usize = 20;

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
    /// The one behind standard output, or one as most are.
    pub(super) fn new() -> Self {
        let columns = signatures_command_line::columns().unwrap_or(COLUMNS);
        Self { columns, coloured: is_coloured(&std::io::stdout()) }
    }

    /// One row: of a line that matches time, severity, signature and text, of another
    /// the text, which steps back.
    pub(super) fn line(self, shown: &Shown<'_>) -> String {
        let Some((severity, id)) = shown.signature else {
            let (begin, end) = if self.coloured { ("\u{1b}[2m", "\u{1b}[0m") } else { ("", "") };
            return format!("{begin}{}{end}\n", one_line(shown.text, self.columns));
        };
        let time = shown.time.map(|time| time.strftime("%m-%d %H:%M:%S").to_string());
        let style = self.style(severity);
        let room = self.columns.saturating_sub(TIME + SEVERITY + 3 * GAP);
        let signature = room.saturating_sub(LEAST_TEXT).clamp(LEAST_SIGNATURE, SIGNATURE);
        let row = format!(
            "{:TIME$}  {style}{}{style:#}  {}  {}",
            time.unwrap_or_default(),
            padded(&one_line(severity.as_str(), SEVERITY), SEVERITY),
            padded(&one_line(id, signature), signature),
            one_line(shown.text, room.saturating_sub(signature)),
        );
        format!("{}\n", row.trim_end())
    }

    /// The alerts that were raised, a row each, below a heading; nothing for none.
    pub(super) fn alerts(self, raised: &Raised) -> String {
        if raised.rows.is_empty() {
            return String::new();
        }
        use Column::{Name, Number, Text, Whole};
        let mut table = Table::new(&[Whole, Whole, Name, Number, Number, Text]);
        table.push(["time", "severity", "signature", "events", "suppressed", "service"]);
        for row in &raised.rows {
            let Row { time, severity, signature, count, suppressed, service } = row;
            let (count, suppressed) = (count.to_string(), suppressed.to_string());
            let time = time.strftime("%m-%d %H:%M:%S").to_string();
            let service = service.as_deref().unwrap_or_default();
            let cells = [&time, severity.as_str(), signature, &count, &suppressed, service];
            table.push_marked(cells, 1, self.style(severity));
        }
        let mut lines = table.lines(0, Some(self.columns));
        if raised.more > 0 {
            lines.push(format!("and {} before these", raised.more));
        }
        lines.join("\n") + "\n"
    }

    fn style(self, severity: &Severity) -> Style {
        match (self.coloured, severity.is_critical()) {
            (false, _) => Style::new(),
            (true, true) => AnsiColor::Red.on_default().bold(),
            (true, false) => AnsiColor::Yellow.on_default(),
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
        // What rows above have counted is not counted again.
        let joined = alert.joined.as_ref();
        let before = joined.map(|joined| joined.told.before).unwrap_or_default();
        let ToldBefore { values, count, suppressed } = before;
        let service = joined.map(|joined| match values {
            0 => format!("in {}", joined.how_many()),
            values => format!("in {}, {values} of them above", joined.how_many()),
        });
        self.rows.push_back(Row {
            time: alert.last_seen,
            severity: alert.severity_hint.clone(),
            signature: alert.signature_or_generic().to_owned(),
            count: alert.count.saturating_sub(count),
            suppressed: alert.suppressed.saturating_sub(suppressed),
            service: service.or_else(|| alert.service.clone()),
        });
    }
}

#[cfg(test)]
mod tests {
    use signatures_alerts::{AlertJoined, legible};
    use signatures_engine::aggregate::{JoinedValues, ValueCount};

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
        assert!(row.contains("\u{1b}[1m\u{1b}[31mcritical\u{1b}[0m  DISK_FULL"), "{row:?}");
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

    #[test]
    fn a_joined_alert_counts_what_rows_above_it_do_not() {
        let mut raised = Raised::default();
        let mut alert = Alert::test("2026-03-14T09:35:44Z".parse().unwrap());
        (alert.count, alert.suppressed) = (9, 4);
        let value = |value: &str| ValueCount { value: value.to_owned(), count: 4 };
        let before = ToldBefore { values: 2, count: 6, suppressed: 1 };
        let values = ["a", "b", "c"].map(value).to_vec();
        let told = JoinedValues { values, before, ..JoinedValues::default() };
        alert.joined = Some(AlertJoined { by: vec!["service".to_owned()], told });
        raised.push(&alert);
        let Row { count, suppressed, service, .. } = &raised.rows[0];
        assert_eq!((*count, *suppressed), (3, 3));
        assert_eq!(service.as_deref(), Some("in 3 services, 2 of them above"));
    }

    #[test]
    fn what_is_shown_fits_a_narrow_terminal() {
        let critical = Severity::new("critical");
        for columns in 54..80 {
            let row = Terminal { columns, coloured: false }
                .line(&shown(&critical, "日本".repeat(50).as_str()));
            assert!(legible::columns(row.trim_end()) <= columns, "{row}");
        }
    }
}
