//! What an earlier version left waiting is delivered.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod given;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use given::config;
use jiff::Timestamp;
use signatures_delivery::{Backlog, Clock, Dispatcher, Now, SinkStatus, Tasks};
use signatures_ledger::DATABASE;
use signatures_peers::{receiver::Receiver, waiting::wait_until};

/// When the first version wrote its last.
fn then() -> Timestamp {
    "2026-01-01T12:01:00Z".parse().unwrap()
}

#[test]
fn alerts_that_the_first_version_queued_arrive_once() {
    let folder = tempfile::tempdir().unwrap();
    let left = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ledger/tests/state/v1");
    std::fs::copy(left.join(DATABASE), folder.path().join(DATABASE)).unwrap();
    let [ops, phone] = [(); 2].map(|()| Receiver::answering(200, ""));
    let yaml = format!(
        "sinks:\n  ops: {{type: webhook, url: 'http://{}'}}\n  phone: {{type: webhook, url: 'http://{}'}}\n",
        ops.address, phone.address
    );
    let clock = Clock::new(|| Now { time: then(), instant: Instant::now() });
    let (config, tasks) = (config(&yaml, &[]), Tasks::default());
    let dispatcher = Dispatcher::open(config, Some(folder.path()), clock, tasks).unwrap();
    assert_eq!(dispatcher.saved_groups().len(), 4);
    let status = |name: &str, sent, dead, dropped| SinkStatus {
        name: name.to_owned(),
        queued: 0,
        sent,
        dead,
        dropped,
    };
    let expected = [status("ops", 2, 0, 1), status("phone", 1, 1, 0)];
    wait_until(|| dispatcher.status() == expected);
    let left = dispatcher.shutdown(Duration::from_secs(5));
    assert_eq!(left, Backlog::default());
    for receiver in [ops, phone] {
        let [request] = receiver.requests().try_into().unwrap();
        assert_eq!(request.header("idempotency-key"), "ff526c105fa8-1767268820000000000-1");
        assert_eq!(request.json()["name"], "NET_RESET: Transient network issue");
    }
}
