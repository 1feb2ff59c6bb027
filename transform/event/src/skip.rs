//! Which events pass without a look.

use crate::event::Event;

/// Events that this system itself wrote; to count them would feed it its own
/// alerts.
pub const GUARDED_EVENTS: [&str; 4] = [
    "internal_alert",
    "alert_received",
    "single_error_alert_fallback",
    "log_aggregator_shadow_emit",
];

/// What the names of all further events of this system begin with.
pub const GUARDED_PREFIX: &str = "signatures.";

/// Why an event is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Skip {
    /// It says a level below `min_level`.
    BelowMinLevel,
    /// This system wrote it: its `event`, or that of an event that is somewhere
    /// inside it, is one of [`GUARDED_EVENTS`] or begins with [`GUARDED_PREFIX`].
    LoopGuard,
}

impl Skip {
    /// The reason as a label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BelowMinLevel => "below_min_level",
            Self::LoopGuard => "loop_guard",
        }
    }
}

/// Whether an event says by its field `event` that this system wrote it.
#[inline]
#[must_use]
pub fn is_own(event: &impl Event) -> bool {
    let name = event.get("event").and_then(|value| value.into_scalar_text());
    name.is_some_and(|name| is_guarded(name.trim()))
}

fn is_guarded(name: &str) -> bool {
    let begins = name.get(..GUARDED_PREFIX.len());
    begins.is_some_and(|begin| begin.eq_ignore_ascii_case(GUARDED_PREFIX))
        || GUARDED_EVENTS.iter().any(|guarded| guarded.eq_ignore_ascii_case(name))
}

/// A pattern, without regard to case, for an event of this system inside a text:
/// the key `event` with such a name, with or without quotes, escaped however
/// often. The bare name says nothing.
#[must_use]
pub fn own_event_pattern() -> String {
    // A quote as languages and JSON in JSON write it, nginx, HTML, and a URL.
    let quote = r#"(?:[\\"'`“”]|x2[27]|u00(?:2[27]|5c)|&(?:amp;)*(?:quot|apos|#0*3[49]|#x0*2[27]);|%(?:25)*(?:22|27|5C))"#;
    // What stands before the key may be written as such a sequence too.
    let begin = r"(?:\A|[^0-9a-z_]|\\[nrt]|u00[0-9a-f]{2}|x[0-9a-f]{2}|%(?:25)*[0-9a-f]{2})";
    // Also `event: String("…`, `u'…`, `["event"]=> string(14) "…`, `<event>…`.
    let sign = r"(?:[:=>]|%(?:25)*3[AD]|&gt;)+";
    let kind = r"(?:[a-z]{1,16}\s?\((?:\d+\)\s*)?|[bu])?";
    let names = GUARDED_EVENTS.join("|");
    let prefix = GUARDED_PREFIX.replace('.', r"\.");
    format!(
        r"{begin}event{quote}*\]?\s*{sign}\s*{kind}{quote}*(?:(?:{names})(?:\z|[^0-9a-z_-])|{prefix})"
    )
}

#[cfg(test)]
mod tests {
    use regex_automata::{meta::Regex, util::syntax};

    use super::*;
    use crate::json::JsonEvent;

    #[test]
    fn own_events_are_known_by_their_name_in_any_case() {
        for (line, own) in [
            (r#"{"event":"internal_alert"}"#, true),
            (r#"{"event":"Alert_Received"}"#, true),
            (r#"{"event":"signatures.reload"}"#, true),
            (r#"{"event":"Signatures.x"}"#, true),
            (r#"{"event":"signatures"}"#, false),
            (r#"{"event":"internal_alerts"}"#, false),
            (r#"{"message":"internal_alert"}"#, false),
        ] {
            assert_eq!(is_own(&JsonEvent::parse(line).unwrap()), own, "{line}");
        }
    }

    #[test]
    fn an_own_event_inside_a_text_is_known_by_key_and_name() {
        let syntax = syntax::Config::new().case_insensitive(true);
        let pattern = Regex::builder().syntax(syntax).build(&own_event_pattern()).unwrap();
        for text in [
            r#"{"event":"internal_alert","name":"x"}"#,
            r#"x {"a":1,"event" : "Alert_Received"}"#,
            r#"{"message":"{\"event\":\"internal_alert\"}"}"#,
            r#"{"m":"{\"m\":\"{\\\"event\\\":\\\"internal_alert\\\"}\"}"}"#,
            r#"{'event': 'single_error_alert_fallback'}"#,
            r#"{"event"=>"log_aggregator_shadow_emit"}"#,
            r#"level=warn event=internal_alert name=x"#,
            r#"level=warn event="signatures.alert" name=x"#,
            r#""{""event"":""internal_alert""}""#,
            r#"{\u0022event\u0022:\u0022internal_alert\u0022}"#,
            "{&quot;event&quot;:&quot;internal_alert&quot;}",
            "?q=%7B%22event%22%3A%22internal_alert%22%7D",
            "?q=%257B%2522event%2522%253A%2522internal_alert%2522%257D",
            "{&#x22;event&#x22;:&#x22;internal_alert&#x22;}",
            r"{\x22event\x22:\x22internal_alert\x22}",
            "{u'event': u'internal_alert'}",
            "{'event': b'internal_alert'}",
            r#"Object {"event": String("internal_alert")}"#,
            r#"["event"]=> string(14) "internal_alert""#,
            "Array ( [event] => internal_alert )",
            "<event>internal_alert</event>",
            "{`event`: `internal_alert`, “event”:“internal_alert”}",
            r"a: b\nevent: internal_alert",
        ] {
            assert!(pattern.is_match(text), "{text}");
        }
        for text in [
            "internal_alert",
            "the event was internal_alert",
            r#"{"my_event":"internal_alert"}"#,
            r#"{"event":"internal_alerts"}"#,
            r#"{"event":"my_internal_alert"}"#,
            r#"{"event":"x","name":"internal_alert"}"#,
            r#"{"event":"signatures"}"#,
            "event=internal_alert-manager",
            "prevent: internal_alert",
            "event (internal_alert)",
        ] {
            assert!(!pattern.is_match(text), "{text}");
        }
    }
}
