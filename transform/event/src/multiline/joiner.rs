//! Lines in, events out.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use super::{
    ahead::{Ahead, is_set_in_by},
    json_line::is_json,
    stream::StreamLine,
    trace::{Follows, Trace},
};

/// How many lines an event has at most.
pub const MAX_JOINED_LINES: usize = 500;

/// How many bytes an event of several lines has at most.
pub const MAX_LINES_BYTES: usize = 64 << 10;

/// For how long more of an event is waited for.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(1);

/// For how long an event is held at most, however it drips.
const LONGEST_HELD: SignedDuration = SignedDuration::from_secs(5);

/// Of how many containers lines are held at a time.
const MOST_STREAMS: usize = 512;

/// Joins lines that belong together, for whoever reads one line after another.
#[derive(Clone, Debug, Default)]
pub struct Multiline {
    held: Vec<Held>,
    /// What is whole, and nobody has taken yet.
    ready: VecDeque<Vec<u8>>,
    joined: u64,
    over: u64,
    /// Whether the last event was waited for long enough.
    expired: bool,
}

/// An event of which more may come.
#[derive(Clone, Debug)]
struct Held {
    stream: Vec<u8>,
    /// Its lines, of which the first alone has its prefix.
    text: Vec<u8>,
    /// What stands behind them in the end.
    behind: Vec<u8>,
    /// Lines of which it is not known yet whether they belong to it, as they came.
    perhaps: Vec<Vec<u8>>,
    /// Whether its last line has a line end already.
    is_ended: bool,
    /// The first line as the program wrote it.
    first: Vec<u8>,
    lines: usize,
    trace: Trace,
    /// How wide the header is that a daemon wrote before the first line.
    width: Option<usize>,
    began: Timestamp,
    touched: Timestamp,
}

impl Multiline {
    /// Takes a line without its end, that came at a time, with what is known to come
    /// behind it. Gives it back where it is an event by itself; what else is whole now
    /// is [ready](Self::pop), and goes first.
    #[inline]
    pub fn push<'l, 'a: 'l>(
        &mut self,
        line: &'l [u8],
        ahead: &mut Ahead<'a>,
        now: Timestamp,
    ) -> Option<&'l [u8]> {
        let is_waiting = self.expired || !self.held.is_empty();
        if !is_waiting && line.len() <= MAX_LINES_BYTES && ahead.is_plainly_alone(line) {
            return Some(line);
        }
        let told = self.going_on(line).unwrap_or_else(|| ahead.take(line));
        let is_too_long = line.len() > MAX_LINES_BYTES;
        if !self.held.is_empty() {
            self.keep_order(&told);
        }
        let alone = is_json(&told.text) && !told.goes_on || is_too_long;
        if is_too_long && self.is_followed_by(&told) {
            self.over += 1;
        }
        if !self.held.is_empty() && self.join(line, &told, alone, now) {
            return None;
        }
        if self.expired && !alone {
            self.expired = false;
            let would_have = Trace::default().follows(&told.text, b"");
            self.over += u64::from(would_have == Follows::Yes);
        }
        if alone {
            return Some(line);
        }
        // Most lines have nothing to do with the next: they need not be held, and the
        // order of several containers stays.
        if ahead.leaves_alone(&told) {
            return Some(line);
        }
        self.hold(line, told, now);
        None
    }

    /// The next event that is whole.
    #[inline]
    pub fn pop(&mut self) -> Option<Vec<u8>> {
        self.ready.pop_front()
    }

    /// Whether more of something may come.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.held.is_empty()
    }

    /// Waits no longer for what came a second ago or earlier, or began five ago.
    pub fn expire(&mut self, now: Timestamp) {
        let mut index = 0;
        while let Some(held) = self.held.get(index) {
            // A clock may have been set back.
            let since = |time| now.duration_since(time).abs();
            if since(held.touched) < LONGEST_WAIT && since(held.began) < LONGEST_HELD {
                index += 1;
                continue;
            }
            self.expired = true;
            let held = self.held.remove(index);
            self.release_whole(held);
        }
    }

    /// Waits for nothing any more: the input has ended.
    pub fn finish(&mut self) {
        for held in std::mem::take(&mut self.held) {
            self.release_whole(held);
        }
        self.expired = false;
    }

    /// How many lines belonged to the one before.
    #[must_use]
    pub fn joined(&self) -> u64 {
        self.joined
    }

    /// How many events went on beyond what is joined or waited for: what came then is
    /// a new one.
    #[must_use]
    pub fn over(&self) -> u64 {
        self.over
    }

    /// Joins what is in a block of whole lines, of a log in which nothing is waited
    /// for, and gives where each event ends in it, without the line end.
    pub fn join_block(&mut self, block: &mut Vec<u8>) -> Vec<usize> {
        let mut joined = Vec::with_capacity(block.len());
        let mut ends = Vec::new();
        let mut ahead = Ahead::of(block);
        while let Some(line) = ahead.next_line() {
            let direct = self.push(line, &mut ahead, Timestamp::UNIX_EPOCH);
            self.pop_into(&mut joined, &mut ends);
            if let Some(line) = direct {
                add(line, &mut joined, &mut ends);
            }
        }
        *block = joined;
        ends
    }

    /// As [`Multiline::join_block`], what is left at the end of a log.
    pub fn finish_block(&mut self) -> (Vec<u8>, Vec<usize>) {
        self.finish();
        let (mut block, mut ends) = (Vec::new(), Vec::new());
        self.pop_into(&mut block, &mut ends);
        (block, ends)
    }

    fn pop_into(&mut self, block: &mut Vec<u8>, ends: &mut Vec<usize>) {
        while let Some(event) = self.pop() {
            add(&event, block, ends);
        }
    }

    /// Joins a line to the event that is held of its stream; where it does not belong
    /// to that, the event is whole.
    fn join(&mut self, line: &[u8], told: &StreamLine<'_>, alone: bool, now: Timestamp) -> bool {
        while let Some(index) = self.held.iter().position(|held| held.stream == *told.stream) {
            let held = &mut self.held[index];
            let follows = match alone {
                true => Follows::No,
                false => held.follows(told),
            };
            if follows != Follows::No {
                if held.fits(line.len()) {
                    held.take(line, told, follows, now);
                    return true;
                }
                self.over += 1;
            }
            let held = self.held.remove(index);
            match self.release(held) {
                // The line may belong to what did not belong to the event.
                Some(next) => self.held.insert(index, next),
                None => return false,
            }
        }
        false
    }

    /// A line as more of the text of the last one that is held, where it is set in so.
    #[inline]
    fn going_on<'l>(&self, line: &'l [u8]) -> Option<StreamLine<'l>> {
        let held = self.held.last()?;
        let width = held.width.filter(|width| is_set_in_by(line, *width))?;
        Some(StreamLine::going_on(line, &held.stream, width))
    }

    /// Whether a line belongs to what is held.
    fn is_followed_by(&self, told: &StreamLine<'_>) -> bool {
        let held = self.held.iter().find(|held| held.stream == *told.stream);
        held.is_some_and(|held| held.follows(told) != Follows::No)
    }

    fn hold(&mut self, line: &[u8], told: StreamLine<'_>, now: Timestamp) {
        if self.held.len() >= MOST_STREAMS {
            self.over += 1;
            let held = self.held.remove(0);
            self.release_whole(held);
        }
        self.held.push(Held::new(line, told, now));
    }

    /// Takes an event as whole. Gives the line behind it that may begin the next.
    fn release(&mut self, held: Held) -> Option<Held> {
        let Held { mut text, behind, perhaps, lines, touched, .. } = held;
        self.joined += lines as u64 - 1;
        text.extend(behind);
        self.ready.push_back(text);
        let mut next: Option<Held> = None;
        for line in perhaps {
            let told = StreamLine::of(&line);
            if let Some(mut held) = next.take() {
                let follows = held.follows(&told);
                if follows != Follows::No {
                    held.take(&line, &told, follows, touched);
                    next = Some(held);
                    continue;
                }
                self.release_whole(held);
            }
            match told.text.trim_ascii().is_empty() {
                true => self.ready.push_back(line),
                false => next = Some(Held::new(&line, told, touched)),
            }
        }
        next
    }

    /// Waits no longer for what has no prefix when a daemon writes, nor the other way
    /// round: the lines of either stand together, but for the kernel's.
    fn keep_order(&mut self, told: &StreamLine<'_>) {
        let is_over = |held: &Held| match told.is_daemons {
            true => held.stream.is_empty(),
            false => told.stream.is_empty() && held.width.is_some() && !held.is_kernels(),
        };
        while let Some(index) = self.held.iter().position(is_over) {
            let held = self.held.remove(index);
            self.release_whole(held);
        }
    }

    fn release_whole(&mut self, held: Held) {
        let mut next = Some(held);
        while let Some(held) = next {
            next = self.release(held);
        }
    }
}

