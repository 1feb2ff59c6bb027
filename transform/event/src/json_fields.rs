//! The fields of an object in JSON: each key, and its value as it stands.
//!
//! Every event in JSON is taken apart before anything else is known of it, so this
//! is a splitter of our own for what loggers write: one walk over the bytes, eight
//! at a time within strings, nothing decoded, nothing copied. What it does not take
//! at once (an escape in a key, deep nesting, anything wrong) is for `serde_json` to
//! judge; it refuses all that `serde_json` refuses, which a test holds it to.
//!
//! Eight bytes in one word: H. S. Warren, "Hacker's Delight", 2nd ed., § 6-1.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize,
    de::{Deserializer, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::json_string::plain_bytes;

/// How many fields there is room for at first.
const EXPECTED_FIELDS: usize = 16;

/// A key, and its value as JSON text.
pub(crate) type Field<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The fields of a text that is one object; none of any other.
pub(crate) fn fields(text: &str) -> Option<Vec<Field<'_>>> {
    let mut walk = Walk { text, bytes: text.as_bytes(), at: 0 };
    walk.object().or_else(|| serde_json::from_str(text).ok().map(|Fields(fields)| fields))
}

struct Walk<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

/// What the end of a string tells.
struct Ended {
    /// Where its closing quote is.
    quote: usize,
    /// Whether it has escapes.
    escaped: bool,
}

impl<'a> Walk<'a> {
    /// The text as one object, and nothing behind it.
    fn object(&mut self) -> Option<Vec<Field<'a>>> {
        let mut fields = Vec::with_capacity(EXPECTED_FIELDS);
        self.skip_blanks();
        self.take(b'{')?;
        self.skip_blanks();
        if self.peek()? == b'}' {
            self.at += 1;
        } else {
            loop {
                let key = self.key()?;
                let start = self.at;
                self.value()?;
                let value = &self.text[start..self.at];
                fields.push((Cow::Borrowed(key), Cow::Borrowed(value)));
                self.skip_blanks();
                match self.next()? {
                    b',' => self.skip_blanks(),
                    b'}' => break,
                    _ => return None,
                }
            }
        }
        self.skip_blanks();
        (self.at == self.bytes.len()).then_some(fields)
    }

    /// A key without escapes, and the colon behind it.
    #[inline]
    fn key(&mut self) -> Option<&'a str> {
        self.take(b'"')?;
        let start = self.at;
        let Ended { quote, escaped } = self.string()?;
        if escaped {
            return None;
        }
        self.colon()?;
        Some(&self.text[start..quote])
    }

    #[inline]
    fn colon(&mut self) -> Option<()> {
        self.skip_blanks();
        self.take(b':')?;
        self.skip_blanks();
        Some(())
    }

    #[inline]
    fn value(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => {
                self.at += 1;
                self.string().map(drop)
            }
            b'{' | b'[' => self.composite(),
            _ => self.scalar(),
        }
    }

    /// A number or a word.
    fn scalar(&mut self) -> Option<()> {
        match self.peek()? {
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let found = self.bytes[self.at..].starts_with(word);
        self.at += word.len();
        found.then_some(())
    }

    fn number(&mut self) -> Option<()> {
        if self.peek()? == b'-' {
            self.at += 1;
        }
        match self.peek()? {
            b'0' => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek()? == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if let b'e' | b'E' = self.peek()? {
            self.at += 1;
            if let b'+' | b'-' = self.peek()? {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek()?.is_ascii_digit() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// An object or array, however deep it goes up to the bits of a word: each says
    /// whether what is open there is an object.
    fn composite(&mut self) -> Option<()> {
        let (mut objects, mut depth) = (0_u64, 0);
        loop {
            // Here a value begins.
            let empty = match self.peek()? {
                open @ (b'{' | b'[') => {
                    if depth == u64::BITS {
                        return None;
                    }
                    (objects, depth) = (objects << 1 | u64::from(open == b'{'), depth + 1);
                    self.at += 1;
                    self.skip_blanks();
                    let empty = self.peek()? == closing(objects);
                    if !empty && open == b'{' {
                        self.nested_key()?;
                    }
                    empty
                }
                b'"' => {
                    self.at += 1;
                    self.string()?;
                    true
                }
                _ => {
                    self.scalar()?;
                    true
                }
            };
            if !empty {
                continue;
            }
            // Here one has ended, or what is open is empty.
            loop {
                self.skip_blanks();
                match self.next()? {
                    b',' => break,
                    byte if byte == closing(objects) => {
                        (objects, depth) = (objects >> 1, depth - 1);
                        if depth == 0 {
                            return Some(());
                        }
                    }
                    _ => return None,
                }
            }
            self.skip_blanks();
            if objects & 1 == 1 {
                self.nested_key()?;
            }
        }
    }

    fn nested_key(&mut self) -> Option<()> {
        self.take(b'"')?;
        self.string()?;
        self.colon()
    }

    /// The rest of a string, whose first quote has been passed.
    #[inline]
    fn string(&mut self) -> Option<Ended> {
        let mut escaped = false;
        loop {
            let at = self.at + plain_bytes(&self.bytes[self.at..]);
            match *self.bytes.get(at)? {
                b'"' => {
                    self.at = at + 1;
                    return Some(Ended { quote: at, escaped });
                }
                b'\\' => {
                    escaped = true;
                    self.at = at + 1;
                    self.escape()?;
                }
                // Control characters are escaped.
                _ => return None,
            }
        }
    }

    /// What is behind the backslash of an escape.
    fn escape(&mut self) -> Option<()> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let digits = self.bytes.get(self.at..self.at + 4)?;
                self.at += 4;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())
            }
            _ => None,
        }
    }

    #[inline]
    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    fn take(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }
}

