//! When to try again to put a database back that was deleted or replaced.

use std::time::{Duration, Instant};

/// The pause after the first attempt that failed; it doubles up to the longest. An
/// attempt copies all of the database.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The attempts to put one database back.
#[derive(Debug, Default)]
pub(super) struct Recovery {
    failed: u32,
    again_at: Option<Instant>,
}

impl Recovery {
    /// Whether nothing was tried since it was lost.
    pub(super) fn is_new(&self) -> bool {
        self.failed == 0
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.again_at.is_none_or(|at| now >= at)
    }

    /// An attempt failed.
    pub(super) fn failed(&mut self, now: Instant) {
        let pause = FIRST_PAUSE.saturating_mul(2u32.saturating_pow(self.failed));
        self.failed = self.failed.saturating_add(1);
        self.again_at = Some(now + pause.min(LONGEST_PAUSE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_cannot_be_put_back_is_tried_ever_less() {
        let (mut recovery, start) = (Recovery::default(), Instant::now());
        let mut tried = Vec::new();
        // As often as the thread comes round.
        for half in 0..2 * 300 {
            let now = start + Duration::from_millis(500) * half;
            if recovery.is_due(now) {
                tried.push((now - start).as_secs());
                recovery.failed(now);
            }
        }
        assert_eq!(tried, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
    }
}
