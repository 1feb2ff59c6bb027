//! How many messages a sink gets within a minute.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

const MINUTE: Duration = Duration::from_secs(60);

/// When what was sent within the last minute was.
#[derive(Clone, Debug, Default)]
pub(super) struct LastMinute(VecDeque<Instant>);

impl LastMinute {
    /// Takes note of a message.
    pub(super) fn add(&mut self, now: Instant) {
        self.0.push_back(now);
    }

    /// How many there were.
    pub(super) fn count(&mut self, now: Instant) -> usize {
        while self.0.front().is_some_and(|first| now.saturating_duration_since(*first) >= MINUTE) {
            self.0.pop_front();
        }
        self.0.len()
    }

    /// The latest.
    pub(super) fn latest(&self) -> Option<Instant> {
        self.0.back().copied()
    }
}

/// Holds a sink to a number of messages a minute.
#[derive(Clone, Debug)]
pub(super) struct Rate {
    per_minute: usize,
    sent: LastMinute,
}

impl Rate {
    /// At most that many messages within any minute.
    pub(super) fn new(per_minute: usize) -> Self {
        Self { per_minute, sent: LastMinute::default() }
    }

    /// Whether a message may go now.
    pub(super) fn allows(&mut self, now: Instant) -> bool {
        self.sent.count(now) < self.per_minute
    }

    /// Takes note of a message.
    pub(super) fn add(&mut self, now: Instant) {
        // Where there is no limit there is nothing to remember.
        if self.per_minute < usize::MAX {
            self.sent.add(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_minute_sees_more_than_the_rate() {
        let (mut rate, start) = (Rate::new(3), Instant::now());
        let mut sent = Vec::new();
        for second in 0..130 {
            let now = start + Duration::from_secs(second);
            while rate.allows(now) {
                rate.add(now);
                sent.push(second);
            }
        }
        assert_eq!(sent, [0, 0, 0, 60, 60, 60, 120, 120, 120]);
    }
}
