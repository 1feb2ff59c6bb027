//! A record of docker's json-file: `{"log":"a line\\n","stream":"stderr","time":"…"}`.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memmem};

use crate::json_fields::fields;

/// A record, as it is written.
pub(crate) struct DockerRecord<'a> {
    /// What stands before its text.
    pub(crate) before: &'a [u8],
    /// Its text, escaped.
    pub(crate) log: &'a [u8],
    /// What stands behind the text.
    pub(crate) rest: &'a [u8],
    /// What is the same in all records of a container: the stream, and attributes.
    pub(crate) container: Cow<'a, [u8]>,
    pub(crate) stderr: bool,
    /// Whether the text ends with a line end, as a whole line does.
    pub(crate) ends: bool,
}

/// The keys of a record, of which docker itself writes the last only where `--log-opt`
/// asks for a tag, labels or variables.
const KEYS: [&[u8]; 4] = [b"log", b"stream", b"time", b"attrs"];

impl<'a> DockerRecord<'a> {
    /// What is in each of them.
    pub(crate) const MARK: &'static [u8] = br#""log""#;

    /// The record that a line is.
    #[inline]
    pub(crate) fn of(line: &'a [u8]) -> Option<Self> {
        match line.strip_prefix(br#"{"log":""#) {
            Some(text) => Self::as_docker_writes_it(line, text).or_else(|| Self::of_fields(line)),
            None if line.first() == Some(&b'{') && may_be_record(line) => Self::of_fields(line),
            None => None,
        }
    }

    #[inline]
    fn as_docker_writes_it(line: &'a [u8], text: &'a [u8]) -> Option<Self> {
        let (mut end, mut escaped_end) = (0, false);
        loop {
            let next = end + memchr2(b'"', b'\\', &text[end..])?;
            if text[next] == b'"' {
                end = next;
                break;
            }
            escaped_end = text.get(next + 1) == Some(&b'n');
            end = next + 2;
            // Only the last escape may be the end of the text.
            escaped_end &= text.get(end) == Some(&b'"');
            if end >= text.len() {
                return None;
            }
        }
        let rest = &text[end..];
        let stderr = match rest.strip_prefix(br#"","stream":"std"#)? {
            [b'o', b'u', b't', b'"', ..] => false,
            [b'e', b'r', b'r', b'"', ..] => true,
            _ => return None,
        };
        let time = memmem::find(rest, br#""time":"#).unwrap_or(rest.len());
        let record = Self {
            before: &line[..line.len() - text.len()],
            log: &text[..end],
            rest,
            container: rest[..time].into(),
            stderr,
            ends: escaped_end,
        };
        (rest.last() == Some(&b'}')).then_some(record)
    }

    /// One with blanks, or in another order.
    fn of_fields(line: &'a [u8]) -> Option<Self> {
        let fields = fields(str::from_utf8(line).ok()?)?;
        if !fields.iter().all(|(key, _)| KEYS.contains(&key.as_bytes())) {
            return None;
        }
        let value = |name| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let Cow::Borrowed(log) = value("log")? else { return None };
        let log = log.strip_prefix('"')?.strip_suffix('"')?.as_bytes();
        let stream = value("stream")?;
        let stderr = match &**stream {
            r#""stdout""# => false,
            r#""stderr""# => true,
            _ => return None,
        };
        let attributes = value("attrs").map_or("", |value| value);
        let start = log.as_ptr().addr() - line.as_ptr().addr();
        Some(Self {
            before: &line[..start],
            log,
            rest: &line[start + log.len()..],
            container: [stream.as_bytes(), attributes.as_bytes()].concat().into(),
            stderr,
            ends: ends_in_line_end(log),
        })
    }
}

/// Whether the first keys of an object are a record's: most objects are none.
fn may_be_record(line: &[u8]) -> bool {
    let mut rest = &line[1..];
    for _ in 0..2 {
        let Some((key, value)) = first_key(rest) else { return false };
        if !KEYS.contains(&key) {
            return false;
        }
        // Behind the time, or the stream, the next tells more.
        let end = value.strip_prefix(b"\"").and_then(|text| Some((text, memchr(b'"', text)?)));
        let (b"time" | b"stream", Some((text, end))) = (key, end) else { return true };
        let Some(next) = text[end + 1..].trim_ascii_start().strip_prefix(b",") else {
            return false;
        };
        rest = next;
    }
    true
}

/// The key that comes next, and what stands behind its colon.
fn first_key(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii_start().strip_prefix(b"\"")?;
    let end = memchr(b'"', text)?;
    let value = text[end + 1..].trim_ascii_start().strip_prefix(b":")?;
    Some((&text[..end], value.trim_ascii_start()))
}

/// Whether an escaped text ends in `\n`: in `\\n` the backslash stands for itself.
fn ends_in_line_end(text: &[u8]) -> bool {
    let Some(before) = text.strip_suffix(b"n") else { return false };
    before.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_known_however_it_is_written() {
        for (line, expected) in [
            (
                r#"{"log":"a \"b\"\n","stream":"stderr","time":"2026-03-14T09:00:00Z"}"#,
                Some((r#"{"log":""#, r#"a \"b\"\n"#, true, true)),
            ),
            (
                r#"{"stream": "stderr", "log": "a\n", "time": "2026-03-14T09:00:00Z"}"#,
                Some((r#"{"stream": "stderr", "log": ""#, r"a\n", true, true)),
            ),
            (
                r#"{ "time" : "x" , "stream" : "stdout" , "log" : "a\\n" , "attrs" : { "tag" : "t" } }"#,
                Some((
                    r#"{ "time" : "x" , "stream" : "stdout" , "log" : ""#,
                    r"a\\n",
                    false,
                    false,
                )),
            ),
            (r#"{"log": "a", "stream": "stdout"}"#, Some((r#"{"log": ""#, "a", false, false))),
            (r#"{"time":"x","level":"error","stream":"stderr","log":"a"}"#, None),
            (r#"{"log":"a","stream":"stdin","time":"x"}"#, None),
            (r#"{"stream":"stderr","log":"a","level":"error"}"#, None),
            (r#"{"stream":"stderr","log":["a"]}"#, None),
            (r#"{"time":"x","log":"a"}"#, None),
            (r#"{"stream""#, None),
            ("{", None),
        ] {
            let found = DockerRecord::of(line.as_bytes());
            let text = |bytes| str::from_utf8(bytes).unwrap();
            let shown = found
                .as_ref()
                .map(|record| (text(record.before), text(record.log), record.stderr, record.ends));
            assert_eq!(shown, expected, "{line}");
            if let Some(DockerRecord { before, log, rest, .. }) = found {
                assert_eq!(text(&[before, log, rest].concat()), line);
            }
        }
    }
}
