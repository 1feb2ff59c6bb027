//! In a storm, many alerts as one message.

use std::time::{Duration, Instant};

use super::rate::LastMinute;

/// In a storm, how long alerts are collected after a message unless they fill one.
const COLLECT: Duration = Duration::from_secs(10);

/// Decides for one sink whether alerts go one by one or together: together when
/// there are more than a number of them within a minute.
#[derive(Clone, Debug)]
pub(super) struct Digest {
    above: usize,
    sent: LastMinute,
}

/// How the alerts that are due should go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// One by one.
    Singly,
    /// As many in one message as fit.
    Together,
    /// Not yet: more may come, to go with them.
    Collect,
}

impl Digest {
    /// Digests when more than `above` are due within a minute; 0: never.
    pub(super) fn new(above: usize) -> Self {
        Self { above, sent: LastMinute::default() }
    }

    /// How many due alerts it has to know of to decide.
    pub(super) fn wants_to_know(&self) -> usize {
        self.above + 1
    }

    /// How `due` alerts, at least one, should go where `most` fit in one message.
    pub(super) fn plan(&mut self, due: usize, most: usize, now: Instant) -> Plan {
        if self.above == 0 || self.sent.count(now) + due <= self.above {
            return Plan::Singly;
        }
        match self.sent.latest() {
            // A full message gains nothing by waiting, and what waits behind it loses.
            _ if due >= most => Plan::Together,
            Some(latest) if now.saturating_duration_since(latest) < COLLECT => Plan::Collect,
            _ => Plan::Together,
        }
    }

    /// Takes note of a message with that many alerts.
    pub(super) fn add(&mut self, alerts: usize, now: Instant) {
        // More than `above` would change no decision.
        for _ in 0..alerts.min(self.wants_to_know()) {
            self.sent.add(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many fit in one message.
    const MOST: usize = 100;

    /// So many seconds after some start.
    fn seconds() -> impl Fn(u64) -> Instant {
        let start = Instant::now();
        move |seconds| start + Duration::from_secs(seconds)
    }

    #[test]
    fn few_alerts_go_singly() {
        let (mut digest, at) = (Digest::new(3), seconds());
        for second in 0..3 {
            assert_eq!(digest.plan(1, MOST, at(second)), Plan::Singly);
            digest.add(1, at(second));
        }
        assert_eq!(digest.plan(1, MOST, at(60)), Plan::Singly);
    }

    #[test]
    fn many_at_once_go_together_at_once() {
        let at = seconds();
        assert_eq!(Digest::new(3).plan(4, MOST, at(0)), Plan::Together);
        assert_eq!(Digest::new(3).plan(3, MOST, at(0)), Plan::Singly);
    }

    #[test]
    fn a_stream_of_alerts_is_collected_until_the_minute_is_over() {
        let (mut digest, at) = (Digest::new(3), seconds());
        digest.add(3, at(0));
        assert_eq!(digest.plan(1, MOST, at(9)), Plan::Collect);
        assert_eq!(digest.plan(7, MOST, at(10)), Plan::Together);
        digest.add(7, at(10));
        assert_eq!(digest.plan(1, MOST, at(11)), Plan::Collect);
        assert_eq!(digest.plan(1, MOST, at(20)), Plan::Together);
        assert_eq!(digest.plan(1, MOST, at(70)), Plan::Singly);
    }

    #[test]
    fn what_fills_a_message_is_collected_no_longer() {
        let (mut digest, at) = (Digest::new(3), seconds());
        digest.add(MOST, at(0));
        assert_eq!(digest.plan(MOST - 1, MOST, at(1)), Plan::Collect);
        assert_eq!(digest.plan(MOST, MOST, at(1)), Plan::Together);
    }

    #[test]
    fn zero_switches_digests_off() {
        assert_eq!(Digest::new(0).plan(1000, MOST, Instant::now()), Plan::Singly);
    }
}
