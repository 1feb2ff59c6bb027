//! What pages are made of: texts, times, lines of counts, forms.

use std::fmt::Write;

use jiff::Timestamp;
use maud::{Markup, PreEscaped, html};
use signatures_alerts::legible;
use signatures_engine::{GroupId, Severity};
use signatures_operations::times::length;

use super::view::View;

/// So much of a text is shown at most, in columns.
const MOST_COLUMNS: usize = 600;

/// A text of a log on one line.
pub(super) fn text(text: &str) -> Markup {
    html! { span.text dir="ltr" { (legible::one_line(text, MOST_COLUMNS)) } }
}

/// A text from elsewhere as it may stand anywhere.
pub(super) fn plain(text: &str) -> String {
    legible::one_line(text, MOST_COLUMNS)
}

/// A text of a log with its line ends.
pub(super) fn lines(text: &str) -> Markup {
    html! { pre.text dir="ltr" { (legible::lines(text)) } }
}

/// A time, in the zone of the page.
pub(super) fn time(view: &View, at: Timestamp) -> Markup {
    html! { time datetime=(view.times.exact(at)) { (view.times.short(at, view.now)) } }
}

/// How long ago, and when.
pub(super) fn ago(view: &View, at: Timestamp) -> Markup {
    html! { (time(view, at)) " (" (length(view.now.duration_since(at))) " ago)" }
}

/// How bad it is: said by a word, not by a colour alone.
pub(super) fn severity(severity: &Severity) -> Markup {
    let class = match severity.as_str() {
        "critical" => "critical",
        "high" | "anomaly" => "anomaly",
        _ => "",
    };
    html! { span class=(class) { (plain(severity.as_str())) } }
}

/// The minutes of an hour as bars.
pub(super) fn sparkline(minutes: &[u64]) -> Markup {
    let most = minutes.iter().copied().max().unwrap_or_default();
    let events: u64 = minutes.iter().sum();
    let says = format!("last hour: {events} events, at most {most} in a minute");
    let mut bars = String::new();
    for (x, count) in minutes.iter().enumerate().filter(|(_, count)| **count > 0) {
        // What came is seen, however little beside the most.
        let height = (count * 20).div_ceil(most.max(1)).clamp(1, 20);
        let _ = write!(
            bars,
            "<rect x=\"{}\" y=\"{}\" width=\"2\" height=\"{height}\"/>",
            x * 3,
            20 - height
        );
    }
    let width = 3 * minutes.len();
    html! {
        svg.sparkline viewBox=(format!("0 0 {width} 20")) preserveAspectRatio="none" role="img" {
            title { (says) } (PreEscaped(bars))
        }
    }
}

/// The address of an error.
pub(super) fn error_path(group: GroupId) -> String {
    format!("/errors/{group}")
}

/// A name in a path.
pub(super) fn in_path(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A form of one button.
pub(super) fn button(
    view: &View,
    command: &str,
    fields: &[(&str, &str)],
    says: &str,
    about: &str,
) -> Markup {
    html! {
        form.act method="post" action=(format!("/do/{command}")) {
            input type="hidden" name="back" value=(view.path);
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button type="submit" aria-label=(format!("{says}: {}", plain(about))) { (says) }
        }
    }
}

/// The forms by which something is silenced: for an hour, for eight, or as people say.
pub(super) fn silence(view: &View, matchers: &str, about: &str) -> Markup {
    let label = format!("Silence: {}", plain(about));
    html! {
        details {
            summary aria-label=(label) { "Silence…" }
            form.act method="post" action="/do/silence" {
                input type="hidden" name="back" value=(view.path);
                input type="hidden" name="matchers" value=(matchers);
                label { "Reason" input name="reason" required maxlength="500"; }
                button type="submit" name="duration" value="1h" { "1 h" }
                button type="submit" name="duration" value="8h" { "8 h" }
            }
            details {
                summary { "Own time or matchers" }
                (own_silence(view, matchers))
            }
        }
    }
}

/// The form that leaves everything open.
pub(super) fn own_silence(view: &View, matchers: &str) -> Markup {
    html! {
        form.own method="post" action="/do/silence" {
            input type="hidden" name="back" value=(view.path);
            label {
                "What: a group, or signature= category= service= host= severity=, with * at either end"
                input name="matchers" required value=(matchers);
            }
            label { "For how long: 90s, 30m, 8h, 7d"
                input name="duration" required pattern="[0-9]+[smhd]" size="6"; }
            label { "Reason" input name="reason" required maxlength="500"; }
            label.row { input type="checkbox" name="force" value="true";
                "Although it covers more than half of yesterday's signatures" }
            button type="submit" { "Silence" }
        }
    }
}
