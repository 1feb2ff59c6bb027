//! Answers as tables, for a terminal.

use jiff::{Timestamp, tz::TimeZone};
use signatures_alerts::legible::one_line;
use signatures_command_line::{Column, Table};
use signatures_engine::GENERIC;
use signatures_ledger::record::{
    ActiveSilence, DecidedAlert, Decision, DecisionState, ErrorCount, Incident, IncidentState,
    OpenIncident, Sample, Silence, SinkDecisions, TimeLine,
};

use crate::{
    answer::{
        ActedOn, Alerts, Answer, ErrorsOfWindow, Observation, Samples, Silenced, Silences,
        Unsilenced,
    },
    classified::Classified,
    times::{Times, length},
};

use Column::{Name, Number, Text, Whole};

impl Answer {
    /// The lines of the answer for a terminal of so many columns, if any, with times of
    /// a time zone.
    #[must_use]
    pub fn table(
        &self,
        timezone: &TimeZone,
        columns: Option<usize>,
        now: Timestamp,
    ) -> Vec<String> {
        let face = Face { times: Times::of(timezone.clone()), columns, now };
        match self {
            Self::Errors(errors) => face.errors(errors),
            Self::Samples(samples) => face.samples(samples),
            Self::Observed(seen) => face.observed(seen),
            Self::Alerts(alerts) => face.alerts(alerts),
            Self::Alert(alert) => face.time_line(alert),
            Self::Silences(silences) => face.silences(silences),
            Self::Classified(classified) => face.classified(classified),
            Self::Incident(acted) => vec![face.acted(acted)],
            Self::Silenced(silenced) => face.silenced(silenced),
            Self::Unsilenced(ended) => vec![face.unsilenced(ended)],
        }
    }
}

/// How it is shown.
struct Face {
    times: Times,
    columns: Option<usize>,
    now: Timestamp,
}

impl Face {
    fn errors(&self, answer: &ErrorsOfWindow) -> Vec<String> {
        let errors = &answer.errors;
        let mut lines =
            vec![format!("{} to {}", self.times.full(answer.from), self.times.full(answer.at))];
        let mut table = Table::new(&[Number, Number, Name, Name, Whole, Whole, Whole, Name, Text]);
        table.push([
            "count",
            "before",
            "signature",
            "category",
            "policy",
            "last seen",
            "group",
            "state",
            "text",
        ]);
        for error in &errors.errors {
            table.push([
                &error.events.to_string(),
                &error.before.to_string(),
                error.signature.as_deref().unwrap_or(GENERIC),
                &error.category,
                error.policy.as_str(),
                &self.times.short(error.last_seen, self.now),
                &error.group.to_string(),
                &self.state(error),
                &error.canonical,
            ]);
        }
        match errors.errors.is_empty() {
            true => lines.push("no errors".to_owned()),
            false => lines.extend(table.lines(0, self.columns)),
        }
        if errors.more_errors > 0 {
            lines.push(format!(
                "and {} more with {} events",
                errors.more_errors, errors.more_events
            ));
        }
        let rest: u64 = errors.rest.iter().map(|rest| rest.events).sum();
        if rest > 0 {
            lines.push(format!("and {rest} events that are counted by signature alone"));
        }
        let totals = errors.totals;
        lines.push(format!(
            "{} events: {} matched, {} noise, {} unknown",
            totals.events, totals.matched, totals.noise, totals.unknown
        ));
        if let Some(since) = errors.since {
            lines.push(format!("remembered since {}", self.times.full(since)));
        }
        lines
    }

    /// Where an error stands, in a few words.
    fn state(&self, error: &ErrorCount) -> String {
        match (&error.silence, &error.incident) {
            (Some(ActiveSilence { by, until, .. }), _) => {
                format!("silenced until {} by {by}", self.times.short(*until, self.now))
            }
            (None, Some(OpenIncident { acked_by: Some(by), .. })) => format!("acked by {by}"),
            (None, Some(_)) => "open".to_owned(),
            (None, None) if error.is_new => "new".to_owned(),
            (None, None) => String::new(),
        }
    }

    fn samples(&self, answer: &Samples) -> Vec<String> {
        let mut table = Table::new(&[Whole, Name, Name, Name, Text]);
        table.push(["time", "service", "host", "request", "text"]);
        for Sample { at, text, service, host, request_id, .. } in &answer.samples {
            table.push([&self.times.full(*at), or(service), or(host), or(request_id), text]);
        }
        table.lines(0, self.columns)
    }

