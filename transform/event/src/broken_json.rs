//! What can be read of a line that was to be JSON and is none.

use std::borrow::Cow;

use crate::{json::JsonEvent, json_string::quoted};

/// The fields of the first object in a text, as far as it goes: cut off, with
/// commas too many or few, with single quotes or names without any, with `NaN`.
/// Their values are JSON text.
pub(crate) fn read(text: &str) -> JsonEvent<'_> {
    let mut scan = Scan { text, at: text.find('{').map_or(text.len(), |brace| brace + 1) };
    let mut fields = Vec::new();
    loop {
        scan.skip(|byte| byte.is_ascii_whitespace() || byte == b',');
        if matches!(scan.byte(), None | Some(b'}')) {
            return JsonEvent::of_fields(fields);
        }
        let name = scan.name();
        scan.skip(|byte| byte.is_ascii_whitespace());
        if !matches!(scan.byte(), Some(b':' | b'=')) {
            // Not a name: what follows may be one.
            if name.is_empty() {
                scan.at += scan.text[scan.at..].chars().next().map_or(0, char::len_utf8);
            }
            continue;
        }
        scan.skip(|byte| byte.is_ascii_whitespace() || matches!(byte, b':' | b'=' | b'>'));
        fields.extend(scan.value().map(|value| (name, value)));
    }
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.byte().is_some_and(&wanted) {
            self.at += 1;
        }
    }

    fn name(&mut self) -> Cow<'a, str> {
        match self.byte() {
            Some(b'"' | b'\'') => {
                let (inner, _) = self.quoted();
                unescaped(inner)
            }
            _ => {
                let start = self.at;
                self.skip(|byte| !byte.is_ascii_whitespace() && !b":=,{}[]\"'".contains(&byte));
                Cow::Borrowed(&self.text[start..self.at])
            }
        }
    }

    /// A value as JSON text; none for a word that means nothing in JSON.
    fn value(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at;
        match self.byte()? {
            b'"' => match self.quoted() {
                (_, true) => Some(Cow::Borrowed(&self.text[start..self.at])),
                (inner, false) => Some(Cow::Owned(quoted(&unescaped(inner)))),
            },
            b'\'' => {
                let (inner, _) = self.quoted();
                Some(Cow::Owned(quoted(&unescaped(inner))))
            }
            b'{' | b'[' => {
                self.nested();
                Some(Cow::Borrowed(&self.text[start..self.at]))
            }
            _ => {
                self.skip(|byte| !byte.is_ascii_whitespace() && !b",{}[]\"".contains(&byte));
                let word = &self.text[start..self.at];
                let json = serde_json::from_str::<serde_json::Value>(word).is_ok();
                json.then_some(Cow::Borrowed(word))
            }
        }
    }

    /// What stands between the quotes that begin here, and whether they close.
    fn quoted(&mut self) -> (&'a str, bool) {
        let bytes = self.text.as_bytes();
        let (quote, start) = (bytes[self.at], self.at + 1);
        let mut at = start;
        while at < bytes.len() {
            match bytes[at] {
                b'\\' => at += 2,
                byte if byte == quote => {
                    self.at = at + 1;
                    return (&self.text[start..at], true);
                }
                _ => at += 1,
            }
        }
        self.at = bytes.len();
        (&self.text[start..], false)
    }

    /// Goes behind an object or array, or to the end.
    fn nested(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.byte() {
            match byte {
                b'"' => {
                    self.quoted();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }
}

/// What is written between quotes, with its escapes taken for what they mean
/// where that is known.
fn unescaped(inner: &str) -> Cow<'_, str> {
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let inner = inner.strip_suffix('\\').unwrap_or(inner);
    let json = format!("\"{}\"", inner.replace("\\'", "'"));
    serde_json::from_str(&json).map_or(Cow::Borrowed(inner), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::{Event, Value};

    #[test]
    fn fields_are_read_as_far_as_the_text_goes() {
        for line in [
            r#"{"level":"info","took":NaN,"message":"a b","n":1.5}"#,
            r#"{"level":"info","message":"a b","n":1.5,}"#,
            r#"{'level':'info','message':'a b','n':1.5}"#,
            r#"{level: "info", message: "a b", n: 1.5"#,
            r#"[{"level":"info","message":"a b","n":1.5}]"#,
            r#"{"level":"info","message":"a b","n":1.5}{"level":"error","message":"c"}"#,
            r#"{"level" => "info", "message"=>"a b", "n"=>1.5}"#,
            r#"{"level":"info""message":"a b" "n":1.5 junk"#,
        ] {
            let event = read(line);
            let text = |name| match event.get(name) {
                Some(Value::Text(text) | Value::Number(text)) => text.into_owned(),
                other => format!("{other:?}"),
            };
            assert_eq!(["level", "message", "n"].map(text), ["info", "a b", "1.5"], "{line}");
            assert_eq!(event.get("took"), None);
        }
        let cut = read(r#"{"level":"error","message":"read \"ECONN"#);
        assert_eq!(cut.get("message"), Some(Value::Text("read \"ECONN".into())));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[{}\\[\\]\"':,=\\\\ aé1]{0,60}") {
            let _ = read(&text);
        }
    }
}
