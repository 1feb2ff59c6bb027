//! Writing messages: lengths, entries, values.

use serde_json::Value as Json;
use signatures_event::{FieldValue, Metadata};

/// The tag of a length-delimited field whose number is below 16.
pub(super) const fn tag(number: u8) -> u8 {
    number << 3 | 2
}

pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// How many bytes a varint takes.
pub(super) fn varint_len(value: usize) -> usize {
    let bits = usize::BITS - (value | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

/// How many bytes a length-delimited field takes whose number is below 16.
pub(super) fn field_len(content: usize) -> usize {
    1 + varint_len(content) + content
}

/// The head of a length-delimited field: its tag and the length of its content.
pub(super) fn put_head(out: &mut Vec<u8>, number: u8, content: usize) {
    out.push(tag(number));
    put_varint(out, content as u64);
}

pub(super) fn put_field(out: &mut Vec<u8>, number: u8, content: &[u8]) {
    put_head(out, number, content.len());
    out.extend_from_slice(content);
}

/// An entry of a map of values, as field 1 of whatever holds the map.
pub(super) fn put_entry(out: &mut Vec<u8>, key: &str, value: FieldValue<'_>) {
    match value {
        FieldValue::Text(text) => {
            let value = field_len(text.len());
            put_head(out, 1, field_len(key.len()) + field_len(value));
            put_field(out, 1, key.as_bytes());
            put_head(out, 2, value);
            put_field(out, 1, text.as_bytes());
        }
        FieldValue::Metadata(metadata) => put_json_entry(out, key, &object(metadata)),
    }
}

fn put_json_entry(out: &mut Vec<u8>, key: &str, value: &[u8]) {
    put_head(out, 1, field_len(key.len()) + field_len(value.len()));
    put_field(out, 1, key.as_bytes());
    put_field(out, 2, value);
}

/// A `Value` with the same content. Recurses: only for JSON that comes from our
/// own configuration or alerts, whose reader bounds its depth.
fn value(json: &Json) -> Vec<u8> {
    let mut out = Vec::new();
    match json {
        Json::Null => out.extend([9 << 3, 0]),
        Json::Bool(boolean) => out.extend([6 << 3, u8::from(*boolean)]),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => {
                out.push(4 << 3);
                put_varint(&mut out, integer as u64);
            }
            (None, float) => {
                out.push(5 << 3 | 1);
                out.extend(float.unwrap_or_default().to_le_bytes());
            }
        },
        Json::String(text) => put_field(&mut out, 1, text.as_bytes()),
        Json::Array(items) => {
            let mut array = Vec::new();
            items.iter().for_each(|item| put_field(&mut array, 1, &value(item)));
            put_field(&mut out, 8, &array);
        }
        Json::Object(map) => return object(map),
    }
    out
}

fn object(map: &Metadata) -> Vec<u8> {
    let (mut fields, mut out) = (Vec::new(), Vec::new());
    map.iter().for_each(|(key, json)| put_json_entry(&mut fields, key, &value(json)));
    put_field(&mut out, 7, &fields);
    out
}

/// A `PushEventsRequest` with a log event of each of these fields.
#[must_use]
pub fn log_request<'a>(events: impl IntoIterator<Item = &'a Metadata>) -> Vec<u8> {
    let (mut log, mut out) = (Vec::new(), Vec::new());
    for fields in events {
        log.clear();
        fields.iter().for_each(|(key, json)| put_json_entry(&mut log, key, &value(json)));
        put_head(&mut out, 1, field_len(log.len()));
        put_field(&mut out, 1, &log);
    }
    out
}
