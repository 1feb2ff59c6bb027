//! What happens often is told now and then.

use std::time::{Duration, Instant};

const MINUTE: Duration = Duration::from_secs(60);

/// Says whether the log is to be told: the first time at once, and then once a minute.
#[derive(Clone, Copy, Debug, Default)]
pub struct OnceAMinute {
    told: Option<Instant>,
}

impl OnceAMinute {
    /// Whether it is to be told now, as it then is.
    pub fn is_due(&mut self, now: Instant) -> bool {
        let due = self.told.is_none_or(|told| now.saturating_duration_since(told) >= MINUTE);
        if due {
            self.told = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_at_once_and_the_next_after_a_minute() {
        let (mut once_a_minute, start) = (OnceAMinute::default(), Instant::now());
        let told = [0, 1, 59, 60, 61, 119, 120, 300]
            .map(|second| once_a_minute.is_due(start + Duration::from_secs(second)));
        assert_eq!(told, [true, false, false, true, false, false, true, true]);
    }
}
