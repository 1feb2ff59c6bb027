//! The pages of one error, one signature, one alert, one silence.

use maud::{Markup, html};
use signatures_engine::GENERIC;
use signatures_operations::{ErrorDetail, Proposal, Reach, SignatureDetail, Silence, TimeLine};

use super::{
    decisions::{at_sinks, name},
    errors::{acts, facts, samples, state},
    pieces::{error_path, lines, plain, severity, sparkline, text, time},
    silences::table,
    view::View,
};

pub(super) fn error(view: &View, detail: &ErrorDetail) -> Markup {
    let error = &detail.error;
    let signature = error.signature.as_deref().unwrap_or(GENERIC);
    let about = format!("{signature} {}", error.canonical);
    html! {
        h2 { (severity(&error.severity)) " " (plain(signature)) }
        p { (text(&error.canonical)) }
        div.facts { (sparkline(&detail.sparkline.minutes)) span { (error.events) " within a week" } (facts(view, error)) }
        div.facts {
            span { "category " (plain(&error.category)) }
            span { "policy " (error.policy.as_str()) }
            span { "group " code { (error.group) } }
            span { "fingerprint " code { (plain(&error.fingerprint)) } }
        }
        p { (state(view, Some(error), detail.incident.as_ref(), detail.cooling.as_ref())) }
        (acts(view, error.group, detail.incident.as_ref(), &about))
        section #samples aria-labelledby="samples-title" {
            h3 #samples-title { "The newest samples" }
            (samples(view, &detail.samples))
        }
        @if let Some(proposal) = &detail.proposal { (self::proposal(proposal)) }
    }
}

fn proposal(proposal: &Proposal) -> Markup {
    html! {
        section #signature aria-labelledby="signature-title" {
            h3 #signature-title { "Write a signature" }
            p { "What its samples have in common, as a pattern:" }
            (lines(&proposal.pattern))
            @if proposal.findings.is_empty() {
                p.good { "It matches all samples." }
            } @else {
                ul { @for finding in &proposal.findings { li.anomaly { (plain(finding)) } } }
            }
            p { "For the taxonomy: give it a name, a category and a summary, and run " code { "sigcheck validate" } " on it." }
            pre.text #proposal tabindex="0" aria-label="The signature as YAML" { (signatures_alerts::legible::lines(&proposal.yaml)) }
        }
    }
}

pub(super) fn signature(view: &View, detail: &SignatureDetail) -> Markup {
    html! {
        h2 { (plain(&detail.signature)) }
        @if detail.errors.errors.is_empty() { p.quiet { "Not hit within a week." } } @else { div.scroll { table {
            caption { "Its errors of a week, busiest first" }
            thead { tr {
                th.number scope="col" aria-sort="descending" { "Events" }
                th scope="col" { "Text" }
                th scope="col" { "Last seen" }
            } }
            tbody { @for error in &detail.errors.errors { tr {
                td.number { (error.events) }
                td { a href=(error_path(error.group)) { (text(&error.canonical)) } }
                td { (time(view, error.last_seen)) }
            } } }
        } } }
        h3 { "The newest samples" }
        (samples(view, &detail.samples))
    }
}

pub(super) fn alert(view: &View, line: &TimeLine) -> Markup {
    let alert = &line.alert;
    let text = |field: &str| alert.alert[field].as_str().unwrap_or_default().to_owned();
    html! {
        h2 { (name(alert)) }
        p { (plain(&text("summary"))) }
        div.facts {
            span { "decided " (time(view, alert.decided_at)) }
            span { "severity " (plain(&text("severity"))) }
            span { "id " code { (plain(&alert.id)) } }
        }
        @if let Some(incident) = &alert.incident {
            p {
                "Incident " code { (plain(&incident.id)) } " of "
                a href=(error_path(incident.group)) { "its error" } ": "
                (state(view, None, Some(incident), None))
            }
            (acts(view, incident.group, Some(incident), &incident.name))
        }
        h3 { "What became of it" }
        p { (at_sinks(alert)) }
        h3 { "Time line" }
        ol { @for moment in &line.moments { li { (time(view, moment.at)) " " (plain(&moment.what)) } } }
        @if let Some(all) = alert.alert["samples"].as_array() {
            h3 { "Samples" }
            @for sample in all { (lines(sample.as_str().unwrap_or_default())) }
        }
    }
}

pub(super) fn silence(view: &View, silence: &Silence, reach: &Reach) -> Markup {
    html! {
        h2 { "Silence " (silence.id) }
        (table(view, std::slice::from_ref(silence)))
        h3 { "What it hits now" }
        p { (reach.events) " events of the last hour, " (reach.signatures) " of " (reach.of_signatures) " signatures of yesterday." }
        ul { @for incident in &reach.incidents {
            li { a href=(error_path(incident.group)) { (plain(&incident.name)) } }
        } }
        @if reach.incidents.is_empty() { p.quiet { "No incident that is open." } }
    }
}
