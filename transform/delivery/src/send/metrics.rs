//! What is counted, and under which names. All but the
//! shadow alerts bear the label `sink`.

use std::time::Duration;

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

const QUEUED: &str = "vector_signatures_alerts_queued_total";
const SENT: &str = "vector_signatures_alerts_sent_total";
const RETRIED: &str = "vector_signatures_alerts_retried_total";
const FAILURES: &str = "vector_signatures_alert_failures_total";
const DEAD: &str = "vector_signatures_alerts_dead_total";
const GAVE_WAY: &str = "vector_signatures_alerts_gave_way_total";
const BACKLOG: &str = "vector_signatures_alerts_waiting";
const DELIVERY_TIME: &str = "vector_signatures_alert_delivery_seconds";
const SHADOW: &str = "vector_signatures_alerts_shadow_total";

/// Says what each means. What never happened is counted as never, so that an
/// alert rule can tell.
pub(super) fn describe() {
    describe_counter!(QUEUED, "Alerts queued for a sink");
    describe_counter!(SENT, "Alerts that a sink took");
    describe_counter!(RETRIED, "Alerts that a sink did not take, and that are tried again");
    describe_counter!(FAILURES, "Messages that a sink did not take, by reason");
    describe_counter!(DEAD, "Alerts given up: they lie with the dead letters");
    describe_counter!(GAVE_WAY, "Alerts that gave way to others in a full queue");
    describe_gauge!(BACKLOG, "Alerts that wait for a sink");
    describe_histogram!(DELIVERY_TIME, Unit::Seconds, "From an alert's queueing to its delivery");
    describe_counter!(SHADOW, "Alerts of shadow mode, which go nowhere");
    counter!(SHADOW).increment(0);
}

/// The metrics of one sink.
#[derive(Clone, Debug)]
pub(super) struct SinkMetrics(String);

impl SinkMetrics {
    pub(super) fn new(sink: &str) -> Self {
        let this = Self(sink.to_owned());
        for name in [QUEUED, SENT, RETRIED, DEAD, GAVE_WAY] {
            this.count(name, 0);
        }
        this
    }

    pub(super) fn queued(&self) {
        self.count(QUEUED, 1);
    }

    pub(super) fn sent(&self, alerts: usize) {
        self.count(SENT, alerts as u64);
    }

    pub(super) fn retried(&self) {
        self.count(RETRIED, 1);
    }

    pub(super) fn failed(&self, reason: &'static str) {
        counter!(FAILURES, "sink" => self.0.clone(), "reason" => reason).increment(1);
    }

    pub(super) fn dead(&self, alerts: u64) {
        self.count(DEAD, alerts);
    }

    pub(super) fn gave_way(&self, alerts: u64) {
        self.count(GAVE_WAY, alerts);
    }

    pub(super) fn backlog(&self, alerts: u64) {
        gauge!(BACKLOG, "sink" => self.0.clone()).set(alerts as f64);
    }

    pub(super) fn delivered_after(&self, elapsed: Duration) {
        histogram!(DELIVERY_TIME, "sink" => self.0.clone()).record(elapsed);
    }

    fn count(&self, name: &'static str, number: u64) {
        counter!(name, "sink" => self.0.clone()).increment(number);
    }
}

pub(super) fn shadow() {
    counter!(SHADOW).increment(1);
}
