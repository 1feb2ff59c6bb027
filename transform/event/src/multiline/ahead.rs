//! What is known of the lines that come next.

use memchr::memchr;

use super::{
    stream::StreamLine,
    trace::{Follows, Trace},
};

/// How many lines ahead the next of the same container is looked for.
const LOOKED_AHEAD: usize = 16;

/// The lines behind the one that is looked at, as far as they have come.
#[derive(Debug, Default)]
pub struct Ahead<'a> {
    rest: &'a [u8],
    /// The first of them, where it was taken apart already.
    first: Option<(&'a [u8], StreamLine<'a>)>,
}

impl<'a> Ahead<'a> {
    /// Some whole lines.
    #[must_use]
    pub fn of(lines: &'a [u8]) -> Self {
        Self { rest: lines, first: None }
    }

    /// Those lines, as they lie.
    #[must_use]
    pub fn lines(&self) -> &'a [u8] {
        self.rest
    }

    /// The next line, without its end; what is ahead are those behind it.
    #[inline]
    pub fn next_line(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = match self.first {
            // Its end has been found.
            Some((line, _)) if std::ptr::eq(line.as_ptr(), self.rest.as_ptr()) => {
                let rest = &self.rest[line.len()..];
                (line, rest.strip_prefix(b"\r").unwrap_or(rest).get(1..).unwrap_or_default())
            }
            _ => split_line(self.rest),
        };
        self.rest = rest;
        Some(line)
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

    /// Whether a line is known to be an event by itself: the next line of its stream does
    /// not belong to it, or is too far away.
    #[inline]
    pub(super) fn leaves_alone(&mut self, told: &StreamLine<'_>) -> bool {
        let mut rest = self.rest;
        for index in 0..LOOKED_AHEAD {
            if rest.is_empty() {
                return false;
            }
            let line;
            (line, rest) = split_line(rest);
            if !told.may_be_of_stream(line) {
                continue;
            }
            let next = StreamLine::of(line);
            let found = match next.stream == told.stream {
                true => Some(is_another(told, &next.text)),
                // Daemons are many, and what one writes at once stands together.
                false => (told.stream.is_empty() && next.stands_at.is_some()).then_some(true),
            };
            if index == 0 {
                self.first = Some((line, next));
            }
            if let Some(found) = found {
                return found;
            }
        }
        told.stands_at.is_some()
    }
}

/// Whether the next line of a stream does not belong to the one before it.
fn is_another(told: &StreamLine<'_>, next: &[u8]) -> bool {
    is_json(next) || Trace::of(&told.text).follows(next, &told.text) == Follows::No
}

/// The first of some lines, without its end, and the others.
#[inline]
fn split_line(lines: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr(b'\n', lines).unwrap_or(lines.len());
    let line = &lines[..end];
    (line.strip_suffix(b"\r").unwrap_or(line), lines.get(end + 1..).unwrap_or_default())
}

/// Whether a line is to be an event by itself: an object of JSON, or a list of them.
pub(super) fn is_json(text: &[u8]) -> bool {
    match text {
        [b'{', rest @ ..] => !rest.trim_ascii().is_empty(),
        [b'[', b'{', ..] => true,
        // Behind a byte-order mark, NULs or blanks, as whoever reads lines has it.
        [b'\0' | 0xef | b' ' | b'\t', ..] => {
            let text = text.trim_ascii_start();
            let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
            let nuls = text.iter().take_while(|byte| **byte == 0).count();
            matches!(text[nuls..], [b'{', .., b'}'])
        }
        _ => false,
    }
}
