//! When the lines of a log count: at the time that each tells, or else at that of
//! the line before it, as in a replay of the same log.
//!
//! A time is looked for only where an error needs one. So what came before it has
//! to be at hand: the lines of the block that is being judged, and of some before
//! that.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use signatures_engine::aggregate::{EventTime, LineClock};
use signatures_event::{LogLine, MAX_EVENT_BYTES, Moment};

/// A line that tells no time belongs to the line before it when it arrives within
/// this time of it. Later it is something new, which counts when it arrives.
const FOLLOWS_WITHIN: SignedDuration = SignedDuration::from_mins(1);

/// How many bytes of lines are at hand from before the block that is being judged:
/// as many as a line may have, if not all of the last block.
const EARLIER_BYTES: usize = MAX_EVENT_BYTES;

/// The whole lines of its block that are around a line.
#[derive(Clone, Copy, Default)]
pub(super) struct Around<'a> {
    pub(super) before: &'a [u8],
    pub(super) after: &'a [u8],
}

/// The time along the lines of a log.
pub(super) struct LineTimes {
    clock: LineClock,
    /// When the line arrived that the clock is from.
    set: Timestamp,
    /// When the block arrived that is being judged.
    arrived: Timestamp,
    /// How many bytes before a line need not be looked at again.
    searched: usize,
    /// Whether no line of the rest of the block tells a time.
    untold: bool,
    /// The lines of the blocks before, since the last line that told a time as far
    /// as that was looked for, and when they arrived.
    earlier: VecDeque<(Vec<u8>, Timestamp)>,
    earlier_bytes: usize,
}

impl LineTimes {
    pub(super) fn new() -> Self {
        Self {
            clock: LineClock::default(),
            set: Timestamp::MIN,
            arrived: Timestamp::MIN,
            searched: 0,
            untold: false,
            earlier: VecDeque::new(),
            earlier_bytes: 0,
        }
    }

    /// When the block arrived that is being judged.
    pub(super) fn arrived(&self) -> Timestamp {
        self.arrived
    }

    pub(super) fn begin_block(&mut self, arrived: Timestamp) {
        (self.arrived, self.searched, self.untold) = (arrived, 0, false);
    }

    /// Takes the whole lines of the block that has been judged.
    pub(super) fn end_block(&mut self, lines: &[u8]) {
        let unsearched = lines.get(self.searched..).unwrap_or_default();
        // A block without a line end has nothing to add.
        if unsearched.is_empty() {
            return;
        }
        self.earlier_bytes += unsearched.len();
        self.earlier.push_back((unsearched.to_vec(), self.arrived));
        while self.earlier_bytes > EARLIER_BYTES && self.earlier.len() > 1 {
            let dropped = self.earlier.pop_front();
            self.earlier_bytes -= dropped.map_or(0, |(lines, _)| lines.len());
        }
    }

    /// The last time that the lines of the blocks before tell, and when it arrived.
    /// They need not be looked at again.
    fn take_earlier(&mut self) -> Option<(Moment, Timestamp)> {
        self.earlier_bytes = 0;
        let earlier = std::mem::take(&mut self.earlier);
        earlier.iter().rev().find_map(|(lines, then)| Some((last_told(lines, *then)?, *then)))
    }

    /// Takes note of a line that is in no block as a whole.
    pub(super) fn pass(&mut self, line: &[u8]) {
        if let Some(told) = told_by(line, self.arrived) {
            self.set(told, self.arrived);
        }
    }

    /// When an error counts, by the time that its line tells and the lines around.
    pub(super) fn of_error(&mut self, told: Option<Moment>, around: Around<'_>) -> EventTime {
        let arrived = self.arrived;
        let told = told.filter(|told| LineClock::believes(*told, arrived));
        let before = around.before.get(self.searched..).unwrap_or_default();
        self.searched = around.before.len();
        let own = told.or_else(|| last_told(before, arrived));
        if let Some(told) = own {
            self.set(told, arrived);
        } else if let Some((told, then)) = self.take_earlier() {
            self.set(told, then);
        } else if self.clock.now().is_none() && !self.untold {
            match first_told(around.after, arrived) {
                Some(told) => self.set(told, arrived),
                // What is behind is not searched for each line again.
                None => self.untold = !around.after.is_empty(),
            }
        }
        let follows = arrived.duration_since(self.set) <= FOLLOWS_WITHIN;
        let at = self.clock.now().filter(|_| follows).unwrap_or(arrived);
        EventTime { at, arrived }
    }

