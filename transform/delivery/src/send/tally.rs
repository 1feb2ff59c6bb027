//! What happens often, told now and then.

use std::{mem, time::Instant};

use signatures_ledger::OnceAMinute;

/// How many alerts something happened to since it was last told: once a minute,
/// not once an alert.
#[derive(Debug, Default)]
pub(super) struct Tally {
    told: OnceAMinute,
    alerts: u64,
    reason: String,
}

impl Tally {
    /// Takes note of more alerts, and of why.
    pub(super) fn add(&mut self, alerts: usize, reason: &str) {
        self.alerts += alerts as u64;
        reason.clone_into(&mut self.reason);
    }

    /// Takes note of how many there are at this time, and of why.
    pub(super) fn set(&mut self, alerts: usize, reason: &str) {
        self.alerts = 0;
        self.add(alerts, reason);
    }

    /// How many there are to tell of now, and the latest reason; nothing when there
    /// are none, or it was told within the last minute.
    pub(super) fn take(&mut self, now: Instant) -> Option<(u64, String)> {
        if self.alerts == 0 || !self.told.is_due(now) {
            return None;
        }
        self.rest()
    }

    /// What is left to tell, at the end.
    pub(super) fn rest(&mut self) -> Option<(u64, String)> {
        let rest = (mem::take(&mut self.alerts), mem::take(&mut self.reason));
        (rest.0 > 0).then_some(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_first_is_told_at_once_and_all_others_after_a_minute() {
        let (mut tally, start) = (Tally::default(), Instant::now());
        let told = |tally: &mut Tally, second| tally.take(start + Duration::from_secs(second));
        assert_eq!(told(&mut tally, 0), None);
        tally.add(1, "first");
        assert_eq!(told(&mut tally, 1), Some((1, "first".to_owned())));
        tally.add(2, "second");
        tally.add(3, "third");
        assert_eq!(told(&mut tally, 60), None);
        assert_eq!(told(&mut tally, 61), Some((5, "third".to_owned())));
        assert_eq!(told(&mut tally, 999), None);
        tally.add(1, "last");
        assert_eq!((tally.rest(), tally.rest()), (Some((1, "last".to_owned())), None));
    }
}
