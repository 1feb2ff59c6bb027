//! What the log is told of trouble with the database: each kind now and then,
//! since a disk that fails does so at every attempt.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Display,
    time::Instant,
};

use tracing::error;

use crate::{metrics, once_a_minute::OnceAMinute};

/// What the log was told of the database's errors: of each consequence when,
/// and how many times it came since.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    told: HashMap<&'static str, (OnceAMinute, u64)>,
    /// How many deliveries gave way since that was told, by sink.
    gave_way: BTreeMap<String, u64>,
    gave_way_told: OnceAMinute,
}

impl Complaints {
    /// Says what comes of an error, unless it was said a moment ago: a disk that
    /// fails does so at every attempt.
    pub(crate) fn about(&mut self, consequence: &'static str, error: &dyn Display) {
        metrics::outbox_error();
        let now = Instant::now();
        if let Some(unsaid) = self.due(consequence, now) {
            error!(event = "signatures.database_failed", %error, unsaid, "the database of alerts failed: {consequence}");
        }
    }

    /// How many times it was not said since the last; none when it is not to be
    /// said now.
    fn due(&mut self, consequence: &'static str, now: Instant) -> Option<u64> {
        let (said, unsaid) = self.told.entry(consequence).or_default();
        if said.is_due(now) {
            return Some(std::mem::take(unsaid));
        }
        *unsaid += 1;
        None
    }

    /// Notes which deliveries gave way, by sink.
    pub(crate) fn gave_way(&mut self, gave_way: &[(String, u64)]) {
        for (sink, deliveries) in gave_way {
            *self.gave_way.entry(sink.clone()).or_default() += deliveries;
        }
    }

    /// What gave way since that was last said, if it is to be said now; always at
    /// the end.
    pub(crate) fn what_gave_way(&mut self, now: Instant, end: bool) -> Option<String> {
        if self.gave_way.is_empty() || !(self.gave_way_told.is_due(now) || end) {
            return None;
        }
        let gave_way = std::mem::take(&mut self.gave_way);
        let sinks: Vec<_> = gave_way.iter().map(|(sink, n)| format!("{sink}: {n}")).collect();
        Some(sinks.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_same_trouble_is_told_once_a_minute_with_how_often_it_came() {
        let mut complaints = Complaints::default();
        let start = Instant::now();
        let mut told =
            |consequence, second| complaints.due(consequence, start + Duration::from_secs(second));
        assert_eq!([told("a", 0), told("a", 1), told("a", 59)], [Some(0), None, None]);
        assert_eq!(told("b", 2), Some(0));
        assert_eq!([told("a", 60), told("a", 61), told("a", 120)], [Some(2), None, Some(1)]);
    }

    #[test]
    fn what_gives_way_is_told_in_one_line_a_minute() {
        let mut complaints = Complaints::default();
        let start = Instant::now();
        let at = |second| start + Duration::from_secs(second);
        assert_eq!(complaints.what_gave_way(at(0), true), None);
        complaints.gave_way(&[("b".to_owned(), 1), ("a".to_owned(), 2)]);
        assert_eq!(complaints.what_gave_way(at(0), false).as_deref(), Some("a: 2, b: 1"));
        for _ in 0..1000 {
            complaints.gave_way(&[("a".to_owned(), 1)]);
        }
        assert_eq!(complaints.what_gave_way(at(59), false), None);
        assert_eq!(complaints.what_gave_way(at(60), false).as_deref(), Some("a: 1000"));
        complaints.gave_way(&[("a".to_owned(), 1)]);
        assert_eq!(complaints.what_gave_way(at(61), true).as_deref(), Some("a: 1"));
    }
}
