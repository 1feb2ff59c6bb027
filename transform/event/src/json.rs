//! A line of JSON as an event.
//!
//! Only the top level is taken apart, and values stay the text they were: what
//! nobody changes leaves byte for byte as it came, numbers of any length and
//! repeated keys included.

use std::borrow::Cow;

use crate::{
    event::{Event, FieldValue, Value},
    json_fields::{Field, fields},
    json_string::{quoted, unquoted},
    redact::{Redactor, Secrecy, redact_json},
};

/// An event that was one JSON object on one line.
#[derive(Clone, Debug)]
pub struct JsonEvent<'a> {
    line: &'a str,
    fields: Vec<Field<'a>>,
    /// How many of `fields` the line itself holds, the rest being new.
    original: usize,
    rewritten: bool,
}

/// The line is not one JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the line is not one JSON object")]
pub struct InvalidJson;

impl<'a> JsonEvent<'a> {
    /// Takes a line apart.
    ///
    /// # Errors
    /// When the line is anything but one JSON object.
    pub fn parse(line: &'a str) -> Result<Self, InvalidJson> {
        let fields = fields(line).ok_or(InvalidJson)?;
        Ok(Self { line: line.trim_ascii(), original: fields.len(), fields, rewritten: false })
    }

    /// An event without fields.
    #[must_use]
    pub fn empty() -> Self {
        Self { line: "{}", fields: Vec::new(), original: 0, rewritten: false }
    }

    /// An event of these fields, each with its value as JSON text. Written it has
    /// them anew.
    pub(crate) fn of_fields(fields: Vec<Field<'a>>) -> Self {
        Self { fields, ..Self::empty() }
    }

    /// An event whose only field is `message`.
    #[must_use]
    pub fn of_message(text: &str) -> Self {
        let mut event = Self::empty();
        event.set("message", FieldValue::Text(text));
        event
    }

    /// Whether it has no fields.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Appends the event to a buffer as one line of JSON, without a line end.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        let new = &self.fields[self.original..];
        let kept = if self.rewritten {
            out.push(b'{');
            for (index, field) in self.fields[..self.original].iter().enumerate() {
                write_field(out, index > 0, field);
            }
            self.original
        } else if new.is_empty() {
            out.extend_from_slice(self.line.as_bytes());
            return;
        } else {
            // The line ends in its closing brace, or it would not have parsed.
            out.extend_from_slice(&self.line.as_bytes()[..self.line.len() - 1]);
            self.original
        };
        for (index, field) in new.iter().enumerate() {
            write_field(out, kept + index > 0, field);
        }
        out.push(b'}');
    }

    fn raw(&self, name: &str) -> Option<&str> {
        // Of repeated keys the last one counts, as JSON parsers have it.
        self.fields.iter().rev().find(|(key, _)| key == name).map(|(_, raw)| &**raw)
    }
}

