//! A log event of Vector as an event of the engine.

use std::{borrow::Cow, sync::Arc};

use signatures_engine::TagNames;
use signatures_event::{
    self as event, Event, FieldValue,
    redact::{REDACTED, Redactor, Secrecy},
};
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
        Value::Integer(integer) => hides_integer(*integer, secrecy, redactor),
        Value::Float(_) => secrecy == Secrecy::Secret,
        Value::Object(fields) => {
            let beside = beside(fields, redactor);
            fields.iter().any(|(name, value)| {
                let secrecy = secrecy.max(field_secrecy(name, beside, redactor));
                redactor.name(name).is_some() || holds_secret(value, secrecy, redactor)
            })
        }
        Value::Array(items) => {
            !arguments(items, redactor).is_empty()
                || items.iter().any(|item| holds_pair(item, redactor))
                || items.iter().any(|item| holds_secret(item, secrecy, redactor))
        }
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
        Value::Integer(integer) if hides_integer(*integer, secrecy, redactor) => {
            *value = Value::from(REDACTED);
        }
        Value::Float(_) if secrecy == Secrecy::Secret => *value = Value::from(REDACTED),
        Value::Object(fields) => redact_fields(fields, secrecy, redactor),
        Value::Array(items) => redact_items(items, secrecy, redactor),
        _ => {}
    }
}

fn redact_fields(fields: &mut ObjectMap, secrecy: Secrecy, redactor: &Redactor) {
    let beside = beside(fields, redactor);
    for (name, value) in fields.iter_mut() {
        redact(value, secrecy.max(field_secrecy(name, beside, redactor)), redactor);
    }
    if fields.keys().any(|name| redactor.name(name).is_some()) {
        let renamed = std::mem::take(fields).into_iter().map(|(name, value)| {
            let redacted = redactor.name(&name).map(KeyString::from);
            (redacted.unwrap_or(name), value)
        });
        *fields = renamed.collect();
    }
}

fn redact_items(items: &mut [Value], secrecy: Secrecy, redactor: &Redactor) {
    if secrecy == Secrecy::Open {
        for (index, text) in arguments(items, redactor) {
            items[index] = Value::from(text);
        }
        for item in items.iter_mut() {
            if let Value::Array(pair) = item
                && let Some((second, secrecy)) = second_of(pair, redactor)
            {
                redact(&mut pair[second], secrecy, redactor);
            }
        }
    }
    for item in items {
        redact(item, secrecy, redactor);
    }
}

fn hides_integer(integer: i64, secrecy: Secrecy, redactor: &Redactor) -> bool {
    let by_form = || u64::try_from(integer).is_ok_and(|n| redactor.is_secret_integer(n));
    secrecy == Secrecy::Secret || secrecy == Secrecy::Open && by_form()
}

/// What a field of this name holds, where what is named beside it holds that.
fn field_secrecy(name: &str, beside: Secrecy, redactor: &Redactor) -> Secrecy {
    let own = redactor.secrecy(name);
    if redactor.is_named_beside(name) { own.max(beside) } else { own }
}

/// What the values of an object hold that are named by others in it.
fn beside(fields: &ObjectMap, redactor: &Redactor) -> Secrecy {
    if !fields.keys().any(|name| redactor.is_named_beside(name)) {
        return Secrecy::Open;
    }
    let texts = fields.iter().filter_map(|(name, value)| match value {
        Value::Bytes(text) => Some((name.as_str(), simdutf_bytes_utf8_lossy(text))),
        _ => None,
    });
    redactor.beside(texts)
}

/// What is to stand in place of the items of a list, if there are arguments among them.
fn arguments(items: &[Value], redactor: &Redactor) -> Vec<(usize, String)> {
    let is_argument = |item: &Value| match item {
        Value::Bytes(text) => redactor.may_be_argument(&simdutf_bytes_utf8_lossy(text)),
        _ => false,
    };
    if !items.iter().any(is_argument) {
        return Vec::new();
    }
    let shown = items.iter().enumerate().filter_map(|(index, item)| match item {
        Value::Bytes(text) => Some((index, simdutf_bytes_utf8_lossy(text))),
        Value::Integer(integer) => Some((index, Cow::Owned(integer.to_string()))),
        _ => None,
    });
    let (places, texts): (Vec<_>, Vec<_>) = shown.unzip();
    redactor.list(&texts).into_iter().map(|(index, text)| (places[index], text)).collect()
}

/// Whether an item of a list is a pair of a name and a secret.
fn holds_pair(item: &Value, redactor: &Redactor) -> bool {
    match item {
        Value::Array(pair) => second_of(pair, redactor)
            .is_some_and(|(second, secrecy)| holds_secret(&pair[second], secrecy, redactor)),
        _ => false,
    }
}

/// Where the secret of a pair is, and what it holds.
fn second_of(pair: &[Value], redactor: &Redactor) -> Option<(usize, Secrecy)> {
    match pair {
        [Value::Bytes(first), _, ..] => {
            let secrecy = redactor.second_of(&simdutf_bytes_utf8_lossy(first));
            (secrecy != Secrecy::Open).then_some((1, secrecy))
        }
        _ => None,
    }
}