/// What ends the innermost of what is open.
#[inline]
fn closing(objects: u64) -> u8 {
    if objects & 1 == 1 { b'}' } else { b']' }
}

/// The same fields, as `serde_json` reads them.
struct Fields<'a>(Vec<Field<'a>>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(EXPECTED_FIELDS);
                while let Some(Key(key)) = map.next_key()? {
                    let raw: &RawValue = map.next_value()?;
                    fields.push((key, Cow::Borrowed(raw.get())));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What this splitter makes of a text alone, and what `serde_json` does.
    fn both(text: &str) -> (Option<Vec<Field<'_>>>, Option<Vec<Field<'_>>>) {
        let mut walk = Walk { text, bytes: text.as_bytes(), at: 0 };
        (walk.object(), serde_json::from_str(text).ok().map(|Fields(fields)| fields))
    }

    #[test]
    fn what_loggers_write_is_taken_apart_at_once() {
        for text in [
            "{}",
            " {\t} \r\n",
            r#"{"a":"b"}"#,
            r#" { "a" : "b\u00e9\n\"" , "c":[ ] , "d":{ } } "#,
            r#"{"n":0,"m":-1.50e+3,"k":12345678901234567890,"t":true,"f":false,"z":null}"#,
            r#"{"a":{"b":[1,{"c":"d\\"},[[]],"é"],"":{}},"a":2,"long enough for words":"]}"}"#,
        ] {
            let (own, theirs) = both(text);
            assert!(own.is_some(), "{text}");
            assert_eq!(own, theirs, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_refused_and_what_is_odd_is_left_to_others() {
        for text in [
            "",
            "x",
            "[]",
            "{",
            "{}x",
            "{}{}",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            r#"{,"a":1}"#,
            r#"{"a" 1}"#,
            r#"{a:1}"#,
            r#"{"a":'b'}"#,
            r#"{"a":01}"#,
            r#"{"a":1.}"#,
            r#"{"a":.5}"#,
            r#"{"a":+1}"#,
            r#"{"a":-}"#,
            r#"{"a":1e}"#,
            r#"{"a":NaN}"#,
            r#"{"a":tru}"#,
            r#"{"a":trueb}"#,
            r#"{"a":[1,]}"#,
            r#"{"a":[1}"#,
            r#"{"a":[1]]}"#,
            r#"{"a":{"b"}}"#,
            r#"{"a":{1:2}}"#,
            r#"{"a":{"b":1,}}"#,
            r#"{"a":[,1]}"#,
            r#"{"a":"b}"#,
            r#"{"a":"\x"}"#,
            r#"{"a":"\u12"}"#,
            r#"{"a":"\u12g4"}"#,
            "{\"a\":\"\u{1}\"}",
            "{\"a\":\"tab\there, after a word\"}",
            "{\"a\":1}\u{b}",
            "{\"a\":\u{a0}1}",
        ] {
            assert_eq!(both(text), (None, None), "{text}");
        }
        let (open, close) = ("[".repeat(65), "]".repeat(65));
        let deep = format!("{{\"a\":{open}{close}}}");
        for text in [r#"{"sec\u0072et":"v"}"#, &deep] {
            assert_eq!(both(text).0, None, "{text}");
            assert_eq!(fields(text).unwrap().len(), 1, "{text}");
        }
    }

    /// Pieces that texts of JSON, and those that nearly are, are made of.
    fn texts() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(
            &[
                "{",
                "}",
                "[",
                "]",
                ",",
                ":",
                "\"",
                "\"a\"",
                "\"key of words\":",
                "\\",
                "\\\"",
                "\\u00e9",
                "\\ud800",
                " ",
                "\n",
                "0",
                "-1",
                "1.5e3",
                "true",
                "null",
                "é",
                "x",
                "\u{1}",
                "{\"a\":1}",
                "\"b\":[{}],",
                "\"\":\"\"",
            ][..],
        );
        let any = prop::collection::vec(piece.clone(), 0..12).prop_map(|pieces| pieces.concat());
        let inside = prop::collection::vec(piece, 0..8)
            .prop_map(|pieces| format!("{{\"k\":{}}}", pieces.concat()));
        prop_oneof![any, inside]
    }

    /// An object that is valid, with something changed in it.
    fn nearly_valid() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][+-]?[0-9])?",
            "\"([a-z é{}\\[\\]:,]|\\\\[nt\"\\\\/]|\\\\u[0-9a-f]{4}){0,12}\"",
        ];
        let value = leaf.prop_recursive(4, 24, 4, |inner| {
            let pair = ("\"[a-z ]{0,9}\"", inner.clone()).prop_map(|(k, v)| format!("{k}: {v}"));
            let list = |of: BoxedStrategy<String>, open, close| {
                let several = prop::collection::vec(of, 0..4);
                several.prop_map(move |of| format!("{open}{}{close}", of.join(" ,")))
            };
            prop_oneof![list(inner.boxed(), '[', ']'), list(pair.boxed(), '{', '}')]
        });
        let change = (any::<prop::sample::Index>(), prop::option::of("[\"\\\\{}\\[\\],:0 a\u{1}]"));
        (value, prop::option::of(change)).prop_map(|(value, change)| {
            let mut text = format!("{{\"k\": {value}}}");
            if let Some((at, with)) = change {
                let at = text.floor_char_boundary(at.index(text.len()));
                let end = text.ceil_char_boundary(at + 1);
                text.replace_range(at..end, &with.unwrap_or_default());
            }
            text
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn it_reads_what_serde_json_reads(text in prop_oneof![texts(), nearly_valid()]) {
            let (own, theirs) = both(&text);
            match own {
                Some(own) => prop_assert_eq!(Some(own), theirs),
                None => prop_assert_eq!(fields(&text), theirs),
            }
        }

        #[test]
        fn what_is_valid_is_seldom_left_to_others(text in nearly_valid()) {
            let (own, theirs) = both(&text);
            prop_assert_eq!(own, theirs);
        }
    }
}
