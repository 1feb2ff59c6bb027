//! Vector's messages as prost sees them: what the relay's bytes are checked
//! against. The relay itself decodes none of them.

use std::collections::BTreeMap;

#[derive(Clone, PartialEq, prost::Message)]
pub struct PushEventsRequest {
    #[prost(message, repeated, tag = "1")]
    pub events: Vec<EventWrapper>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct EventWrapper {
    #[prost(oneof = "Event", tags = "1, 2, 3")]
    pub event: Option<Event>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Event {
    #[prost(message, tag = "1")]
    Log(Log),
    #[prost(message, tag = "2")]
    Metric(Metric),
    #[prost(message, tag = "3")]
    Trace(Trace),
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Log {
    #[prost(btree_map = "string, message", tag = "1")]
    pub fields: BTreeMap<String, Value>,
    #[prost(message, optional, tag = "2")]
    pub value: Option<Value>,
    #[prost(message, optional, tag = "3")]
    pub metadata: Option<Value>,
    #[prost(message, optional, tag = "4")]
    pub metadata_full: Option<Metadata>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Trace {
    #[prost(btree_map = "string, message", tag = "1")]
    pub fields: BTreeMap<String, Value>,
    #[prost(message, optional, tag = "3")]
    pub metadata_full: Option<Metadata>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Metadata {
    #[prost(message, optional, tag = "1")]
    pub value: Option<Value>,
    #[prost(string, optional, tag = "4")]
    pub source_type: Option<String>,
    #[prost(message, optional, tag = "6")]
    pub secrets: Option<Secrets>,
    #[prost(bytes = "vec", tag = "7")]
    pub source_event_id: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Secrets {
    #[prost(btree_map = "string, string", tag = "1")]
    pub entries: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Metric {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(message, optional, tag = "5")]
    pub counter: Option<Counter>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Counter {
    #[prost(double, tag = "1")]
    pub value: f64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct Value {
    #[prost(oneof = "Kind", tags = "1, 2, 4, 5, 6, 7, 8, 9")]
    pub kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Kind {
    #[prost(bytes, tag = "1")]
    RawBytes(Vec<u8>),
    #[prost(message, tag = "2")]
    Timestamp(Timestamp),
    #[prost(int64, tag = "4")]
    Integer(i64),
    #[prost(double, tag = "5")]
    Float(f64),
    #[prost(bool, tag = "6")]
    Boolean(bool),
    #[prost(message, tag = "7")]
    Map(ValueMap),
    #[prost(message, tag = "8")]
    Array(ValueArray),
    #[prost(int32, tag = "9")]
    Null(i32),
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Timestamp {
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct ValueMap {
    #[prost(btree_map = "string, message", tag = "1")]
    pub fields: BTreeMap<String, Value>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub struct ValueArray {
    #[prost(message, repeated, tag = "1")]
    pub items: Vec<Value>,
}

impl Value {
    pub fn of(kind: Kind) -> Self {
        Self { kind: Some(kind) }
    }

    pub fn text(text: &str) -> Self {
        Self::of(Kind::RawBytes(text.as_bytes().to_vec()))
    }

    pub fn map<K: Into<String>>(fields: impl IntoIterator<Item = (K, Self)>) -> Self {
        let fields = fields.into_iter().map(|(key, value)| (key.into(), value)).collect();
        Self::of(Kind::Map(ValueMap { fields }))
    }

    pub fn array(items: impl IntoIterator<Item = Self>) -> Self {
        Self::of(Kind::Array(ValueArray { items: items.into_iter().collect() }))
    }

    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Some(Kind::RawBytes(bytes)) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }
}

impl Log {
    pub fn of<K: Into<String>>(fields: impl IntoIterator<Item = (K, Value)>) -> Self {
        let fields = fields.into_iter().map(|(key, value)| (key.into(), value)).collect();
        Self { fields, ..Self::default() }
    }

    /// The fields of a log that is an object, in whichever encoding.
    pub fn object(&mut self) -> Option<&mut BTreeMap<String, Value>> {
        match &mut self.value {
            None => Some(&mut self.fields),
            Some(Value { kind: Some(Kind::Map(map)) }) => Some(&mut map.fields),
            Some(_) => None,
        }
    }
}

impl EventWrapper {
    pub fn log(log: Log) -> Self {
        Self { event: Some(Event::Log(log)) }
    }

    pub fn as_log(&self) -> Option<&Log> {
        match &self.event {
            Some(Event::Log(log)) => Some(log),
            _ => None,
        }
    }
}
