//! What the kernel writes before its lines.

use memchr::memchr;

/// How long that is at most, in bytes.
const MAX_STAMP_BYTES: usize = 32;

/// The text behind the time of a line as `dmesg` shows it: `[12345.678901] BUG: …`, and
/// with `-T` a date within the brackets.
pub(super) fn after_stamp(line: &[u8]) -> Option<&[u8]> {
    let end = memchr(b']', &line[..line.len().min(MAX_STAMP_BYTES)])?;
    let stamp = line.first().filter(|byte| **byte == b'[').and(line.get(1..end))?;
    let is_stamp = match stamp.first()? {
        b' ' | b'0'..=b'9' => {
            stamp.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'.'))
        }
        b'A'..=b'Z' => stamp.iter().filter(|byte| **byte == b':').count() == 2,
        _ => false,
    };
    if is_stamp { line[end + 1..].strip_prefix(b" ") } else { None }
}
