//! What is counted, and under which names.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use signatures_configuration::Reloads;
use signatures_engine::{Automata, Taxonomy, aggregate::Stats, automata};
use tonic::Code;

use super::seen::Seen;

const EVENTS: &str = "vector_signatures_events_total";
const MATCHES: &str = "vector_signatures_matches_total";
const CUT: &str = "vector_signatures_subjects_cut_total";
const EMPTY: &str = "vector_signatures_subjects_empty_total";
const FOREIGN: &str = "vector_signatures_foreign_tags_total";
const STEP_LIMIT: &str = "vector_signatures_step_limit_hits_total";
const RECEIVED: &str = "vector_signatures_received_bytes_total";
const SENT: &str = "vector_signatures_sent_bytes_total";
const REPEATED: &str = "vector_signatures_requests_repeated_total";
const REQUESTS: &str = "vector_signatures_requests_total";
const IN_FLIGHT: &str = "vector_signatures_requests_in_flight";
const MEMORY: &str = "vector_signatures_requests_memory_bytes";
const REQUEST_TIME: &str = "vector_signatures_request_duration_seconds";
const NEXT_HOP_TIME: &str = "vector_signatures_next_hop_duration_seconds";
const RETRIES: &str = "vector_signatures_next_hop_retries_total";
const ALERTS: &str = "vector_signatures_alerts_total";
const SUPPRESSED: &str = "vector_signatures_suppressed_total";
const FINGERPRINTS: &str = "vector_signatures_fingerprints";
const EVICTED: &str = "vector_signatures_fingerprints_evicted_total";
const REMEMBERED: &str = "vector_signatures_remembered_fingerprints";
const UNREMEMBERED: &str = "vector_signatures_remembered_fingerprints_evicted_total";
const UNWRITTEN: &str = "vector_signatures_log_lines_unwritten_total";
const PANICS: &str = "vector_signatures_task_failures_total";
const AUTOMATA: &str = "vector_signatures_automata_bytes";
const DISCARDED: &str = "vector_signatures_automata_discarded_total";
const RELOADS: &str = "vector_signatures_reloads_total";

/// From a quick answer on loopback up to Vector's own timeout, in seconds.
const LATENCY_BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0];

/// Starts counting; the handle writes what was counted.
pub(super) fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &LATENCY_BUCKETS)?
        .install_recorder()?;
    describe_counter!(EVENTS, "Events of the requests that were taken, or refused for good");
    describe_counter!(MATCHES, "Events that a signature matched");
    describe_counter!(CUT, "Events of which only the beginning was looked at");
    describe_counter!(EMPTY, "Events in which there was nothing to look at");
    describe_counter!(FOREIGN, "Fields of events' own in the place of tags, left as they are");
    describe_counter!(STEP_LIMIT, "Searches given up at their step limit");
    describe_counter!(RECEIVED, Unit::Bytes, "Bytes of requests received, decompressed");
    describe_counter!(SENT, Unit::Bytes, "Bytes of requests that the next hop took, uncompressed");
    describe_counter!(
        REQUESTS,
        "Requests by the gRPC status they were answered with; Cancelled: their sender gave up"
    );
    describe_counter!(
        REPEATED,
        "Requests that came again as their answer was lost, and count once"
    );
    describe_gauge!(IN_FLIGHT, "Requests that are worked on");
    describe_gauge!(MEMORY, Unit::Bytes, "Memory that requests hold of limits.memory_bytes");
    describe_histogram!(REQUEST_TIME, Unit::Seconds, "From a request's arrival to its answer");
    describe_histogram!(NEXT_HOP_TIME, Unit::Seconds, "What of it was waiting for the next hop");
    describe_counter!(RETRIES, "Requests to the next hop that were tried again");
    describe_counter!(ALERTS, "Alerts decided, those of shadow mode included");
    describe_counter!(SUPPRESSED, "Errors that a cooldown suppressed");
    describe_gauge!(FINGERPRINTS, "Fingerprints that are followed");
    describe_counter!(EVICTED, "Fingerprints that gave way to others");
    describe_gauge!(REMEMBERED, "Fingerprints of which it is remembered that they were seen");
    describe_counter!(UNREMEMBERED, "Remembered fingerprints that gave way to others");
    describe_counter!(UNWRITTEN, "Lines of the log that could not be written");
    describe_counter!(PANICS, "Tasks that panicked, and were started again or given up");
    describe_gauge!(AUTOMATA, Unit::Bytes, "Memory of automata that were built for texts");
    describe_counter!(DISCARDED, "Automata that were discarded, as all took too much together");
    describe_counter!(RELOADS, "Reloads of taxonomy and alert settings");
    // What never happened is shown as never, so that an alert rule can tell.
    for status in [
        Code::Ok,
        Code::Unavailable,
        Code::InvalidArgument,
        Code::OutOfRange,
        Code::ResourceExhausted,
        Code::DataLoss,
        Code::Cancelled,
    ] {
        counter!(REQUESTS, "status" => format!("{status:?}")).increment(0);
    }
    seen(&Seen::default(), &Taxonomy::default());
    retries(0);
    counter!(REPEATED).increment(0);
    Ok(handle)
}

