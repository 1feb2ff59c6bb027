use std::fs;

use signatures_engine::{
    Fingerprint, Observation, Policy, Severity,
    aggregate::{Aggregate, AggregationSettings, EventTime, GroupTable},
};

use super::*;
use crate::{Entry, state_directory::DATABASE};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

fn alert(id: &str, fingerprint: &str, sinks: &[&str]) -> NewAlert {
    NewAlert {
        id: id.into(),
        fingerprint: fingerprint.into(),
        urgency: 4,
        event: format!("{{\"id\":\"{id}\"}}"),
        sinks: sinks.iter().map(|sink| (*sink).to_owned()).collect(),
    }
}

fn no_bound(_: &str) -> u64 {
    u64::MAX
}

fn put(outbox: &Outbox, alerts: &[NewAlert], second: i64) -> Put {
    outbox.put(alerts, &[], no_bound, at(second)).unwrap()
}

/// The ids of the alerts that are due.
fn due(outbox: &Outbox, sink: &str, second: i64) -> Vec<String> {
    let ids = outbox.due(sink, at(second), 100);
    let deliveries = ids.iter().map(|id| {
        let mut inner = outbox.lock();
        inner.store(id.place).unwrap().delivery(id.seq).unwrap().unwrap()
    });
    deliveries.map(|delivery| id_of(&delivery.event)).collect()
}

fn id_of(event: &str) -> String {
    serde_json::from_str::<serde_json::Value>(event).unwrap()["id"].as_str().unwrap().to_owned()
}

/// Takes the first that is due and settles it.
fn settle_first(outbox: &Outbox, sink: &str, second: i64, outcome: Outcome) {
    let id = outbox.due(sink, at(second), 1)[0];
    outbox.take(id).unwrap();
    outbox.settle(vec![(id, outcome)], at(second));
}

fn retry(second: i64) -> Outcome {
    Outcome::Retry { at: at(second), reason: "busy".into(), alone: false }
}

fn group(canonical: &str) -> GroupState {
    let severity = Severity::new("critical");
    let fingerprint = Fingerprint::new("db", canonical);
    let observation = Observation {
        fingerprint,
        group: fingerprint.into(),
        category: "db".into(),
        signature: Some("S".into()),
        policy: Policy::Retry,
        severity: std::borrow::Cow::Borrowed(&severity),
        summary: None,
        subject: canonical.into(),
        exception: None,
        host: None,
        service: None,
        time: None,
        request_id: None,
    };
    let mut table = GroupTable::new(AggregationSettings::default());
    table.observe(&observation, EventTime::on_arrival(at(0)));
    table.state_of(fingerprint.into()).unwrap()
}

fn in_memory() -> Outbox {
    Outbox::open(None, at(0)).unwrap()
}

#[test]
fn an_alert_waits_for_each_of_its_sinks() {
    let outbox = in_memory();
    let queued = put(&outbox, &[alert("1", "f", &["a", "b"]), alert("2", "g", &["b"])], 0);
    assert_eq!(queued, Put { queued: 3, gave_way: vec![] });
    assert_eq!(
        (due(&outbox, "a", 0), due(&outbox, "b", 0)),
        (vec!["1".into()], vec!["1".into(), "2".into()])
    );
    settle_first(&outbox, "b", 0, Outcome::Sent);
    assert_eq!((due(&outbox, "a", 0), due(&outbox, "b", 0)), (vec!["1".into()], vec!["2".into()]));
    assert_eq!((outbox.count("b", State::Queued), outbox.count("b", State::Sent)), (1, 1));
}

#[test]
fn the_same_alert_is_queued_once() {
    let outbox = in_memory();
    put(&outbox, &[alert("1", "f", &["a"])], 0);
    assert_eq!(put(&outbox, &[alert("1", "f", &["a"])], 1).queued, 0);
    assert_eq!(due(&outbox, "a", 1), ["1"]);
}

#[test]
fn order_is_kept_within_a_fingerprint_only() {
    let outbox = in_memory();
    put(&outbox, &[alert("1", "f", &["a"]), alert("2", "f", &["a"]), alert("3", "g", &["a"])], 0);
    assert_eq!(due(&outbox, "a", 0), ["1", "3"]);
    settle_first(&outbox, "a", 0, retry(10));
    assert_eq!(due(&outbox, "a", 9), ["3"]);
    assert_eq!(due(&outbox, "a", 10), ["1", "3"]);
    settle_first(&outbox, "a", 10, Outcome::Dead { reason: "no".into() });
    assert_eq!(due(&outbox, "a", 10), ["2", "3"]);
}

