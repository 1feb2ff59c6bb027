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
//! journald and syslog's daemons write tells lines apart, but is no wrapper.

use std::ops::RangeInclusive;

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
const VERBS: [&[u8]; 24] = [
    b"is", b"was", b"has", b"had", b"did", b"does", b"not", b"could", b"cannot", b"failed",
    b"from", b"in", b"can", b"will", b"on", b"at", b"with", b"to", b"of", b"for", b"and", b"or",
    b"lost", b"went",
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
    let Wrapped { stream, text } = wrapped(line.as_bytes())?;
    match is_of_pod(stream) && is_told(text) {
        true => None,
        false => line.get(line.len() - text.len()..),
    }
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

/// A pod, one of its containers, and a line.
fn stern(line: &[u8]) -> Option<Wrapped<'_>> {
    let end = position(line, b' ', MAX_POD_BYTES)?;
    let pod = &line[..end];
    // Most lines begin with a word.
    if !pod.contains(&b'-') {
        return None;
    }
    let is_certain = is_of_deployment(pod);
    let rest = &line[end + 1..];
    let end = position(rest, b' ', MAX_NAME_BYTES).unwrap_or(rest.len());
    let name = &rest[..end];
    let is_name = !name.is_empty()
        && name.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !VERBS.contains(&name);
    let text = rest.get(end + 1..).unwrap_or_default();
    let text = after_time(text).unwrap_or(text);
    if !is_name || !is_certain && !is_called_by_container(pod, name) {
        return None;
    }
    Some(Wrapped { stream: &line[..pod.len() + 1 + end], text })
}

/// The name of a pod of a deployment ends in two words that Kubernetes makes up.
fn is_of_deployment(pod: &[u8]) -> bool {
    let mut parts = pod.rsplit(|byte| *byte == b'-');
    let mut is_made_up = |lengths: RangeInclusive<usize>| {
        parts.next().is_some_and(|part| {
            lengths.contains(&part.len()) && part.iter().all(|byte| POD_SYMBOLS.contains(byte))
        })
    };
    is_made_up(5..=5) && is_made_up(6..=10)
}

/// Whether the name of a pod is that of its container and a number or a word that
/// Kubernetes makes up, as those of a stateful set, a daemon set, a job: `redis-0 redis`,
/// `shop-redis-0 redis`, `prometheus-k8s-0 prometheus`.
fn is_called_by_container(pod: &[u8], container: &[u8]) -> bool {
    let Some(dash) = memchr::memrchr(b'-', pod) else { return false };
    let (set, last) = (&pod[..dash], &pod[dash + 1..]);
    let is_ordinal = matches!(last.len(), 1 | 2) && last.iter().all(u8::is_ascii_digit);
    let is_made_up = last.len() == 5 && last.iter().all(|byte| POD_SYMBOLS.contains(byte));
    let is_set = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    let is_within = set == container
        || set.strip_prefix(container).is_some_and(|rest| rest.starts_with(b"-"))
        || set.strip_suffix(container).is_some_and(|rest| rest.ends_with(b"-"));
    (is_ordinal || is_made_up) && set.iter().all(is_set) && is_within
}

/// Whether a stream is a pod and its container, of which the name does not say for certain
/// that it is one.
fn is_of_pod(stream: &[u8]) -> bool {
    let pod = memchr::memchr(b' ', stream).map(|end| &stream[..end]);
    pod.is_some_and(|pod| !is_of_deployment(pod))
}

/// Whether a text goes on as a sentence about what stands before it: `worker-3 worker
/// crashed` is no line of a container's.
fn is_told(text: &[u8]) -> bool {
    let word = text.split(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or_default();
    VERBS.contains(&word) || word.ends_with(b"ed") && word.iter().all(u8::is_ascii_lowercase)
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
            // Stateful sets, daemon sets, jobs and cron jobs.
            ("redis-0 redis some text", Some("some text")),
            ("shop-redis-12 redis \tat f", Some("\tat f")),
            ("prometheus-k8s-0 prometheus level=error", Some("level=error")),
            ("fluent-bit-x2x4z fluent-bit [error] boom", Some("[error] boom")),
            ("backup-28471200-x2x4z backup boom", Some("boom")),
            ("redis-0 redis 2026-03-14T09:00:00.123456789Z boom", Some("boom")),
            ("web-0 nginx boom", None),
            ("redis-123 redis boom", None),
            ("redis-0 redi boom", None),
            ("worker-3 worker crashed", None),
            ("order-17 order is not paid", None),
            ("Redis-0 redis boom", None),
            ("re-try try again", None),
        ];
        for (line, inside) in cases {
            assert_eq!(unwrapped(line), inside, "{line}");
        }
        for wrapper in WRAPPERS {
            assert_eq!(unwrapped(&format!("{wrapper}  boom")), Some("  boom"), "{wrapper}");
        }
    }
}
