//! The newest alerts and what became of each, and who did what.

use maud::{Markup, html};
use signatures_operations::{Audited, DecidedAlert, DecisionState, decision};

use super::{
    pieces::{in_path, plain, time},
    view::View,
};

pub(super) fn decisions(view: &View, decisions: &[DecidedAlert], audit: &[Audited]) -> Markup {
    html! {
        section #decisions .part aria-labelledby="decisions-title"
            hx-get="/parts/decisions" hx-trigger="every 30s" hx-swap="outerHTML" {
            h2 #decisions-title { "Decisions" }
            @if decisions.is_empty() { p.quiet { "None yet." } } @else { div.scroll {
                table {
                    caption { "The last " (decisions.len()) " alerts, newest first" }
                    thead { tr {
                        th scope="col" aria-sort="descending" { "Decided" }
                        th scope="col" { "Severity" }
                        th scope="col" { "Alert" }
                        th scope="col" { "At each sink" }
                    } }
                    tbody { @for alert in decisions { tr id=(format!("alert-{}", in_path(&alert.id))) {
                        td { (time(view, alert.decided_at)) }
                        td { (plain(alert.alert["severity"].as_str().unwrap_or_default())) }
                        td { a href=(format!("/alerts/{}", in_path(&alert.id))) { (name(alert)) } }
                        td { (at_sinks(alert)) }
                    } } }
                }
            } }
            @if !audit.is_empty() { details {
                summary { "Who did what" }
                div.scroll { table {
                    caption { "The last " (audit.len()) " commands, newest first" }
                    thead { tr {
                        th scope="col" aria-sort="descending" { "When" }
                        th scope="col" { "Who" }
                        th scope="col" { "Where" }
                        th scope="col" { "What" }
                        th scope="col" { "Result" }
                    } }
                    tbody { @for one in audit { tr {
                        td { (time(view, one.at)) }
                        td { (plain(&one.who)) }
                        td { (plain(&one.place)) }
                        td { (plain(&one.command)) }
                        td { (plain(&one.result)) }
                    } } }
                } }
            } }
        }
    }
}

pub(super) fn name(alert: &DecidedAlert) -> String {
    plain(alert.alert["name"].as_str().unwrap_or("an alert that cannot be read"))
}

pub(super) fn at_sinks(alert: &DecidedAlert) -> Markup {
    html! {
        @for (index, one) in alert.decisions.iter().enumerate() {
            @if index > 0 { "; " }
            @let is_bad = matches!(one.state, DecisionState::Dead | DecisionState::Missing);
            (plain(&one.sink)) " "
            span class=(if is_bad { "critical" } else { "" }) { (decision(one.state)) }
            @if let Some(reason) = &one.reason { ": " (plain(reason)) }
        }
    }
}
