//! The log is told of trouble now and then, however many alerts have it.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod given;

use std::sync::Arc;

use given::{alert, config, open};
use signatures_peers::{
    receiver::{Receiver, nobody},
    waiting::wait_until,
};
use tempfile::NamedTempFile;

#[test]
fn what_waits_and_what_is_given_up_is_told_once_a_minute() {
    let log = NamedTempFile::new().unwrap();
    let writer = Arc::new(log.reopen().unwrap());
    tracing_subscriber::fmt().with_ansi(false).with_writer(writer).init();
    let (busy, refusing) = (Receiver::answering(503, ""), Receiver::answering(404, ""));
    let yaml = format!(
        "sinks:
  away: {{type: webhook, url: 'http://{}', digest_above: 0, per_minute: 60000}}
  busy: {{type: webhook, url: 'http://{}', digest_above: 0, per_minute: 60000}}
  refusing: {{type: webhook, url: 'http://{}', digest_above: 0, per_minute: 60000}}
",
        nobody(),
        busy.address,
        refusing.address
    );
    let delivery = open(config(&yaml, &[]), None);
    delivery.submit(&(0..200).map(alert).collect::<Vec<_>>(), vec![]).wait().unwrap();
    wait_until(|| delivery.status()[2].dead == 200 && busy.requests().len() > 200);
    let told = std::fs::read_to_string(log.path()).unwrap();
    let count = |sentence: &str, sink: &str| {
        let sink = format!("sink=\"{sink}\"");
        told.lines().filter(|line| line.contains(sentence) && line.contains(&sink)).count()
    };
    let waits = "alerts are not delivered yet";
    let counts = [count(waits, "away"), count(waits, "busy"), count("given up", "refusing")];
    // The first at once, and on a slow machine those of a minute later.
    assert!(counts.iter().all(|count| (1..=3).contains(count)), "{counts:?}\n{told}");
}
