//! A record of docker's json-file: `{"log":"a line\\n","stream":"stderr","time":"…"}`.

use memchr::memchr2;

/// A record, as it is written.
pub(crate) struct DockerRecord<'a> {
    /// Its text, escaped.
    pub(crate) log: &'a [u8],
    pub(crate) stderr: bool,
    /// Whether the text ends with a line end, as a whole line does.
    pub(crate) ends: bool,
    /// What stands behind the text.
    pub(crate) rest: &'a [u8],
}

impl<'a> DockerRecord<'a> {
    /// How each begins.
    pub(crate) const START: &'static [u8] = br#"{"log":""#;

    /// The record that a line is.
    #[inline]
    pub(crate) fn of(line: &'a [u8]) -> Option<Self> {
        let text = line.strip_prefix(Self::START)?;
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
        let stream = rest.strip_prefix(br#"","stream":"std"#)?;
        let stderr = match stream {
            [b'o', b'u', b't', b'"', ..] => false,
            [b'e', b'r', b'r', b'"', ..] => true,
            _ => return None,
        };
        let is_whole = rest.last() == Some(&b'}');
        is_whole.then_some(Self { log: &text[..end], stderr, ends: escaped_end, rest })
    }

    /// The part of its line before what stands behind the text.
    pub(crate) fn before_rest<'l>(&self, line: &'l [u8]) -> &'l [u8] {
        &line[..line.len() - self.rest.len()]
    }
}