#[test]
fn what_is_being_sent_is_not_due() {
    let outbox = in_memory();
    put(&outbox, &[alert("1", "f", &["a"]), alert("2", "f", &["a"])], 0);
    let id = outbox.due("a", at(0), 1)[0];
    assert_eq!(outbox.take(id).unwrap().attempts, 0);
    assert_eq!(due(&outbox, "a", 0), Vec::<String>::new());
    outbox.settle(vec![(id, retry(0))], at(0));
    assert_eq!(outbox.take(id).unwrap().attempts, 1);
}

#[test]
fn past_the_bound_the_oldest_of_the_least_urgent_gives_way() {
    let outbox = in_memory();
    let urgent = |id, urgency| NewAlert { urgency, ..alert(id, id, &["a"]) };
    let alerts = [urgent("1", 6), urgent("2", 0), urgent("3", 4), urgent("4", 0), urgent("5", 4)];
    let queued = outbox.put(&alerts, &[], |_| 3, at(0)).unwrap();
    assert_eq!(queued.gave_way, [("a".to_owned(), 2)]);
    assert_eq!(due(&outbox, "a", 0), ["1", "3", "5"]);
    outbox.put(&[urgent("6", 5)], &[], |_| 3, at(0)).unwrap();
    assert_eq!(due(&outbox, "a", 0), ["1", "5", "6"]);
    assert_eq!(outbox.count("a", State::Dropped), 3);
}

#[test]
fn a_restart_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let open = |second| Outbox::open(Some(&folder.path().join("state")), at(second)).unwrap();
    let outbox = open(0);
    assert!(outbox.is_durable());
    outbox
        .put(&[alert("1", "f", &["a"]), alert("2", "g", &["a"])], &[group("x")], no_bound, at(0))
        .unwrap();
    settle_first(&outbox, "a", 0, Outcome::Sent);
    outbox.save(&[group("y")]);
    let _ = outbox.take(outbox.due("a", at(0), 1)[0]);
    drop(outbox);

    let outbox = open(1);
    assert_eq!(due(&outbox, "a", 1), ["2"]);
    let mut groups = outbox.groups(at(1));
    groups.sort_by_key(GroupState::id);
    let mut expected = [group("x"), group("y")];
    expected.sort_by_key(GroupState::id);
    assert_eq!(groups, expected);
    // Idle for twice the longer of window and cooldown.
    assert_eq!(outbox.groups(at(1201)), []);
}

#[test]
fn a_second_process_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = Outbox::open(Some(folder.path()), at(0)).unwrap();
    let second = Outbox::open(Some(folder.path()), at(0)).unwrap_err();
    assert_eq!(
        second.to_string(),
        format!(
            "another process uses the state directory {}; give each its own, or stop the other",
            folder.path().display()
        )
    );
    drop(first);
    assert!(Outbox::open(Some(folder.path()), at(0)).unwrap().is_durable());
}

#[test]
fn a_folder_that_cannot_be_written_makes_it_run_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let outbox = Outbox::open(Some(&file), at(0)).unwrap();
    assert!(!outbox.is_durable());
    put(&outbox, &[alert("1", "f", &["a"])], 0);
    assert_eq!(due(&outbox, "a", 0), ["1"]);
}

#[test]
fn a_damaged_database_is_moved_aside() {
    for damage in ["text".repeat(5000), {
        // Only the head is right.
        let folder = tempfile::tempdir().unwrap();
        drop(Outbox::open(Some(folder.path()), at(0)).unwrap());
        let bytes = fs::read(folder.path().join(DATABASE)).unwrap();
        String::from_utf8_lossy(&bytes[..16]).into_owned() + &"x".repeat(20_000)
    }] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(DATABASE), &damage).unwrap();
        let outbox = Outbox::open(Some(folder.path()), at(7)).unwrap();
        assert!(outbox.is_durable());
        put(&outbox, &[alert("1", "f", &["a"])], 0);
        assert_eq!(due(&outbox, "a", 0), ["1"]);
        let aside = folder.path().join(format!("{DATABASE}.damaged-{}", at(7).as_second()));
        assert_eq!(fs::read_to_string(aside).unwrap(), damage);
    }
}

#[test]
fn a_later_layout_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join(DATABASE)).unwrap();
    store.connection().pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let error = Outbox::open(Some(folder.path()), at(0)).unwrap_err().to_string();
    assert!(
        error.ends_with("it was written by a later version of vector-signatures (layout 99)"),
        "{error}"
    );
}

