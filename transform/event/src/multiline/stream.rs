//! Whose line it is, where a prefix tells.

use std::borrow::Cow;

use super::{kernel::after_stamp, reports::is_of_kernel};
use crate::{
    docker_record::DockerRecord,
    escapes::sequence_end,
    syslog::{logged, unescaped as unescaped_by_daemon},
    wrapper::{Wrapped, wrapped, wrapped_in_colours},
};

/// How far into a line colours are looked through, in bytes.
const MAX_COLOURED_BYTES: usize = 400;

/// A line, and whose it is.
#[derive(Debug)]
pub(super) struct StreamLine<'a> {
    /// What tells the lines of one container or process from those of others; empty
    /// where nothing does.
    pub(super) stream: Cow<'a, [u8]>,
    /// What the program wrote.
    pub(super) text: Cow<'a, [u8]>,
    /// How much of the line stands before that.
    pub(super) before: usize,
    /// How much of it stands behind that: docker's records alone have something, and
    /// escape the text.
    pub(super) behind: usize,
    /// Whether the text as it is written has its line end with it: docker's alone do.
    pub(super) is_ended: bool,
    /// Whether a daemon or the kernel wrote it: of those there are many in one log.
    pub(super) is_daemons: bool,
    /// Where the stream stands in each line of its log: behind a daemon's time, which
    /// has one width.
    pub(super) stands_at: Option<usize>,
    /// Whether it is more of the text of the line above, as `journalctl` writes texts of
    /// several lines: set in by the width of the header.
    pub(super) goes_on: bool,
}

/// Whether a prefix tells whose line it is. Where lines are joined, events of several
/// may change places.
#[must_use]
pub fn has_stream(line: &[u8]) -> bool {
    !StreamLine::of(line).stream.is_empty()
}

impl<'a> StreamLine<'a> {
    /// - CRI: stdout and stderr. The time before is another in each line.
    /// - Docker's records: so, and its attributes.
    /// - Compose and swarm: the name before the bar, in colours or not.
    /// - `kubectl logs --prefix` and stern: pod and container.
    /// - journald and syslog: host, name and number of the process.
    /// - Reports of the kernel: they have no number.
    #[inline]
    pub(super) fn of(line: &'a [u8]) -> Self {
        match line.first() {
            Some(b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'[' | b'<') => match wrapped(line) {
                Some(Wrapped { stream, text }) => Self::inside(line, stream.into(), text),
                None => Self::of_daemon(line)
                    .or_else(|| Self::of_dmesg(line))
                    .unwrap_or_else(|| Self::plain(line)),
            },
            Some(b'{') => Self::of_record(line).unwrap_or_else(|| Self::plain(line)),
            Some(0x1b) => Self::in_colours(line).unwrap_or_else(|| Self::plain(line)),
            _ => Self::plain(line),
        }
    }

    /// Whether another line may be of the same stream, as far as that is told without
    /// taking it apart.
    #[inline]
    pub(super) fn may_be_of_stream(&self, other: &[u8]) -> bool {
        let Some(at) = self.stands_at else { return true };
        // The last digit of a number tells more than the name of a host.
        let last = self.stream.len().saturating_sub(2);
        other.get(at + last) == self.stream.get(last)
            && other.get(at..at + self.stream.len()) == Some(&*self.stream)
    }

    fn plain(line: &'a [u8]) -> Self {
        Self::inside(line, Cow::Borrowed(b""), line)
    }

    fn inside(line: &[u8], stream: Cow<'a, [u8]>, text: &'a [u8]) -> Self {
        Self {
            stream,
            before: line.len() - text.len(),
            text: text.into(),
            behind: 0,
            is_ended: false,
            is_daemons: false,
            stands_at: None,
            goes_on: false,
        }
    }

    #[inline]
    fn of_daemon(line: &'a [u8]) -> Option<Self> {
        let Wrapped { stream, text } = logged(line)?;
        let stands_at = Some(stream.as_ptr().addr() - line.as_ptr().addr());
        let told = Self { is_daemons: true, stands_at, ..Self::inside(line, stream.into(), text) };
        if stream.ends_with(b" kernel") {
            let text = after_stamp(text).unwrap_or(text);
            let before = line.len() - text.len();
            return is_of_kernel(text).then_some(Self { before, text: text.into(), ..told });
        }
        // A tab is what most frames begin with.
        Some(match text.starts_with(b"#011") {
            true => Self { text: unescaped_by_daemon(text), ..told },
            false => told,
        })
    }

    #[inline]
    fn of_dmesg(line: &'a [u8]) -> Option<Self> {
        let text = line.starts_with(b"[").then(|| after_stamp(line))??;
        let told = Self::inside(line, Cow::Borrowed(b"kernel"), text);
        is_of_kernel(text).then_some(Self { is_daemons: true, ..told })
    }

    #[inline]
    fn of_record(line: &'a [u8]) -> Option<Self> {
        let DockerRecord { before, log, rest, container, ends, .. } = DockerRecord::of(line)?;
        Some(Self {
            before: before.len(),
            behind: rest.len(),
            is_ended: ends,
            text: unescaped(&log[..log.len() - if ends { 2 } else { 0 }]),
            ..Self::inside(line, container, b"")
        })
    }

    /// More of the text of a line of a stream, whose header has a width.
    pub(super) fn going_on(line: &'a [u8], stream: &[u8], width: usize) -> Self {
        let told = Self::inside(line, stream.to_vec().into(), &line[width..]);
        Self { goes_on: true, ..told }
    }

    fn in_colours(line: &'a [u8]) -> Option<Self> {
        let (mut shown, mut places) = (Vec::new(), Vec::new());
        let mut at = 0;
        while at < line.len().min(MAX_COLOURED_BYTES) {
            if line[at] == 0x1b {
                at = sequence_end(line, at);
                continue;
            }
            shown.push(line[at]);
            places.push(at);
            at += 1;
        }
        let Wrapped { stream, text } = wrapped_in_colours(&shown)?;
        let last = places[shown.len() - text.len() - 1];
        let mut start = last + 1;
        // What ends the colour of the prefix.
        while line.get(start) == Some(&0x1b) {
            start = sequence_end(line, start);
        }
        Some(Self::inside(line, stream.to_vec().into(), &line[start..]))
    }
}

/// What a program wrote, of a text as JSON has it.
fn unescaped(line: &[u8]) -> Cow<'_, [u8]> {
    // Of what is JSON itself nobody wants to know more.
    if matches!(line, [b'{', ..] | [b'[', b'{', ..]) || memchr::memchr(b'\\', line).is_none() {
        return line.into();
    }
    let quoted = [b"\"", line, b"\""].concat();
    match serde_json::from_slice::<String>(&quoted) {
        Ok(text) => Cow::Owned(text.into_bytes()),
        Err(_) => line.into(),
    }
}
