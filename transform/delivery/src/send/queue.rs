//! The outbox, and the clocks that it goes by.

use std::time::Duration;

use signatures_ledger::{Delivery, Outbox};
use tracing::info;

use super::clock::{Clock, Now, Steps};

/// What waits for all sinks.
pub(super) struct Queue {
    pub(super) outbox: Outbox,
    pub(super) clock: Clock,
    steps: Steps,
}

impl Queue {
    pub(super) fn new(outbox: Outbox, clock: Clock) -> Self {
        let steps = Steps::since(clock.now());
        Self { outbox, clock, steps }
    }

    /// What the clocks show. When the time of day was set, what waits is moved
    /// along: it waits no longer, and no shorter, than it was to.
    pub(super) fn now(&self) -> Now {
        let now = self.clock.now();
        if let Some(step) = self.steps.notice(now) {
            let seconds = step.as_secs_f64();
            info!(
                event = "signatures.clock_set",
                seconds, "the time of day was set: what waits goes by it"
            );
            self.outbox.move_along(step);
        }
        now
    }
}

/// For how long a delivery has waited: not at all when it was queued in times to
/// come.
pub(super) fn age(delivery: &Delivery, now: Now) -> Duration {
    now.time.duration_since(delivery.queued_at).try_into().unwrap_or_default()
}

/// Where alerts are that were given up, for people.
pub(super) fn whereabouts(outbox: &Outbox) -> &'static str {
    match outbox.is_durable() {
        true => "they lie with the dead letters",
        false => "without a state directory nothing keeps them",
    }
}
