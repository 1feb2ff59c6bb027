//! `sigcheck classify`: what would this line be?

use std::io::{BufRead, BufReader, Write};

use serde::Serialize;
use signatures_alerts::legible::{json, one_line};
use signatures_engine::{
    Classification, Classifier, Fingerprint, Verdict, canonical::canonical, grouping::GroupSteps,
};
use signatures_event::{Event, FieldValue, JsonEvent, LogLine, Skip};

use super::why::Why;
use crate::{
    command_error::CommandError,
    exit_status::ExitStatus,
    files::{FileArguments, standard_input},
};

/// Say what a line or an event would be classified as
#[derive(Debug, clap::Args)]
#[command(before_help = "\
Examples:
  sigcheck classify 'read ECONNRESET'
  sigcheck classify --field error='socket hang up' --field operation=charge
  sigcheck classify --why 'order 17 of 10.0.0.7 failed: read ECONNRESET'
  tail -f app.log | sigcheck classify - --format json")]
pub(super) struct Args {
    /// A line, plain or JSON; `-` reads them from standard input
    #[arg(value_name = "TEXT", conflicts_with = "fields")]
    text: Option<String>,

    /// A field of a structured event; may be repeated
    #[arg(long = "field", value_name = "NAME=TEXT", value_parser = name_and_text)]
    fields: Vec<(String, String)>,

    #[command(flatten)]
    config: FileArguments,

    /// Show how the group comes about, from the text to its name
    #[arg(long)]
    why: bool,

    /// How to print the verdict
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "pretty")]
    format: VerdictFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum VerdictFormat {
    /// For people
    Pretty,
    /// One JSON object a line
    Json,
}

fn name_and_text(argument: &str) -> Result<(String, String), String> {
    match argument.split_once('=') {
        Some((name, text)) if !name.is_empty() => Ok((name.to_owned(), text.to_owned())),
        _ => Err("expected NAME=TEXT, as in error=\"socket hang up\"".to_owned()),
    }
}

impl Args {
    pub(super) fn run(self) -> Result<ExitStatus, CommandError> {
        let (classifier, _) = self.config.load()?;
        let mut out = anstream::stdout().lock();
        let text = match (self.text.as_deref(), self.fields.is_empty()) {
            (None, true) => Some(standard_input()?),
            (text, _) => text,
        };
        match text {
            Some("-") => {
                for line in BufReader::new(std::io::stdin().lock()).split(b'\n') {
                    let line = line
                        .map_err(|error| CommandError::Input { name: "<stdin>".into(), error })?;
                    let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line));
                    self.print(&classifier, &LogLine::parse(&line), &mut out)?;
                    out.flush()?;
                }
            }
            Some(text) => self.print(&classifier, &LogLine::parse(text), &mut out)?,
            None => {
                let mut event = JsonEvent::empty();
                for (name, text) in &self.fields {
                    event.set(name, FieldValue::Text(text));
                }
                self.print(&classifier, &LogLine::Json(event), &mut out)?;
            }
        }
        Ok(ExitStatus::Fine)
    }
}

impl Args {
    fn print(
        &self,
        classifier: &Classifier,
        line: &LogLine<'_>,
        out: &mut dyn Write,
    ) -> Result<(), CommandError> {
        let found = classifier.judge(line);
        let steps = classifier.group_steps(found.verdict, found.subject.own(), line);
        let skipped = classifier.skip(line).map(|skip| reason(classifier, line, skip));
        let report = Report::new(classifier, &found, skipped, &steps, self.why);
        match self.format {
            VerdictFormat::Json => {
                let text = serde_json::to_string(&report).map_err(std::io::Error::from)?;
                writeln!(out, "{}", json(text))?;
            }
            VerdictFormat::Pretty => report.print(out)?,
        }
        Ok(())
    }
}

/// Why an event passes without a look, in words.
fn reason(classifier: &Classifier, line: &LogLine<'_>, skip: Skip) -> String {
    match (skip, classifier.level(line)) {
        (Skip::BelowMinLevel, Some(level)) => {
            let least = classifier.min_level();
            format!("level {} is below {}", level.as_str(), least.as_str())
        }
        (Skip::BelowMinLevel, None) => "its level is below `min_level`".to_owned(),
        (Skip::LoopGuard, _) => "this system wrote it, by its `event`".to_owned(),
    }
}

/// What `--format json` prints, in this order.
#[derive(Serialize)]
struct Report<'a> {
    verdict: &'static str,
    /// Why a pipeline would pass the event on without a look, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
    category: Option<&'a str>,
    signature: Option<&'a str>,
    severity: Option<&'a str>,
    policy: Option<&'a str>,
    summary: Option<&'a str>,
    canonical: String,
    fingerprint: Option<String>,
    group: Option<String>,
    /// The allowlist entry that makes it noise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Why<'a>>,
}

impl<'a> Report<'a> {
    fn new(
        classifier: &'a Classifier,
        classification: &Classification<'_>,
        skipped: Option<String>,
        steps: &'a GroupSteps,
        why: bool,
    ) -> Self {
        let found = classification.verdict;
        let signature = classifier.signature(found);
        let noise = classifier.allowlist_entry(found);
        let category = classifier.category(found);
        let canonical = canonical(classification.subject.own());
        // What says nothing is in no group.
        let grouped = noise.is_none() && !canonical.trim_ascii().is_empty();
        let fingerprint = Fingerprint::new(category, &canonical);
        Self {
            verdict: match found {
                Verdict::Match(_) => "match",
                Verdict::Noise(_) => "noise",
                Verdict::Unmatched => "unmatched",
            },
            skipped,
            category: noise.is_none().then_some(category),
            signature: signature.map(|s| s.id.as_str()),
            severity: signature.map(|s| s.severity.as_str()),
            policy: signature.map(|s| s.policy.as_str()),
            summary: signature.and_then(|s| s.summary.as_deref()),
            canonical,
            fingerprint: grouped.then(|| fingerprint.to_string()),
            group: grouped.then(|| steps.group.to_string()),
            pattern: noise.map(|entry| entry.pattern.as_str()),
            why: (why && grouped).then(|| Why::new(steps)),
        }
    }

    fn print(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let colour = match self.verdict {
            "match" => anstyle::AnsiColor::Red,
            "noise" => anstyle::AnsiColor::BrightBlack,
            _ => anstyle::AnsiColor::Green,
        };
        let bold = anstyle::Style::new().bold();
        let style = bold.fg_color(Some(colour.into()));
        let name = &*one_line(self.signature.or(self.pattern).unwrap_or_default(), usize::MAX);
        match &self.skipped {
            Some(reason) => {
                writeln!(out, "{bold}skipped{bold:#}: {}", one_line(reason, usize::MAX))?
            }
            None => writeln!(out, "{style}{}{style:#} {name}", self.verdict)?,
        }
        let mut row = |name: &str, value: Option<&str>| match value {
            Some(value) => writeln!(out, "  {name:<12}{}", one_line(value, usize::MAX)),
            None => Ok(()),
        };
        if self.skipped.is_some() {
            row("otherwise", Some(format!("{} {name}", self.verdict).trim_end()))?;
        }
        row("category", self.category)?;
        row("severity", self.severity)?;
        row("policy", self.policy)?;
        row("summary", self.summary)?;
        row("canonical", Some(&self.canonical))?;
        row("fingerprint", self.fingerprint.as_deref())?;
        row("group", self.group.as_deref())?;
        self.why.as_ref().map_or(Ok(()), |why| why.print(out))
    }
}
