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
use signatures_configuration::Files;
use signatures_engine::{Classifier, Fingerprint, GroupId, Tally, Told, taxonomy::Signature};

/// How many generic groups the table shows; the JSON has them all.
const TABLE_GENERIC_ROWS: usize = 20;

/// Of a text, so much is quickly looked through.
const WIDTH: usize = 161;

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
    /// Whether a log began before the one in front of it had ended.
    pub(super) overlapping: bool,
    /// One for each signature of the taxonomy.
    pub(super) signatures: Vec<SignatureRow<'c>>,
    pub(super) alerts: Vec<AlertRow>,
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
    pub(super) time: Timestamp,
    pub(super) alert: Alert,
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
            overlapping: false,
            signatures: taxonomy.signatures.iter().map(row).collect(),
            alerts: Vec::new(),
            generic: Vec::new(),
            generic_not_listed: 0,
        }
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
            "overlapping": self.overlapping,
            "signatures": signatures.collect::<Vec<_>>(),
            "alerts": alerts.collect::<Vec<_>>(),
            "generic": generic.collect::<Vec<_>>(),
            "generic_not_listed": self.generic_not_listed,
        });
        writeln!(out, "{}", legible::json(serde_json::to_string_pretty(&report)?))
    }

    pub(super) fn print_table(&self, files: &Files, out: &mut dyn Write) -> io::Result<()> {
        let bold = Style::new().bold();
        writeln!(
            out,
            "{} lines: {} matched, {} noise, {} unmatched, {} not looked at",
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
            writeln!(out, "\n{bold}Signatures{bold:#}")?;
            table(
                out,
                &["count", "groups", "category", "signature", "severity", "policy"],
                self.matched_signatures().map(|row| {
                    vec![
                        row.count.to_string(),
                        row.groups.len().to_string(),
                        row.category.to_owned(),
                        row.signature.id.clone(),
                        row.signature.severity.to_string(),
                        row.signature.policy.to_string(),
                    ]
                }),
            )?;
        }
        self.print_alerts(out, bold)?;
        self.print_generic(out, bold)
    }

    /// What makes less of the figures than they seem.
    fn print_doubts(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.timeless {
            writeln!(out, "no line told a time that is known: all of them count as one moment")?;
        }
        if self.overlapping {
            writeln!(
                out,
                "a log begins before the one in front of it ends, and they are read one after \
                 another: give them oldest first, or merged by time, or alerts are missed"
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
        for AlertRow { time, alert } in &self.alerts {
            let colour = match alert.severity {
                AlertSeverity::Critical => AnsiColor::Red,
                AlertSeverity::Anomaly => AnsiColor::Yellow,
            };
            let style = Style::new().fg_color(Some(colour.into()));
            let line = format!(
                "{time:.3}  {style}{:<8}{style:#}  {}  {}",
                alert.severity.as_str(),
                alert.group_id(),
                one_line(&alert.name, WIDTH)
            );
            writeln!(out, "{line}\n    {}", one_line(&alert.summary, WIDTH))?;
        }
        Ok(())
    }

    fn print_generic(&self, out: &mut dyn Write, bold: Style) -> io::Result<()> {
        if self.generic.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{bold}Errors that no signature knows{bold:#}")?;
        let rows = self.generic.iter().take(TABLE_GENERIC_ROWS).map(|(group, row)| {
            vec![row.count.to_string(), group.to_string(), one_line(&row.canonical, WIDTH)]
        });
        table(out, &["count", "group", "canonical text"], rows)?;
        let hidden = self.generic.len().saturating_sub(TABLE_GENERIC_ROWS);
        if hidden > 0 {
            writeln!(out, "  … {hidden} more; --format json lists them")?;
        }
        Ok(())
    }
}

/// Columns as wide as their widest cell; the first is a number.
fn table(
    out: &mut dyn Write,
    head: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> io::Result<()> {
    let head = head.iter().map(|name| (*name).to_owned()).collect();
    let shown = |row: Vec<String>| row.iter().map(|cell| one_line(cell, usize::MAX)).collect();
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(rows.map(shown)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..rows[0].len()).map(|column| width(column).unwrap_or(0)).collect();
    for row in &rows {
        let mut line = format!("{:>w$}", row[0], w = widths[0]);
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            line += &format!("  {cell:<width$}");
        }
        writeln!(out, "  {}", line.trim_end())?;
    }
    Ok(())
}
