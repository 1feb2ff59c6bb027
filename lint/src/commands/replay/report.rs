//! What a replay found, as a table and as JSON.

use std::{
    collections::BTreeSet,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use serde_json::json;
use signatures_alerts::{
    Alert, AlertSeverity,
    legible::{self, one_line},
};
use signatures_command_line::{Column, Table, columns};
use signatures_configuration::Files;
use signatures_engine::{
    Classifier, Fingerprint, GroupId, Tally, Told, aggregate::Trigger, taxonomy::Signature,
};

use super::merge::MOST_OPEN;

/// How many generic groups the table shows; the JSON has them all.
const TABLE_GENERIC_ROWS: usize = 20;

/// What a table below a heading stands in from the left.
const INDENT: usize = 2;

/// All that a replay found.
pub(super) struct Report<'c> {
    pub(super) tally: Tally,
    pub(super) suppressed: u64,
    /// Lines that are part of the event of a line before.
    pub(super) joined: u64,
    /// Events that went on beyond what is joined.
    pub(super) over: u64,
    /// Whether lines came before any time was known, and count as one moment.
    pub(super) timeless: bool,
    /// How many logs were read.
    pub(super) logs: usize,
    /// Logs that tell no time.
    pub(super) timeless_logs: usize,
    /// Logs whose times run backwards.
    pub(super) backwards: Vec<String>,
    /// Logs that began before others had ended, and had to wait for that.
    pub(super) late_logs: usize,
    /// One for each signature of the taxonomy.
    pub(super) signatures: Vec<SignatureRow<'c>>,
    alerts: Vec<AlertRow>,
    /// Most frequent first, then as they came.
    pub(super) generic: Vec<(GroupId, GenericRow)>,
    /// Events of generic groups past the limit.
    pub(super) generic_not_listed: u64,
}

pub(super) struct SignatureRow<'c> {
    category: &'c str,
    signature: &'c Signature,
    pub(super) count: u64,
    pub(super) fingerprints: BTreeSet<Fingerprint>,
    pub(super) groups: BTreeSet<GroupId>,
}

pub(super) struct AlertRow {
    time: Timestamp,
    alert: Alert,
}

pub(super) struct GenericRow {
    /// The how-manieth group it was.
    pub(super) order: usize,
    pub(super) fingerprint: Fingerprint,
    pub(super) canonical: String,
    pub(super) count: u64,
}

impl<'c> Report<'c> {
    pub(super) fn new(classifier: &'c Classifier) -> Self {
        let taxonomy = classifier.taxonomy();
        let row = |signature| SignatureRow {
            category: &taxonomy.category_of(signature).name,
            signature,
            count: 0,
            fingerprints: BTreeSet::new(),
            groups: BTreeSet::new(),
        };
        Self {
            tally: Tally::default(),
            suppressed: 0,
            joined: 0,
            over: 0,
            timeless: false,
            logs: 0,
            timeless_logs: 0,
            backwards: Vec::new(),
            late_logs: 0,
            signatures: taxonomy.signatures.iter().map(row).collect(),
            alerts: Vec::new(),
            generic: Vec::new(),
            generic_not_listed: 0,
        }
    }

    /// Adds an alert; of one that nothing came it is told when it was raised.
    pub(super) fn push(&mut self, alert: Alert) {
        let is_absent = alert.trigger == Some(Trigger::Absent);
        let time = alert.decided_at.filter(|_| is_absent).unwrap_or(alert.last_seen);
        self.alerts.push(AlertRow { time, alert });
    }

