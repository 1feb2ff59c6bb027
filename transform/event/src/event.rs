//! What the engine needs to know of a log event, whatever holds it.

use std::borrow::Cow;

use crate::redact::Redactor;

/// Extra facts about an error, by name, in the order in which they were given.
pub type Metadata = serde_json::Map<String, serde_json::Value>;

/// A log event: named values, some of them nested.
///
/// JSON lines, protobuf messages and Vector's own events implement it, so that
/// the same code serves all of them without converting one into another.
pub trait Event {
    /// The value of a field; none when it is absent or null.
    ///
    /// A name with dots is looked for as it is, then as a path: `log.level` is
    /// the field of that name, or else the field `level` of the object `log`.
    fn get(&self, name: &str) -> Option<Value<'_>>;

    /// The whole event, when it is nothing but a text: a plain line.
    fn as_text(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// Writes a field at the top, over the one that is there.
    fn set(&mut self, name: &str, value: FieldValue<'_>);

    /// Takes out what the redactor calls a secret: texts and numbers that lie at
    /// or anywhere under the name of one, and other texts of which it has another
    /// version. Booleans stay.
    fn redact(&mut self, redactor: &Redactor);
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A text; bytes that are no UTF-8 are replaced by U+FFFD.
    Text(Cow<'a, str>),
    /// A number, or another simple value such as a time, as text.
    Number(Cow<'a, str>),
    /// True or false.
    Boolean(bool),
    /// An object or an array, as JSON text.
    Composite(Cow<'a, str>),
}

/// What the engine writes into a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldValue<'a> {
    /// A text.
    Text(&'a str),
    /// A signature's metadata.
    Metadata(&'a Metadata),
}

impl<'a> Value<'a> {
    /// The text of a text or number.
    #[must_use]
    pub fn into_scalar_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            Self::Boolean(_) | Self::Composite(_) => None,
        }
    }

    /// What patterns see of it. A boolean says nothing: `error: true` only
    /// tells that the message is elsewhere.
    #[must_use]
    pub fn into_subject_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text).filter(|text| !text.is_empty()),
            Self::Composite(text) => {
                let inner = text.get(1..text.len().saturating_sub(1));
                let empty = inner.is_none_or(|inner| inner.trim_ascii().is_empty());
                Some(text).filter(|_| !empty)
            }
            Self::Boolean(_) => None,
        }
    }
}
