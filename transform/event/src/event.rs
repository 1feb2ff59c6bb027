//! What the engine needs to know of a log event, whatever holds it.

use std::borrow::Cow;

use crate::{
    canonical_value::{canonical_json, canonical_number},
    redact::Redactor,
};

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

    /// The JSON that it was read from, where that is at hand and nothing has been
    /// changed: what is in none of its texts is nowhere in there, escapes aside.
    fn source(&self) -> Option<&str> {
        None
    }

    /// The first byte of a text in a field, blanks aside; none when it is no text.
    fn first_byte(&self, name: &str) -> Option<u8> {
        self.get(name)?.first_byte()
    }

    /// Shows the test the names of the fields at the top, until it takes one:
    /// whether it did. A holder that does not tell its names says yes.
    fn any_name(&self, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let _ = test;
        true
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
    /// The first byte of a text, blanks aside; none when it is no text.
    pub(crate) fn first_byte(&self) -> Option<u8> {
        match self {
            Self::Text(text) => text.bytes().find(|byte| !byte.is_ascii_whitespace()),
            Self::Number(_) | Self::Boolean(_) | Self::Composite(_) => None,
        }
    }

    /// The text of a text or number.
    #[must_use]
    pub fn into_scalar_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(text) => Some(canonical_number(text)),
            Self::Boolean(_) | Self::Composite(_) => None,
        }
    }

    /// What patterns see of it, in its [canonical](crate::canonical_value) form.
    /// A boolean says nothing: `error: true` only tells that the message is
    /// elsewhere; nor does a blank text, or an object without values.
    #[must_use]
    pub fn into_subject_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text).filter(|text| !is_blank(text)),
            Self::Number(text) => Some(canonical_number(text)),
            Self::Composite(text) => {
                let inner = text.get(1..text.len().saturating_sub(1));
                let empty = inner.is_none_or(|inner| inner.trim_ascii().is_empty());
                (!empty).then(|| canonical_json(text))
            }
            Self::Boolean(_) => None,
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_whitespace() || byte == 0)
}

/// The names of an event's fields at the top, as far as its holder tells them:
/// for people, where nothing else of an event is understood.
pub fn field_names(event: &impl Event) -> Vec<String> {
    let mut names = Vec::new();
    event.any_name(&mut |name| {
        names.push(name.to_owned());
        false
    });
    names
}
