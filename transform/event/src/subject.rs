//! The subject: the text that the patterns see of an event.

use std::borrow::Cow;

use signatures_document::{
    Reader,
    yaml::{Node, NodeKind},
};

/// Which fields make up the subject: of each inner list the first that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectFields {
    pub(crate) lists: Vec<Vec<String>>,
    /// Whether, where none of them is there, the names that other loggers write
    /// are tried, and exceptions are told of.
    pub(crate) others: bool,
}

impl Default for SubjectFields {
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            lists: vec![
                list(&["event"]),
                list(&["error", "message"]),
                list(&["error_code"]),
                list(&["operation"]),
            ],
            others: true,
        }
    }
}

/// What other loggers call the text of an event, in the order in which it is
/// tried where the fields of [`SubjectFields`] are not there.
pub const MESSAGE_FIELDS: [&str; 39] = [
    // Go, Node, hclog; .NET and Windows; journald; Docker; GELF; tracing.
    "msg",
    "Message",
    "MESSAGE",
    "log",
    "short_message",
    "fields.message",
    "@message",
    // Serilog, with the text rendered or as a template.
    "@m",
    "RenderedMessage",
    "@mt",
    "MessageTemplate",
    // OpenTelemetry and its exporters.
    "body.stringValue",
    "body",
    "Body.Value",
    "Body",
    // Google Cloud.
    "textPayload",
    "jsonPayload.message",
    "jsonPayload.msg",
    // loguru, ECS, syslog-ng, rsyslog, Splunk, agents and the rest.
    "record.message",
    "event.original",
    "event_message",
    "log_message",
    "logMessage",
    "LogMessage",
    "log.message",
    "Msg",
    "MSG",
    "line",
    "raw",
    "_raw",
    "rawmsg",
    "content",
    "full_message",
    "data.message",
    "data",
    "payload",
    "jsonPayload",
    "alert",
    "description",
];

/// What a key takes that names fields, for messages.
pub(crate) const FIELD_NAMES: &str = "a list of at least one field name";

impl SubjectFields {
    /// Those fields and no others.
    #[must_use]
    pub fn only(lists: Vec<Vec<String>>) -> Self {
        Self { lists, others: false }
    }

    /// Reads a list of names; in place of a name, a list of those to choose from.
    pub fn read(reader: &mut Reader, key: &str, node: &Node) -> Option<Self> {
        if !matches!(&node.kind, NodeKind::Sequence(items) if !items.is_empty()) {
            return reader.expected(key, FIELD_NAMES, node);
        }
        let mut fields = Vec::new();
        for item in reader.sequence(key, node) {
            fields.push(match item.kind {
                NodeKind::Sequence(_) => reader.texts(key, item),
                _ => vec![reader.text(key, item)?],
            });
        }
        // To write the default down changes nothing.
        let default = Self::default();
        Some(if fields == default.lists { default } else { Self::only(fields) })
    }
}

/// The text that the patterns see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The text, not longer than the limit; empty where the event has none.
    pub text: Cow<'a, str>,
    /// Whether something was cut off.
    pub cut: bool,
    /// How many bytes of the text are the event's own; the rest tells of its
    /// exception.
    own: usize,
    found: bool,
}

impl<'a> Subject<'a> {
    /// A text, and what it says of an exception, up to `limit` bytes.
    pub(crate) fn new(
        own: Cow<'a, str>,
        cut: bool,
        exception: Option<Cow<'_, str>>,
        limit: usize,
    ) -> Self {
        let mut subject = Self { own: own.len(), text: own, cut, found: true };
        if let Some(exception) = exception.filter(|text| !subject.text.contains(&**text)) {
            let text = subject.text.to_mut();
            text.push(' ');
            text.push_str(&exception);
            if text.len() > limit {
                text.truncate(text.floor_char_boundary(limit));
                subject.cut = true;
            }
            subject.own = subject.own.min(text.len());
        }
        subject
    }

    /// An event that has no text.
    pub(crate) fn none() -> Self {
        Self { text: Cow::Borrowed(""), cut: false, own: 0, found: false }
    }

    /// What a fingerprint is made of: the text without the exception.
    #[must_use]
    pub fn own(&self) -> &str {
        &self.text[..self.own]
    }

    /// Whether the event says anything that could be looked at. A plain line does,
    /// even a blank one.
    #[must_use]
    pub const fn is_found(&self) -> bool {
        self.found
    }

    pub(crate) fn into_owned<'b>(self) -> Subject<'b> {
        let Self { text, cut, own, found } = self;
        Subject { text: Cow::Owned(text.into_owned()), cut, own, found }
    }
}
