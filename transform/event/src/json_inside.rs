//! JSON inside the text of an event, where shippers put what a program wrote.

use std::borrow::Cow;

use crate::{
    bare_text::part,
    event::{Event, Value},
    wrapper::unwrapped,
};

/// The fields in which it may lie.
const FIELDS: [&str; 4] = ["message", "log", "msg", "MESSAGE"];

/// The text of an event that looks like JSON, without the wrapper of a container.
pub(crate) fn json_inside(event: &impl Event) -> Option<Cow<'_, str>> {
    let Value::Text(text) = FIELDS.iter().find_map(|name| event.get(name))? else { return None };
    let text = match unwrapped(&text).is_some() {
        true => part(text, |text| unwrapped(text).unwrap_or(text)),
        false => text,
    };
    text.trim_ascii_start().starts_with('{').then_some(text)
}
