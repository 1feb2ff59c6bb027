//! Secrets out of JSON text, whole or in pieces.
//!
//! Both ways walk the structure alike and replace the texts at and under secret
//! names; what is no text stays. A whole text is looked at in place and copied
//! only from the first secret on. In pieces, JSON that is too long to be held
//! streams through in memory that does not grow with it.

use std::borrow::Cow;

use super::names::{REDACTED, is_secret_name};

/// The longest name, in bytes as written, that is looked at in pieces; a longer
/// one is taken for that of a secret.
const MAX_NAME_BYTES: usize = 4 << 10;

/// How deeply objects and arrays may lie inside one another in pieces; from
/// there on every text is taken for a secret.
const MAX_DEPTH: usize = 10_000;

/// The structure of JSON as far as secrets go: it is told of each byte between
/// texts, and of each name.
struct Walk {
    /// The objects and arrays that are open.
    frames: Vec<Frame>,
    max_depth: usize,
    /// Deeper than `max_depth` once: where things end is not known any more.
    lost: bool,
    /// Whether the next text is a name.
    at_name: bool,
    /// Whether the value that comes is secret.
    secret: bool,
    /// Whether all of it is.
    all_secret: bool,
}

/// An object or array that is open.
struct Frame {
    object: bool,
    secret: bool,
}

/// What a quote opens.
#[derive(Clone, Copy)]
enum Text {
    Name,
    Plain,
    Secret,
}

impl Walk {
    fn new(all_secret: bool, max_depth: usize) -> Self {
        let frames = Vec::new();
        Self { frames, max_depth, lost: false, at_name: false, secret: all_secret, all_secret }
    }

    /// Takes a byte between texts, and says what it opens if it is a quote.
    fn structure(&mut self, byte: u8) -> Option<Text> {
        match byte {
            b'"' if self.at_name => {
                self.at_name = false;
                return Some(Text::Name);
            }
            b'"' if self.secret || self.lost => return Some(Text::Secret),
            b'"' => return Some(Text::Plain),
            b'{' | b'[' if self.frames.len() == self.max_depth => self.lost = true,
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
        None
    }

    /// Takes a name: whether it is that of a secret.
    fn name(&mut self, is_secret: bool) {
        self.secret = is_secret || self.inherited();
    }

    fn inherited(&self) -> bool {
        self.frames.last().map_or(self.all_secret, |frame| frame.secret)
    }
}

/// A value with the texts at and under secret names replaced, or with all its
/// texts when it is `secret` itself; none when there are none. Takes text that
/// is known to be JSON, and does not recurse.
pub(crate) fn redact_json(
    raw: &str,
    secret: bool,
    is_secret: &dyn Fn(&str) -> bool,
    replacement: &str,
) -> Option<String> {
    let bytes = raw.as_bytes();
    if !secret && !matches!(bytes.first(), Some(b'{' | b'[')) {
        return None;
    }
    let replacement = format!("\"{replacement}\"");
    let mut walk = Walk::new(secret, usize::MAX);
    let (mut out, mut copied, mut at) = (String::new(), 0, 0);
    while at < bytes.len() {
        let Some(text) = walk.structure(bytes[at]) else {
            at += 1;
            continue;
        };
        let end = string_end(bytes, at);
        match text {
            Text::Name => walk.name(is_secret(&unquoted(&raw[at..end]))),
            Text::Secret if raw[at..end] != replacement => {
                out.push_str(&raw[copied..at]);
                out.push_str(&replacement);
                copied = end;
            }
            Text::Secret | Text::Plain => {}
        }
        at = end;
    }
    if copied == 0 {
        return None;
    }
    out.push_str(&raw[copied..]);
    Some(out)
}

/// One past the closing quote of the string that opens at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// What a JSON string says.
pub(crate) fn unquoted(raw: &str) -> Cow<'_, str> {
    let inner = &raw[1..raw.len() - 1];
    if inner.contains('\\') {
        // Lone surrogates are grammatical and no text: shown as they stand.
        serde_json::from_str(raw).map_or(Cow::Borrowed(inner), Cow::Owned)
    } else {
        Cow::Borrowed(inner)
    }
}

/// JSON on its way, in pieces, with its secrets taken out.
pub struct JsonRedaction {
    walk: Walk,
    inside: Inside,
    /// Whether the byte before was a backslash that counts.
    escaped: bool,
}

/// Where the next byte stands.
enum Inside {
    /// Between texts.
    Structure,
    /// In a name, of which these bytes have come, its first quote included.
    Name(Vec<u8>),
    /// In a text that stays.
    Plain,
    /// In a text that is left out.
    Secret,
}

impl JsonRedaction {
    /// For a line that begins like this, unless it is no JSON object.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        (head.trim_ascii_start().first() == Some(&b'{')).then(|| Self {
            walk: Walk::new(false, MAX_DEPTH),
            inside: Inside::Structure,
            escaped: false,
        })
    }

    /// What is left of the next bytes.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            match self.inside {
                Inside::Structure => self.structure(*byte, &mut out),
                _ => self.text(*byte, &mut out),
            }
        }
        out
    }

    fn structure(&mut self, byte: u8, out: &mut Vec<u8>) {
        out.push(byte);
        self.inside = match self.walk.structure(byte) {
            None => Inside::Structure,
            Some(Text::Name) => Inside::Name(vec![byte]),
            Some(Text::Plain) => Inside::Plain,
            Some(Text::Secret) => {
                out.extend_from_slice(REDACTED.as_bytes());
                out.push(b'"');
                Inside::Secret
            }
        };
    }

    fn text(&mut self, byte: u8, out: &mut Vec<u8>) {
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
                self.walk.name(is_secret(name));
            }
            self.inside = Inside::Structure;
        }
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

    use super::*;
    use crate::{json::JsonEvent, redact::redact_event};

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
