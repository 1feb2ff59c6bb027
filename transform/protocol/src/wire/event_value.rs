//! How the engine sees a value.

use std::borrow::Cow;

use signatures_event::Value;

use super::{
    json,
    value::{Kind, timestamp},
};

/// The value of a field of an event; none for null, and for a time that does
/// not exist.
pub(super) fn event_value(kind: Kind<'_>) -> Option<Value<'_>> {
    let number = |text: String| Value::Number(Cow::Owned(text));
    Some(match kind {
        Kind::Bytes(bytes) => Value::Text(String::from_utf8_lossy(bytes)),
        Kind::Timestamp(run) => number(timestamp(run)?.to_string()),
        Kind::Integer(integer) => number(integer.to_string()),
        Kind::Float(float) => number(float.to_string()),
        Kind::Boolean(boolean) => Value::Boolean(boolean),
        Kind::Map(_) | Kind::Array(_) => Value::Composite(json::text(kind).into()),
        Kind::Null | Kind::Unset => return None,
    })
}
