//! JSON inside the text of an event, where shippers put what a program wrote.

use std::borrow::Cow;

use crate::{
    bare_text::part,
    event::{Event, Value},
    line::looks_like_json,
    wrapper::unwrapped,
};

/// The fields in which it may lie.
const FIELDS: [&str; 4] = ["message", "log", "msg", "MESSAGE"];

/// The text of an event that looks like JSON, without what a kubelet puts before it.
pub(crate) fn json_inside(event: &impl Event) -> Option<Cow<'_, str>> {
    let found = FIELDS.iter().find_map(|name| Some((name, event.first_byte(name)?)));
    let (name, b'{' | b'[' | b'0'..=b'9') = found? else { return None };
    let Value::Text(text) = event.get(name)? else { return None };
    let text = match unwrapped(&text).is_some() {
        true => part(text, |text| unwrapped(text).unwrap_or(text)),
        false => text,
    };
    looks_like_json(&text).then_some(text)
}
