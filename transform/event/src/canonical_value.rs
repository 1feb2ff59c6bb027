//! The one way in which numbers, objects and arrays are written as text.
//!
//! The same event may come as JSON text, as protobuf or as Vector's own value,
//! and patterns and fingerprints must see the same of it. So, after RFC 8785:
//!
//! - no blanks between tokens;
//! - the keys of an object sorted by their bytes, of repeated ones the last;
//! - in strings only what must be escaped is, in the shortest way, the control
//!   characters that have none as `\u001f`;
//! - a whole number of 64 bits, signed, as it stands; every other number as the
//!   double next to it, in the shortest digits that tell it apart, as ECMAScript
//!   writes them: `504.0` is `504`, `1e21` is `1e+21`, `0.10` is `0.1`.
//!
//! What is no JSON that every holder can hold (nesting deeper than 128, a number
//! past the doubles) stays as it came.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use crate::json_string::quoted;

/// How deep what is written anew may nest, which is what JSON parsers take.
const MAX_DEPTH: usize = 128;

/// How deep a text may nest to be taken for canonical as it lies; a deeper one
/// is written anew.
const INLINE_DEPTH: usize = 16;

/// JSON text of an object or array in its canonical form; borrowed when it has
/// that already.
#[must_use]
pub fn canonical_json(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_canonical(text.as_bytes()) {
        return text;
    }
    match rewritten(&text) {
        Some(canonical) => Cow::Owned(canonical),
        None => text,
    }
}

fn rewritten(text: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    Rewriter { text, at: 0, depth: 0 }.value()
}

/// The text of a number in its canonical form; what is none stays.
#[must_use]
pub fn canonical_number(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_plain_integer(text.as_bytes()) || !looks_numeric(text.as_bytes()) {
        return text;
    }
    match number(&text) {
        Some(canonical) if canonical != *text => Cow::Owned(canonical),
        _ => text,
    }
}

/// A whole number of which nothing could be written otherwise.
fn is_plain_integer(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let canonical_lead = digits.first() != Some(&b'0') || text.len() == 1;
    (1..=18).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) && canonical_lead
}

fn looks_numeric(text: &[u8]) -> bool {
    text.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
}

fn number(text: &str) -> Option<String> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.to_string());
    }
    let double: f64 = text.parse().ok()?;
    double.is_finite().then(|| double_text(double))
}

/// A double as ECMAScript's `Number::toString` has it.
fn double_text(double: f64) -> String {
    if double == 0.0 {
        return "0".to_owned();
    }
    // Rust's shortest digits, as `d.ddde±x`.
    let scientific = format!("{:e}", double.abs());
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = digits.chars().filter(|c| *c != '.').collect();
    let point = exponent.parse::<i32>().unwrap_or_default() + 1;
    let sign = if double < 0.0 { "-" } else { "" };
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    match point {
        point if (count..=21).contains(&point) => format!("{sign}{digits}{}", zeros(point - count)),
        1..=21 => {
            let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or_default());
            format!("{sign}{whole}.{fraction}")
        }
        -5..=0 => format!("{sign}0.{}{digits}", zeros(-point)),
        _ => {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            let exponent = point - 1;
            format!("{sign}{first}{dot}{rest}e{exponent:+}")
        }
    }
}

/// Writes JSON text anew, in its canonical form.
struct Rewriter<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

/// An entry of an object: its key, and all of it as text.
type Entry = (String, String);

impl<'t> Rewriter<'t> {
    /// The value that begins here; none when not every holder can hold it.
    fn value(&mut self) -> Option<String> {
        match self.peek()? {
            b'{' => {
                let mut entries = self.items(Self::entry)?;
                // Stable, so that of repeated keys the last stays last.
                entries.sort_by(|(a, _), (b, _)| a.cmp(b));
                let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
                for entry in entries {
                    match kept.last_mut() {
                        Some(last) if last.0 == entry.0 => *last = entry,
                        _ => kept.push(entry),
                    }
                }
                let texts: Vec<_> = kept.into_iter().map(|(_, text)| text).collect();
                Some(format!("{{{}}}", texts.join(",")))
            }
            b'[' => Some(format!("[{}]", self.items(Self::value)?.join(","))),
            b'"' => self.string().map(|text| quoted(&text)),
            b't' | b'f' | b'n' => Some(self.word().to_owned()),
            _ => number(self.word()),
        }
    }

