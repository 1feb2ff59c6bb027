//! JSON inside the text of an event, where shippers put what a program wrote.

use std::borrow::Cow;

use crate::{
    bare_text::part,
    event::{Event, Value},
    line::{LogLine, looks_like_json},
    wrapper::unwrapped,
};

/// How many texts inside each other are read as JSON: a shipper puts a line into a
/// field, which the next puts into one of its own.
pub(crate) const MAX_NESTED: usize = 4;

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

/// Asks the event that lies as JSON in the text of another; where that has no answer,
/// the one inside of it.
pub fn ask_inside<T>(event: &impl Event, ask: impl Fn(&LogLine<'_>) -> Option<T>) -> Option<T> {
    ask_nested(event, &ask, MAX_NESTED)
}

fn ask_nested<T>(
    event: &impl Event,
    ask: &dyn Fn(&LogLine<'_>) -> Option<T>,
    depth: usize,
) -> Option<T> {
    let depth = depth.checked_sub(1)?;
    let text = match event.as_text() {
        Some(text) => {
            let inside = unwrapped(&text).filter(|inside| looks_like_json(inside))?;
            Cow::Owned(inside.to_owned())
        }
        None => json_inside(event)?,
    };
    match LogLine::parse(&text) {
        LogLine::Plain(_) => None,
        inside => ask(&inside).or_else(|| ask_nested(&inside, ask, depth)),
    }
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
