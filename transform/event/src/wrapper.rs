//! What runtimes of containers, and tools that show their logs, write before a line of
//! the program inside.
//!
//! - CRI, which the kubelet keeps: `2026-03-14T09:00:00.123456789Z stdout F line`.
//!   A part of a long line (`P`) is taken off in the same way; to join parts is
//!   for those who read lines.
//! - `docker logs -t`, `kubectl logs --timestamps`: the time, with nine digits of the
//!   second, as no program writes it without being asked.
//! - Compose and swarm: `api-1  | line`, with `-t` the time behind the bar.
//! - `kubectl logs --prefix`: `[pod/shop-7d9f8b6c5-x2x4z/app] line`, the time behind it.
//! - stern: `shop-7d9f8b6c5-x2x4z app line`.
//!
//! Docker's json-file is an event like any other, whose text is in `log`. What
//! journald writes tells its lines apart, but is no wrapper: it is syslog's header.

use crate::level::Level;

/// One of each.
pub const WRAPPERS: [&str; 7] = [
    "2026-03-14T09:00:00.123456789Z stdout F ",
    "2026-03-14T09:00:00.123456789Z ",
    "api-1  | ",
    "api-1  | 2026-03-14T09:00:00.123456789Z ",
    "[pod/shop-7d9f8b6c5-x2x4z/app] ",
    "[pod/shop-7d9f8b6c5-x2x4z/app] 2026-03-14T09:00:00.123456789Z ",
    "shop-7d9f8b6c5-x2x4z app ",
];

/// How long the name of a container may be, in bytes.
const MAX_NAME_BYTES: usize = 80;

/// How long the names of a pod and its container may be, in bytes.
const MAX_POD_BYTES: usize = 320;

/// What the end of a pod's name is made of.
const POD_SYMBOLS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// What sentences about a pod go on with, and no container is called.
const VERBS: [&[u8]; 12] = [
    b"is", b"was", b"has", b"had", b"did", b"does", b"not", b"could", b"cannot", b"failed",
    b"from", b"in",
];

/// A line of a program, and what tells it from the lines of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wrapped<'a> {
    /// The same before each line of a container; empty where nothing tells.
    pub(crate) stream: &'a [u8],
    pub(crate) text: &'a [u8],
}

/// The line inside, if there is one.
#[inline]
pub(crate) fn unwrapped(line: &str) -> Option<&str> {
    let inside = wrapped(line.as_bytes())?.text;
    line.get(line.len() - inside.len()..)
}

/// The line inside, and whose it is.
#[inline]
pub(crate) fn wrapped(line: &[u8]) -> Option<Wrapped<'_>> {
    match line {
        [b'0'..=b'9', _, _, _, b'-', _, _, b'-', _, _, b'T', ..] => cri(line).or_else(|| {
            let text = after_time(line)?;
            Some(Wrapped { stream: b"", text })
        }),
        [b'A'..=b'Z' | b'a'..=b'z', ..] => compose(line, false).or_else(|| stern(line)),
        [b'[', b'p', b'o', b'd', b'/', ..] => pod(line),
        _ => None,
    }
}

/// The same of a line that has lost its colours, of which it began with one.
pub(crate) fn wrapped_in_colours(line: &[u8]) -> Option<Wrapped<'_>> {
    compose(line, true).or_else(|| wrapped(line))
}

