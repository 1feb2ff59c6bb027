//! What the tests start from.

// Each test binary uses a part of it.
#![allow(dead_code)]

use std::{borrow::Cow, path::Path};

use jiff::Timestamp;
use rusqlite::Connection;
use signatures_engine::{
    Fingerprint, Observation, Policy, Severity,
    aggregate::{Aggregate, AggregationSettings, EventTime, GroupState, GroupTable},
};
use signatures_ledger::{
    DATABASE, DeliveryId, Entry, NewAlert, Outbox, Put, Selection, State, Store,
};

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_767_268_800 + seconds).unwrap()
}

/// An alert of a fingerprint of its own.
pub(crate) fn alert(id: &str, sinks: &[&str]) -> NewAlert {
    NewAlert {
        id: id.to_owned(),
        fingerprint: id.to_owned(),
        urgency: 4,
        event: format!("{{\"id\":\"{id}\"}}"),
        sinks: sinks.iter().map(|sink| (*sink).to_owned()).collect(),
        ..NewAlert::default()
    }
}

/// One whose event is that large, about.
pub(crate) fn large(id: &str, bytes: usize) -> NewAlert {
    NewAlert {
        event: format!("{{\"id\":\"{id}\",\"pad\":\"{}\"}}", "x".repeat(bytes)),
        ..alert(id, &["a"])
    }
}

pub(crate) fn open(folder: &Path, second: i64) -> Outbox {
    let outbox = Outbox::open(Some(folder), at(second)).unwrap();
    assert!(outbox.is_durable());
    outbox
}

/// Puts alerts in; when it returns, all that was done before is on the disk, too.
pub(crate) fn put(outbox: &Outbox, alerts: &[NewAlert], second: i64) -> Put {
    outbox.submit(alerts.to_vec(), vec![], |_| u64::MAX, at(second)).wait().unwrap()
}

pub(crate) fn save(outbox: &Outbox, groups: &[GroupState], second: i64) {
    let nothing = Put { queued: 0, gave_way: vec![] };
    let saved = outbox.submit(vec![], groups.to_vec(), |_| u64::MAX, at(second)).wait();
    assert_eq!(saved.unwrap(), nothing);
}

/// Maintains, and waits until it is done.
pub(crate) fn maintain(outbox: &Outbox, second: i64) {
    outbox.maintain(at(second));
    put(outbox, &[], second);
}

/// The ids of the alerts that are due.
pub(crate) fn due(outbox: &Outbox, sink: &str, second: i64) -> Vec<String> {
    let due = outbox.due(sink, at(second), 100_000);
    let ids = due.iter().map(|id| id_of(&outbox.take(*id).unwrap().event));
    let ids = ids.collect();
    due.into_iter().for_each(|id| outbox.give_back(id));
    ids
}

/// Takes the first that is due.
pub(crate) fn take_first(outbox: &Outbox, sink: &str, second: i64) -> DeliveryId {
    let id = outbox.due(sink, at(second), 1)[0];
    outbox.take(id).unwrap();
    id
}

fn id_of(event: &str) -> String {
    serde_json::from_str::<serde_json::Value>(event).unwrap()["id"].as_str().unwrap().to_owned()
}

/// As another process sees it, newest first.
pub(crate) fn list(folder: &Path) -> Vec<Entry> {
    Store::open(&folder.join(DATABASE)).unwrap().list(&Selection::ALL, usize::MAX >> 1).unwrap()
}

/// Where each stands, oldest first: its id, its sink, and why.
pub(crate) fn standing(folder: &Path) -> Vec<(i64, String, State, Option<String>)> {
    let entries = list(folder).into_iter().rev();
    entries.map(|entry| (entry.seq, entry.sink, entry.state, entry.reason)).collect()
}

/// As people have it who know SQL.
pub(crate) fn sql(folder: &Path) -> Connection {
    let connection = Connection::open(folder.join(DATABASE)).unwrap();
    connection.busy_timeout(std::time::Duration::from_secs(60)).unwrap();
    connection
}

/// The state of a group that an event of that second left.
pub(crate) fn group(text: &str, second: i64) -> GroupState {
    let mut table = GroupTable::new(AggregationSettings::default());
    let severity = Severity::new("critical");
    let fingerprint = Fingerprint::new("db", text);
    let observation = Observation {
        fingerprint,
        group: fingerprint.into(),
        joined: None,
        category: "db".into(),
        signature: Some("S".into()),
        policy: Policy::Retry,
        severity: Cow::Borrowed(&severity),
        summary: None,
        subject: text.into(),
        exception: None,
        level: None,
        distinct: Vec::new(),
        host: None,
        service: None,
        time: None,
        request_id: None,
    };
    table.observe(&observation, EventTime::on_arrival(at(second)));
    table.state_of(fingerprint.into()).unwrap()
}