    fn entry(&mut self) -> Option<Entry> {
        let key = self.string()?;
        // Past the colon.
        self.peek()?;
        self.at += 1;
        let value = self.value()?;
        let text = format!("{}:{value}", quoted(&key));
        Some((key, text))
    }

    fn items<T>(&mut self, item: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.at += 1;
        let mut items = Vec::new();
        loop {
            match self.peek()? {
                b'}' | b']' => break,
                b',' => self.at += 1,
                _ => items.push(item(self)?),
            }
        }
        (self.at, self.depth) = (self.at + 1, self.depth - 1);
        Some(items)
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn word(&mut self) -> &'t str {
        let rest = &self.text[self.at..];
        let end = rest.bytes().position(|b| matches!(b, b',' | b'}' | b']') || b <= b' ');
        let end = end.unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A string, decoded; none when it holds what is no text.
    fn string(&mut self) -> Option<String> {
        self.peek()?;
        let bytes = self.text.as_bytes();
        let start = self.at;
        let mut end = start + 1;
        while *bytes.get(end)? != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        self.at = end + 1;
        serde_json::from_str(&self.text[start..self.at]).ok()
    }
}

/// Whether JSON text is in its canonical form. It may say no to one that is, if
/// its keys have escapes or it nests deeply.
fn is_canonical(text: &[u8]) -> bool {
    // Of each object that is open the last key; arrays have an empty one.
    let mut keys: [Option<&[u8]>; INLINE_DEPTH] = [None; INLINE_DEPTH];
    let (mut depth, mut at) = (0, 0);
    // Whether an object is open, and a key may come.
    let (mut objects, mut at_key) = (0_u32, false);
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' | b'[' if depth == INLINE_DEPTH => return false,
            b'{' | b'[' => {
                at_key = *byte == b'{';
                objects = objects << 1 | u32::from(at_key);
                keys[depth] = None;
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                let Some(outer) = depth.checked_sub(1) else { return false };
                depth = outer;
                objects >>= 1;
                at_key = false;
                at += 1;
            }
            b',' => {
                at_key = objects & 1 == 1;
                at += 1;
            }
            b':' => at += 1,
            b'"' => {
                let Some((end, escaped)) = canonical_string(text, at) else { return false };
                if at_key {
                    let key = &text[at + 1..end - 1];
                    let Some(last) = depth.checked_sub(1).map(|top| &mut keys[top]) else {
                        return false;
                    };
                    if escaped || last.is_some_and(|last| last >= key) {
                        return false;
                    }
                    *last = Some(key);
                    at_key = false;
                }
                at = end;
            }
            b't' | b'f' | b'n' => {
                at += text[at..].iter().take_while(|b| b.is_ascii_lowercase()).count();
            }
            b'-' | b'0'..=b'9' => {
                let rest = &text[at..];
                let end = rest.iter().take_while(|b| !matches!(b, b',' | b'}' | b']')).count();
                let written = str::from_utf8(&rest[..end]).unwrap_or_default();
                let plain = is_plain_integer(written.as_bytes());
                if !plain && number(written).is_none_or(|canonical| canonical != written) {
                    return false;
                }
                at += end;
            }
            _ => return false,
        }
    }
    depth == 0
}

