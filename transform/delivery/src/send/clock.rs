//! The time of day, and the time that passes.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use jiff::{SignedDuration, Timestamp};

/// A look at both clocks.
///
/// The time of day is set, by people and by the network, and goes on while a
/// machine sleeps: it is for what is stored and shown. Durations are taken from
/// the time that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The time of day.
    pub time: Timestamp,
    /// The time that passes.
    pub instant: Instant,
}

/// Both clocks. Tests may hold them.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Now + Send + Sync>);

impl Clock {
    /// Those of this machine.
    #[must_use]
    pub fn system() -> Self {
        Self::new(|| Now { time: Timestamp::now(), instant: Instant::now() })
    }

    /// Clocks that are read so.
    #[must_use]
    pub fn new(read: impl Fn() -> Now + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// What they show.
    #[must_use]
    pub fn now(&self) -> Now {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// A time of day that is this far from where it should be was set.
const STEP: SignedDuration = SignedDuration::from_secs(1);

/// Notices that the time of day was set.
#[derive(Debug)]
pub(super) struct Steps(Mutex<Now>);

impl Steps {
    pub(super) fn since(now: Now) -> Self {
        Self(Mutex::new(now))
    }

    /// How far the time of day was set since that was last noticed, ahead when
    /// positive.
    pub(super) fn notice(&self, now: Now) -> Option<SignedDuration> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.instant.saturating_duration_since(last.instant);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        let step = now.time.duration_since(last.time).saturating_sub(passed);
        if step.abs() < STEP {
            return None;
        }
        *last = now;
        Some(step)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::given::at;

    #[test]
    fn a_step_is_noticed_once_and_slow_drift_in_steps() {
        let start = Instant::now();
        let now = |time, passed: f64| Now {
            time: at(0) + SignedDuration::from_millis(time),
            instant: start + Duration::from_secs_f64(passed),
        };
        let steps = Steps::since(now(0, 0.0));
        let noticed = [
            (1_000, 1.0),
            (2_400, 2.0),
            (-3_596_000, 4.0),
            (-3_595_000, 5.0),
            // Asleep for an hour.
            (6_000, 6.0),
            (7_600, 7.0),
            (9_200, 8.0),
        ]
        .map(|(time, passed)| steps.notice(now(time, passed)).map(|step| step.as_millis()));
        assert_eq!(
            noticed,
            [None, None, Some(-3_600_000), None, Some(3_600_000), None, Some(1_200)]
        );
    }
}