impl Held {
    fn new(line: &[u8], told: StreamLine<'_>, now: Timestamp) -> Self {
        let (text, behind) = line.split_at(line.len() - told.behind);
        Self {
            is_ended: told.is_ended,
            width: told.is_daemons.then_some(told.before),
            trace: Trace::of(&told.text),
            text: text.to_vec(),
            behind: behind.to_vec(),
            stream: told.stream.into_owned(),
            first: told.text.into_owned(),
            perhaps: Vec::new(),
            lines: 1,
            began: now,
            touched: now,
        }
    }

    fn follows(&self, told: &StreamLine<'_>) -> Follows {
        match told.goes_on {
            true => Follows::Yes,
            false => self.trace.follows(&told.text, &self.first),
        }
    }

    fn is_kernels(&self) -> bool {
        self.stream.ends_with(b"kernel")
    }

    /// Whether there is room for a line of so many bytes.
    fn fits(&self, length: usize) -> bool {
        let perhaps: usize = self.perhaps.iter().map(|line| 1 + line.len()).sum();
        self.lines + self.perhaps.len() < MAX_JOINED_LINES
            && self.text.len() + perhaps + 1 + length <= MAX_LINES_BYTES
    }

    fn take(&mut self, line: &[u8], told: &StreamLine<'_>, follows: Follows, now: Timestamp) {
        self.touched = now;
        self.trace.take(&told.text, follows);
        if follows == Follows::Perhaps {
            self.perhaps.push(line.to_vec());
            return;
        }
        for line in std::mem::take(&mut self.perhaps) {
            self.add(&line, &StreamLine::of(&line));
        }
        self.add(line, told);
    }

    /// Adds the text of a line as it is written there.
    fn add(&mut self, line: &[u8], told: &StreamLine<'_>) {
        if !self.is_ended {
            let end: &[u8] = if self.behind.is_empty() { b"\n" } else { br"\n" };
            self.text.extend_from_slice(end);
        }
        self.text.extend_from_slice(&line[told.before..line.len() - told.behind]);
        self.is_ended = told.is_ended;
        self.lines += 1;
    }
}

fn add(event: &[u8], block: &mut Vec<u8>, ends: &mut Vec<usize>) {
    block.extend_from_slice(event);
    ends.push(block.len());
    block.push(b'\n');
}
