//! A line of a log: a JSON event, what was to be one, or just text.

use std::borrow::Cow;

use crate::{
    broken_json,
    event::{Event, FieldValue, Value},
    json::JsonEvent,
    redact::Redactor,
};

/// How long a line may be to be taken for an event, in bytes. A longer one is
/// text, of which the start is looked at, so that memory stays bounded.
pub const MAX_EVENT_BYTES: usize = 1 << 20;

/// Whether a text may be an event in JSON, or a list of them.
pub(crate) fn looks_like_json(text: &str) -> bool {
    let text = text.trim_ascii_start();
    text.starts_with('{') || text.starts_with("[{")
}

/// A line, told apart by whether it is one JSON object.
#[derive(Clone, Debug)]
pub enum LogLine<'a> {
    /// A structured event.
    Json(JsonEvent<'a>),
    /// What was to be a structured event: its text, and the fields that could be
    /// read.
    Broken(Cow<'a, str>, JsonEvent<'a>),
    /// Anything else.
    Plain(Cow<'a, str>),
}

impl<'a> LogLine<'a> {
    /// A line that is text, whatever it looks like.
    #[must_use]
    pub fn plain(line: &'a str) -> Self {
        Self::Plain(Cow::Borrowed(line))
    }

    /// Tells which a line is; it has no line end any more.
    #[must_use]
    pub fn parse(line: &'a str) -> Self {
        // Most plain lines begin with a letter or a digit, and no event does.
        if line.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric) {
            return Self::plain(line);
        }
        // A file that was truncated under its writer begins with NULs.
        let line = line.trim_start_matches('\0');
        // A byte-order mark says nothing about the event behind it.
        let json = line.strip_prefix('\u{feff}').unwrap_or(line).trim_ascii_start();
        if line.len() > MAX_EVENT_BYTES || !looks_like_json(json) {
            return Self::plain(line);
        }
        match JsonEvent::parse(json) {
            Ok(event) => Self::Json(event),
            Err(_) => {
                let fields = broken_json::read(json);
                match fields.is_empty() {
                    true => Self::plain(line),
                    false => Self::Broken(Cow::Borrowed(line), fields),
                }
            }
        }
    }

    /// The event to write fields into: any line but an event becomes
    /// `{"message": …}`.
    #[must_use]
    pub fn into_event(self) -> JsonEvent<'a> {
        match self {
            Self::Json(event) => event,
            Self::Broken(text, _) | Self::Plain(text) => JsonEvent::of_message(&text),
        }
    }
}

/// A line that is no event has a `message`, and becomes one in JSON when another
/// field is written into it.
impl Event for LogLine<'_> {
    #[inline]
    fn get(&self, name: &str) -> Option<Value<'_>> {
        let message = |text| (name == "message").then_some(Value::Text(Cow::Borrowed::<str>(text)));
        match self {
            Self::Json(event) => event.get(name),
            Self::Broken(text, fields) => fields.get(name).or_else(|| message(text)),
            Self::Plain(text) => message(text),
        }
    }

    fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Json(_) | Self::Broken(..) => None,
            Self::Plain(text) => Some(Cow::Borrowed(text)),
        }
    }

    fn source(&self) -> Option<&str> {
        match self {
            Self::Json(event) => event.source(),
            Self::Broken(..) | Self::Plain(_) => None,
        }
    }

    fn first_byte(&self, name: &str) -> Option<u8> {
        match self {
            Self::Json(event) => event.first_byte(name),
            Self::Broken(..) | Self::Plain(_) => self.get(name)?.first_byte(),
        }
    }

    fn any_name(&self, test: &mut dyn FnMut(&str) -> bool) -> bool {
        match self {
            Self::Json(event) => event.any_name(test),
            Self::Broken(_, fields) => fields.any_name(test) || test("message"),
            Self::Plain(_) => test("message"),
        }
    }

    fn set(&mut self, name: &str, value: FieldValue<'_>) {
        if let Self::Broken(text, _) | Self::Plain(text) = self {
            *self = Self::Json(JsonEvent::of_message(text));
        }
        if let Self::Json(event) = self {
            event.set(name, value);
        }
    }

    fn redact(&mut self, redactor: &Redactor) {
        match self {
            Self::Json(event) => event.redact(redactor),
            Self::Broken(text, _) | Self::Plain(text) => {
                if let Some(redacted) = redactor.text(text) {
                    *text = Cow::Owned(redacted);
                }
            }
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

    #[test]
    fn what_was_to_be_json_says_what_can_be_read_and_leaves_without_secrets() {
        let text =
            r#"{"level":"info","took":NaN,"message":"ECONNRESET handled","password":"hunter2"}"#;
        let mut line = LogLine::parse(text);
        assert_eq!(line.get("level"), Some(Value::Text("info".into())));
        assert_eq!(line.get("message"), Some(Value::Text("ECONNRESET handled".into())));
        line.redact(&Redactor::by_names());
        let mut out = Vec::new();
        line.into_event().write_to(&mut out);
        let out: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let expected = text.replace("hunter2", "[REDACTED]");
        assert_eq!(out, serde_json::json!({ "message": expected }));
    }

    #[test]
    fn a_plain_line_with_json_in_it_leaves_without_its_secrets() {
        let mut line = LogLine::parse(r#"app-1  | {"a":1,"password":"hunter2"} user=bob"#);
        line.redact(&Redactor::by_names());
        assert_eq!(
            line.as_text().as_deref(),
            Some(r#"app-1  | {"a":1,"password":"[REDACTED]"} user=bob"#)
        );
        for line in [
            r#"{"\u0070assword":"hunter2",}"#,
            r#"{"m":"{\"\\u0070assword\":\"hunter2\"}"}"#,
            r#"{"m":"{\"m\":\"{\\\"\\\\u0070assword\\\":\\\"hunter2\\\",}\"}"}"#,
        ] {
            let mut event = LogLine::parse(line);
            event.redact(&Redactor::by_names());
            let mut out = Vec::new();
            event.into_event().write_to(&mut out);
            assert!(!String::from_utf8_lossy(&out).contains("hunter2"), "{line}");
        }
        for prose in [
            r#"volume "a-token" : secret "a-token" not found"#,
            r#"cannot load "/etc/x.key": PEM_read_bio_PrivateKey() failed"#,
            r#"error in "a.yml": secret not found"#,
        ] {
            let mut line = LogLine::parse(prose);
            line.redact(&Redactor::of_texts());
            assert_eq!(line.as_text().as_deref(), Some(prose));
        }
        let mut line = LogLine::parse("login with password=hunter2 {sic}");
        line.redact(&Redactor::of_texts());
        assert_eq!(line.as_text().as_deref(), Some("login with password=[REDACTED] {sic}"));
    }
}
