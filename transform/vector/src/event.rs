//! A log event of Vector as an event of the engine.

use std::{borrow::Cow, sync::Arc};

use signatures_engine::event::{self, Event, FieldValue};
use vector_lib::{event::LogEvent, schema::Definition};
use vrl::{
    owned_value_path,
    path::OwnedTargetPath,
    value::{
        KeyString, ObjectMap, Value,
        value::{simdutf_bytes_utf8_lossy, timestamp_to_string},
    },
};

/// Where in the metadata tags go when the event is no object: in Vector's own
/// log namespace an event may be the bare message.
const METADATA: &str = "error_signatures";

/// A log event. Nothing of it is copied unless it changes.
pub(crate) struct Log<'a> {
    log: &'a mut LogEvent,
    names: Names,
    meanings: &'a Meanings,
}

/// Where a schema has put what Vector knows the meaning of: looked up once for
/// the many events of one schema.
#[derive(Default)]
pub(crate) struct Meanings {
    schema: Option<Arc<Definition>>,
    /// Only where it is not the field of that name.
    message: Option<OwnedTargetPath>,
    host: Option<OwnedTargetPath>,
    service: Option<OwnedTargetPath>,
    severity: Option<OwnedTargetPath>,
}

impl Meanings {
    /// Those of a log, which may be these.
    pub(crate) fn of(&mut self, log: &LogEvent) -> &Self {
        let schema = log.metadata().schema_definition();
        if !self.schema.as_ref().is_some_and(|known| Arc::ptr_eq(known, schema)) {
            let path = |meaning: &str| {
                let by_name = OwnedTargetPath::event(owned_value_path!(meaning));
                schema.meaning_path(meaning).filter(|path| **path != by_name).cloned()
            };
            *self = Self {
                schema: Some(Arc::clone(schema)),
                message: path("message"),
                host: path("host"),
                service: path("service"),
                severity: path("severity"),
            };
        }
        self
    }
}

/// Which names the fields of an event may have: most that are asked for are not
/// there, and this says so sooner than the fields do.
#[derive(Default)]
struct Names {
    bits: u64,
    /// Whether a field has fields of its own.
    nested: bool,
}

impl Names {
    fn of(value: &Value) -> Self {
        let mut names = Self::default();
        for (name, value) in value.as_object().into_iter().flatten() {
            names.add(name);
            names.nested |= value.is_object();
        }
        names
    }

    fn add(&mut self, name: &str) {
        self.bits |= Self::bit(name);
    }

    fn may_have(&self, name: &str) -> bool {
        self.bits & Self::bit(name) != 0
    }

    fn bit(name: &str) -> u64 {
        let bytes = name.as_bytes();
        let byte = |byte: Option<&u8>| u64::from(byte.copied().unwrap_or_default());
        1 << ((byte(bytes.first()) + 7 * byte(bytes.last()) + 3 * bytes.len() as u64) % 64)
    }
}

impl<'a> Log<'a> {
    pub(crate) fn new(log: &'a mut LogEvent, meanings: &'a Meanings) -> Self {
        Self { names: Names::of(log.value()), log, meanings }
    }

    fn find(&self, name: &str) -> Option<&Value> {
        let meant = |path: &Option<OwnedTargetPath>| self.log.get(path.as_ref()?);
        match name {
            "message" => self.message(),
            "host" => self.field(name).or_else(|| meant(&self.meanings.host)),
            "service" => self.field(name).or_else(|| meant(&self.meanings.service)),
            "severity" => self.field(name).or_else(|| meant(&self.meanings.severity)),
            _ => self.field(name),
        }
    }

    fn field(&self, name: &str) -> Option<&Value> {
        let Some(fields) = self.log.value().as_object() else {
            let own = self.log.metadata().value().as_object()?.get(METADATA)?;
            return own.as_object()?.get(name);
        };
        let here = || fields.get(name).filter(|value| !value.is_null());
        let nested = || {
            let (parent, path) = name.split_once('.')?;
            self.names.may_have(parent).then(|| nested(fields.get(parent)?, path))?
        };
        match self.names.may_have(name).then(here).flatten() {
            None if self.names.nested => nested(),
            found => found,
        }
    }

    /// Where the schema says it is, or else where it is by name.
    fn message(&self) -> Option<&Value> {
        let log = &*self.log;
        // The schema may still mean where the message was before it was parsed
        // into fields.
        let meant = self.meanings.message.as_ref().and_then(|path| log.get(path));
        let text = |value: &&Value| !value.is_object();
        let bare = || Some(log.value()).filter(text);
        let named = || self.field("message").or_else(|| log.get_message());
        meant.filter(text).or_else(named).or_else(bare)
    }
}

impl Event for Log<'_> {
    fn get(&self, name: &str) -> Option<event::Value<'_>> {
        to_event_value(self.find(name)?)
    }

    fn set(&mut self, name: &str, value: FieldValue<'_>) {
        let value = match value {
            FieldValue::Text(text) => Value::from(text),
            FieldValue::Metadata(metadata) => {
                Value::from(serde_json::Value::Object(metadata.clone()))
            }
        };
        // A write through a shared event copies it, even if nothing is written.
        let fields = match self.log.value().is_object() {
            true => self.log.value_mut().as_object_mut(),
            false => own_metadata(self.log.metadata_mut().value_mut()),
        };
        if let Some(fields) = fields {
            self.names.add(name);
            self.names.nested |= value.is_object();
            fields.insert(KeyString::from(name), value);
        }
    }

    fn redact(&mut self, is_secret: &dyn Fn(&str) -> bool, replacement: &str) {
        if holds_secret(self.log.value(), false, is_secret, replacement) {
            redact(self.log.value_mut(), false, is_secret, replacement);
        }
        if holds_secret(self.log.metadata().value(), false, is_secret, replacement) {
            redact(self.log.metadata_mut().value_mut(), false, is_secret, replacement);
        }
    }
}

fn nested<'a>(parent: &'a Value, path: &str) -> Option<&'a Value> {
    let fields = parent.as_object()?;
    fields.get(path).filter(|value| !value.is_null()).or_else(|| {
        let (parent, path) = path.split_once('.')?;
        nested(fields.get(parent)?, path)
    })
}

fn to_event_value(value: &Value) -> Option<event::Value<'_>> {
    Some(match value {
        Value::Bytes(bytes) => event::Value::Text(simdutf_bytes_utf8_lossy(bytes)),
        Value::Regex(regex) => event::Value::Text(Cow::Borrowed(regex.as_str())),
        Value::Boolean(boolean) => event::Value::Boolean(*boolean),
        Value::Integer(number) => event::Value::Number(number.to_string().into()),
        Value::Float(number) => event::Value::Number(number.to_string().into()),
        Value::Timestamp(time) => event::Value::Number(timestamp_to_string(time).into()),
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