    fn set(&mut self, told: Moment, arrived: Timestamp) {
        self.earlier.clear();
        self.earlier_bytes = 0;
        self.clock.advance(told, arrived);
        self.set = arrived;
    }
}

fn told_by(line: &[u8], now: Timestamp) -> Option<Moment> {
    let text = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line));
    Moment::of(&LogLine::parse(&text)).filter(|told| LineClock::believes(*told, now))
}

fn last_told(lines: &[u8], now: Timestamp) -> Option<Moment> {
    lines.rsplit(|byte| *byte == b'\n').find_map(|line| told_by(line, now))
}

fn first_told(lines: &[u8], now: Timestamp) -> Option<Moment> {
    lines.split(|byte| *byte == b'\n').find_map(|line| told_by(line, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: &str = "2026-03-14T12:00:00Z";

    /// When an error of each of these texts counts, that tells no time itself: the
    /// text before it, and how many seconds after noon its block arrived.
    fn counted(blocks: &[(&str, i64)]) -> Vec<String> {
        let noon: Timestamp = NOON.parse().unwrap();
        let mut times = LineTimes::new();
        let mut counted = Vec::new();
        for (before, seconds) in blocks {
            times.begin_block(noon + SignedDuration::from_secs(*seconds));
            let around = Around { before: before.as_bytes(), after: b"2026-03-14 11:59:59 x" };
            counted.push(times.of_error(None, around).at.to_string());
            times.end_block(before.as_bytes());
        }
        counted
    }

    #[test]
    fn a_line_without_a_time_takes_that_of_the_line_before_it() {
        assert_eq!(counted(&[("2020-01-01 00:00:00 a\n\tat b\n", 0)]), ["2020-01-01T00:00:00Z"]);
        // One that cannot be is none.
        let ahead = "2020-01-01 00:00:00 a\n2099-01-01 00:00:00 b\n";
        assert_eq!(counted(&[(ahead, 0)]), ["2020-01-01T00:00:00Z"]);
        // Before the first time: that.
        assert_eq!(counted(&[("\tat b\n", 0)]), ["2026-03-14T11:59:59Z"]);
    }

    #[test]
    fn it_does_so_when_it_came_with_it_and_else_counts_when_it_arrives() {
        let told = "2020-01-01 00:00:00 a\n";
        assert_eq!(
            counted(&[(told, 0), ("\tat b\n", 60), ("\tat b\n", 61)]),
            ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "2026-03-14T12:01:01Z"]
        );
    }

    #[test]
    fn as_many_blocks_before_are_looked_at_as_a_line_may_be_long() {
        let noon: Timestamp = NOON.parse().unwrap();
        let block = format!("\tat {}\n", "b".repeat(4_000)).repeat(30);
        let behind = |blocks: usize| {
            let mut times = LineTimes::new();
            times.begin_block(noon);
            times.end_block(b"2020-01-01 00:00:00 a\n");
            for _ in 0..blocks {
                times.begin_block(noon);
                times.end_block(block.as_bytes());
            }
            times.begin_block(noon);
            assert!(times.earlier_bytes <= EARLIER_BYTES);
            times.of_error(None, Around::default()).at.to_string()
        };
        for blocks in 0..8 {
            assert_eq!(behind(blocks), "2020-01-01T00:00:00Z", "{blocks}");
        }
        assert_eq!(behind(20), NOON);
    }

    #[test]
    fn the_block_before_is_looked_at_as_well() {
        let noon: Timestamp = NOON.parse().unwrap();
        let mut times = LineTimes::new();
        times.begin_block(noon);
        times.end_block(b"2020-01-01 00:00:00 a\n");
        times.begin_block(noon);
        let at = noon - SignedDuration::from_hours(1);
        assert_eq!(times.of_error(Some(Moment::At(at)), Around::default()).at, at);
        times.end_block(b"2021-01-01 00:00:00 b\n");
        times.begin_block(noon);
        times.pass(b"2022-01-01 00:00:00 c");
        let at = times.of_error(None, Around::default()).at;
        assert_eq!(at.to_string(), "2022-01-01T00:00:00Z");
    }
}
