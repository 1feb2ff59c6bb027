//! Several logs as one: their errors, and what else is to be aggregated, in the order of their times.
//!
//! Each log is taken to be in order, as whoever writes one writes it: of each the next
//! error is known, and the earliest of these is the next of all. An error without a
//! time of its own counts at that of the line before it, and so stays behind it. A log
//! is opened when its first time is reached and closed at its end, so that of rotated
//! logs, which follow each other, few are open at a time.

use std::{
    collections::VecDeque,
    io,
    path::{Path, PathBuf},
    sync::mpsc::SyncSender,
};

use jiff::Timestamp;

use super::{
    classified::Seen,
    source::{Job, Source, Sum},
    sources::{Begins, Found},
};
use crate::logs::LogReader;

/// How many logs are open at a time. What would be one more waits until one of them has
/// ended.
pub(super) const MOST_OPEN: usize = 64;

/// How a log is opened.
pub(super) type Open<'a> = &'a dyn Fn(&Path) -> io::Result<LogReader>;

/// Logs whose errors are taken in the order of their times.
pub(super) struct Merge<'a> {
    open: Open<'a>,
    jobs: SyncSender<Job>,
    /// How many blocks are judged ahead, of all logs together.
    ahead: usize,
    now: Timestamp,
    /// By when they begin.
    waiting: VecDeque<Found>,
    sources: Vec<Source>,
    /// The latest time that was given.
    pub(super) latest: Option<Timestamp>,
    pub(super) totals: Totals,
}

/// What all logs came to.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) sum: Sum,
    /// Those that ran backwards.
    pub(super) backwards: Vec<String>,
    pub(super) read: usize,
    /// How many of them told no time at all, of how many that had something to tell.
    pub(super) timeless: usize,
    pub(super) with_text: usize,
    /// How many were opened later than their first time.
    pub(super) late: usize,
    /// Those that could not be read to their ends.
    pub(super) failed: Vec<(String, io::Error)>,
}

impl<'a> Merge<'a> {
    pub(super) fn new(
        logs: Vec<Found>,
        open: Open<'a>,
        jobs: SyncSender<Job>,
        ahead: usize,
        now: Timestamp,
    ) -> Self {
        let waiting = logs.into();
        let (sources, latest, totals) = (Vec::new(), None, Totals::default());
        Self { open, jobs, ahead, now, waiting, sources, latest, totals }
    }

    /// What is next to be aggregated, and when it counts; no time where none was told so far.
    pub(super) fn next(&mut self) -> Option<(Option<Timestamp>, Seen)> {
        loop {
            let ahead = (self.ahead / self.sources.len().max(1)).max(1);
            let (jobs, now) = (&self.jobs, self.now);
            self.sources.iter_mut().for_each(|source| source.fill(jobs, ahead, now));
            for ended in self.sources.extract_if(.., |source| source.next_at().is_none()) {
                self.latest = self.latest.max(self.totals.add(ended));
            }
            // Those that tell no time come last: they may be of any.
            let key = |at: Option<Timestamp>| (at.is_none(), at);
            let earliest = (0..self.sources.len())
                .min_by_key(|index| key(self.sources[*index].next_at().flatten()));
            let at = earliest.and_then(|index| self.sources[index].next_at());
            if self.opens(at) {
                continue;
            }
            let (at, seen) = self.sources[earliest?].next()?;
            self.latest = self.latest.max(at);
            return Some((at.or(self.latest), seen));
        }
    }

    /// Opens the next log, if its time has come: it begins no later than the next error
    /// that is known.
    fn opens(&mut self, next: Option<Option<Timestamp>>) -> bool {
        let Some(log) = self.waiting.front() else { return false };
        let is_due = match (next, log.begins) {
            (None, _) | (_, Begins::AtOnce) => true,
            (Some(next), Begins::At(begins)) => next.is_none_or(|next| begins <= next),
            (Some(_), Begins::Never) => false,
        };
        if !is_due || self.sources.len() >= MOST_OPEN {
            return false;
        }
        let Some(Found { path, begins }) = self.waiting.pop_front() else { return false };
        self.totals.late += usize::from(begins.is_before(self.latest));
        match (self.open)(&path) {
            Ok(reader) => self.sources.push(Source::new(name(path), reader, self.latest)),
            Err(error) => self.totals.failed.push((name(path), error)),
        }
        true
    }
}

fn name(path: PathBuf) -> String {
    path.display().to_string()
}

impl Totals {
    /// Adds a log that has ended, and says when that was.
    fn add(&mut self, ended: Source) -> Option<Timestamp> {
        let name = ended.name.clone();
        let Sum { tally, joined, over, last_time, runs_backwards, failed } = ended.into_sum();
        // A log that is empty, or blank, has no line that could tell a time.
        if tally.events() > tally.empty || last_time.is_some() {
            self.with_text += 1;
            self.timeless += usize::from(last_time.is_none());
        }
        self.sum.tally += tally;
        self.sum.joined += joined;
        self.sum.over += over;
        self.read += 1;
        if runs_backwards {
            self.backwards.push(name.clone());
        }
        self.failed.extend(failed.map(|error| (name, error)));
        last_time
    }
}
