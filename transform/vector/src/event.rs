//! A log event of Vector as an event of the engine.

use std::borrow::Cow;

use signatures_engine::{
    event::{self, Event, FieldValue},
    tags,
};
use vector_lib::event::LogEvent;
use vrl::value::{KeyString, ObjectMap, Value};

/// Where in the metadata tags go when the event is no object: in Vector's own
/// log namespace an event may be the bare message.
const METADATA: &str = "error_signatures";

/// Fields that a schema may have put elsewhere, under their semantic meaning.
const MEANINGS: [&str; 3] = ["host", "service", "severity"];

/// A log event. Nothing of it is copied unless it changes.
pub(crate) struct Log<'a>(pub(crate) &'a mut LogEvent);

impl Event for Log<'_> {
    fn get(&self, name: &str) -> Option<event::Value<'_>> {
        to_event_value(find(self.0, name)?)
    }

    fn set(&mut self, name: &str, value: FieldValue<'_>) {
        let value = match value {
            FieldValue::Text(text) => Value::from(text),
            FieldValue::Metadata(metadata) => {
                Value::from(serde_json::Value::Object(metadata.clone()))
            }
        };
        // A write through a shared event copies it, even if nothing is written.
        let fields = match self.0.value().is_object() {
            true => self.0.value_mut().as_object_mut(),
            false => own_metadata(self.0.metadata_mut().value_mut()),
        };
        if let Some(fields) = fields {
            fields.insert(KeyString::from(name), value);
        }
    }

    fn redact(&mut self, is_secret: &dyn Fn(&str) -> bool, replacement: &str) {
        if holds_secret(self.0.value(), false, is_secret, replacement) {
            redact(self.0.value_mut(), false, is_secret, replacement);
        }
        if holds_secret(self.0.metadata().value(), false, is_secret, replacement) {
            redact(self.0.metadata_mut().value_mut(), false, is_secret, replacement);
        }
    }
}

fn find<'a>(log: &'a LogEvent, name: &str) -> Option<&'a Value> {
    let here = || field(log.value().as_object()?, name);
    match name {
        "message" => {
            // The meaning may still point to where a message was before it was
            // parsed into fields.
            let meant = log.get_by_meaning(name).filter(|value| !value.is_object());
            let bare = || Some(log.value()).filter(|value| !value.is_object());
            meant.or_else(here).or_else(|| log.get_message()).or_else(bare)
        }
        _ if MEANINGS.contains(&name) => here().or_else(|| log.get_by_meaning(name)),
        _ if log.value().is_object() => here(),
        _ if tags::ALL.contains(&name) => {
            field(log.metadata().value().as_object()?.get(METADATA)?.as_object()?, name)
        }
        _ => None,
    }
}

fn field<'a>(fields: &'a ObjectMap, name: &str) -> Option<&'a Value> {
    fields.get(name).or_else(|| {
        let (parent, path) = name.split_once('.')?;
        field(fields.get(parent)?.as_object()?, path)
    })
}

fn to_event_value(value: &Value) -> Option<event::Value<'_>> {
    Some(match value {
        Value::Bytes(bytes) => event::Value::Text(String::from_utf8_lossy(bytes)),
        Value::Regex(regex) => event::Value::Text(Cow::Borrowed(regex.as_str())),
        Value::Boolean(boolean) => event::Value::Boolean(*boolean),
        Value::Integer(number) => event::Value::Number(number.to_string().into()),
        Value::Float(number) => event::Value::Number(number.to_string().into()),
        Value::Timestamp(time) => event::Value::Number(time.to_rfc3339().into()),
        Value::Object(_) | Value::Array(_) => {
            event::Value::Composite(serde_json::to_string(value).ok()?.into())
        }
        Value::Null => return None,
    })
}

fn own_metadata(metadata: &mut Value) -> Option<&mut ObjectMap> {
    let own = metadata.as_object_mut()?.entry(METADATA.into());
    own.or_insert_with(|| Value::Object(ObjectMap::new())).as_object_mut()
}

/// Whether there is anything to take out; asked first, since most events have
/// nothing and need not be touched.
fn holds_secret(
    value: &Value,
    secret: bool,
    is_secret: &dyn Fn(&str) -> bool,
    replacement: &str,
) -> bool {
    match value {
        Value::Bytes(text) => secret && text != replacement.as_bytes(),
        Value::Regex(_) => secret,
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            holds_secret(value, secret || is_secret(name), is_secret, replacement)
        }),
        Value::Array(items) => {
            items.iter().any(|value| holds_secret(value, secret, is_secret, replacement))
        }
        _ => false,
    }
}

fn redact(value: &mut Value, secret: bool, is_secret: &dyn Fn(&str) -> bool, replacement: &str) {
    match value {
        Value::Bytes(_) | Value::Regex(_) if secret => *value = Value::from(replacement),
        Value::Object(fields) => {
            for (name, value) in fields {
                redact(value, secret || is_secret(name), is_secret, replacement);
            }
        }
        Value::Array(items) => {
            for value in items {
                redact(value, secret, is_secret, replacement);
            }
        }
        _ => {}
    }
}