/// One past the string that opens at `start`, and whether it has escapes; none
/// when it may be written in another way.
fn canonical_string(text: &[u8], start: usize) -> Option<(usize, bool)> {
    let (mut at, mut escaped) = (start + 1, false);
    loop {
        match text.get(at)? {
            b'"' => return Some((at + 1, escaped)),
            b'\\' => {
                if !matches!(text.get(at + 1)?, b'"' | b'\\' | b'n' | b'r' | b't' | b'b' | b'f') {
                    return None;
                }
                escaped = true;
                at += 2;
            }
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn rendered(text: &str) -> String {
        canonical_json(text.into()).into_owned()
    }

    #[test]
    fn composites_are_written_one_way() {
        let cases = [
            (r#"{ "b" : 1, "a": [ 1 , 2 ] }"#, r#"{"a":[1,2],"b":1}"#),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
            (r#"{"a":"\u00e9\/\u000a"}"#, r#"{"a":"é/\n"}"#),
            (r#"[504.0,1e21,-0,1.10,1e-7,0.000001]"#, "[504,1e+21,0,1.1,1e-7,0.000001]"),
            (r#"[123456789012345678901234567890]"#, "[1.2345678901234568e+29]"),
            (
                r#"[9007199254740993,18446744073709551615]"#,
                "[9007199254740993,18446744073709552000]",
            ),
            (r#"{"b":{"d":1,"c":2},"a":true}"#, r#"{"a":true,"b":{"c":2,"d":1}}"#),
            // What cannot be held by all stays.
            ("[1e999, 1]", "[1e999, 1]"),
            (r#"["\ud83d", 1]"#, r#"["\ud83d", 1]"#),
            ("[NaN, 1]", "[NaN, 1]"),
        ];
        for (text, expected) in cases {
            assert_eq!(rendered(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_are_written_one_way() {
        let cases = [
            ("504.0", "504"),
            ("504", "504"),
            ("3e1", "30"),
            ("1e21", "1e+21"),
            ("1E20", "100000000000000000000"),
            ("-1.50", "-1.5"),
            ("5e-324", "5e-324"),
            ("0.00001", "0.00001"),
            ("0.0000001", "1e-7"),
            ("-0.0", "0"),
            ("-0", "0"),
            ("9223372036854775807", "9223372036854775807"),
            ("12345678901234567890", "12345678901234567000"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("1e999", "1e999"),
            ("NaN", "NaN"),
            ("2026-03-14", "2026-03-14"),
            ("2026-03-14T09:00:00Z", "2026-03-14T09:00:00Z"),
        ];
        for (text, expected) in cases {
            assert_eq!(canonical_number(text.into()), expected, "{text}");
        }
    }

    #[test]
    fn what_lies_right_is_not_copied() {
        for text in [r#"{"a":[1,-2,0.5],"b":"x\"\n","c":{"d":null},"e":true}"#, "[]", "[[],[{}]]"] {
            assert!(matches!(canonical_json(text.into()), Cow::Borrowed(_)), "{text}");
        }
        assert!(matches!(canonical_number("504".into()), Cow::Borrowed("504")));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[ ".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(rendered(&deep), deep);
        let held = "[ ".repeat(100) + &"]".repeat(100);
        assert_eq!(rendered(&held), held.replace(' ', ""));
    }

    fn arb_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(|n| json!(n)),
            any::<f64>().prop_filter_map("finite", |n| n.is_finite().then(|| json!(n))),
            any::<bool>().prop_map(|b| json!(b)),
            Just(Value::Null),
            "[a-c\"\\\\\\n\\x01é😀/]{0,4}".prop_map(|s| json!(s)),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-c\"é]{0,2}", inner), 0..4)
                    .prop_map(|entries| entries.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_canonical_text_is_its_own_and_says_the_same(value in arb_json()) {
            let text = json!([value]).to_string();
            let once = rendered(&text);
            prop_assert_eq!(&rendered(&once), &once);
            let pretty = serde_json::to_string_pretty(&json!([value])).unwrap();
            prop_assert_eq!(rendered(&pretty), once);
        }

        #[test]
        fn what_is_taken_for_canonical_is(text in "[{}\\[\\]:,\"a\\\\1.0e -]{0,16}") {
            if is_canonical(text.as_bytes())
                && let Some(written) = rewritten(&text)
            {
                prop_assert_eq!(written, text);
            }
        }

        #[test]
        fn a_number_reads_back_as_the_same_double(double in any::<f64>()) {
            prop_assume!(double.is_finite());
            prop_assert_eq!(double_text(double).parse::<f64>().unwrap(), double);
        }
    }
}
