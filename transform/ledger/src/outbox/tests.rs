use std::{fs, sync::mpsc};

use jiff::Timestamp;
use signatures_engine::{
    Fingerprint, Observation, Policy, Severity,
    aggregate::{Aggregate, AggregationSettings, EventTime, GroupState, GroupTable},
};

use super::{Outbox, requests::Request};
use crate::{
    state_directory::DATABASE,
    store::{Among, Entry, HistoryBound, NewAlert, Outcome, Put, Selection, State, Store},
};

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
    submit(outbox, alerts, &[], no_bound, second)
}

fn submit(
    outbox: &Outbox,
    alerts: &[NewAlert],
    groups: &[GroupState],
    bound: fn(&str) -> u64,
    second: i64,
) -> Put {
    outbox.submit(alerts.to_vec(), groups.to_vec(), bound, at(second)).wait().unwrap()
}

/// Maintains, and waits until it is done.
fn maintain(outbox: &Outbox, second: i64) {
    outbox.maintain(at(second));
    put(outbox, &[], second);
}

/// The ids of the alerts that are due.
fn due(outbox: &Outbox, sink: &str, second: i64) -> Vec<String> {
    let ids = outbox.due(sink, at(second), 100);
    let deliveries: Vec<_> = ids.iter().map(|id| outbox.take(*id).unwrap()).collect();
    ids.iter().for_each(|id| outbox.give_back(*id));
    deliveries.iter().map(|delivery| id_of(&delivery.event)).collect()
}

fn id_of(event: &str) -> String {
    serde_json::from_str::<serde_json::Value>(event).unwrap()["id"].as_str().unwrap().to_owned()
}

/// Does something with the database, on the thread that has it.
fn on_disk<T: Send + 'static>(
    outbox: &Outbox,
    work: impl FnOnce(&Store) -> T + Send + 'static,
) -> T {
    let (answer, answered) = mpsc::channel();
    outbox.ask(Request::Do(Box::new(move |disk| {
        answer.send(work(disk.as_ref().unwrap().store())).unwrap();
    })));
    answered.recv().unwrap()
}

/// How many deliveries to the sink wait in memory.
fn in_memory_now(outbox: &Outbox) -> u64 {
    outbox.board().memory.queue.count("a", State::Queued)
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
        category: "db".into(),
        signature: Some("S".into()),
        policy: Policy::Retry,
        severity: std::borrow::Cow::Borrowed(&severity),
        summary: None,
        subject: canonical.into(),
        host: None,
        service: None,
        time: None,
        request_id: None,
    };
    let mut table = GroupTable::new(AggregationSettings::default());
    table.observe(&observation, EventTime::on_arrival(at(0)));
    table.state_of(fingerprint).unwrap()
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
    let queued = submit(&outbox, &alerts, &[], |_| 3, 0);
    assert_eq!(queued.gave_way, [("a".to_owned(), 2)]);
    assert_eq!(due(&outbox, "a", 0), ["1", "3", "5"]);
    submit(&outbox, &[urgent("6", 5)], &[], |_| 3, 0);
    assert_eq!(due(&outbox, "a", 0), ["1", "5", "6"]);
    assert_eq!(outbox.count("a", State::Dropped), 3);
}

#[test]
fn a_restart_goes_on_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let open = |second| Outbox::open(Some(&folder.path().join("state")), at(second)).unwrap();
    let outbox = open(0);
    assert!(outbox.is_durable());
    let alerts = [alert("1", "f", &["a"]), alert("2", "g", &["a"])];
    submit(&outbox, &alerts, &[group("x")], no_bound, 0);
    settle_first(&outbox, "a", 0, Outcome::Sent);
    submit(&outbox, &[], &[group("y")], no_bound, 0);
    let _ = outbox.take(outbox.due("a", at(0), 1)[0]);
    drop(outbox);

    let outbox = open(1);
    assert_eq!(due(&outbox, "a", 1), ["2"]);
    let mut groups = outbox.groups(at(1));
    groups.sort_by_key(GroupState::fingerprint);
    let mut expected = [group("x"), group("y")];
    expected.sort_by_key(GroupState::fingerprint);
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
        on_disk(&outbox, move |store| {
            let sql = format!("PRAGMA max_page_count = {pages}");
            store.connection().query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
        })
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
    assert_eq!(in_memory_now(&outbox), 3);
    let first = outbox.due("a", at(1), 2)[1];
    outbox.take(first).unwrap();

    limit_pages(full + 10_000);
    maintain(&outbox, 2);
    // What is being sent stays where it is.
    assert_eq!(in_memory_now(&outbox), 1);
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
        on_disk(&outbox, move |store| {
            store.connection().pragma_update(None, "query_only", on).unwrap();
        });
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
    maintain(&outbox, 2);
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
    put(&outbox, &[], 0);

    // The operator's is another process.
    let mut store = Store::open(&folder.path().join(DATABASE)).unwrap();
    let dead = Selection { states: Among::These(vec![State::Dead]), ..Selection::ALL };
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
    put(&outbox, &[], 5);
    assert_eq!(due(&outbox, "a", 5), ["1", "2"]);
    let of_b = Selection { sinks: Among::These(vec!["b".into()]), ..Selection::ALL };
    assert_eq!(store.drop_(&of_b, at(6)).unwrap(), 1);
    put(&outbox, &[], 6);
    assert_eq!(due(&outbox, "b", 6), Vec::<String>::new());
    let all = store.list(&Selection::ALL, 2).unwrap();
    assert_eq!(
        all.iter().map(|entry| (entry.seq, entry.state)).collect::<Vec<_>>(),
        [(3, State::Dropped), (2, State::Queued)]
    );
}

#[test]
fn history_is_bounded_and_never_takes_what_waits() {
    let left = |alerts, bytes| {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
        let alerts_put: Vec<_> =
            (1..=6).map(|n| alert(&n.to_string(), &n.to_string(), &["a"])).collect();
        put(&outbox, &alerts_put, 0);
        let due = outbox.due("a", at(0), 6);
        due.iter().for_each(|id| drop(outbox.take(*id)));
        let settled = due.iter().enumerate().filter(|(n, _)| *n != 1);
        outbox.settle(settled.map(|(_, id)| (*id, Outcome::Sent)).collect(), at(0));
        drop(outbox);
        let mut store = Store::open(&folder.path().join(DATABASE)).unwrap();
        assert!(store.prune_history(HistoryBound { alerts, bytes }).unwrap());
        let left = store.list(&Selection::ALL, 10).unwrap();
        left.iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    assert_eq!(left(2, u64::MAX), [6, 5, 2]);
    let size = "{\"id\":\"1\"}".len() as u64;
    assert_eq!(left(10, 3 * size), [6, 5, 4, 2]);
}

#[test]
fn what_waits_for_a_sink_that_is_gone_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
    put(&outbox, &[alert("1", "f", &["a", "b"])], 0);
    assert_eq!(outbox.give_up_unknown_sinks(&["b", "c"], at(1)), 1);
    assert_eq!((outbox.count("a", State::Dead), outbox.count("b", State::Queued)), (1, 1));
}
