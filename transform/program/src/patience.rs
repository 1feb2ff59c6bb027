//! How long the end waits for somebody who reads what is written.

use std::time::{Duration, Instant};

/// Who reads is waited for as long as something is taken now and then, and not for
/// ever.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// While nothing is taken.
    pub(crate) stalled: Duration,
    /// In all.
    pub(crate) all: Duration,
}

impl Patience {
    /// How long is left, from when the end began and something was taken last; none
    /// when it is over.
    pub(crate) fn left(self, began: Instant, taken: Instant, now: Instant) -> Option<Duration> {
        let until = (began.max(taken) + self.stalled).min(began + self.all);
        Some(until.saturating_duration_since(now)).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reads_is_waited_for_and_not_for_ever() {
        let second = Duration::from_secs;
        let (patience, start) = (Patience { stalled: second(5), all: second(20) }, Instant::now());
        // Seconds since something was before: the end begins after ten.
        let left = |taken, now| {
            let at = |seconds| start + second(seconds);
            patience.left(at(10), at(taken), at(now)).map(|left| left.as_secs())
        };
        assert_eq!([left(0, 10), left(0, 14), left(0, 15)], [Some(5), Some(1), None]);
        assert_eq!([left(14, 15), left(14, 19), left(28, 29)], [Some(4), None, Some(1)]);
        assert_eq!(left(30, 30), None);
    }
}
