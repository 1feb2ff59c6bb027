//! Secrets out of JSON text that is known to be valid.

use super::{
    names::Secrecy,
    redactor::Redactor,
    walk::{Text, Walk},
};
use crate::json_string::{quoted, unquoted};

/// [`REDACTED`] as JSON has it.
const QUOTED: &str = "\"[REDACTED]\"";

/// A value without its secrets: the texts and numbers at and under the names of
/// secrets are replaced, and all of them when that is the `secrecy` of the value
/// itself. None when nothing changes. Looks at the text in place, copies only
/// from the first secret on, and does not recurse.
pub(crate) fn redact_json(raw: &str, secrecy: Secrecy, redactor: &Redactor) -> Option<String> {
    let bytes = raw.as_bytes();
    let mut walk = Walk::new(secrecy, usize::MAX);
    let (mut out, mut copied, mut at) = (String::new(), 0, 0);
    let mut replace = |at: usize, end: usize, by: &str| {
        out.push_str(&raw[copied..at]);
        out.push_str(by);
        copied = end;
    };
    while at < bytes.len() {
        let Some(text) = walk.structure(bytes[at]) else {
            if walk.secrecy().hides_numbers() && matches!(bytes[at], b'-' | b'0'..=b'9') {
                let end = number_end(bytes, at);
                replace(at, end, QUOTED);
                at = end;
            } else {
                at += 1;
            }
            continue;
        };
        let end = string_end(bytes, at);
        match text {
            Text::Name => walk.name(redactor.secrecy(&unquoted(&raw[at..end]))),
            Text::Secret if &raw[at..end] != QUOTED => replace(at, end, QUOTED),
            Text::Plain if redactor.may_change(&bytes[at + 1..end - 1]) => {
                if let Some(text) = redactor.text(&unquoted(&raw[at..end])) {
                    replace(at, end, &quoted(&text));
                }
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

fn number_end(bytes: &[u8], start: usize) -> usize {
    let part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    start + bytes[start..].iter().take_while(|byte| part(byte)).count()
}