/// The same of what journald and syslog daemons write: `Mar 14 09:00:00 web-1 app[811]:
/// line`, where the number of a process tells whose it is.
#[inline]
pub(crate) fn logged(line: &[u8]) -> Option<Wrapped<'_>> {
    let after = match line {
        [b'A'..=b'Z', _, _, b' ', _, b'0'..=b'9', b' ', _, _, b':', _, _, b':', ..] => &line[15..],
        [b'0'..=b'9', _, _, _, b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', ..] => {
            &line[19..]
        }
        _ => return None,
    };
    // A fraction of the second, and a zone.
    let of_time =
        |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b':' | b'+' | b'-' | b'Z');
    let time = after.iter().take_while(|byte| of_time(byte)).count();
    let rest = after[time..].strip_prefix(b" ")?;
    let host = position(rest, b' ', MAX_NAME_BYTES)?;
    let name = position(&rest[host + 1..], b' ', MAX_NAME_BYTES);
    let end = name.map_or(rest.len(), |name| host + 1 + name);
    let process = rest[..end].strip_suffix(b"]:")?;
    let digits = process.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let name = process[..process.len() - digits].strip_suffix(b"[")?;
    let text = rest.get(end + 1..).unwrap_or_default();
    (digits > 0 && name.len() > host + 1).then_some(Wrapped { stream: &rest[..end - 1], text })
}

fn cri(line: &[u8]) -> Option<Wrapped<'_>> {
    let start = position(line, b' ', 40)? + 1;
    let rest = &line[start..];
    let rest = rest.strip_prefix(b"stdout ").or_else(|| rest.strip_prefix(b"stderr "))?;
    let (tag, after) = rest.split_first()?;
    let text = match after {
        [] => after,
        [b' ', text @ ..] => text,
        // Further tags, which nobody writes yet.
        [b':', tags @ ..] => {
            memchr::memchr(b' ', tags).map_or(&tags[tags.len()..], |end| &tags[end + 1..])
        }
        _ => return None,
    };
    matches!(tag, b'F' | b'P').then_some(Wrapped { stream: &line[start..start + 6], text })
}

/// What stands behind a time with nine digits of the second.
#[inline]
fn after_time(line: &[u8]) -> Option<&[u8]> {
    const FORM: &[u8] = b"0000-00-00T00:00:00.000000000";
    let zone = match line.get(FORM.len())? {
        b'Z' => 1,
        b'+' | b'-' => 6,
        _ => return None,
    };
    let is_time = line.iter().zip(FORM).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == form,
    });
    let after = line.get(FORM.len() + zone..)?;
    let text = if after.is_empty() { Some(after) } else { after.strip_prefix(b" ") };
    text.filter(|_| is_time)
}

fn compose(line: &[u8], coloured: bool) -> Option<Wrapped<'_>> {
    let bar = position(line, b'|', MAX_NAME_BYTES)?;
    let text = line[bar + 1..].strip_prefix(b" ")?;
    let name = line[..bar].trim_ascii_end();
    let padding = bar - name.len();
    let is_name =
        |byte| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'@');
    let is_level = || str::from_utf8(name).is_ok_and(|name| Level::from_word(name).is_some());
    if padding == 0 || name.is_empty() || !name.iter().all(|byte| is_name(*byte)) || is_level() {
        return None;
    }
    // Others write a bar as well, after a level or a name; a replica has a number.
    let numbered = name.last().is_some_and(u8::is_ascii_digit)
        && name.iter().any(|byte| matches!(byte, b'-' | b'_' | b'.'));
    let timed = after_time(text);
    let certain = numbered
        || coloured
        || name.contains(&b'@')
        || timed.is_some()
        || text.trim_ascii_start().starts_with(b"{");
    (certain || padding >= 2).then_some(Wrapped { stream: name, text: timed.unwrap_or(text) })
}

fn pod(line: &[u8]) -> Option<Wrapped<'_>> {
    let end = position(line, b']', MAX_POD_BYTES)? + 1;
    let text = line[end..].strip_prefix(b" ")?;
    Some(Wrapped { stream: &line[..end], text: after_time(text).unwrap_or(text) })
}

