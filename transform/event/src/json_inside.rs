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
    let name = begins_like_json(event)?;
    let Value::Text(text) = event.get(name)? else { return None };
    let text = match unwrapped(&text).is_some() {
        true => part(text, |text| unwrapped(text).unwrap_or(text)),
        false => text,
    };
    looks_like_json(&text).then_some(text)
}

/// Whether what JSON in a field says goes over what the event says beside it: it
/// does where a shipper put what a program wrote.
pub(crate) fn goes_first(event: &impl Event, name: &str) -> bool {
    begins_like_json(event) == Some(name)
}

/// The first of the fields that is there, if JSON may begin in it, or a time that a
/// kubelet wrote before it.
fn begins_like_json(event: &impl Event) -> Option<&'static str> {
    let found = FIELDS.iter().find_map(|name| Some((*name, event.first_byte(name)?)));
    let (name, b'{' | b'[' | b'0'..=b'9') = found? else { return None };
    Some(name)
}
