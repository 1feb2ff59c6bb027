//! The subject: the text that the patterns see of an event.

use std::borrow::Cow;

use signatures_document::{
    Reader,
    yaml::{Node, NodeKind},
};

use crate::event::Event;

/// Which fields make up the subject: of each inner list the first that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectFields(pub Vec<Vec<String>>);

impl Default for SubjectFields {
    fn default() -> Self {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self(vec![
            list(&["event"]),
            list(&["error", "message"]),
            list(&["error_code"]),
            list(&["operation"]),
        ])
    }
}

impl SubjectFields {
    /// Reads a list of names; in place of a name, a list of those to choose from.
    pub fn read(reader: &mut Reader, key: &str, node: &Node) -> Option<Self> {
        let mut fields = Vec::new();
        for item in reader.sequence(key, node) {
            fields.push(match item.kind {
                NodeKind::Sequence(_) => reader.texts(key, item),
                _ => vec![reader.text(key, item)?],
            });
        }
        if fields.is_empty() {
            return reader.expected(key, "a list of field names", node);
        }
        Some(Self(fields))
    }
}

/// The text that the patterns see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The text, not longer than the limit.
    pub text: Cow<'a, str>,
    /// Whether something was cut off.
    pub cut: bool,
}

impl<'a> Subject<'a> {
    /// The subject of a plain line: its first `limit` bytes.
    #[must_use]
    pub fn of_text(text: impl Into<Cow<'a, str>>, limit: usize) -> Self {
        let text = text.into();
        if text.len() <= limit {
            return Self { text, cut: false };
        }
        let end = text.floor_char_boundary(limit);
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[..end]),
            Cow::Owned(mut text) => {
                text.truncate(end);
                Cow::Owned(text)
            }
        };
        Self { text, cut: true }
    }

    /// The subject of an event: of a plain line the line, else the values of the
    /// fields that are there, joined by a space, up to `limit` bytes. A single one
    /// is borrowed as it lies.
    #[must_use]
    pub fn of_event(event: &'a impl Event, fields: &SubjectFields, limit: usize) -> Self {
        if let Some(text) = event.as_text() {
            return Self::of_text(text, limit);
        }
        let mut parts = fields.0.iter().filter_map(|alternatives| {
            alternatives.iter().find_map(|name| event.get(name)?.into_subject_text())
        });
        let Some(mut text) = parts.next() else { return Self::of_text("", limit) };
        for part in parts {
            let text = text.to_mut();
            if text.len() > limit {
                break;
            }
            text.push(' ');
            text.push_str(&part);
        }
        Self::of_text(text, limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::JsonEvent;

    fn subject(line: &str, limit: usize) -> (String, bool) {
        let event = JsonEvent::parse(line).unwrap();
        let subject = Subject::of_event(&event, &SubjectFields::default(), limit);
        (subject.text.into_owned(), subject.cut)
    }

    #[test]
    fn the_fields_that_are_there_are_joined_in_order() {
        let cases = [
            (
                r#"{"operation":"op","error_code":504,"error":"boom","message":"m","event":"e"}"#,
                "e boom 504 op",
            ),
            (r#"{"message":"m","error":""}"#, "m"),
            (r#"{"message":"m","error":null}"#, "m"),
            (r#"{"message":"m","error":true}"#, "m"),
            (r#"{"message":"m","error":{ }}"#, "m"),
            (r#"{"message":"m","error":{"code":"ECONNRESET"}}"#, r#"{"code":"ECONNRESET"}"#),
            (r#"{"other":"x"}"#, ""),
        ];
        for (line, expected) in cases {
            assert_eq!(subject(line, 1000), (expected.to_owned(), false), "{line}");
        }
    }

    #[test]
    fn a_single_value_is_not_copied() {
        let event = JsonEvent::parse(r#"{"message":"as it lies"}"#).unwrap();
        let subject = Subject::of_event(&event, &SubjectFields::default(), 100);
        assert!(matches!(subject.text, Cow::Borrowed("as it lies")));
    }

    #[test]
    fn a_long_subject_is_cut_at_a_character() {
        assert_eq!(subject(r#"{"message":"aéb"}"#, 2), ("a".to_owned(), true));
        assert_eq!(subject(r#"{"message":"aéb"}"#, 4), ("aéb".to_owned(), false));
        assert_eq!(subject(r#"{"event":"ab","message":"cd"}"#, 4), ("ab c".to_owned(), true));
    }
}