    fn observed(&self, answer: &Observation) -> Vec<String> {
        let observed = &answer.observed;
        let mut lines = Vec::new();
        if let Some(process) = &answer.process {
            lines.push(format!("vector-signatures {}: {}", process.version, process.mode));
            lines.push(format!(
                "rules: {} signatures of {}; reloads: {} ok, {} failed",
                process.signatures, process.files, process.reloads.ok, process.reloads.failed
            ));
            if let Some(fault) = &process.state_directory_fault {
                lines.push(format!("state directory: {fault}"));
            }
        }
        let events: u64 = observed.minutes.iter().map(|minute| minute.totals.events).sum();
        let minutes = answer.window.duration().as_mins().max(1).unsigned_abs();
        lines.push(format!(
            "last {}: {events} events, {} a minute; {} alerts decided",
            answer.window,
            rate(events, minutes),
            observed.decided
        ));
        lines.extend(self.sinks(&observed.sinks));
        if answer.verbose {
            for sink in &observed.sinks {
                lines.extend(self.sink(sink));
            }
            for cooling in &answer.cooling {
                let rest = length(cooling.until.duration_since(self.now));
                lines.push(format!("cooling down for {rest}: {}", cooling.name));
            }
        }
        if let Some(since) = observed.since {
            lines.push(format!("remembered since {}", self.times.full(since)));
        }
        lines.iter().map(|line| one_line(line, self.columns.unwrap_or(usize::MAX))).collect()
    }

    fn sinks(&self, sinks: &[SinkDecisions]) -> Vec<String> {
        let head = [
            "sink", "decided", "sent", "queued", "dead", "dropped", "silenced", "shadow",
            "unrouted", "missing",
        ];
        let mut columns = vec![Name];
        columns.extend([Number; 9]);
        let mut table = Table::new(&columns);
        table.push(head);
        for sink in sinks {
            let counts = [
                sink.decided,
                sink.sent,
                sink.queued,
                sink.dead,
                sink.dropped,
                sink.silenced,
                sink.shadow,
                sink.unrouted,
                sink.missing,
            ];
            let counts = counts.map(|count| count.to_string());
            let [a, b, c, d, e, f, g, h, i] = counts.each_ref().map(String::as_str);
            table.push([&sink.sink, a, b, c, d, e, f, g, h, i]);
        }
        if sinks.is_empty() { Vec::new() } else { table.lines(0, self.columns) }
    }

    fn sink(&self, sink: &SinkDecisions) -> Vec<String> {
        let oldest = sink.oldest_waiting.map(|oldest| {
            format!("{}: the oldest waits since {}", sink.sink, self.times.full(oldest))
        });
        let error = sink
            .last_error
            .as_ref()
            .map(|error| format!("{}: {} at {}", sink.sink, error.what, self.times.full(error.at)));
        oldest.into_iter().chain(error).collect()
    }

    fn alerts(&self, answer: &Alerts) -> Vec<String> {
        if answer.alerts.is_empty() {
            return vec!["no alerts".to_owned()];
        }
        let mut table = Table::new(&[Whole, Whole, Name, Whole, Name, Text]);
        table.push(["time", "severity", "state", "incident", "id", "alert"]);
        for alert in &answer.alerts {
            table.push([
                &self.times.full(alert.decided_at),
                alert.alert["severity"].as_str().unwrap_or_default(),
                stands(alert),
                alert.incident.as_ref().map_or("", |incident| incident.id.as_str()),
                &alert.id,
                alert.alert["name"].as_str().unwrap_or("an alert that cannot be read"),
            ]);
        }
        table.lines(0, self.columns)
    }

    fn time_line(&self, answer: &TimeLine) -> Vec<String> {
        let alert = &answer.alert;
        let text = |field: &str| alert.alert[field].as_str().unwrap_or_default().to_owned();
        let mut lines = vec![text("name"), text("summary")];
        if let Some(incident) = &alert.incident {
            lines.push(format!("incident {}: {}", incident.id, self.incident(incident)));
        }
        let mut table = Table::new(&[Whole, Text]);
        for moment in &answer.moments {
            table.push([&self.times.full(moment.at), &moment.what]);
        }
        lines.extend(table.lines(0, self.columns));
        let mut table = Table::new(&[Name, Whole, Text]);
        for Decision { sink, state, reason, .. } in &alert.decisions {
            table.push([sink, decision(*state), or(reason)]);
        }
        lines.extend(table.lines(0, self.columns));
        lines.iter().map(|line| one_line(line, self.columns.unwrap_or(usize::MAX))).collect()
    }

    fn incident(&self, incident: &Incident) -> String {
        match (&incident.resolved, &incident.ack) {
            (Some(resolved), _) => {
                let by = resolved.by.as_deref().map(|by| format!(" by {by}")).unwrap_or_default();
                format!("resolved at {}{by}", self.times.full(resolved.at))
            }
            (None, Some(ack)) => {
                let note = ack.note.as_deref().map(|note| format!(": {note}")).unwrap_or_default();
                format!("acked by {} at {}{note}", ack.by, self.times.full(ack.at))
            }
            (None, None) => format!("open since {}", self.times.full(incident.opened_at)),
        }
    }