/// The name of a pod of a deployment ends in two words that Kubernetes makes up.
fn stern(line: &[u8]) -> Option<Wrapped<'_>> {
    let pod = position(line, b' ', MAX_POD_BYTES)?;
    let mut parts = line[..pod].rsplit(|byte| *byte == b'-');
    let mut is_made_up = |lengths: std::ops::RangeInclusive<usize>| {
        parts.next().is_some_and(|part| {
            lengths.contains(&part.len()) && part.iter().all(|byte| POD_SYMBOLS.contains(byte))
        })
    };
    if !is_made_up(5..=5) || !is_made_up(6..=10) {
        return None;
    }
    let rest = &line[pod + 1..];
    let end = position(rest, b' ', MAX_NAME_BYTES).unwrap_or(rest.len());
    let name = &rest[..end];
    let is_name = !name.is_empty()
        && name.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !VERBS.contains(&name);
    let text = rest.get(end + 1..).unwrap_or_default();
    let text = after_time(text).unwrap_or(text);
    is_name.then_some(Wrapped { stream: &line[..pod + 1 + end], text })
}

/// Where a byte is among the first so many.
#[inline]
fn position(text: &[u8], byte: u8, limit: usize) -> Option<usize> {
    memchr::memchr(byte, &text[..text.len().min(limit)])
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
            ("2026-03-14T09:00:00.123456789+01:00   boom", Some("  boom")),
            ("2026-03-14T09:00:00.123456789Z", Some("")),
            // As programs write it themselves.
            ("2026-03-14T09:00:00.123456Z INFO boom", None),
            ("2026-03-14T09:00:00.123456789ZINFO boom", None),
            ("2026-03-14T09:00:00.12345678xZ boom", None),
            ("app-1  | boom", Some("boom")),
            ("db_1 | boom", Some("boom")),
            ("api     | {\"a\":1}", Some("{\"a\":1}")),
            ("api | {\"a\":1}", Some("{\"a\":1}")),
            ("api | 2026-03-14T09:00:00.123456789Z boom", Some("boom")),
            ("shop.1.x8f@node-1    | boom", Some("boom")),
            ("api  | boom", Some("boom")),
            ("ERROR    | module: boom", None),
            ("info  | boom", None),
            ("a | b", None),
            ("two words  | boom", None),
            ("2026-03-14 09:00:00 | INFO | boom", None),
            ("[pod/a-1/app] boom", Some("boom")),
            ("[pod/a-1/app]boom", None),
            ("shop-7d9f8b6c5-x2x4z istio-proxy boom é", Some("boom é")),
            ("shop-7d9f8b6c5-x2x4z app", Some("")),
            ("shop-7d9f8b6c5-x2x4z is not ready", None),
            ("shop-7d9f8b6c5-x2x4z   1/1   Running", None),
            ("user-defined-class app boom", None),
        ];
        for (line, inside) in cases {
            assert_eq!(unwrapped(line), inside, "{line}");
        }
        for wrapper in WRAPPERS {
            assert_eq!(unwrapped(&format!("{wrapper}  boom")), Some("  boom"), "{wrapper}");
        }
    }

    #[test]
    fn a_process_is_told_by_its_name_and_number() {
        let cases = [
            ("Mar 14 09:00:00 web-1 app[811]:   boom", Some(("web-1 app[811]", "  boom"))),
            ("Mar  4 09:00:00.123456 web-1 app[811]:", Some(("web-1 app[811]", ""))),
            ("2026-03-14T09:00:00+0100 web-1 app[811]: boom", Some(("web-1 app[811]", "boom"))),
            (
                "2026-03-14T09:00:00.123456+01:00 web-1 a(b)[811]: boom",
                Some(("web-1 a(b)[811]", "boom")),
            ),
            ("Mar 14 09:00:00 web-1 kernel:  boom", None),
            ("Mar 14 09:00:00 web-1 app[x]: boom", None),
            ("2026-03-14T09:00:00Z INFO [811]: boom", None),
            ("May 11 ways to fail", None),
        ];
        for (line, expected) in cases {
            let text = |bytes| str::from_utf8(bytes).unwrap();
            let found = logged(line.as_bytes()).map(|found| (text(found.stream), text(found.text)));
            assert_eq!(found, expected, "{line}");
        }
    }
}
