//! What the fields say that tell errors apart.

use std::borrow::Cow;

use signatures_event::{Event, OriginFields, Value, ask_inside};

/// So many bytes of each value count.
pub const MAX_VALUE_BYTES: usize = 256;

/// The values of some fields, as text; empty where an event has none. `service`: what
/// it is found to name as such.
pub(crate) fn values<'a>(
    event: &'a impl Event,
    by: &'a [String],
    origin: &'a OriginFields,
    service: Option<&'a str>,
) -> impl Iterator<Item = Cow<'a, str>> {
    let value = move |name: &str| match name {
        "service" => service.map(Cow::Borrowed),
        "host" => origin.host_of(event),
        // JSON inside a wrapper is asked where the wrapper says nothing.
        _ => text_of(event, name).or_else(|| {
            let inside = ask_inside(event, |inside| Some(text_of(inside, name)?.into_owned()));
            inside.map(Cow::Owned)
        }),
    };
    by.iter().map(move |name| cut(value(name).unwrap_or_default()))
}

fn text_of<'a>(event: &'a impl Event, name: &str) -> Option<Cow<'a, str>> {
    match event.get(name)? {
        Value::Boolean(true) => Some(Cow::Borrowed("true")),
        Value::Boolean(false) => Some(Cow::Borrowed("false")),
        value => value.into_subject_text(),
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
