//! A line of a log: a JSON event, or just text.

use std::borrow::Cow;

use crate::{
    event::{Event, FieldValue, Value},
    json::JsonEvent,
};

/// How long a line may be to be taken for an event, in bytes. A longer one is
/// text, of which the start is looked at, so that memory stays bounded.
pub const MAX_EVENT_BYTES: usize = 1 << 20;

/// A line, told apart by whether it is one JSON object.
#[derive(Clone, Debug)]
pub enum LogLine<'a> {
    /// A structured event.
    Json(JsonEvent<'a>),
    /// Anything else.
    Plain(&'a str),
}

impl<'a> LogLine<'a> {
    /// Tells which a line is; it has no line end any more.
    #[must_use]
    pub fn parse(line: &'a str) -> Self {
        // A byte-order mark says nothing about the event behind it.
        let json = line.strip_prefix('\u{feff}').unwrap_or(line);
        if line.len() <= MAX_EVENT_BYTES
            && json.trim_ascii_start().starts_with('{')
            && let Ok(event) = JsonEvent::parse(json)
        {
            return Self::Json(event);
        }
        Self::Plain(line)
    }

    /// The event to write fields into: a plain line becomes `{"message": …}`.
    #[must_use]
    pub fn into_event(self) -> JsonEvent<'a> {
        match self {
            Self::Json(event) => event,
            Self::Plain(text) => JsonEvent::of_message(text),
        }
    }
}

/// A plain line is an event whose only field is `message`, and becomes one in
/// JSON when another is written into it.
impl Event for LogLine<'_> {
    fn get(&self, name: &str) -> Option<Value<'_>> {
        match self {
            Self::Json(event) => event.get(name),
            Self::Plain(text) => (name == "message").then_some(Value::Text(Cow::Borrowed(text))),
        }
    }

    fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Json(_) => None,
            Self::Plain(text) => Some(Cow::Borrowed(text)),
        }
    }

    fn set(&mut self, name: &str, value: FieldValue<'_>) {
        if let Self::Plain(text) = self {
            *self = Self::Json(JsonEvent::of_message(text));
        }
        if let Self::Json(event) = self {
            event.set(name, value);
        }
    }

    fn redact(&mut self, is_secret: &dyn Fn(&str) -> bool, replacement: &str) {
        if let Self::Json(event) = self {
            event.redact(is_secret, replacement);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_line_is_an_event_with_a_message() {
        let mut line = LogLine::parse("boom {");
        assert_eq!(line.as_text().as_deref(), Some("boom {"));
        assert_eq!(line.get("message"), Some(Value::Text("boom {".into())));
        assert_eq!(line.get("level"), None);
        line.set("error_category", FieldValue::Text("app"));
        assert_eq!(line.as_text(), None);
        let mut out = Vec::new();
        line.into_event().write_to(&mut out);
        assert_eq!(out, br#"{"message":"boom {","error_category":"app"}"#);
    }
}
