//! Errors that no signature knows, busiest first.

use maud::{Markup, html};
use signatures_operations::Errors;

use super::{
    pieces::{ago, error_path, text},
    view::View,
};

pub(super) fn unknown(view: &View, errors: &Errors) -> Markup {
    html! {
        section #unknown .part aria-labelledby="unknown-title"
            hx-get="/parts/unknown" hx-trigger="every 60s" hx-swap="outerHTML" {
            h2 #unknown-title { "Errors that no signature knows" }
            @if errors.errors.is_empty() { p.good { "None within a day." } } @else { div.scroll {
                table {
                    caption { "Of 24 hours, busiest first" }
                    thead { tr {
                        th.number scope="col" aria-sort="descending" { "Events" }
                        th scope="col" { "Text" }
                        th scope="col" { "Last seen" }
                        th scope="col" { "Signature" }
                    } }
                    tbody { @for error in &errors.errors {
                        tr id=(format!("unknown-{}", error.group)) {
                            td.number { (error.events) }
                            td { a href=(error_path(error.group)) { (text(&error.canonical)) } }
                            td { (ago(view, error.last_seen)) }
                            td { a href=(format!("{}#signature", error_path(error.group))) { "write a signature" } }
                        }
                    } }
                }
            } }
        }
    }
}
