//! The times of the events of one group that have raised no alert yet.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// From how many sources at a time events may come, each far from the others in
/// time, and still be counted each as if it were alone.
const INTERLEAVED: usize = 4;

/// How many times are kept at most beyond the minimum count.
const MOST_BEYOND: usize = 1000;

/// The times of the last events, in the order in which they came.
///
/// For a stream in order the last `min_count` would do: that many lie within the
/// window exactly when the last ones do. Some more are kept, so that a late event,
/// or a backlog read beside it, does not push out what is about to be enough. So
/// memory per group is fixed, and a slow drip before a burst never hides the burst.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Times(VecDeque<Timestamp>);

/// Between which times the events lie that are enough for an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
}

impl Times {
    /// Adds a time, and says which `min_count` times lie within the window
    /// together with it, if so many do: the earliest of them.
    pub(super) fn add(
        &mut self,
        at: Timestamp,
        min_count: usize,
        window: SignedDuration,
    ) -> Option<Reached> {
        self.0.push_back(at);
        while self.0.len() > min_count + ((INTERLEAVED - 1) * min_count).min(MOST_BEYOND) {
            self.0.pop_front();
        }
        let near = |time: &&Timestamp| at.duration_since(**time).abs() <= window;
        if self.0.len() < min_count || self.0.iter().filter(near).count() < min_count {
            return None;
        }
        let mut near: Vec<Timestamp> = self.0.iter().filter(near).copied().collect();
        near.sort_unstable();
        near.windows(min_count).find_map(|times| {
            let (first, last) = (*times.first()?, *times.last()?);
            let reached = Reached { first, last };
            let within = last.duration_since(first) <= window && first <= at && at <= last;
            within.then_some(reached)
        })
    }

    /// The earliest time that is kept of those within a window before one, and that one.
    pub(super) fn around(&self, at: Timestamp, window: SignedDuration) -> Reached {
        let within = |time: &&Timestamp| **time <= at && at.duration_since(**time) <= window;
        let first = self.0.iter().filter(within).min().copied().unwrap_or(at);
        Reached { first, last: at }
    }

    /// Forgets some of the times, and returns them.
    pub(super) fn take(&mut self, which: impl Fn(Timestamp) -> bool) -> Vec<Timestamp> {
        let taken = self.0.iter().copied().filter(|time| which(*time)).collect();
        self.0.retain(|time| !which(*time));
        taken
    }
}
