//! What is known of the lines that come next.

use std::collections::VecDeque;

use memchr::memchr;

use super::{
    json_line::is_json,
    stream::StreamLine,
    trace::{Follows, Trace},
};

/// How many lines ahead the next of the same container is looked for.
const LOOKED_AHEAD: usize = 16;

/// The lines behind the one that is looked at, as far as they have come.
#[derive(Debug, Default)]
pub struct Ahead<'a> {
    lines: &'a [u8],
    /// The first of them, without their ends: each end is looked for once.
    split: VecDeque<&'a [u8]>,
    /// What has not been split.
    rest: &'a [u8],
    /// The first, where it was taken apart already.
    first: Option<(&'a [u8], StreamLine<'a>)>,
}

impl<'a> Ahead<'a> {
    /// Some whole lines.
    #[must_use]
    pub fn of(lines: &'a [u8]) -> Self {
        Self { lines, rest: lines, ..Self::default() }
    }

    /// Those lines, as they lie.
    #[must_use]
    pub fn lines(&self) -> &'a [u8] {
        self.lines
    }

    /// The next line, without its end; what is ahead are those behind it.
    #[inline]
    pub fn next_line(&mut self) -> Option<&'a [u8]> {
        let line = self.get(0)?;
        self.split.pop_front();
        let behind = &self.lines[line.len()..];
        let end = behind.strip_prefix(b"\r").filter(|_| behind.get(1) == Some(&b'\n'));
        self.lines = end.unwrap_or(behind).get(1..).unwrap_or_default();
        Some(line)
    }

    /// One of them, counted from the next.
    #[inline]
    fn get(&mut self, index: usize) -> Option<&'a [u8]> {
        while self.split.len() <= index {
            if self.rest.is_empty() {
                return None;
            }
            let end = memchr(b'\n', self.rest).unwrap_or(self.rest.len());
            let line = &self.rest[..end];
            self.split.push_back(line.strip_suffix(b"\r").unwrap_or(line));
            self.rest = self.rest.get(end + 1..).unwrap_or_default();
        }
        self.split.get(index).copied()
    }

    /// A line, as it is taken apart.
    #[inline]
    pub(super) fn take<'l>(&mut self, line: &'l [u8]) -> StreamLine<'l>
    where
        'a: 'l,
    {
        match self.first.take() {
            Some((first, told)) if std::ptr::eq(first, line) => told,
            _ => StreamLine::of(line),
        }
    }

    /// Whether it takes no more than a glance to see that a line is an event by itself:
    /// most lines of most logs begin with a digit, as those before and behind them do.
    #[inline]
    pub(super) fn is_plainly_alone(&mut self, line: &[u8]) -> bool {
        let is_plain = |line: &[u8]| {
            matches!(line, [b'0'..=b'9', second, ..] if *second != b'x')
                && line.get(10) != Some(&b'T')
        };
        is_plain(line) && line.last() != Some(&b':') && self.get(0).is_some_and(is_plain)
    }

    /// Whether a line is known to be an event by itself: the next line of its stream does
    /// not belong to it, or is too far away.
    #[inline]
    pub(super) fn leaves_alone(&mut self, told: &StreamLine<'_>) -> bool {
        if told.is_daemons && is_set_in_by(self.lines, told.before) {
            return false;
        }
        for index in 0..LOOKED_AHEAD {
            let Some(line) = self.get(index) else { return false };
            if !told.may_be_of_stream(line) {
                continue;
            }
            let next = StreamLine::of(line);
            let found = match next.stream == told.stream {
                true => Some(is_another(told, &next.text)),
                // Daemons are many, and what one writes at once stands together.
                false => (told.stream.is_empty() && next.is_daemons).then_some(true),
            };
            if index == 0 {
                self.first = Some((line, next));
            }
            if let Some(found) = found {
                return found;
            }
        }
        told.is_daemons
    }
}

/// Whether a line begins with so many blanks, as more of the text of a line does whose
/// header has that width.
pub(super) fn is_set_in_by(line: &[u8], width: usize) -> bool {
    line.len() >= width && line[..width].iter().all(|byte| *byte == b' ')
}

/// Whether the next line of a stream does not belong to the one before it.
fn is_another(told: &StreamLine<'_>, next: &[u8]) -> bool {
    is_json(next) || Trace::of(&told.text).follows(next, &told.text) == Follows::No
}
