//! Whose line it is, where a prefix tells.

use memchr::memchr;

use crate::wrapper::unwrapped;

/// How long a prefix may be, in bytes.
const MAX_PREFIX_BYTES: usize = 300;

/// What tells the lines of one container from those of others, nothing where no prefix
/// does, and the line without it.
///
/// - CRI: stdout and stderr. The time before is another in each line.
/// - Compose and swarm: the name before the bar.
/// - `kubectl logs --prefix`: `[pod/shop-7d9f/app] line`.
#[inline]
pub(super) fn stream_of(line: &[u8]) -> (&[u8], &[u8]) {
    let found = match line {
        [b'0'..=b'9', _, _, _, b'-', _, _, b'-', _, _, b'T', ..] => cri(line),
        [b'A'..=b'Z' | b'a'..=b'z', ..] => compose(line),
        [b'[', b'p', b'o', b'd', b'/', ..] => pod(line),
        _ => None,
    };
    found.unwrap_or((b"", line))
}

/// Whether a prefix tells whose line it is. Where lines are joined, events of several
/// may change places.
#[must_use]
pub fn has_stream(line: &[u8]) -> bool {
    !stream_of(line).0.is_empty()
}

fn cri(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = memchr(b' ', &line[..line.len().min(40)])? + 1;
    let stream = line.get(start..start + 6)?;
    if stream != b"stdout" && stream != b"stderr" {
        return None;
    }
    let text = text_of(line)?;
    Some((stream, text))
}

fn compose(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let bar = memchr(b'|', &line[..line.len().min(80)])?;
    let text = text_of(line)?;
    Some((line[..bar].trim_ascii_end(), text))
}

fn pod(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr(b']', &line[..line.len().min(MAX_PREFIX_BYTES)])?;
    let text = line.get(end + 1..)?.strip_prefix(b" ")?;
    Some((&line[..=end], text))
}

/// The line inside of a wrapper: bytes that are no UTF-8 stand behind the prefix.
fn text_of(line: &[u8]) -> Option<&[u8]> {
    let head = &line[..line.len().min(MAX_PREFIX_BYTES)];
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).ok()?,
    };
    let inside = unwrapped(valid)?;
    Some(&line[valid.len() - inside.len()..])
}