impl Event for JsonEvent<'_> {
    fn get(&self, name: &str) -> Option<Value<'_>> {
        // Many names are asked for that are not there: one pass, and hardly anything
        // of a name is looked at.
        let mut parent = None;
        for (key, raw) in self.fields.iter().rev() {
            if key.len() == name.len() {
                if **key == *name {
                    return value(raw);
                }
            } else if name.as_bytes().get(key.len()) == Some(&b'.')
                && parent.is_none()
                && name.starts_with(&**key)
                && !key.contains('.')
            {
                parent = Some((raw, &name[key.len() + 1..]));
            }
        }
        let (parent, rest) = parent?;
        value(nested(parent, rest)?)
    }

    fn first_byte(&self, name: &str) -> Option<u8> {
        match self.raw(name)?.as_bytes() {
            // Written as it is, without decoding the rest.
            [b'"', byte, _, ..] if *byte != b'\\' && !byte.is_ascii_whitespace() => Some(*byte),
            [b'"', ..] => self.get(name)?.first_byte(),
            _ => None,
        }
    }

    fn source(&self) -> Option<&str> {
        (!self.rewritten && self.fields.len() == self.original).then_some(self.line)
    }

    fn any_name(&self, test: &mut dyn FnMut(&str) -> bool) -> bool {
        self.fields.iter().any(|(name, _)| test(name))
    }

    fn set(&mut self, name: &str, value: FieldValue<'_>) {
        let raw = match value {
            FieldValue::Text(text) => quoted(text),
            FieldValue::Metadata(metadata) => {
                serde_json::to_string(metadata).expect("a map of JSON values always serialises")
            }
        };
        match self.fields.iter().rposition(|(key, _)| key == name) {
            Some(index) => {
                self.rewritten |= index < self.original;
                self.fields[index].1 = Cow::Owned(raw);
            }
            None => self.fields.push((Cow::Owned(name.to_owned()), Cow::Owned(raw))),
        }
    }

    fn redact(&mut self, redactor: &Redactor) {
        // Asked of the line as a whole, since that is nearly always enough.
        let suspect = redactor.first_suspect(self.line.as_bytes()).map(|at| &self.line[at..]);
        let is_before = |raw: &Cow<'_, str>| match (raw, suspect) {
            (Cow::Borrowed(raw), Some(suspect)) => {
                raw.as_bytes().as_ptr_range().end <= suspect.as_ptr()
            }
            (Cow::Borrowed(_), None) => true,
            (Cow::Owned(_), _) => false,
        };
        let mut beside = None;
        for index in 0..self.fields.len() {
            let (key, raw) = &self.fields[index];
            let mut secrecy = redactor.secrecy(key);
            if redactor.is_named_beside(key) {
                secrecy = secrecy.max(*beside.get_or_insert_with(|| self.beside(redactor)));
            }
            let may_change = || match raw.as_bytes() {
                [b'"', text @ .., b'"'] => !is_before(raw) && redactor.may_change(text),
                [b'{' | b'[', ..] => redactor.may_concern_json(raw.as_bytes(), is_before(raw)),
                [b'2'..=b'6', ..] => redactor.is_secret_number(raw),
                _ => false,
            };
            if (secrecy != Secrecy::Open || may_change())
                && let Some(redacted) = redact_json(raw, secrecy, redactor)
            {
                self.fields[index].1 = Cow::Owned(redacted);
                self.rewritten |= index < self.original;
            }
            let key = &self.fields[index].0;
            if !is_before(key)
                && let Some(redacted) = redactor.name(key)
            {
                self.fields[index].0 = Cow::Owned(redacted);
                self.rewritten |= index < self.original;
            }
        }
    }
}

impl JsonEvent<'_> {
    /// What its values hold that are named by other fields.
    fn beside(&self, redactor: &Redactor) -> Secrecy {
        let texts = self.fields.iter().filter(|(_, raw)| raw.starts_with('"'));
        redactor.beside(texts.map(|(key, raw)| (&**key, unquoted(raw))))
    }
}

fn write_field(out: &mut Vec<u8>, comma: bool, (key, raw): &Field<'_>) {
    if comma {
        out.push(b',');
    }
    out.extend_from_slice(quoted(key).as_bytes());
    out.push(b':');
    out.extend_from_slice(raw.as_bytes());
}

fn value(raw: &str) -> Option<Value<'_>> {
    Some(match raw.as_bytes().first()? {
        b'"' => Value::Text(unquoted(raw)),
        b'{' | b'[' => Value::Composite(Cow::Borrowed(raw)),
        b't' => Value::Boolean(true),
        b'f' => Value::Boolean(false),
        b'n' => return None,
        _ => Value::Number(Cow::Borrowed(raw)),
    })
}

