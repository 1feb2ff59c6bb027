//! From blocks of bytes to lines, in bounded memory: of a line that is too long
//! for an event the start is judged, as text, and the rest streams through.

use std::io::{self, Write};

use jiff::Timestamp;
use memchr::{memchr, memrchr};
use signatures_event::{Ahead, MAX_EVENT_BYTES, Multiline, Parts};

use super::{input::Block, line_times::Around, long_line::LongLine, stage::Stage};

/// Cuts bytes into lines, has them judged, and writes what survives.
pub(super) struct Lines<W: Write> {
    pub(super) out: W,
    /// The start of a line whose end has not come yet.
    partial: Vec<u8>,
    long: Option<LongLine>,
    /// Lines that come in parts.
    parts: Parts,
    /// Lines that belong together; none where each is an event.
    multiline: Option<Multiline>,
    /// When the block arrived that is being judged.
    arrived: Timestamp,
}

impl<W: Write> Lines<W> {
    pub(super) fn new(out: W, multiline: bool) -> Self {
        Self {
            out,
            partial: Vec::new(),
            long: None,
            parts: Parts::default(),
            multiline: multiline.then(Multiline::default),
            arrived: Timestamp::MIN,
        }
    }

    /// The lines that were joined to others, and how many events went on beyond that.
    pub(super) fn joined(&self) -> (u64, u64) {
        self.multiline.as_ref().map_or((0, 0), |lines| (lines.joined(), lines.over()))
    }

    /// Whether what came may be part of what is still to come.
    pub(super) fn is_waiting(&self) -> bool {
        self.parts.is_waiting() || self.multiline.as_ref().is_some_and(Multiline::is_waiting)
    }

    /// Waits no longer for what came a while ago.
    pub(super) fn expire(&mut self, now: Timestamp, stage: &mut Stage) -> io::Result<()> {
        for line in self.parts.expire() {
            self.whole(&line, Around::default(), &mut Ahead::default(), stage)?;
        }
        if let Some(multiline) = &mut self.multiline {
            multiline.expire(now);
        }
        self.take_ready(Around::default(), stage)
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, block: &Block, stage: &mut Stage) -> io::Result<()> {
        stage.begin_block(block.arrived);
        self.arrived = block.arrived;
        let bytes = block.bytes.as_slice();
        let whole = memrchr(b'\n', bytes).map_or(0, |end| end + 1);
        let (mut lines, partial) = bytes.split_at(whole);
        if self.is_within_line()
            && let Some(end) = memchr(b'\n', lines)
        {
            let after = &lines[end + 1..];
            let around = Around { before: b"", after };
            self.line_end(&lines[..end], around, &mut Ahead::of(after), stage)?;
            lines = after;
        }
        let mut ahead = Ahead::of(lines);
        loop {
            let start = lines.len() - ahead.lines().len();
            let Some(line) = ahead.next_line() else { break };
            let around = Around { before: &lines[..start], after: ahead.lines() };
            self.line_end(line, around, &mut ahead, stage)?;
        }
        if let Some(multiline) = &mut self.multiline {
            // Other containers go on meanwhile.
            multiline.expire(block.arrived);
            self.take_ready(Around::default(), stage)?;
        }
        stage.end_block(lines);
        if let Some(long) = &mut self.long {
            return long.push(partial, &mut self.out);
        }
        self.partial.extend_from_slice(partial);
        if self.partial.len() > MAX_EVENT_BYTES {
            let head = std::mem::take(&mut self.partial);
            self.long = Some(self.begin_long(&head, stage)?);
        }
        Ok(())
    }

    /// Has a line judged by its beginning, of which that is written.
    fn begin_long(&mut self, head: &[u8], stage: &mut Stage) -> io::Result<LongLine> {
        self.wait_for_nothing(stage)?;
        let judged = &head[..head.len().min(MAX_EVENT_BYTES)];
        let mut long = stage.long_line(judged, &mut self.out)?;
        stage.pass(judged);
        long.push(head, &mut self.out)?;
        Ok(long)
    }

    fn is_within_line(&self) -> bool {
        self.long.is_some() || !self.partial.is_empty()
    }

    /// A line that ends with some bytes, or is no more than them.
    fn line_end(
        &mut self,
        last: &[u8],
        around: Around<'_>,
        ahead: &mut Ahead<'_>,
        stage: &mut Stage,
    ) -> io::Result<()> {
        if let Some(mut long) = self.long.take() {
            long.push(last, &mut self.out)?;
            return long.end(&mut self.out);
        }
        // However much of it came at once.
        if self.partial.len() + last.len() > MAX_EVENT_BYTES {
            let head = std::mem::take(&mut self.partial);
            let mut long = match head.is_empty() {
                true => return self.begin_long(last, stage)?.end(&mut self.out),
                false => self.begin_long(&head, stage)?,
            };
            long.push(last, &mut self.out)?;
            return long.end(&mut self.out);
        }
        if self.partial.is_empty() {
            return self.line(last, around, ahead, stage);
        }
        let mut line = std::mem::take(&mut self.partial);
        line.extend_from_slice(last);
        let written = self.line(line.strip_suffix(b"\r").unwrap_or(&line), around, ahead, stage);
        stage.pass(&line);
        line.clear();
        self.partial = line;
        written
    }

    /// A whole line, unless it is a part of one.
    fn line(
        &mut self,
        line: &[u8],
        around: Around<'_>,
        ahead: &mut Ahead<'_>,
        stage: &mut Stage,
    ) -> io::Result<()> {
        match self.parts.push(line) {
            Some(line) => self.whole(&line, around, ahead, stage),
            None => Ok(()),
        }
    }

    /// A line with all its parts, unless it is one of an event of several.
    fn whole(
        &mut self,
        line: &[u8],
        around: Around<'_>,
        ahead: &mut Ahead<'_>,
        stage: &mut Stage,
    ) -> io::Result<()> {
        let Some(multiline) = &mut self.multiline else {
            return self.event(line, around, stage);
        };
        let alone = multiline.push(line, ahead, self.arrived);
        self.take_ready(around, stage)?;
        alone.map_or(Ok(()), |line| self.event(line, around, stage))
    }

    /// Has judged what is whole.
    fn take_ready(&mut self, around: Around<'_>, stage: &mut Stage) -> io::Result<()> {
        while let Some(event) = self.multiline.as_mut().and_then(Multiline::pop) {
            self.event(&event, around, stage)?;
        }
        Ok(())
    }

    fn wait_for_nothing(&mut self, stage: &mut Stage) -> io::Result<()> {
        if let Some(multiline) = &mut self.multiline {
            multiline.finish();
        }
        self.take_ready(Around::default(), stage)
    }

    fn event(&mut self, line: &[u8], around: Around<'_>, stage: &mut Stage) -> io::Result<()> {
        match line.len() > MAX_EVENT_BYTES {
            true => self.begin_long(line, stage)?.end(&mut self.out),
            false => stage.line(line, around, &mut self.out),
        }
    }

    /// The input has ended: a last line needs no line end.
    pub(super) fn end(&mut self, stage: &mut Stage) -> io::Result<()> {
        if self.is_within_line() {
            self.line_end(b"", Around::default(), &mut Ahead::default(), stage)?;
        }
        for line in self.parts.finish() {
            self.whole(&line, Around::default(), &mut Ahead::default(), stage)?;
        }
        self.wait_for_nothing(stage)
    }
}
