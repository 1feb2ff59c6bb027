//! One line after another: judged, counted, tagged, written.

use std::{
    fmt,
    io::{self, Write},
    time::Duration,
};

use signatures_engine::{
    event::{JsonEvent, LogLine},
    redact::redact_event,
    verdict::{Classification, Outcome, Verdict},
};

use super::{json_redaction::JsonRedaction, long_line::LongLine};
use crate::{alerts::Alerts, reload::RulesHandle};

/// Judges lines by the rules in force.
pub(super) struct Stage {
    rules: RulesHandle,
    /// None when aggregation is off.
    alerts: Option<Alerts>,
    counts: Counts,
    line: Vec<u8>,
}

#[derive(Debug, Default)]
struct Counts {
    lines: u64,
    matched: u64,
    noise: u64,
    skipped: u64,
    long: u64,
    cut: u64,
    step_limit_hits: u64,
}

impl Stage {
    pub(super) fn new(rules: RulesHandle, alerts: Option<Alerts>) -> Self {
        Self { rules, alerts, counts: Counts::default(), line: Vec::new() }
    }

    /// Takes over new rules, if there are any.
    pub(super) fn refresh(&mut self) {
        if self.rules.refresh()
            && let Some(alerts) = &mut self.alerts
        {
            alerts.reconfigure(self.rules.rules());
        }
    }

    /// Hands over the alerts that were decided.
    pub(super) fn deliver(&mut self) {
        if let Some(alerts) = &mut self.alerts {
            alerts.deliver();
        }
    }

    /// Delivers what can be delivered before the deadline.
    pub(super) fn shut_down(&mut self, deadline: Duration) {
        if let Some(alerts) = &mut self.alerts {
            alerts.shut_down(deadline);
        }
    }

    /// Judges one line and writes what survives of it.
    pub(super) fn line(&mut self, bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
        let text = String::from_utf8_lossy(bytes.strip_suffix(b"\r").unwrap_or(bytes));
        let line = LogLine::parse(&text);
        let redact = self.rules.rules().settings.redact_events;
        let Some(tags) = self.judge(&line) else { return Ok(()) };
        let mut event = line.into_event();
        if redact {
            redact_event(&mut event);
        }
        tags.write(&self.rules, &mut event);
        self.line.clear();
        event.write_to(&mut self.line);
        self.line.push(b'\n');
        out.write_all(&self.line)
    }

    /// Judges a line by its first bytes.
    pub(super) fn long_line(&mut self, head: &[u8]) -> LongLine {
        self.counts.long += 1;
        let text = String::from_utf8_lossy(head);
        let Some(tags) = self.judge(&LogLine::Plain(&text)) else { return LongLine::dropped() };
        let mut event = JsonEvent::empty();
        tags.write(&self.rules, &mut event);
        let mut fields = Vec::new();
        event.write_to(&mut fields);
        // `{…}` without its braces, after a comma.
        let inner = fields[1..fields.len() - 1].to_vec();
        let fields = if inner.is_empty() { inner } else { [b",".as_slice(), &inner].concat() };
        let redact = self.rules.rules().settings.redact_events;
        LongLine::passing(fields, JsonRedaction::of(head).filter(|_| redact))
    }

    /// Counts and aggregates a line; none when it is dropped.
    fn judge(&mut self, line: &LogLine<'_>) -> Option<Tags> {
        self.counts.lines += 1;
        let rules = self.rules.rules();
        let classification = match rules.classifier.classify_log_line(line) {
            Outcome::Classified(classification) => classification,
            Outcome::Skipped(_) => {
                self.counts.skipped += 1;
                return Some(Tags(None));
            }
        };
        self.counts.cut += u64::from(classification.subject.cut);
        self.counts.step_limit_hits += u64::from(classification.step_limit_hits);
        match classification.verdict {
            Verdict::Noise(_) => {
                self.counts.noise += 1;
                return None;
            }
            Verdict::Match(_) => self.counts.matched += 1,
            Verdict::Unmatched => {}
        }
        let observation = rules.classifier.observation(&classification, line.as_event());
        if let (Some(alerts), Some(observation)) = (&mut self.alerts, observation) {
            alerts.observe(&observation);
        }
        Some(Tags::of(&classification))
    }

    pub(super) fn summary(&self, elapsed: Duration, reloads: (u64, u64)) -> impl fmt::Display {
        let stats = self.alerts.as_ref().map(Alerts::stats).unwrap_or_default();
        let Counts { lines, matched, noise, skipped, long, cut, step_limit_hits } = self.counts;
        let unmatched = lines - matched - noise;
        let rate = lines as f64 / elapsed.as_secs_f64().max(1e-9);
        let mut text = format!(
            "{lines} lines, {matched} matched, {noise} noise, {unmatched} unmatched, \
             {} alerts, {} suppressed, {rate:.0} lines per second",
            stats.alerts, stats.suppressed
        );
        for (count, what) in [
            (skipped, "passed without a look"),
            (long, "too long for an event and passed as text"),
            (cut, "cut to the subject limit"),
            (step_limit_hits, "searches given up at their step limit"),
            (stats.evicted, "fingerprints evicted"),
            (reloads.0, "reloads"),
            (reloads.1, "failed reloads"),
        ] {
            if count > 0 {
                text += &format!(", {count} {what}");
            }
        }
        text
    }
}

/// What is to be written into an event, if anything.
struct Tags(Option<(Verdict, signatures_engine::fingerprint::Fingerprint)>);

impl Tags {
    fn of(classification: &Classification<'_>) -> Self {
        Self(classification.fingerprint.map(|fingerprint| (classification.verdict, fingerprint)))
    }

    fn write(&self, rules: &RulesHandle, event: &mut JsonEvent<'_>) {
        if let Some((verdict, fingerprint)) = self.0 {
            rules.rules().classifier.tag(event, verdict, fingerprint);
        }
    }
}
