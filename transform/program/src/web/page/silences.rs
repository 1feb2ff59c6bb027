//! The silences in force.

use maud::{Markup, html};
use signatures_operations::Silence;

use super::{
    pieces::{ago, button, own_silence, plain, time},
    view::View,
};

pub(super) fn silences(view: &View, silences: &[Silence]) -> Markup {
    html! {
        section #silences .part aria-labelledby="silences-title"
            hx-get="/parts/silences" hx-trigger="every 30s" hx-swap="outerHTML" {
            h2 #silences-title { "Silences" }
            @if silences.is_empty() { p.quiet { "None in force." } } @else { (table(view, silences)) }
            @if view.operator.is_some() {
                details { summary { "A new silence" } (own_silence(view, "")) }
            }
        }
    }
}

pub(super) fn table(view: &View, silences: &[Silence]) -> Markup {
    html! {
        div.scroll { table {
            caption { "In force, the next to end first" }
            thead { tr {
                th scope="col" { "What" }
                th scope="col" aria-sort="ascending" { "Until" }
                th scope="col" { "By" }
                th scope="col" { "Reason" }
                th.number scope="col" { "Held" }
                th scope="col" { "Last" }
                @if view.operator.is_some() { th scope="col" { "End it" } }
            } }
            tbody { @for silence in silences {
                @let matchers = silence.matchers.to_string();
                tr id=(format!("silence-{}", silence.id)) {
                    td { a href=(format!("/silences/{}", silence.id)) { (plain(&matchers)) } }
                    td { (time(view, silence.until)) }
                    td { (plain(&silence.by)) }
                    td { (plain(&silence.reason)) }
                    td.number { (silence.hits) }
                    td { @match silence.last_hit {
                        Some(at) => (ago(view, at)),
                        None => span.anomaly { "matches nothing" },
                    } }
                    @if view.operator.is_some() {
                        @let id = silence.id.to_string();
                        td { (button(view, "unsilence", &[("id", id.as_str())], "Unsilence", &matchers)) }
                    }
                }
            } }
        } }
    }
}
