//! What runtimes of containers write before a line of the program inside.
//!
//! - CRI, which the kubelet keeps: `2026-03-14T09:00:00.123456789Z stdout F line`.
//!   A part of a long line (`P`) is taken off in the same way; to join parts is
//!   for those who read lines.
//! - Compose and swarm: `api-1  | line`.
//!
//! Docker's json-file is an event like any other, whose text is in `log`.

use crate::level::Level;

/// How long the name of a container may be, in bytes.
const MAX_NAME_BYTES: usize = 80;

/// The line inside, if there is one.
#[inline]
pub(crate) fn unwrapped(line: &str) -> Option<&str> {
    match line.as_bytes() {
        [b'0'..=b'9', _, _, _, b'-', _, _, b'-', _, _, b'T', ..] => cri(line),
        [b'A'..=b'Z' | b'a'..=b'z', ..] => compose(line),
        _ => None,
    }
}

fn cri(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(' ')?;
    let rest = rest.strip_prefix("stdout ").or_else(|| rest.strip_prefix("stderr "))?;
    let (tags, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let first = tags.split(':').next();
    matches!(first, Some("F" | "P")).then_some(text)
}

fn compose(line: &str) -> Option<&str> {
    let bytes = &line.as_bytes()[..line.len().min(MAX_NAME_BYTES)];
    let bar = memchr::memchr(b'|', bytes)?;
    let text = line[bar + 1..].strip_prefix(' ')?;
    let name = line[..bar].trim_end_matches(' ');
    let padding = bar - name.len();
    let is_name =
        |byte| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'@');
    if padding == 0 || !name.bytes().all(is_name) || Level::from_word(name).is_some() {
        return None;
    }
    // Others write a bar as well, after a level or a name; a replica has a number.
    let numbered = name.bytes().last().is_some_and(|byte| byte.is_ascii_digit())
        && name.contains(['-', '_', '.']);
    let certain = numbered || name.contains('@') || text.trim_start().starts_with('{');
    (certain || padding >= 2).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_inside_is_found() {
        let cases = [
            ("2026-03-14T09:00:00.123456789Z stderr F boom", Some("boom")),
            ("2026-03-14T09:00:00.1+01:00 stdout P bo", Some("bo")),
            ("2026-03-14T09:00:00Z stdout F:x a b", Some("a b")),
            ("2026-03-14T09:00:00Z stdout F", Some("")),
            ("2026-03-14T09:00:00Z stdout X boom", None),
            ("2026-03-14T09:00:00Z INFO F boom", None),
            ("app-1  | boom", Some("boom")),
            ("db_1 | boom", Some("boom")),
            ("api     | {\"a\":1}", Some("{\"a\":1}")),
            ("api | {\"a\":1}", Some("{\"a\":1}")),
            ("shop.1.x8f@node-1    | boom", Some("boom")),
            ("api  | boom", Some("boom")),
            ("ERROR    | module: boom", None),
            ("info  | boom", None),
            ("a | b", None),
            ("two words  | boom", None),
            ("2026-03-14 09:00:00 | INFO | boom", None),
        ];
        for (line, inside) in cases {
            assert_eq!(unwrapped(line), inside, "{line}");
        }
    }
}