    /// The signatures that matched something, in taxonomy order.
    fn matched_signatures(&self) -> impl Iterator<Item = &SignatureRow<'c>> {
        self.signatures.iter().filter(|row| row.count > 0)
    }

    pub(super) fn print_json(&self, files: &Files, out: &mut dyn Write) -> io::Result<()> {
        let signatures = self.matched_signatures().map(|row| {
            json!({
                "category": row.category,
                "signature": row.signature.id,
                "policy": row.signature.policy,
                "severity": row.signature.severity,
                "count": row.count,
                "fingerprints": row.fingerprints,
                "groups": row.groups,
            })
        });
        let alerts = self.alerts.iter().map(|AlertRow { time, alert }| {
            json!({
                "time": time,
                "fingerprint": alert.fingerprint,
                "group": alert.group_id(),
                "category": alert.category,
                "signature": alert.signature,
                "severity": alert.severity,
                "trigger": alert.trigger,
                "reason": alert.reason,
                "numbers": alert.numbers,
                "count": alert.count,
                "suppressed": alert.suppressed,
                "joined": alert.joined,
            })
        });
        let generic = self.generic.iter().map(|(group, row)| {
            json!({
                "fingerprint": row.fingerprint,
                "group": group,
                "canonical": row.canonical,
                "count": row.count,
            })
        });
        let report = json!({
            "rules": files.to_string(),
            "lines": self.tally.events() + self.joined,
            "joined": self.joined,
            "over": self.over,
            "matched": self.tally.matched,
            "noise": self.tally.noise,
            "unmatched": self.tally.unmatched,
            "skipped": self.tally.skipped,
            "suppressed": self.suppressed,
            "step_limit_hits": self.tally.step_limit_hits,
            "cut": self.tally.cut,
            "empty": self.tally.empty,
            "timeless": self.timeless,
            "logs": self.logs,
            "timeless_logs": self.timeless_logs,
            "backwards": self.backwards.len(),
            "late_logs": self.late_logs,
            "signatures": signatures.collect::<Vec<_>>(),
            "alerts": alerts.collect::<Vec<_>>(),
            "generic": generic.collect::<Vec<_>>(),
            "generic_not_listed": self.generic_not_listed,
        });
        writeln!(out, "{}", legible::json(serde_json::to_string_pretty(&report)?))
    }

    pub(super) fn print_table(&self, files: &Files, out: &mut dyn Write) -> io::Result<()> {
        let bold = Style::new().bold();
        let of_logs = if self.logs > 1 { format!(" of {} logs", self.logs) } else { String::new() };
        writeln!(
            out,
            "{} lines{of_logs}: {} matched, {} noise, {} unmatched, {} not looked at",
            self.tally.events() + self.joined,
            self.tally.matched,
            self.tally.noise,
            self.tally.unmatched,
            self.tally.skipped
        )?;
        if files.has_built_in_taxonomy() {
            writeln!(out, "by the {}, since there is no config/error_signatures.yml", files)?;
        }
        for (count, what) in [
            (self.joined, "lines were joined to the one before"),
            (self.over, "events went on beyond 500 lines or 64 KiB"),
            (self.tally.step_limit_hits, "searches gave up at their step limit"),
            (self.tally.cut, "lines were longer than the subject limit"),
        ] {
            if count > 0 {
                writeln!(out, "{count} {what}")?;
            }
        }
        self.print_doubts(out)?;
        if self.tally.matched > 0 {
            use Column::{Name, Number, Whole};
            writeln!(out, "\n{bold}Signatures{bold:#}")?;
            let mut table = Table::new(&[Number, Whole, Name, Name, Whole, Whole]);
            table.push(["count", "groups", "category", "signature", "severity", "policy"]);
            for row in self.matched_signatures() {
                let (count, groups) = (row.count.to_string(), row.groups.len().to_string());
                let Signature { id, severity, policy, .. } = row.signature;
                let policy = policy.to_string();
                table.push([&count, &groups, row.category, id, severity.as_str(), &policy]);
            }
            print(&table, out)?;
        }
        self.print_alerts(out, bold)?;
        self.print_generic(out, bold)
    }

    /// What makes less of the figures than they seem.
    fn print_doubts(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.timeless {
            writeln!(out, "no line told a time that is known: all of them count as one moment")?;
        } else if self.timeless_logs > 0 {
            let (logs, their) = logs(self.timeless_logs, "tells", "tell");
            writeln!(out, "{logs} no time that is known: {their} lines count behind all others")?;
        }
        if let [first, more @ ..] = &self.backwards[..] {
            let first = one_line(first, usize::MAX);
            let more = match more.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            writeln!(
                out,
                "time runs backwards in {first}{more}: lines are taken as they stand there"
            )?;
        }
        if self.late_logs > 0 {
            let (logs, their) = logs(self.late_logs, "was", "were");
            writeln!(
                out,
                "more than {MOST_OPEN} logs overlap in time: {logs} read when others had ended, and \
                 {their} lines came late"
            )?;
        }
        // Of a line without a word there is nothing to set.
        let sentences = Told::default().news(&self.tally.peculiar);
        for sentence in sentences.iter().filter(|sentence| !sentence.ends_with("it has none")) {
            writeln!(out, "{} {}", self.tally.empty, one_line(sentence, usize::MAX))?;
        }
        Ok(())
    }

    fn print_alerts(&self, out: &mut dyn Write, bold: Style) -> io::Result<()> {
        let (alerts, suppressed) = (self.alerts.len(), self.suppressed);
        writeln!(out, "\n{bold}Alerts{bold:#}: {alerts}, {suppressed} events suppressed")?;
        let most = columns();
        let mut table = Table::new(&[Column::Whole, Column::Whole, Column::Whole, Column::Text]);
        for AlertRow { time, alert } in &self.alerts {
            let colour = match alert.severity {
                AlertSeverity::Critical => AnsiColor::Red,
                AlertSeverity::Anomaly => AnsiColor::Yellow,
            };
            let (time, group) = (format!("{time:.3}"), alert.group_id().to_string());
            let cells = [&time, alert.severity.as_str(), &group, &alert.name];
            table.push_marked(cells, 1, colour.on_default());
        }
        for (line, AlertRow { alert, .. }) in table.lines(0, most).iter().zip(&self.alerts) {
            let summary = match alert.why() {
                Some((trigger, _)) => format!("{trigger}: {}", alert.summary),
                None => alert.summary.clone(),
            };
            let summary =
                one_line(&summary, most.map_or(usize::MAX, |most| most.saturating_sub(4)));
            writeln!(out, "{line}\n    {summary}")?;
        }
        Ok(())
    }

    fn print_generic(&self, out: &mut dyn Write, bold: Style) -> io::Result<()> {
        if self.generic.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{bold}Errors that no signature knows{bold:#}")?;
        let mut table = Table::new(&[Column::Number, Column::Whole, Column::Text]);
        table.push(["count", "group", "canonical text"]);
        for (group, row) in self.generic.iter().take(TABLE_GENERIC_ROWS) {
            table.push([&row.count.to_string(), &group.to_string(), &row.canonical]);
        }
        print(&table, out)?;
        let hidden = self.generic.len().saturating_sub(TABLE_GENERIC_ROWS);
        if hidden > 0 {
            writeln!(out, "  … {hidden} more; --format json lists them")?;
        }
        Ok(())
    }
}

/// As wide as it is, but no wider than a terminal.
fn print(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    table.lines(INDENT, columns()).iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// `1 log tells … its`, `2 logs tell … their`.
fn logs(number: usize, one: &str, several: &str) -> (String, &'static str) {
    match number {
        1 => (format!("1 log {one}"), "its"),
        number => (format!("{number} logs {several}"), "their"),
    }
}
