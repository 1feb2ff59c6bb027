//! When to try again, and when to give up.

use std::time::Duration;

use jiff::Timestamp;

use super::send_error::{Fault, SendError};

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

/// The longest wait there is. A service may ask for no longer a one; past it, it
/// is asked again anyway.
const LONGEST: Duration = Duration::from_secs(3600);

/// What to do after a failed attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Try again after that.
    Again(Duration),
    /// Lay it with the dead letters.
    GiveUp(GiveUp),
}

/// Why an alert is not tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum GiveUp {
    /// The service will never take it.
    #[error("refused for good")]
    Refused,
    /// It cannot be sent, by a fault of this program.
    #[error("cannot be sent")]
    Unsendable,
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
    /// What to do after the `attempts`-th attempt (from 1) has failed, on an alert
    /// that has waited for `age`.
    ///
    /// `jitter` is drawn evenly from 0 to 1.
    pub(super) fn next(
        &self,
        (attempts, age): (u32, Duration),
        error: &SendError,
        jitter: f64,
    ) -> Next {
        if error.fault.is_permanent() {
            let ours = matches!(error.fault, Fault::Internal(_));
            return Next::GiveUp(if ours { GiveUp::Unsendable } else { GiveUp::Refused });
        }
        let wait = self.wait(attempts, error, jitter);
        match age.saturating_add(wait) > self.give_up_after {
            true => Next::GiveUp(GiveUp::Deadline),
            false => Next::Again(wait),
        }
    }

    /// How long to wait after that many failures in a row, the last of which was
    /// this.
    pub(super) fn wait(&self, attempts: u32, error: &SendError, jitter: f64) -> Duration {
        let doubled = 2u32.saturating_pow(attempts.saturating_sub(1));
        if let Fault::Unacknowledged(after) = error.fault {
            // It may well have arrived, so each time is one too many.
            return after.saturating_mul(doubled).min(LONGEST);
        }
        let own =
            || self.base.saturating_mul(doubled).min(self.cap).mul_f64(jitter.clamp(0.0, 1.0));
        match error.retry_after {
            Some(asked) if asked >= self.base => asked.min(LONGEST),
            // "At once", or a date gone by, is no leave to come without a pause.
            Some(_) => own().max(self.base),
            None => own(),
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

    fn answered(status: u16, retry_after: Option<u64>) -> SendError {
        SendError {
            fault: Fault::Answered { status, excerpt: String::new() },
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn waits_double_up_to_the_cap() {
        let busy = answered(500, None);
        let waits = |jitter| {
            [1, 2, 3, 9, 10, 99].map(|n| Retry::default().wait(n, &busy, jitter).as_secs_f64())
        };
        assert_eq!(waits(1.0), [1.0, 2.0, 4.0, 256.0, 300.0, 300.0]);
        assert_eq!(waits(0.5), [0.5, 1.0, 2.0, 128.0, 150.0, 150.0]);
        assert_eq!(waits(0.0), [0.0; 6]);
    }

    #[test]
    fn a_wait_that_the_service_asks_for_is_kept_within_reason() {
        let next = |error| Retry::default().next((1, secs(5)), &error, 0.1);
        assert_eq!(next(answered(429, Some(30))), Next::Again(secs(30)));
        assert_eq!(next(answered(503, Some(30))), Next::Again(secs(30)));
        assert_eq!(next(answered(429, Some(999_999))), Next::Again(secs(3600)));
    }

    #[test]
    fn a_service_that_asks_for_no_wait_gets_one() {
        let waits = |jitter| {
            let at_once = answered(503, Some(0));
            [1, 2, 9, 99].map(|n| Retry::default().wait(n, &at_once, jitter).as_secs())
        };
        assert_eq!(waits(0.0), [1; 4]);
        assert_eq!(waits(1.0), [1, 2, 256, 300]);
    }

    #[test]
    fn what_may_have_arrived_is_sent_again_later_each_time() {
        let late = |seconds| SendError::from(Fault::Unacknowledged(secs(seconds)));
        let waits = [1, 2, 3, 99].map(|n| Retry::default().wait(n, &late(15), 0.0).as_secs());
        assert_eq!(waits, [15, 30, 60, 3600]);
        // By itself nobody gives up waiting before the deadline.
        let next = Retry::default().next((1, secs(86_400)), &late(86_400), 0.0);
        assert_eq!(next, Next::GiveUp(GiveUp::Deadline));
    }

    #[test]
    fn a_permanent_refusal_is_final_and_so_is_the_deadline() {
        let retry = Retry { give_up_after: secs(60), ..Retry::default() };
        let next = |error, age| retry.next((7, secs(age)), &error, 0.5);
        assert_eq!(next(answered(404, Some(1)), 1), Next::GiveUp(GiveUp::Refused));
        let ours = SendError::from(Fault::Internal("panicked".into()));
        assert_eq!(next(ours, 1), Next::GiveUp(GiveUp::Unsendable));
        assert_eq!(next(answered(500, None), 28), Next::Again(secs(32)));
        assert_eq!(next(answered(500, None), 29), Next::GiveUp(GiveUp::Deadline));
    }
}
