//! Open incidents and the errors of the last hour, worst first.

use std::{cmp::Reverse, collections::HashMap};

use maud::{Markup, html};
use signatures_engine::{GENERIC, GroupId};
use signatures_operations::{Cooling, ErrorCount, ErrorsNow, Incident, Sample, times::length};

use super::{
    pieces::{ago, button, error_path, lines, plain, severity, silence, sparkline, text, time},
    view::View,
};

/// An error that is shown: counted in the last hour, or open, or both.
struct Entry<'a> {
    group: GroupId,
    count: Option<&'a ErrorCount>,
    incident: Option<&'a Incident>,
}

pub(super) fn errors(view: &View, now: &ErrorsNow) -> Markup {
    let lines: HashMap<_, _> =
        now.sparklines.iter().map(|line| (line.group, line.minutes.as_slice())).collect();
    let entries = entries(now);
    let totals = now.errors.totals;
    html! {
        section #errors .part aria-labelledby="errors-title"
            hx-get="/parts/errors" hx-trigger="every 10s" hx-swap="outerHTML" {
            h2 #errors-title { "Errors" }
            p.quiet {
                "Open incidents, and the last hour: " (totals.events) " events, " (totals.matched)
                " matched, " (totals.noise) " noise, " (totals.unknown) " unknown."
                @if now.errors.more_errors > 0 {
                    " " (now.errors.more_errors) " more errors with " (now.errors.more_events) " events are not shown."
                }
            }
            @if entries.is_empty() { p.good { "No errors." } }
            ol.entries {
                @for entry in &entries {
                    li.entry id=(format!("error-{}", entry.group)) {
                        (head(entry))
                        p { (text(canonical(entry))) }
                        div.facts {
                            @if let Some(minutes) = lines.get(&entry.group) { (sparkline(minutes)) }
                            @if let Some(count) = entry.count { (facts(view, count)) }
                        }
                        p { (state(view, entry.count, entry.incident, cooling(now, entry))) }
                        (acts(view, entry.group, entry.incident, &about(entry)))
                        details {
                            summary { "Samples" }
                            div hx-get=(format!("/errors/{}/samples", entry.group)) hx-trigger="toggle from:closest details once" {
                                a href=(format!("{}#samples", error_path(entry.group))) { "The five newest samples" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Worst first; what is silenced is the last, since somebody has looked at it.
fn entries(now: &ErrorsNow) -> Vec<Entry<'_>> {
    let incident_of = |group| now.incidents.iter().find(|incident| incident.group == group);
    let mut entries: Vec<_> = now
        .errors
        .errors
        .iter()
        .map(|count| Entry {
            group: count.group,
            count: Some(count),
            incident: incident_of(count.group),
        })
        .collect();
    for incident in &now.incidents {
        if !entries.iter().any(|entry| entry.group == incident.group) {
            let (group, incident) = (incident.group, Some(incident));
            entries.push(Entry { group, count: None, incident });
        }
    }
    entries.sort_by_key(|entry| {
        let count = entry.count;
        let is_silenced = count.is_some_and(|count| count.silence.is_some());
        let rank = count.map(|count| count.severity.rank());
        let rank = rank.or(entry.incident.map(|incident| incident.severity.rank()));
        let events = count.map_or(0, |count| count.events);
        (is_silenced, Reverse(rank), Reverse(entry.incident.is_some()), Reverse(events))
    });
    entries
}

fn cooling<'a>(now: &'a ErrorsNow, entry: &Entry<'_>) -> Option<&'a Cooling> {
    let id = &entry.incident?.last_alert;
    now.cooling.iter().find(|cooling| cooling.alert == *id)
}

fn head(entry: &Entry<'_>) -> Markup {
    let (count, incident) = (entry.count, entry.incident);
    let severity = count.map(|c| &c.severity).or(incident.map(|i| &i.severity));
    let category = count.map(|c| &c.category).or(incident.map(|i| &i.category));
    let service =
        count.and_then(|c| c.service.as_deref()).or(incident.and_then(|i| i.service.as_deref()));
    html! {
        div.head {
            @if let Some(severity) = severity { (self::severity(severity)) }
            strong { a href=(error_path(entry.group)) { (plain(signature(entry))) } }
            @if let Some(category) = category { span.quiet { (plain(category)) } }
            @if let Some(service) = service { span { (plain(service)) } }
            span.count { (count.map_or(0, |count| count.events)) " in the last hour" }
        }
    }
}

fn signature<'a>(entry: &Entry<'a>) -> &'a str {
    let of_count = entry.count.map(|count| count.signature.as_deref());
    let of_incident = entry.incident.map(|incident| incident.signature.as_deref());
    of_count.or(of_incident).flatten().unwrap_or(GENERIC)
}

fn canonical<'a>(entry: &Entry<'a>) -> &'a str {
    let name = entry.incident.map(|incident| incident.name.as_str());
    entry.count.map(|count| count.canonical.as_str()).or(name).unwrap_or_default()
}

fn about(entry: &Entry<'_>) -> String {
    format!("{} {}", signature(entry), canonical(entry))
}

/// What is counted of an error.
pub(super) fn facts(view: &View, count: &ErrorCount) -> Markup {
    html! {
        span { (count.before) " before" }
        @if count.suppressed > 0 { span { (count.suppressed) " suppressed" } }
        span { (count.total) " in all" }
        span { "first " (time(view, count.first_seen)) }
        span { "last " (ago(view, count.last_seen)) }
        @if let Some(host) = &count.host { span { (plain(host)) } }
        @if let Some(link) = count.sentry_url.as_deref().filter(|link| is_web(link)) {
            a href=(link) rel="noreferrer" { "Sentry" }
        }
    }
}

/// A link leads to the web: a settings file could say another scheme.
fn is_web(link: &str) -> bool {
    link.starts_with("https://") || link.starts_with("http://")
}

/// Where an error stands, in words.
pub(super) fn state(
    view: &View,
    count: Option<&ErrorCount>,
    incident: Option<&Incident>,
    cooling: Option<&Cooling>,
) -> Markup {
    let silence = count.and_then(|count| count.silence.as_ref());
    html! {
        @if let Some(silence) = silence {
            a href=(format!("/silences/{}", silence.id)) { "silenced until " (time(view, silence.until)) }
            " by " (plain(&silence.by)) ". "
        }
        @match incident {
            Some(incident) => {
                @match &incident.ack {
                    Some(ack) => {
                        strong.good { "acked by " (plain(&ack.by)) } " at " (time(view, ack.at))
                        @if let Some(note) = &ack.note { ": " (plain(note)) } ". "
                    }
                    None => { strong { "open" } " since " (time(view, incident.opened_at)) ". " }
                }
                a href=(format!("/alerts/{}", super::pieces::in_path(&incident.last_alert))) {
                    @if incident.alerts == 1 { "Its alert" } @else { "The last of " (incident.alerts) " alerts" }
                }
                @if let Some(cooling) = cooling {
                    ", cooldown " (length(cooling.until.duration_since(view.now)))
                }
                "."
            }
            None => {
                @if count.is_some_and(|count| count.is_new) { strong { "new" } ", " }
                "no alert yet."
            }
        }
    }
}

/// What an operator can do.
pub(super) fn acts(
    view: &View,
    group: GroupId,
    incident: Option<&Incident>,
    about: &str,
) -> Markup {
    html! {
        @if view.operator.is_some() {
            @if let Some(incident) = incident {
                @let fields = [("incident", incident.id.as_str())];
                @if incident.ack.is_some() {
                    (button(view, "unack", &fields, "Unack", about))
                } @else {
                    (button(view, "ack", &fields, "Ack", about))
                }
                (button(view, "resolve", &fields, "Resolve", about))
            }
            (silence(view, &group.to_string(), about))
        }
    }
}

/// The newest samples of an error.
pub(super) fn samples(view: &View, samples: &[Sample]) -> Markup {
    html! {
        @if samples.is_empty() { p.quiet { "None are kept." } }
        @for sample in samples {
            div.facts {
                span { (ago(view, sample.at)) }
                @for (name, value) in [
                    ("service", &sample.service), ("host", &sample.host), ("request", &sample.request_id),
                ] {
                    @if let Some(value) = value { span { (name) " " (plain(value)) } }
                }
            }
            (lines(&sample.text))
        }
    }
}