    fn silences(&self, answer: &Silences) -> Vec<String> {
        if answer.silences.is_empty() {
            return vec!["no silences".to_owned()];
        }
        let mut table = Table::new(&[Number, Name, Whole, Name, Number, Whole, Text]);
        table.push(["id", "matchers", "until", "by", "hits", "last hit", "reason"]);
        for Silence { id, matchers, by, until, reason, hits, last_hit, .. } in &answer.silences {
            let last_hit = last_hit
                .map_or_else(|| "matches nothing".to_owned(), |at| self.times.short(at, self.now));
            table.push([
                &id.to_string(),
                &matchers.to_string(),
                &self.times.short(*until, self.now),
                by,
                &hits.to_string(),
                &last_hit,
                reason,
            ]);
        }
        table.lines(0, self.columns)
    }

    fn classified(&self, classified: &Classified) -> Vec<String> {
        let mut table = Table::new(&[Whole, Text]);
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        for (name, value) in [
            ("verdict", classified.verdict.to_owned()),
            ("skipped", classified.skipped.unwrap_or_default().to_owned()),
            ("category", text(&classified.category)),
            ("signature", text(&classified.signature)),
            ("severity", classified.severity.as_ref().map_or("", |s| s.as_str()).to_owned()),
            ("policy", classified.policy.map_or("", |policy| policy.as_str()).to_owned()),
            ("summary", text(&classified.summary)),
            ("noise by", text(&classified.pattern)),
            ("canonical", classified.canonical.clone()),
            ("fingerprint", classified.fingerprint.map(|f| f.to_string()).unwrap_or_default()),
            ("group", classified.group.map(|group| group.to_string()).unwrap_or_default()),
        ] {
            if !value.is_empty() {
                table.push([name, &value]);
            }
        }
        table.lines(0, self.columns)
    }

    fn acted(&self, ActedOn { changed, incident }: &ActedOn) -> String {
        let already = if *changed { "" } else { ", as it was; nothing changed" };
        let text = format!("{}: {}{already}", incident.name, self.incident(incident));
        one_line(&text, usize::MAX)
    }

    fn silenced(&self, Silenced { silence, reach }: &Silenced) -> Vec<String> {
        let until = self.times.full(silence.until);
        let mut lines = vec![
            format!("silence {} until {until}: {}", silence.id, silence.matchers),
            format!(
                "it hits now: {}, and {} of the last hour",
                number(reach.incidents.len() as u64, "open incident"),
                number(reach.events, "event")
            ),
        ];
        lines.extend(reach.incidents.iter().map(|incident| format!("  {}", incident.name)));
        lines.iter().map(|line| one_line(line, self.columns.unwrap_or(usize::MAX))).collect()
    }

    fn unsilenced(&self, Unsilenced { changed, silence }: &Unsilenced) -> String {
        let text = match changed {
            true => format!("silence {} has ended: {}", silence.id, silence.matchers),
            false => format!("silence {} was over; nothing changed", silence.id),
        };
        one_line(&text, usize::MAX)
    }
}

/// Where an alert stands.
pub(crate) fn stands(alert: &DecidedAlert) -> &'static str {
    let is_held = !alert.decisions.is_empty()
        && alert.decisions.iter().all(|one| one.state == DecisionState::Silenced);
    match alert.incident.as_ref().map(|incident| incident.state) {
        _ if is_held => "silenced",
        Some(IncidentState::Open) => "open",
        Some(IncidentState::Acked) => "acked",
        Some(IncidentState::Resolved) => "resolved",
        None => "",
    }
}

/// What became of an alert, in a word.
#[must_use]
pub const fn decision(state: DecisionState) -> &'static str {
    match state {
        DecisionState::Sent => "sent",
        DecisionState::Queued => "queued",
        DecisionState::Dead => "dead",
        DecisionState::Dropped => "dropped",
        DecisionState::Silenced => "silenced",
        DecisionState::Shadow => "shadow",
        DecisionState::Unrouted => "unrouted",
        DecisionState::Missing => "missing",
    }
}

/// Events a minute; few are told with a decimal.
fn rate(events: u64, minutes: u64) -> String {
    match events >= 10 * minutes {
        true => (events / minutes).to_string(),
        false => format!("{:.1}", events as f64 / minutes as f64),
    }
}

fn number(count: u64, of: &str) -> String {
    match count {
        1 => format!("1 {of}"),
        _ => format!("{count} {of}s"),
    }
}

fn or(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}