#[test]
fn while_the_disk_is_full_alerts_wait_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
    put(&outbox, &[alert("0", "f", &["a"])], 0);
    let limit_pages = |pages: i64| {
        let inner = outbox.lock();
        let connection = inner.disk.as_ref().unwrap().connection();
        let limit: i64 = connection
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |r| r.get(0))
            .unwrap();
        limit
    };
    let full = limit_pages(1);
    let big = |id: &str| NewAlert {
        event: format!("{{\"id\":\"{id}\",\"pad\":\"{}\"}}", "x".repeat(100_000)),
        ..alert(id, id, &["a"])
    };
    for id in ["1", "2", "3"] {
        put(&outbox, &[big(id)], 1);
    }
    assert_eq!(due(&outbox, "a", 1), ["0", "1", "2", "3"]);
    assert_eq!(outbox.lock().memory.count("a", State::Queued).unwrap(), 3);
    let first = outbox.due("a", at(1), 2)[1];
    outbox.take(first).unwrap();

    limit_pages(full + 10_000);
    outbox.maintain(no_bound, at(2));
    // What is being sent stays where it is.
    assert_eq!(outbox.lock().memory.count("a", State::Queued).unwrap(), 1);
    outbox.settle(vec![(first, Outcome::Sent)], at(2));
    drop(outbox);
    let outbox = Outbox::open(Some(folder.path()), at(3)).unwrap();
    assert_eq!(due(&outbox, "a", 3), ["0", "2", "3"]);
}

#[test]
fn what_the_disk_could_not_be_told_is_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
    put(&outbox, &[alert("1", "f", &["a"])], 0);
    let read_only = |on: bool| {
        let inner = outbox.lock();
        inner.disk.as_ref().unwrap().connection().pragma_update(None, "query_only", on).unwrap();
    };
    let id = outbox.due("a", at(0), 1)[0];
    outbox.take(id).unwrap();
    read_only(true);
    outbox.settle(vec![(id, Outcome::Sent)], at(0));
    assert_eq!(due(&outbox, "a", 1), Vec::<String>::new());
    // New ones wait in memory.
    put(&outbox, &[alert("2", "g", &["a"])], 1);
    assert_eq!(due(&outbox, "a", 1), ["2"]);
    read_only(false);
    outbox.maintain(no_bound, at(2));
    assert_eq!(outbox.count("a", State::Sent), 1);
    drop(outbox);
    let outbox = Outbox::open(Some(folder.path()), at(3)).unwrap();
    assert_eq!(due(&outbox, "a", 3), ["2"]);
}

#[test]
fn the_operator_lists_retries_and_drops() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
    put(&outbox, &[alert("1", "f", &["a"]), alert("2", "g", &["a"]), alert("3", "h", &["b"])], 0);
    settle_first(&outbox, "a", 0, Outcome::Dead { reason: "answered 404".into() });

    // The operator's is another process.
    let mut store = Store::open(&folder.path().join(DATABASE)).unwrap();
    let dead = Selection { states: vec![State::Dead], ..Selection::default() };
    assert_eq!(
        store.list(&dead, 10).unwrap(),
        [Entry {
            seq: 1,
            state: State::Dead,
            sink: "a".into(),
            attempts: 1,
            queued_at: at(0),
            due_at: at(0),
            settled_at: Some(at(0)),
            reason: Some("answered 404".into()),
            event: "{\"id\":\"1\"}".into(),
        }]
    );
    assert_eq!(store.retry(&dead, at(5)).unwrap(), 1);
    assert_eq!(due(&outbox, "a", 5), ["1", "2"]);
    let of_b = Selection { sink: Some("b".into()), ..Selection::default() };
    assert_eq!(store.drop_(&of_b, at(6)).unwrap(), 1);
    assert_eq!(due(&outbox, "b", 6), Vec::<String>::new());
    let all = store.list(&Selection::default(), 2).unwrap();
    assert_eq!(
        all.iter().map(|entry| (entry.seq, entry.state)).collect::<Vec<_>>(),
        [(3, State::Dropped), (2, State::Queued)]
    );
}

#[test]
fn history_is_bounded_and_never_takes_what_waits() {
    let mut store = Store::in_memory().unwrap();
    let alerts: Vec<_> = (1..=6).map(|n| alert(&n.to_string(), "f", &["a"])).collect();
    store.put(&alerts, &[group("x")], no_bound, at(0)).unwrap();
    let settled: Vec<_> = [1, 3, 4, 5, 6].map(|seq| (seq, Outcome::Sent)).into();
    store.settle(&settled, at(0)).unwrap();
    assert_eq!(store.prune(2, at(5000)).unwrap(), 3);
    let left = store.list(&Selection::default(), 10).unwrap();
    assert_eq!(left.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [6, 5, 2]);
    assert_eq!(store.groups(at(0)).unwrap(), KeptGroups::default());
}

#[test]
fn what_waits_for_a_sink_that_is_gone_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
    put(&outbox, &[alert("1", "f", &["a", "b"])], 0);
    assert_eq!(outbox.give_up_unknown_sinks(&["b", "c"], at(1)), 1);
    assert_eq!((outbox.count("a", State::Dead), outbox.count("b", State::Queued)), (1, 1));
}