/// The signatures that have a series of their own.
static SHOWN: Shown = Shown(Mutex::new(BTreeSet::new()));

/// How many may: what is shown once is kept for as long as the process lives,
/// and taxonomies come and go.
const MOST_SHOWN: usize = 10_000;

/// How long a label may be, in bytes.
const LABEL_BYTES: usize = 128;

struct Shown(Mutex<BTreeSet<(String, String)>>);

impl Shown {
    /// The labels of a signature's matches; `other` for those beyond a number.
    fn bounded(&self, category: &str, signature: &str) -> (String, String) {
        let cut = |text: &str| text[..text.floor_char_boundary(LABEL_BYTES)].to_owned();
        let labels = (cut(category), cut(signature));
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.contains(&labels) {
            return labels;
        }
        if shown.len() >= MOST_SHOWN {
            return ("other".to_owned(), "other".to_owned());
        }
        shown.insert(labels.clone());
        labels
    }
}

/// Counts the events of an answered request.
pub(super) fn seen(seen: &Seen, taxonomy: &Taxonomy) {
    let Seen { events, logs, matches } = seen;
    let log = |verdict| counter!(EVENTS, "kind" => "log", "verdict" => verdict);
    log("match").increment(logs.matched);
    log("noise").increment(logs.noise);
    log("unmatched").increment(logs.unmatched);
    log("skipped").increment(logs.skipped);
    let other = |kind| counter!(EVENTS, "kind" => kind, "verdict" => "none");
    other("metric").increment(events.metrics);
    other("trace").increment(events.traces);
    other("unknown").increment(events.unknown);
    counter!(CUT).increment(logs.cut);
    counter!(EMPTY).increment(logs.empty);
    counter!(FOREIGN).increment(logs.foreign);
    counter!(STEP_LIMIT).increment(logs.step_limit_hits);
    for (signature, count) in taxonomy.signatures.iter().zip(matches) {
        if *count > 0 {
            let category = &taxonomy.category_of(signature).name;
            let (category, signature) = SHOWN.bounded(category, &signature.id);
            counter!(MATCHES, "category" => category, "signature" => signature).increment(*count);
        }
    }
}

pub(super) fn received(bytes: usize) {
    counter!(RECEIVED).increment(bytes as u64);
}

pub(super) fn sent(bytes: usize) {
    counter!(SENT).increment(bytes as u64);
}

pub(super) fn answered(code: Code, elapsed: Duration) {
    counter!(REQUESTS, "status" => format!("{code:?}")).increment(1);
    histogram!(REQUEST_TIME).record(elapsed);
}

/// A request came again whose answer was lost.
pub(super) fn repeated() {
    counter!(REPEATED).increment(1);
}

/// Requests hold so many bytes more; fewer when below zero.
pub(super) fn memory(bytes: f64) {
    gauge!(MEMORY).increment(bytes);
}

pub(super) fn next_hop(elapsed: Duration) {
    histogram!(NEXT_HOP_TIME).record(elapsed);
}

pub(super) fn retries(retries: u32) {
    counter!(RETRIES).increment(u64::from(retries));
}

/// What is only looked up when somebody asks.
pub(super) fn aggregation(stats: &Stats, reloads: Reloads) {
    counter!(ALERTS).absolute(stats.alerts);
    counter!(SUPPRESSED).absolute(stats.suppressed);
    counter!(EVICTED).absolute(stats.evicted);
    gauge!(FINGERPRINTS).set(stats.live as f64);
    gauge!(REMEMBERED).set(stats.remembered as f64);
    counter!(UNREMEMBERED).absolute(stats.unremembered);
    counter!(RELOADS, "result" => "ok").absolute(reloads.ok);
    counter!(RELOADS, "result" => "failed").absolute(reloads.failed);
}

/// What tells of the process itself; only looked up when somebody asks.
pub(super) fn process(unwritten: u64, failures: u64) {
    counter!(UNWRITTEN).absolute(unwritten);
    counter!(PANICS).absolute(failures);
    let Automata { bytes, discarded } = automata();
    gauge!(AUTOMATA).set(bytes as f64);
    counter!(DISCARDED).absolute(discarded);
}

/// Counts a request as in flight for as long as it lives.
#[derive(Debug)]
pub(super) struct InFlight(());

impl InFlight {
    pub(super) fn new() -> Self {
        gauge!(IN_FLIGHT).increment(1);
        Self(())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_and_their_labels_are_bounded() {
        let shown = Shown(Mutex::default());
        let long = "é".repeat(100);
        assert_eq!(shown.bounded("net", &long), ("net".to_owned(), "é".repeat(64)));
        for index in 0..2 * MOST_SHOWN {
            shown.bounded("net", &index.to_string());
        }
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(shown.bounded("net", "17"), pair("net", "17"));
        assert_eq!(shown.bounded("net", "new"), pair("other", "other"));
        assert_eq!(shown.0.lock().unwrap().len(), MOST_SHOWN);
    }
}
