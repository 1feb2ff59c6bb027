//! When to try again, and when to give up.

use std::time::Duration;

use jiff::Timestamp;

use super::send_error::SendError;

/// Exponential backoff with full jitter: a wait drawn evenly from nothing up to
/// a limit that doubles with every attempt, so that senders that failed
/// together do not come back together. (M. Brooker, "Exponential Backoff And
/// Jitter", AWS Architecture Blog, 2015.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The limit of the first wait.
    pub base: Duration,
    /// The limit never grows past this.
    pub cap: Duration,
    /// For how long after it was queued an alert is tried.
    pub give_up_after: Duration,
}

/// A service may ask for no longer a wait than this; past it, it is asked
/// again anyway.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// What to do after a failed attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Try again, not before then.
    Again(Timestamp),
    /// Lay it with the dead letters.
    GiveUp(GiveUp),
}

/// Why an alert is not tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum GiveUp {
    /// The service will never take it.
    #[error("refused for good")]
    Refused,
    /// The deadline is over.
    #[error("not delivered before its deadline")]
    Deadline,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            base: Duration::from_secs(1),
            cap: Duration::from_secs(300),
            give_up_after: Duration::from_secs(24 * 3600),
        }
    }
}

impl Retry {
    /// What to do after the `attempts`-th attempt (from 1) has failed.
    ///
    /// `jitter` is drawn evenly from 0 to 1.
    pub(super) fn next(
        &self,
        (attempts, queued_at): (u32, Timestamp),
        error: &SendError,
        now: Timestamp,
        jitter: f64,
    ) -> Next {
        if error.fault.is_permanent() {
            return Next::GiveUp(GiveUp::Refused);
        }
        let at = after(now, self.wait(attempts, error.retry_after, jitter));
        if at > after(queued_at, self.give_up_after) {
            return Next::GiveUp(GiveUp::Deadline);
        }
        Next::Again(at)
    }

    /// How long to wait after that many failures in a row.
    pub(super) fn wait(
        &self,
        attempts: u32,
        retry_after: Option<Duration>,
        jitter: f64,
    ) -> Duration {
        match retry_after {
            Some(asked) => asked.min(LONGEST_RETRY_AFTER),
            None => {
                let doubled = 2u32.saturating_pow(attempts.saturating_sub(1));
                self.base.saturating_mul(doubled).min(self.cap).mul_f64(jitter.clamp(0.0, 1.0))
            }
        }
    }
}

/// The time that much later; the end of time past that.
pub(super) fn after(time: Timestamp, wait: Duration) -> Timestamp {
    time.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{given::at, send::Fault};

    fn answered(status: u16, retry_after: Option<u64>) -> SendError {
        SendError {
            fault: Fault::Answered { status, excerpt: String::new() },
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    #[test]
    fn waits_double_up_to_the_cap() {
        let waits = |jitter| {
            [1, 2, 3, 9, 10, 99].map(|n| Retry::default().wait(n, None, jitter).as_secs_f64())
        };
        assert_eq!(waits(1.0), [1.0, 2.0, 4.0, 256.0, 300.0, 300.0]);
        assert_eq!(waits(0.5), [0.5, 1.0, 2.0, 128.0, 150.0, 150.0]);
        assert_eq!(waits(0.0), [0.0; 6]);
    }

    #[test]
    fn a_wait_that_the_service_asks_for_is_kept_within_reason() {
        let next = |error| Retry::default().next((1, at(0)), &error, at(5), 0.1);
        assert_eq!(next(answered(429, Some(30))), Next::Again(at(35)));
        assert_eq!(next(answered(503, Some(30))), Next::Again(at(35)));
        assert_eq!(next(answered(429, Some(999_999))), Next::Again(at(3605)));
    }

    #[test]
    fn a_permanent_refusal_is_final_and_so_is_the_deadline() {
        let retry = Retry { give_up_after: Duration::from_secs(60), ..Retry::default() };
        let next = |error, now| retry.next((7, at(0)), &error, at(now), 1.0);
        assert_eq!(next(answered(404, Some(1)), 1), Next::GiveUp(GiveUp::Refused));
        assert_eq!(next(answered(500, None), -4), Next::Again(at(60)));
        assert_eq!(next(answered(500, None), -3), Next::GiveUp(GiveUp::Deadline));
    }
}
