//! A line of a log: a JSON event, or just text.

use super::JsonEvent;

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

    /// The structured event, if it is one.
    #[must_use]
    pub fn as_event(&self) -> Option<&JsonEvent<'a>> {
        match self {
            Self::Json(event) => Some(event),
            Self::Plain(_) => None,
        }
    }
}
