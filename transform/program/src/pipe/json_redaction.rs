//! Secrets out of JSON that is too long to be held: it streams through.
//!
//! Replaces what [`redact_event`](signatures_event::redact::redact_event)
//! would: the texts at and under secret names. Memory does not grow with the
//! line; past the bounds below all texts count as secret.

use signatures_event::{redact::REDACTED, redact::is_secret_name};

/// The longest name, in bytes as written, that is looked at.
const MAX_NAME_BYTES: usize = 4 << 10;

/// How deeply objects and arrays may lie inside one another.
const MAX_DEPTH: usize = 10_000;

/// JSON on its way.
pub(super) struct JsonRedaction {
    frames: Vec<Frame>,
    /// Deeper than [`MAX_DEPTH`] once: where things end is not known any more.
    lost: bool,
    /// Whether the next text is a name.
    at_name: bool,
    /// Whether the value that comes is secret.
    secret: bool,
    inside: Inside,
    /// Whether the byte before was a backslash that counts.
    escaped: bool,
}

/// An object or array that is open.
struct Frame {
    object: bool,
    secret: bool,
}

/// Where the next byte stands.
enum Inside {
    /// Between texts.
    Structure,
    /// In a name, of which these bytes have come, its first quote included.
    Name(Vec<u8>),
    /// In a text that stays.
    Text,
    /// In a text that is left out.
    Secret,
}

impl JsonRedaction {
    /// For a line that begins like this, unless it is no JSON object.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        (head.trim_ascii_start().first() == Some(&b'{')).then(|| Self {
            frames: Vec::new(),
            lost: false,
            at_name: false,
            secret: false,
            inside: Inside::Structure,
            escaped: false,
        })
    }

    /// What is left of the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            self.byte(*byte, &mut out);
        }
        out
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        if matches!(self.inside, Inside::Structure) {
            return self.structure(byte, out);
        }
        if !matches!(self.inside, Inside::Secret) {
            out.push(byte);
        }
        if let Inside::Name(name) = &mut self.inside
            && name.len() <= MAX_NAME_BYTES
        {
            name.push(byte);
        }
        let ends = byte == b'"' && !self.escaped;
        self.escaped = byte == b'\\' && !self.escaped;
        if ends {
            if let Inside::Name(name) = &self.inside {
                self.secret = self.inherited() || is_secret(name);
            }
            self.inside = Inside::Structure;
        }
    }

    fn structure(&mut self, byte: u8, out: &mut Vec<u8>) {
        match byte {
            b'"' if self.at_name => {
                self.at_name = false;
                self.inside = Inside::Name(vec![byte]);
            }
            b'"' if self.secret || self.lost => {
                out.push(b'"');
                out.extend_from_slice(REDACTED.as_bytes());
                out.push(b'"');
                self.inside = Inside::Secret;
                return;
            }
            b'"' => self.inside = Inside::Text,
            b'{' | b'[' if self.frames.len() == MAX_DEPTH => self.lost = true,
            b'{' | b'[' => {
                self.at_name = byte == b'{';
                self.frames.push(Frame { object: self.at_name, secret: self.secret });
            }
            b'}' | b']' => {
                self.frames.pop();
                self.at_name = false;
            }
            b',' => {
                self.at_name = self.frames.last().is_some_and(|frame| frame.object);
                self.secret = self.inherited();
            }
            _ => {}
        }
        out.push(byte);
    }

    fn inherited(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.secret)
    }
}

/// Whether a name, in its quotes, is that of a secret. One that was not looked
/// at to its end may be.
fn is_secret(quoted: &[u8]) -> bool {
    if quoted.len() > MAX_NAME_BYTES {
        return true;
    }
    match serde_json::from_slice::<String>(quoted) {
        Ok(name) => is_secret_name(&name),
        // Lone surrogates, or bytes that are no UTF-8.
        Err(_) => is_secret_name(&String::from_utf8_lossy(quoted)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use signatures_event::{JsonEvent, redact::redact_event};

    use super::*;

    /// In pieces that end at these places.
    fn streamed(line: &str, cuts: &[usize]) -> String {
        let mut cuts: Vec<_> = cuts.iter().map(|cut| (*cut).min(line.len())).collect();
        cuts.extend([0, line.len()]);
        cuts.sort_unstable();
        let mut redaction = JsonRedaction::of(line.as_bytes()).unwrap();
        let pieces = cuts.windows(2).map(|pair| &line.as_bytes()[pair[0]..pair[1]]);
        let out: Vec<u8> = pieces.flat_map(|piece| redaction.push(piece)).collect();
        String::from_utf8(out).unwrap()
    }

    fn value() -> impl Strategy<Value = Value> {
        let text = prop_oneof![Just("a\"b\\"), Just("[REDACTED]"), Just(""), Just("{\"token\":1}")];
        let leaf = prop_oneof![
            text.prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            Just(Value::Null),
            Just(Value::Bool(true)),
        ];
        let name = prop_oneof![Just("a"), Just("api_token"), Just("Pass\"\\password"), Just("x\\")];
        leaf.prop_recursive(5, 60, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(name.clone(), inner, 0..4).prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_streams_is_what_is_held(
            a in value(), b in value(), cuts in prop::collection::vec(0usize..200, 0..6),
        ) {
            let line = json!({"password": a, "list": [b.clone()], "cookies": [b]}).to_string();
            let mut event = JsonEvent::parse(&line).unwrap();
            redact_event(&mut event);
            let mut held = Vec::new();
            event.write_to(&mut held);
            prop_assert_eq!(streamed(&line, &cuts), String::from_utf8(held).unwrap());
        }
    }

    #[test]
    fn escapes_hide_no_name_and_past_the_bounds_all_is_secret() {
        let line = r#" {"pass\u0077ord": "x", "a": "y"}"#;
        assert_eq!(streamed(line, &[]), r#" {"pass\u0077ord": "[REDACTED]", "a": "y"}"#);
        let long = "n".repeat(MAX_NAME_BYTES);
        assert_eq!(
            streamed(&format!(r#"{{"{long}":"x","a":"y"}}"#), &[]),
            format!(r#"{{"{long}":"[REDACTED]","a":"y"}}"#)
        );
        let deep = format!("{{\"a\":{}\"x\"", "[".repeat(MAX_DEPTH + 5));
        assert!(streamed(&deep, &[]).ends_with("[\"[REDACTED]\""));
        assert!(JsonRedaction::of(b"plain {").is_none());
    }
}
