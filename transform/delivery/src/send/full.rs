//! Queues that are full.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use signatures_alerts::ALERT_EVENT;
use tracing::warn;

use super::{metrics::SinkMetrics, tally::Tally};

/// Alerts that gave way in full queues, by sink, and were not told of yet.
#[derive(Debug, Default)]
pub(super) struct Full(Mutex<HashMap<String, Tally>>);

impl Full {
    /// Counts alerts that gave way, by sink, and tells of them unless it was told
    /// a moment ago.
    pub(super) fn gave_way(&self, gave_way: &[(String, u64)], now: Instant) {
        if gave_way.is_empty() {
            return;
        }
        for (sink, alerts) in gave_way {
            SinkMetrics::new(sink).gave_way(*alerts);
            let mut sinks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let alerts = usize::try_from(*alerts).unwrap_or(usize::MAX);
            sinks.entry(sink.clone()).or_default().add(alerts, "");
        }
        self.tell(now);
    }

    /// Tells what was not told within the last minute.
    pub(super) fn tell(&self, now: Instant) {
        for (sink, tally) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            if let Some((alerts, _)) = tally.take(now) {
                warn!(
                    event = ALERT_EVENT,
                    sink,
                    alerts,
                    "the queue is full: the oldest of the least urgent alerts give way"
                );
            }
        }
    }
}
