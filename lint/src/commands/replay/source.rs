//! One log on its way: its lines are judged ahead, and its errors taken one by one.

use std::{
    collections::VecDeque,
    io,
    sync::mpsc::{self, Receiver, SyncSender},
};

use jiff::{SignedDuration, Timestamp};
use signatures_engine::{Tally, aggregate::LineClock};

use super::classified::{Classified, Seen, Told};
use crate::logs::{Block, LogReader};

/// A time may lie that much before the one above it: several threads write a log.
const WRITERS_DIFFER: SignedDuration = SignedDuration::from_mins(1);

/// A block to be judged, and where to say what became of it.
pub(super) type Job = (Block, SyncSender<Classified>);

/// What a log came to.
#[derive(Default)]
pub(super) struct Sum {
    pub(super) tally: Tally,
    pub(super) joined: u64,
    pub(super) over: u64,
    /// The time of the last line that told one.
    pub(super) last_time: Option<Timestamp>,
    /// Whether its times run backwards somewhere.
    pub(super) runs_backwards: bool,
    /// Why it could not be read to its end.
    pub(super) failed: Option<io::Error>,
}

/// A log that is being read.
pub(super) struct Source {
    pub(super) name: String,
    reader: LogReader,
    /// Blocks that are being judged, in order.
    pending: VecDeque<Receiver<Classified>>,
    /// What was not taken yet, and when each counts.
    seen: VecDeque<(Option<Timestamp>, Seen)>,
    clock: LineClock,
    /// Where other logs were when it was opened: it may go on in the middle of what the
    /// one before it ended with.
    since: Option<Timestamp>,
    has_ended: bool,
    sum: Sum,
}

impl Source {
    pub(super) fn new(name: String, reader: LogReader, since: Option<Timestamp>) -> Self {
        Self {
            name,
            reader,
            pending: VecDeque::new(),
            seen: VecDeque::new(),
            clock: LineClock::default(),
            since,
            has_ended: false,
            sum: Sum::default(),
        }
    }

    /// Reads until something to aggregate is known, or the end. So many blocks are read ahead of that
    /// which is waited for.
    pub(super) fn fill(&mut self, jobs: &SyncSender<Job>, ahead: usize, now: Timestamp) {
        while self.seen.is_empty() {
            self.read_ahead(jobs, ahead);
            let Some(judged) = self.pending.pop_front() else { return };
            // Those that come next are judged while this one is waited for.
            self.read_ahead(jobs, ahead);
            match judged.recv() {
                Ok(block) => self.take(block, now),
                Err(error) => self.fail(io::Error::other(error)),
            }
        }
    }

    /// When what is next counts; no time where none is known yet, and nothing where it
    /// has ended.
    pub(super) fn next_at(&self) -> Option<Option<Timestamp>> {
        self.seen.front().map(|(at, _)| *at)
    }

    pub(super) fn next(&mut self) -> Option<(Option<Timestamp>, Seen)> {
        self.seen.pop_front()
    }

    /// What it came to, once it has ended.
    pub(super) fn into_sum(self) -> Sum {
        let (joined, over) = self.reader.joined();
        Sum { joined, over, last_time: self.clock.now(), ..self.sum }
    }

    fn read_ahead(&mut self, jobs: &SyncSender<Job>, ahead: usize) {
        while self.pending.len() < ahead && !self.has_ended {
            match self.reader.next_block() {
                Ok(Some(block)) => {
                    let (done, judged) = mpsc::sync_channel(1);
                    match jobs.send((block, done)) {
                        Ok(()) => self.pending.push_back(judged),
                        Err(_) => self.fail(io::Error::other("a thread ended early")),
                    }
                }
                Ok(None) => self.has_ended = true,
                Err(error) => self.fail(error),
            }
        }
    }

    fn fail(&mut self, error: io::Error) {
        self.has_ended = true;
        self.sum.failed.get_or_insert(error);
    }

    fn take(&mut self, block: Classified, now: Timestamp) {
        self.sum.tally += block.tally;
        // Lines before the first one with a time count where other logs are, or else
        // take that.
        if self.clock.now().is_none() && self.since.is_none() {
            self.advance(block.first_time, now);
        }
        let since = self.since.filter(|_| block.first_time.is_some());
        for seen in block.seen {
            self.advance(seen.time, now);
            self.seen.push_back((self.clock.now().or(since), seen));
        }
        self.advance(block.last_time, now);
    }

    fn advance(&mut self, told: Option<Told>, now: Timestamp) {
        let Some(Told { moment, is_in_place }) = told else { return };
        let before = self.clock.now();
        self.clock.advance(moment, now);
        if let (Some(before), Some(at), true) = (before, self.clock.now(), is_in_place) {
            self.sum.runs_backwards |= before.duration_since(at) > WRITERS_DIFFER;
        }
    }
}