fn nested<'a>(raw: &'a str, path: &str) -> Option<&'a str> {
    if !raw.starts_with('{') {
        return None;
    }
    let fields = fields(raw)?;
    let find = |name: &str| {
        let found = fields.iter().rev().find(|(key, _)| key == name);
        found.and_then(|(_, raw)| match raw {
            Cow::Borrowed(raw) => Some(*raw),
            Cow::Owned(_) => None,
        })
    };
    find(path).or_else(|| {
        let (parent, rest) = path.split_once('.')?;
        nested(find(parent)?, rest)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    use super::*;

    fn written(event: &JsonEvent<'_>) -> String {
        let mut out = Vec::new();
        event.write_to(&mut out);
        String::from_utf8(out).unwrap()
    }

    fn redacted(line: &str) -> String {
        let mut event = JsonEvent::parse(line).unwrap();
        event.redact(&Redactor::by_names());
        written(&event)
    }

    #[test]
    fn an_unchanged_event_leaves_byte_for_byte() {
        let line = r#"{"n": 123456789012345678901234567890.10, "a":1,"a" : "\u00e9"}"#;
        assert_eq!(written(&JsonEvent::parse(line).unwrap()), line);
    }

    #[test]
    fn new_fields_are_appended_and_old_ones_rewritten() {
        let mut event = JsonEvent::parse(r#"{"a": 1.10}"#).unwrap();
        event.set("b", FieldValue::Text("x\"y"));
        assert_eq!(written(&event), r#"{"a": 1.10,"b":"x\"y"}"#);
        event.set("a", FieldValue::Text("z"));
        assert_eq!(written(&event), r#"{"a":"z","b":"x\"y"}"#);

        let mut event = JsonEvent::parse("{ }").unwrap();
        event.set("b", FieldValue::Text("x"));
        assert_eq!(written(&event), r#"{ "b":"x"}"#);
    }

    #[test]
    fn fields_are_read_by_name_then_by_path() {
        let event =
            JsonEvent::parse(r#"{"a.b":"flat","a":{"b":"deep","c":{"d":[1]}},"e":null,"f":true}"#)
                .unwrap();
        assert_eq!(event.get("a.b"), Some(Value::Text("flat".into())));
        assert_eq!(event.get("a.c.d"), Some(Value::Composite("[1]".into())));
        assert_eq!(event.get("e"), None);
        assert_eq!(event.get("f"), Some(Value::Boolean(true)));
        assert_eq!(event.get("a.x"), None);
        let event =
            JsonEvent::parse(r#"{"a":{"b":1},"a.b":{"c":2},"a":{"d":3},"":{"e":4}}"#).unwrap();
        assert_eq!(event.get("a.b.c"), None);
        assert_eq!(event.get("a.d"), Some(Value::Number("3".into())));
        assert_eq!(event.get("a.b.d"), None);
        assert_eq!(event.get(".e"), Some(Value::Number("4".into())));
    }

    #[test]
    fn only_one_object_is_an_event() {
        for line in ["", "x", "[1]", "1", "{} x", "{\"a\":}", "{\"a\":1"] {
            assert_eq!(JsonEvent::parse(line).unwrap_err(), InvalidJson, "{line}");
        }
    }

    #[test]
    fn texts_at_and_under_secret_names_are_replaced() {
        assert_eq!(
            redacted(r#"{"my_secret":"a","n":{"secrets":[{"k":"v","n":1,"b":true}],"o":"keep"}}"#),
            r#"{"my_secret":"[REDACTED]","n":{"secrets":[{"k":"[REDACTED]","n":"[REDACTED]","b":true}],"o":"keep"}}"#
        );
        assert_eq!(
            redacted(r#"{"secret":-1.5e3, "x": "secret", "max_tokens": 512, "token": null}"#),
            r#"{"secret":"[REDACTED]","x":"secret","max_tokens":512,"token":null}"#
        );
        assert_eq!(
            redacted(r#"[]"#.replace("[]", r#"{"a":[{"sec\u0072et":"v"},"w"]}"#).as_str()),
            r#"{"a":[{"sec\u0072et":"[REDACTED]"},"w"]}"#
        );
    }

    #[test]
    fn strings_that_hold_json_lose_their_secrets_too() {
        assert_eq!(
            redacted(r#"{"message":"{\"password\":\"hunter2\",\"n\":1}","a":"it's {fine}"}"#),
            r#"{"message":"{\"password\":\"[REDACTED]\",\"n\":1}","a":"it's {fine}"}"#
        );
        assert_eq!(
            redacted(r#"{"a":["body {\"token\": 17}"]}"#),
            r#"{"a":["body {\"token\": \"[REDACTED]\"}"]}"#
        );
    }

    #[test]
    fn nesting_of_any_depth_neither_overflows_nor_hides_a_secret() {
        let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
        let line = format!(r#"{{"a":{open}{{"secret":"v"}}{close}}}"#);
        assert_eq!(redacted(&line), line.replace("\"v\"", "\"[REDACTED]\""));
    }

    fn arb_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(|n| json!(n)),
            any::<bool>().prop_map(|b| json!(b)),
            Just(Json::Null),
            "[a-c\"\\\\{}\\[\\]:,é]{0,6}".prop_map(|s| json!(s)),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::vec(("(secret|[a-c\"\\\\]{0,3})", inner), 0..4)
                    .prop_map(|entries| entries.into_iter().collect()),
            ]
        })
    }

    fn redact_model(value: Json, secret: bool) -> Json {
        match value {
            Json::String(_) | Json::Number(_) if secret => json!("[REDACTED]"),
            Json::Array(items) => items.into_iter().map(|v| redact_model(v, secret)).collect(),
            Json::Object(map) => map
                .into_iter()
                .map(|(k, v)| {
                    let secret = secret || k.contains("secret");
                    (k, redact_model(v, secret))
                })
                .collect(),
            other => other,
        }
    }

    proptest! {
        #[test]
        fn redaction_agrees_with_a_walk_of_the_tree(value in arb_json()) {
            let line = json!({"top": value}).to_string();
            let expected = redact_model(serde_json::from_str(&line).unwrap(), false);
            let found: Json = serde_json::from_str(&redacted(&line)).unwrap();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn arbitrary_lines_are_read_or_refused(line in "(?s).{0,80}") {
            let _ = JsonEvent::parse(&line);
        }
    }
}
