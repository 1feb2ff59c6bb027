//! Whose line it is, where a prefix tells.

use std::borrow::Cow;

use memchr::memmem;

use crate::{
    docker_record::DockerRecord,
    escapes::sequence_end,
    wrapper::{Wrapped, logged, wrapped, wrapped_in_colours},
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
    /// Where the stream stands in each line of its log: behind a daemon's time, which
    /// has one width.
    pub(super) stands_at: Option<usize>,
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
    #[inline]
    pub(super) fn of(line: &'a [u8]) -> Self {
        match line.first() {
            Some(b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'[') => match wrapped(line) {
                Some(Wrapped { stream, text }) => Self::inside(line, stream.into(), text),
                None => Self::of_daemon(line).unwrap_or(Self::plain(line)),
            },
            Some(b'{') if line.starts_with(DockerRecord::START) => {
                Self::of_record(line).unwrap_or(Self::plain(line))
            }
            Some(0x1b) => Self::in_colours(line).unwrap_or(Self::plain(line)),
            _ => Self::plain(line),
        }
    }

    /// Whether another line may be of the same stream, as far as that is told without
    /// taking it apart.
    #[inline]
    pub(super) fn may_be_of_stream(&self, other: &[u8]) -> bool {
        let is_there = |at: usize| other.get(at..at + self.stream.len()) == Some(&*self.stream);
        self.stands_at.is_none_or(is_there)
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
            stands_at: None,
        }
    }

    #[inline]
    fn of_daemon(line: &'a [u8]) -> Option<Self> {
        let Wrapped { stream, text } = logged(line)?;
        // A blank before it, and a colon and perhaps a blank behind.
        let header = line[..line.len() - text.len()].trim_ascii_end();
        let stands_at = Some(header.len() - 1 - stream.len());
        Some(Self { stands_at, ..Self::inside(line, stream.into(), text) })
    }

    fn of_record(line: &'a [u8]) -> Option<Self> {
        let record = DockerRecord::of(line)?;
        let stream = &record.rest[..memmem::find(record.rest, br#""time":"#)?];
        Some(Self {
            stream: stream.into(),
            text: unescaped(&record.log[..record.log.len() - if record.ends { 2 } else { 0 }]),
            before: DockerRecord::START.len(),
            behind: record.rest.len(),
            is_ended: record.ends,
            stands_at: None,
        })
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
