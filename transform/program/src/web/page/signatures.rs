//! Signatures with their hits of a day, and those that were never hit.

use maud::{Markup, html};
use signatures_engine::GENERIC;
use signatures_operations::SignatureLine;

use super::{
    pieces::{ago, in_path, plain},
    view::View,
};

pub(super) fn signatures(view: &View, signatures: &[SignatureLine]) -> Markup {
    let (hit, never): (Vec<_>, Vec<_>) =
        signatures.iter().partition(|line| line.events > 0 || line.last_seen.is_some());
    html! {
        section #signatures .part aria-labelledby="signatures-title"
            hx-get="/parts/signatures" hx-trigger="every 300s" hx-swap="outerHTML" {
            h2 #signatures-title { "Signatures" }
            @if hit.is_empty() { p.quiet { "None was hit within a day." } } @else { div.scroll {
                table {
                    caption { "Hits of 24 hours, most first" }
                    thead { tr {
                        th.number scope="col" aria-sort="descending" { "Hits" }
                        th scope="col" { "Signature" }
                        th scope="col" { "Last hit" }
                    } }
                    tbody { @for line in &hit { tr {
                        td.number { (line.events) }
                        td {
                            (name(line.signature.as_deref()))
                            @if !line.in_force { span.quiet { " (not in force)" } }
                        }
                        td { @match line.last_seen { Some(at) => (ago(view, at)), None => "" } }
                    } } }
                }
            } }
            @if !never.is_empty() {
                details {
                    summary { (never.len()) " without a hit within a day" }
                    p { @for (index, line) in never.iter().enumerate() {
                        @if index > 0 { ", " }
                        (name(line.signature.as_deref()))
                    } }
                }
            }
        }
    }
}

fn name(signature: Option<&str>) -> Markup {
    html! {
        @match signature {
            Some(id) => a href=(format!("/signatures/{}", in_path(id))) { (plain(id)) },
            None => a href="/#unknown" { (GENERIC) },
        }
    }
}
