//! What the log is told of trouble with the database: each kind now and then,
//! since a disk that fails does so at every attempt.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use signatures_alerts::ALERT_EVENT;
use tracing::error;

use crate::{metrics, store::StoreError};

/// How often the log is told of the same trouble.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

/// What the log was told of the database's errors: of each consequence when,
/// and how many times it came since.
#[derive(Debug, Default)]
pub(crate) struct Complaints(HashMap<&'static str, (Option<Instant>, u64)>);

impl Complaints {
    /// Says what comes of an error, unless it was said a moment ago: a disk that
    /// fails does so at every attempt.
    pub(crate) fn about(&mut self, consequence: &'static str, error: &StoreError) {
        metrics::outbox_error();
        let now = Instant::now();
        if let Some(unsaid) = self.due(consequence, now) {
            error!(event = ALERT_EVENT, %error, unsaid, "the database of alerts failed: {consequence}");
        }
    }

    /// How many times it was not said since the last; none when it is not to be
    /// said now.
    fn due(&mut self, consequence: &'static str, now: Instant) -> Option<u64> {
        let (said, unsaid) = self.0.entry(consequence).or_insert((None, 0));
        if said.is_some_and(|said| now.duration_since(said) < COMPLAIN_EVERY) {
            *unsaid += 1;
            return None;
        }
        *said = Some(now);
        Some(std::mem::take(unsaid))
    }
}

#[cfg(test)]
mod tests {
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
}
