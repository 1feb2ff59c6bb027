//! How many messages a sink gets within a minute.

use std::{collections::VecDeque, time::Duration};

use jiff::Timestamp;

use super::retry::after;

const MINUTE: Duration = Duration::from_secs(60);

/// The times of what was sent within the last minute.
#[derive(Clone, Debug, Default)]
pub(super) struct LastMinute(VecDeque<Timestamp>);

impl LastMinute {
    /// Takes note of a message.
    pub(super) fn add(&mut self, now: Timestamp) {
        self.0.push_back(now);
    }

    /// How many there were.
    pub(super) fn count(&mut self, now: Timestamp) -> usize {
        while self.0.front().is_some_and(|first| after(*first, MINUTE) <= now) {
            self.0.pop_front();
        }
        self.0.len()
    }

    /// The latest.
    pub(super) fn latest(&self) -> Option<Timestamp> {
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
    pub(super) fn allows(&mut self, now: Timestamp) -> bool {
        self.sent.count(now) < self.per_minute
    }

    /// Takes note of a message.
    pub(super) fn add(&mut self, now: Timestamp) {
        self.sent.add(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::at;

    #[test]
    fn no_minute_sees_more_than_the_rate() {
        let mut rate = Rate::new(3);
        let mut sent = Vec::new();
        for second in 0..130 {
            while rate.allows(at(second)) {
                rate.add(at(second));
                sent.push(second);
            }
        }
        assert_eq!(sent, [0, 0, 0, 60, 60, 60, 120, 120, 120]);
    }
}
