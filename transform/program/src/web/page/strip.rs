//! How the process is: quiet when all is well.

use maud::{Markup, html};
use signatures_operations::{Mode, Observation, Status};

use super::{
    pieces::{plain, time},
    view::View,
};

pub(super) fn strip(
    view: &View,
    seen: &Observation,
    readiness: &Result<Option<String>, String>,
) -> Markup {
    html! {
        section #strip .part aria-label="How it is" hx-get="/parts/strip" hx-trigger="every 10s" hx-swap="outerHTML" {
            ul.strip {
                (process(seen.process.as_ref()))
                @match readiness {
                    Ok(None) => {},
                    Ok(Some(fault)) => li.alarm { (plain(fault)) },
                    Err(reason) => li.alarm { "events do not flow: " (plain(reason)) },
                }
                @for sink in &seen.observed.sinks {
                    (self::sink(view, sink))
                }
                @if let Some(since) = seen.observed.since {
                    li.quiet { "remembered since " (time(view, since)) }
                }
                li.quiet { "as of " (time(view, seen.at)) }
            }
        }
    }
}

/// What a process says of itself.
pub(super) fn process(process: Option<&Status>) -> Markup {
    html! {
        @match process {
            None => li.quiet { "a state directory by itself: nothing runs here" },
            Some(status) => {
                @match status.mode {
                    Mode::Shadow => li.shadow { "SHADOW: alerts are decided and not delivered" },
                    Mode::TaggingOnly => li { "tagging only: nothing becomes an alert" },
                    Mode::Alerting => li.good { "alerting" },
                }
                li.quiet { (status.signatures) " signatures of " (plain(&status.files)) }
                @if status.reloads.failed > 0 {
                    li.alarm { (status.reloads.failed) " reloads failed: the rules before are in force" }
                }
                @if let Some(fault) = &status.state_directory_fault {
                    li.alarm { "state directory: " (plain(fault)) }
                }
            }
        }
    }
}

fn sink(view: &View, sink: &signatures_operations::SinkDecisions) -> Markup {
    let is_bad = sink.dead + sink.missing > 0;
    html! {
        li class=(if is_bad { "alarm" } else { "quiet" }) {
            (plain(&sink.sink)) ": " (sink.sent) " sent of " (sink.decided) " in 24 h"
            @if sink.queued > 0 { ", " (sink.queued) " wait" }
            @if let Some(oldest) = sink.oldest_waiting { ", the oldest since " (time(view, oldest)) }
            @if sink.dead > 0 { ", " (sink.dead) " given up" }
            @if sink.missing > 0 { ", " (sink.missing) " missing" }
            @if let Some(error) = sink.last_error.as_ref().filter(|_| is_bad || sink.queued > 0) {
                ": " (plain(&error.what))
            }
        }
    }
}
