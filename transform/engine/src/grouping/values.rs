//! What the fields say that tell errors apart.

use std::borrow::Cow;

use signatures_event::{Event, OriginFields, Value};

/// So many bytes of each value count.
pub const MAX_VALUE_BYTES: usize = 256;

/// The values of some fields, as text; empty where an event has none.
pub(crate) fn values<'a>(
    event: &'a impl Event,
    by: &'a [String],
    origin: &'a OriginFields,
) -> impl Iterator<Item = Cow<'a, str>> {
    by.iter().map(|name| cut(value(event, name, origin).unwrap_or_default()))
}

fn value<'a>(event: &'a impl Event, name: &str, origin: &OriginFields) -> Option<Cow<'a, str>> {
    match name {
        "service" => origin.service_of(event),
        "host" => origin.host_of(event),
        _ => match event.get(name)? {
            Value::Boolean(true) => Some(Cow::Borrowed("true")),
            Value::Boolean(false) => Some(Cow::Borrowed("false")),
            value => value.into_subject_text(),
        },
    }
}

fn cut(text: Cow<'_, str>) -> Cow<'_, str> {
    let end = text.floor_char_boundary(MAX_VALUE_BYTES);
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
        Cow::Owned(mut text) => {
            text.truncate(end);
            Cow::Owned(text)
        }
    }
}
