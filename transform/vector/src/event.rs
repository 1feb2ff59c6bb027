//! A log event of Vector as an event of the engine.

use std::{borrow::Cow, sync::Arc};

use signatures_event::{
    self as event, Event, FieldValue,
    redact::{REDACTED, Redactor, Secrecy},
};
use signatures_engine::TagNames;
use vector_lib::{event::LogEvent, schema::Definition};
use vrl::{
    owned_value_path,
    path::OwnedTargetPath,
    value::{
        KeyString, ObjectMap, Value,
        value::{simdutf_bytes_utf8_lossy, timestamp_to_string},
    },
};

use crate::verdict::{self, METADATA};

/// A log event. Nothing of it is copied unless it changes.
pub(crate) struct Log<'a> {
    log: &'a mut LogEvent,
    names: Names,
    meanings: &'a Meanings,
    /// The tags that are read where the verdict is, and not among the fields.
    told: Option<&'a TagNames>,
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

/// What the names of an event tell beforehand: most that are asked for are not
/// there, and most events hold no secrets.
#[derive(Default)]
struct Names {
    /// A bit for each name that may be found, as a field or by its meaning.
    names: u64,
    /// A bit for each first letter, which a path shares with the field that it
    /// leads through.
    letters: u64,
    /// Whether a value has values of its own.
    nested: bool,
}

impl Names {
    fn of(value: &Value) -> Self {
        let Value::Object(fields) = value else {
            return Self { names: u64::MAX, letters: u64::MAX, ..Self::default() };
        };
        let mut names = Self::default();
        for (name, value) in fields {
            names.add(name);
            names.nested |= matches!(value, Value::Object(_) | Value::Array(_));
        }
        names
    }

    #[inline]
    fn add(&mut self, name: &str) {
        self.names |= Self::name(name);
        self.letters |= Self::letter(name);
    }

    /// Whether there can be no field of that name, and no path.
    #[inline]
    fn lack(&self, name: &str) -> bool {
        self.letters & Self::letter(name) == 0 || !self.nested && self.names & Self::name(name) == 0
    }

    #[inline]
    fn name(name: &str) -> u64 {
        let bytes = name.as_bytes();
        let byte = |byte: Option<&u8>| u64::from(byte.copied().unwrap_or_default());
        1 << ((byte(bytes.first()) + 7 * byte(bytes.last()) + 3 * bytes.len() as u64) % 64)
    }

    #[inline]
    fn letter(name: &str) -> u64 {
        1 << (name.as_bytes().first().copied().unwrap_or_default() % 64)
    }
}

impl<'a> Log<'a> {
    pub(crate) fn new(log: &'a mut LogEvent, meanings: &'a Meanings) -> Self {
        let mut names = Names::of(log.value());
        names.add("message");
        for (name, path) in [
            ("host", &meanings.host),
            ("service", &meanings.service),
            ("severity", &meanings.severity),
        ] {
            if path.is_some() {
                names.add(name);
            }
        }
        Self { names, log, meanings, told: None }
    }

    /// The same, with the tags of the verdict that it bears whatever its fields say.
    pub(crate) fn with_verdict(mut self, tags: &'a TagNames) -> Self {
        for tag in tags.all() {
            self.names.add(tag);
        }
        self.told = Some(tags);
        self
    }

    fn find(&self, name: &str) -> Option<&Value> {
        let meant = match name {
            "message" => return self.message(),
            "host" => &self.meanings.host,
            "service" => &self.meanings.service,
            "severity" => &self.meanings.severity,
            _ => return self.field(name),
        };
        self.field(name).or_else(|| self.log.get(meant.as_ref()?))
    }

    fn field(&self, name: &str) -> Option<&Value> {
        let is_told = || self.told.is_some_and(|tags| tags.all().contains(&name));
        match self.log.value() {
            Value::Object(fields) if !is_told() => at_path(fields, name),
            _ => verdict::of(self.log)?.get(name),
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
    #[inline]
    fn get(&self, name: &str) -> Option<event::Value<'_>> {
        if self.names.lack(name) {
            return None;
        }
        to_event_value(self.find(name)?)
    }

    fn any_name(&self, test: &mut dyn FnMut(&str) -> bool) -> bool {
        match self.log.value() {
            Value::Object(fields) => fields.keys().any(|name| test(name)),
            // Its tags are in the metadata.
            _ => true,
        }
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

    fn redact(&mut self, redactor: &Redactor) {
        // The names of its fields alone do not tell: texts may hold JSON.
        if holds_secret(self.log.value(), Secrecy::Open, redactor) {
            redact(self.log.value_mut(), Secrecy::Open, redactor);
        }
        if holds_secret(self.log.metadata().value(), Secrecy::Open, redactor) {
            redact(self.log.metadata_mut().value_mut(), Secrecy::Open, redactor);
        }
    }
}

/// The value of that name, or else at that path.
fn at_path<'a>(fields: &'a ObjectMap, path: &str) -> Option<&'a Value> {
    fields.get(path).filter(|value| !value.is_null()).or_else(|| {
        let (parent, path) = path.split_once('.')?;
        at_path(fields.get(parent)?.as_object()?, path)
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

/// Whether there may be anything to take out; asked first, since most events have
/// nothing and need not be touched.
fn holds_secret(value: &Value, secrecy: Secrecy, redactor: &Redactor) -> bool {
    match value {
        Value::Bytes(text) => match secrecy {
            Secrecy::Open => redactor.may_change(text),
            _ => text != REDACTED.as_bytes(),
        },
        Value::Regex(_) => secrecy != Secrecy::Open,
        Value::Integer(_) | Value::Float(_) => secrecy == Secrecy::Secret,
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            holds_secret(value, secrecy.max(redactor.secrecy(name)), redactor)
        }),
        Value::Array(items) => items.iter().any(|value| holds_secret(value, secrecy, redactor)),
        _ => false,
    }
}

fn redact(value: &mut Value, secrecy: Secrecy, redactor: &Redactor) {
    match value {
        Value::Bytes(text) if secrecy == Secrecy::Open => {
            if redactor.may_change(text)
                && let Some(redacted) = redactor.text(&simdutf_bytes_utf8_lossy(text))
            {
                *value = Value::from(redacted);
            }
        }
        Value::Bytes(_) | Value::Regex(_) if secrecy != Secrecy::Open => {
            *value = Value::from(REDACTED);
        }
        Value::Integer(_) | Value::Float(_) if secrecy == Secrecy::Secret => {
            *value = Value::from(REDACTED);
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                redact(value, secrecy.max(redactor.secrecy(name)), redactor);
            }
        }
        Value::Array(items) => {
            for value in items {
                redact(value, secrecy, redactor);
            }
        }
        _ => {}
    }
}
