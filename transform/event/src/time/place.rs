//! Where in a line its time stands.
//!
//! What formats write before it is passed over: levels, numbers, hosts, brackets
//! and what is in them, pairs of logfmt. The first word of a message ends the
//! search, so that a date which a sentence speaks of is not taken.

use super::{
    calendar_names::{is_day, month},
    epoch::{epoch, tai64n},
    moment::Moment,
    scan::Scan,
};
use crate::{level::Level, logfmt::quote_end};

/// How far into a line a time is looked for, in bytes.
const SEARCHED_BYTES: usize = 160;

/// The same among the pairs of a line of logfmt.
const SEARCHED_PAIR_BYTES: usize = 1 << 10;

/// The keys of logfmt that tell a time.
const TIME_KEYS: [&[u8]; 8] =
    [b"time", b"ts", b"t", b"timestamp", b"@timestamp", b"datetime", b"date", b"asctime"];

/// The time that a text tells where formats put one.
pub(super) fn find(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    let mut place = Place { bytes: &bytes[..bytes.len().min(SEARCHED_BYTES)], at: 0, open: None };
    let mut first = true;
    while let Some(chunk) = place.next_chunk() {
        let leading = chunk.bytes.iter().take_while(|byte| !starts_time(**byte)).count();
        if let Some(moment) = times_in(&place.bytes[chunk.start..], chunk.bytes, leading, first) {
            return Some(moment);
        }
        if place.open.is_none() && chunk.bytes.contains(&b'=') {
            return of_pairs(&bytes[chunk.start..bytes.len().min(SEARCHED_PAIR_BYTES)]);
        }
        if !place.passes(&chunk) {
            return None;
        }
        first &= leading == chunk.bytes.len();
    }
    None
}

struct Place<'t> {
    bytes: &'t [u8],
    at: usize,
    /// What closes the bracket that is open.
    open: Option<u8>,
}

/// What stands between blanks.
struct Chunk<'t> {
    start: usize,
    bytes: &'t [u8],
}

impl<'t> Place<'t> {
    fn next_chunk(&mut self) -> Option<Chunk<'t>> {
        let rest = &self.bytes[self.at..];
        let start = self.at + rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let rest = &self.bytes[start..];
        let length = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        self.at = start + length;
        Some(Chunk { start, bytes: &rest[..length] })
    }

    /// Whether a chunk is of what formats write before a time.
    fn passes(&mut self, chunk: &Chunk<'_>) -> bool {
        let bytes = chunk.bytes;
        if let Some(close) = self.open {
            if bytes.contains(&close) {
                self.open = None;
            }
            return true;
        }
        let close = match bytes[0] {
            b'[' => Some(b']'),
            b'(' => Some(b')'),
            b'{' => Some(b'}'),
            b'<' => Some(b'>'),
            _ => None,
        };
        if let Some(close) = close {
            self.open = (!bytes.contains(&close)).then_some(close);
            return true;
        }
        let word = bytes.strip_suffix(b":").or_else(|| bytes.strip_suffix(b",")).unwrap_or(bytes);
        let letters = word.iter().all(u8::is_ascii_alphabetic);
        if !letters {
            let name = word.iter().any(|byte| byte.is_ascii_digit() || b"./@_\\".contains(byte));
            let punctuation = bytes.iter().all(u8::is_ascii_punctuation);
            return (name && word.is_ascii()) || punctuation || month(word).is_some();
        }
        let is_level = || str::from_utf8(word).is_ok_and(|word| Level::from_name(word).is_some());
        word.len() == 1
            || is_day(word)
            || month(word).is_some()
            || is_level()
            || self.before_access_time()
    }

    /// Whether Apache's `[14/Mar/2026:09:00:00 +0100]` comes, which has the name of
    /// a user before it.
    fn before_access_time(&self) -> bool {
        let rest = self.bytes[self.at..].trim_ascii_start();
        matches!(rest, [b'[', b'0'..=b'3', b'0'..=b'9', b'/', ..])
            || matches!(rest, [b'-', b' ', b'[', b'0'..=b'3', b'0'..=b'9', b'/', ..])
    }
}

fn starts_time(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || byte == b'@'
}

/// The time that begins in a chunk: at its first letter or digit, or after a mark
/// inside it.
fn times_in(line: &[u8], chunk: &[u8], leading: usize, first: bool) -> Option<Moment> {
    if leading == chunk.len() {
        return None;
    }
    at_start_of(&line[leading..], first).or_else(|| {
        let marks = chunk.iter().enumerate().skip(leading);
        marks.filter(|(_, byte)| b">([{\"'|,;".contains(byte)).find_map(|(at, byte)| {
            // The kernel's audit: `msg=audit(1773478800.123:456):`.
            let audit = *byte == b'(' && chunk[..at].ends_with(b"audit");
            let rest = &line[at + 1..];
            let counted = || epoch(rest).map(|(at, _)| Moment::At(at));
            if audit { counted() } else { at_start_of(rest, false) }
        })
    })
}

/// The time among the pairs of logfmt.
fn of_pairs(mut bytes: &[u8]) -> Option<Moment> {
    loop {
        bytes = bytes.trim_ascii_start();
        let equals = memchr::memchr(b'=', bytes)?;
        let (key, value) = (&bytes[..equals], &bytes[equals + 1..]);
        if key.iter().any(|byte| byte.is_ascii_whitespace() || *byte == b'"') {
            return None;
        }
        let quoted = value.strip_prefix(b"\"");
        let inside = quoted.unwrap_or(value);
        if TIME_KEYS.iter().any(|name| name.eq_ignore_ascii_case(key))
            && let Some(moment) = at_start_of(inside, true)
        {
            return Some(moment);
        }
        if let Some(audit) = value.strip_prefix(b"audit(") {
            return epoch(audit).map(|(at, _)| Moment::At(at));
        }
        bytes = match quoted {
            Some(quoted) => &quoted[quote_end(quoted)? + 1..],
            None => &value[value.iter().position(u8::is_ascii_whitespace)?..],
        };
    }
}

/// The time that the bytes begin with. `first`: whether nothing stands before it
/// in its line, where more is taken for a time.
fn at_start_of(bytes: &[u8], first: bool) -> Option<Moment> {
    let scan = Scan(bytes);
    match bytes.first()? {
        b'0'..=b'9' => scan.with_digits_first().or_else(|| {
            if !first {
                return None;
            }
            let counted = || epoch(bytes).map(|(at, _)| Moment::At(at));
            scan.month_and_day().or_else(|| scan.packed_date()).or_else(counted)
        }),
        b'@' if first => tai64n(&bytes[1..]).map(Moment::At),
        b'@' => None,
        _ => scan.month_name_first().or_else(|| first.then(|| scan.klog()).flatten()),
    }
}
