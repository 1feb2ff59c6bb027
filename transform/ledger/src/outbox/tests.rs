use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use signatures_engine::{
    Fingerprint, Observation, Policy, Severity,
    aggregate::{Aggregate, AggregationSettings, EventTime, GroupState, GroupTable},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
};

use super::{
    Outbox,
    disk::Disk,
    keeper::Keeper,
    requests::{Request, Requests},
};
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
        ..NewAlert::default()
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
    with_disk(outbox, move |disk| work(disk.as_ref().unwrap().store()))
}

fn with_disk<T: Send + 'static>(
    outbox: &Outbox,
    work: impl FnOnce(&mut Option<Disk>) -> T + Send + 'static,
) -> T {
    let (answer, answered) = mpsc::channel();
    outbox.ask(Request::Do(Box::new(move |disk| answer.send(work(disk)).unwrap())));
    answered.recv().unwrap()
}

/// Keeps the disk from being written, or no more.
fn read_only(outbox: &Outbox, on: bool) {
    on_disk(outbox, move |store| {
        store.connection().pragma_update(None, "query_only", on).unwrap();
    });
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
        group: fingerprint.into(),
        joined: None,
        category: "db".into(),
        signature: Some("S".into()),
        policy: Policy::Retry,
        severity: std::borrow::Cow::Borrowed(&severity),
        summary: None,
        subject: canonical.into(),
        exception: None,
        level: None,
        distinct: Vec::new(),
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
fn what_is_said_of_the_state_directory_holds_when_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let fault = |outbox: &Outbox| outbox.state_directory_fault();
    assert_eq!(fault(&Outbox::open(None, at(0)).unwrap()), None);
    let never = fault(&Outbox::open(Some(&file), at(0)).unwrap()).unwrap();
    assert!(never.starts_with(&format!("cannot use {}: ", file.display())), "{never}");

    let state = folder.path().join("state");
    let outbox = Outbox::open(Some(&state), at(0)).unwrap();
    assert_eq!(fault(&outbox), None);
    read_only(&outbox, true);
    put(&outbox, &[alert("1", "f", &["a"])], 0);
    let refused = fault(&outbox).unwrap();
    assert!(refused.starts_with(&format!("cannot use {}/alerts.db: ", state.display())));
    // It leaves from memory, so that there is nothing that the disk should take.
    settle_first(&outbox, "a", 0, Outcome::Sent);
    maintain(&outbox, 1);
    assert_eq!(fault(&outbox), Some(refused));
    read_only(&outbox, false);
    maintain(&outbox, 2);
    assert_eq!(fault(&outbox), None);

    // Where it was there is a file now, and then it is there again.
    fs::rename(&state, folder.path().join("aside")).unwrap();
    fs::write(&state, "").unwrap();
    maintain(&outbox, 3);
    assert!(fault(&outbox).is_some());
    fs::remove_file(&state).unwrap();
    fs::rename(folder.path().join("aside"), &state).unwrap();
    for second in 4.. {
        maintain(&outbox, second);
        if fault(&outbox).is_none() {
            break;
        }
    }
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
    let id = outbox.due("a", at(0), 1)[0];
    outbox.take(id).unwrap();
    read_only(&outbox, true);
    outbox.settle(vec![(id, Outcome::Sent)], at(0));
    assert_eq!(due(&outbox, "a", 1), Vec::<String>::new());
    // New ones wait in memory.
    put(&outbox, &[alert("2", "g", &["a"])], 1);
    assert_eq!(due(&outbox, "a", 1), ["2"]);
    read_only(&outbox, false);
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
fn what_waits_for_a_sink_that_is_gone_is_given_up_on_disk_and_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    for outbox in [Outbox::open(Some(folder.path()), at(0)).unwrap(), in_memory()] {
        put(&outbox, &[alert("1", "f", &["a", "b"]), alert("2", "g", &["a"])], 0);
        let given_up = || outbox.give_up_unknown_sinks(&["b", "c"], at(1));
        assert_eq!((given_up(), given_up()), ([("a".to_owned(), 2)].into(), [].into()));
        assert_eq!((outbox.count("a", State::Dead), outbox.count("b", State::Queued)), (2, 1));
    }
}

#[test]
fn when_the_time_of_day_is_set_what_waits_goes_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let waits_as_long = |outbox: &Outbox| {
        assert_eq!(due(outbox, "a", -3591), Vec::<String>::new());
        assert_eq!(due(outbox, "a", -3590), ["1"]);
        let id = outbox.due("a", at(-3590), 1)[0];
        assert_eq!(outbox.take(id).unwrap().queued_at, at(-3600));
    };
    for outbox in [Outbox::open(Some(folder.path()), at(0)).unwrap(), in_memory()] {
        put(&outbox, &[alert("1", "f", &["a"])], 0);
        settle_first(&outbox, "a", 0, retry(10));
        outbox.move_along(SignedDuration::from_hours(-1));
        waits_as_long(&outbox);
    }
    // So it is for the next process.
    waits_as_long(&Outbox::open(Some(folder.path()), at(-3600)).unwrap());
}

/// When anything is due, by a clock that was set by so much while it ran, and by so
/// much while it did not.
#[test]
fn no_clock_puts_anything_off_for_longer_than_it_was_to_be() {
    const HOUR: i64 = 3600;
    const YEAR: i64 = 365 * 24 * HOUR;
    let steps = [0, -5, -59, -HOUR / 2, -2 * HOUR, -YEAR, HOUR, YEAR];
    let waits = [0, 1, 300, HOUR];
    let pairs = steps.iter().flat_map(|running| steps.map(|stopped| (*running, stopped)));
    for ((running, stopped), wait) in pairs.flat_map(|pair| waits.map(|wait| (pair, wait))) {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
        put(&outbox, &[alert("tried", "f", &["a"])], 0);
        settle_first(&outbox, "a", 0, retry(wait));
        put(&outbox, &[alert("new", "g", &["a"])], 0);
        outbox.move_along(SignedDuration::from_secs(running));
        // One that was on its way as the clock was set.
        put(&outbox, &[alert("late", "h", &["a"])], 0);
        let what = format!("set by {running} s, and stopped by {stopped} s, put off by {wait} s");
        let is_due = |outbox: &Outbox, second| due(outbox, "a", second);
        let now = running;
        assert_eq!(is_due(&outbox, now + wait), ["tried", "new", "late"], "{what}");
        drop(outbox);
        let now = now + stopped;
        let outbox = Outbox::open(Some(folder.path()), at(now)).unwrap();
        let at_once = is_due(&outbox, now);
        assert!(at_once.ends_with(&["new".to_owned(), "late".to_owned()]), "{what}: {at_once:?}");
        // The next process knows no more than how long the longest wait is.
        let longest = if stopped == 0 { wait } else { 65 * 60 };
        assert_eq!(is_due(&outbox, now + longest), ["tried", "new", "late"], "{what}");
    }
}

/// The alert that a clock once queued in times to come has its deadline from when
/// that is noticed.
#[test]
fn what_was_queued_in_times_to_come_has_waited_since_it_was_tried() {
    const YEAR: i64 = 365 * 86_400;
    let folder = tempfile::tempdir().unwrap();
    put(&Outbox::open(Some(folder.path()), at(YEAR)).unwrap(), &[alert("1", "f", &["a"])], YEAR);
    for outbox in [Outbox::open(Some(folder.path()), at(0)).unwrap(), in_memory()] {
        if !outbox.is_durable() {
            put(&outbox, &[alert("1", "f", &["a"])], YEAR);
        }
        settle_first(&outbox, "a", 0, retry(10));
        let id = outbox.due("a", at(10), 1)[0];
        assert_eq!(outbox.take(id).unwrap().queued_at, at(0));
    }
}

#[test]
fn what_was_submitted_is_written_before_the_end_whether_anybody_waits_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
    for n in 0..100 {
        let id = n.to_string();
        drop(outbox.submit(vec![alert(&id, &id, &["a"])], vec![], no_bound, at(0)));
    }
    let id = loop {
        if let Some(id) = outbox.due("a", at(0), 1).pop() {
            break id;
        }
    };
    outbox.take(id).unwrap();
    outbox.settle(vec![(id, Outcome::Sent)], at(0));
    drop(outbox);
    let outbox = Outbox::open(Some(folder.path()), at(1)).unwrap();
    assert_eq!((outbox.count("a", State::Queued), outbox.count("a", State::Sent)), (99, 1));
}

/// How often the file was changed.
fn commits(folder: &Path) -> u32 {
    let head = fs::read(folder.join(DATABASE)).unwrap();
    u32::from_be_bytes(head[24..28].try_into().unwrap())
}

#[test]
fn what_comes_while_the_disk_is_busy_is_one_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
    let (go, wait) = mpsc::channel::<()>();
    outbox.ask(Request::Do(Box::new(move |_| wait.recv().unwrap_or_default())));
    let receipts: Vec<_> = (0..50)
        .map(|n| {
            let id = n.to_string();
            let groups = vec![group(&format!("{}", n % 3))];
            outbox.submit(vec![alert(&id, &id, &["a"])], groups, no_bound, at(0))
        })
        .collect();
    let before = commits(folder.path());
    drop(go);
    for receipt in receipts {
        assert_eq!(receipt.wait().unwrap(), Put { queued: 1, gave_way: vec![] });
    }
    // The first may have been taken with the one that kept the thread busy.
    assert!(commits(folder.path()) - before <= 2);
    assert_eq!(outbox.groups(at(0)).len(), 3);
}

#[test]
fn one_row_that_is_refused_does_not_take_the_others_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
    on_disk(&outbox, |store| {
        let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON alerts WHEN NEW.id = 'bad'
                      BEGIN SELECT RAISE(ABORT, 'as a test'); END";
        store.connection().execute_batch(refuse).unwrap();
    });
    let (go, wait) = mpsc::channel::<()>();
    outbox.ask(Request::Do(Box::new(move |_| wait.recv().unwrap_or_default())));
    let receipts = ["1", "bad", "2"]
        .map(|id| outbox.submit(vec![alert(id, id, &["a"])], vec![], no_bound, at(0)));
    drop(go);
    for receipt in receipts {
        assert_eq!(receipt.wait().unwrap().queued, 1);
    }
    assert_eq!(in_memory_now(&outbox), 1);
    // It is not due while the disk is tried once more.
    while due(&outbox, "a", 0) != ["1", "2", "bad"] {}
    on_disk(&outbox, |store| store.connection().execute_batch("DROP TRIGGER refuse").unwrap());
    maintain(&outbox, 1);
    drop(outbox);
    let outbox = Outbox::open(Some(folder.path()), at(2)).unwrap();
    assert_eq!(due(&outbox, "a", 2), ["1", "2", "bad"]);
}

#[test]
fn states_of_groups_that_were_refused_come_again_and_the_latest_wins() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
    read_only(&outbox, true);
    let earlier = submit(&outbox, &[], &[group("x"), group("y")], no_bound, 0);
    assert_eq!(earlier, Put::default());
    read_only(&outbox, false);
    let later = {
        let mut table = GroupTable::new(AggregationSettings::default());
        table.restore([group("x")]);
        let state = group("x").by_clock(at(-5));
        table.restore([state.clone()]);
        state
    };
    submit(&outbox, &[], std::slice::from_ref(&later), no_bound, 1);
    maintain(&outbox, 1);
    drop(outbox);
    let outbox = Outbox::open(Some(folder.path()), at(2)).unwrap();
    let mut groups = outbox.groups(at(2));
    groups.sort_by_key(GroupState::id);
    let mut expected = [later, group("y")];
    expected.sort_by_key(GroupState::id);
    assert_eq!(groups, expected);
}

/// Attempts, due time, digests, dead letters and reasons.
#[test]
fn alerts_move_from_memory_to_disk_as_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
    read_only(&outbox, true);
    put(&outbox, &[alert("1", "f", &["a", "b"]), alert("2", "g", &["a"])], 0);
    settle_first(&outbox, "a", 1, Outcome::Dead { reason: "refused".into() });
    let later = Outcome::Retry { at: at(50), reason: "busy".into(), alone: true };
    settle_first(&outbox, "b", 2, later.clone());
    settle_first(
        &outbox,
        "a",
        3,
        Outcome::Retry { at: at(3), reason: "busy".into(), alone: false },
    );
    settle_first(&outbox, "a", 4, later);
    outbox.settle(vec![], at(4));
    assert_eq!([State::Queued, State::Dead].map(|state| outbox.count("a", state)), [1, 1]);
    read_only(&outbox, false);
    maintain(&outbox, 5);
    assert_eq!([State::Queued, State::Dead].map(|state| outbox.count("a", state)), [1, 1]);
    assert_eq!((in_memory_now(&outbox), due(&outbox, "a", 49)), (0, vec![]));
    assert_eq!(
        (due(&outbox, "a", 50), due(&outbox, "b", 50)),
        (vec!["2".into()], vec!["1".into()])
    );
    let id = outbox.due("b", at(50), 1)[0];
    let delivery = outbox.take(id).unwrap();
    assert_eq!((delivery.attempts, delivery.alone, delivery.queued_at), (1, true, at(0)));

    let store = Store::open(&folder.path().join(DATABASE)).unwrap();
    let entry =
        |seq, state, sink: &str, attempts, (due, settled): (_, Option<i64>), reason: &str| Entry {
            seq,
            state,
            sink: sink.into(),
            attempts,
            queued_at: at(0),
            due_at: at(due),
            settled_at: settled.map(at),
            reason: Some(reason.into()),
            event: format!("{{\"id\":\"{}\"}}", if seq == 3 { 2 } else { 1 }),
        };
    assert_eq!(
        store.list(&Selection::ALL, 10).unwrap(),
        [
            entry(3, State::Queued, "a", 2, (50, None), "busy"),
            entry(2, State::Queued, "b", 1, (50, None), "busy"),
            entry(1, State::Dead, "a", 1, (1, Some(1)), "refused"),
        ]
    );
}

#[test]
fn a_panic_on_the_thread_loses_nothing_and_too_many_leave_the_disk_alone() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
    put(&outbox, &[alert("1", "f", &["a"])], 0);
    let panic = |times| with_disk(&outbox, move |disk| disk.as_mut().unwrap().panics = times);
    panic(1);
    // The round begins with a look at what others wrote.
    put(&outbox, &[alert("2", "g", &["a"])], 1);
    panic(2);
    put(&outbox, &[alert("3", "h", &["a"])], 1);
    maintain(&outbox, 2);
    assert!(outbox.is_durable());
    assert_eq!(due(&outbox, "a", 2), ["1", "2", "3"]);
    panic(1000);
    for n in 4..10 {
        let id = n.to_string();
        put(&outbox, &[alert(&id, &id, &["a"])], 3);
    }
    assert!(!outbox.is_durable());
    assert_eq!(due(&outbox, "a", 3), ["4", "5", "6", "7", "8", "9"]);
    drop(outbox);
    let outbox = Outbox::open(Some(folder.path()), at(4)).unwrap();
    assert_eq!(due(&outbox, "a", 4), ["1", "2", "3"]);
}

#[test]
fn a_panic_anywhere_loses_nothing_of_what_was_asked_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
    let (go, wait) = mpsc::channel::<()>();
    outbox.ask(Request::Do(Box::new(move |_| wait.recv().unwrap_or_default())));
    let submit =
        |id: &str| outbox.submit(vec![alert(id, id, &["a"])], vec![group(id)], no_bound, at(0));
    // All of it comes at once.
    let before = submit("1");
    outbox.ask(Request::Do(Box::new(|_| panic!("as a test"))));
    let after = submit("2");
    drop(go);
    for receipt in [before, after] {
        assert_eq!(receipt.wait().unwrap().queued, 1);
    }
    assert_eq!(due(&outbox, "a", 0), ["1", "2"]);
    assert_eq!(outbox.groups(at(0)).len(), 2);
}

#[test]
fn a_panic_of_who_listens_holds_up_nobody() {
    let outbox = in_memory();
    outbox.listen(|_| panic!("as a test"));
    for id in ["1", "2"] {
        assert_eq!(put(&outbox, &[alert(id, id, &["a"])], 0).queued, 1);
    }
    assert_eq!(due(&outbox, "a", 0), ["1", "2"]);
}

/// A log that panics when it is told of what gave way, and knows what it was told
/// after.
struct Panicking(Mutex<Vec<String>>);

impl<S: tracing::Subscriber> Layer<S> for &'static Panicking {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        struct Name(String);
        impl tracing::field::Visit for Name {
            fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
                if field.name() == "event" {
                    self.0 = value.to_owned();
                }
            }
            fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn std::fmt::Debug) {}
        }
        let mut name = Name(String::new());
        event.record(&mut name);
        assert_ne!(name.0, "signatures.alerts_displaced", "as a test");
        self.0.lock().unwrap().push(name.0);
    }
}

#[test]
fn a_panic_at_the_very_end_is_told() {
    static LOG: Panicking = Panicking(Mutex::new(Vec::new()));
    let requests = Requests::default();
    requests.close();
    let mut keeper = Keeper::new(Arc::default(), Arc::default(), None, at(0));
    keeper.complaints.gave_way(&[("a".to_owned(), 1)]);
    let log = tracing_subscriber::registry().with(&LOG);
    // Where there is one alone, what another thread tells first is shut to it for good.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    tracing::subscriber::with_default(log, || keeper.serve(&requests));
    assert_eq!(*LOG.0.lock().unwrap(), ["signatures.outbox_restarted"]);
}

#[test]
fn who_asks_how_it_is_waits_for_no_disk_that_hangs() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
    let one = |_: &str| 1;
    submit(&outbox, &[alert("1", "f", &["a"])], &[], one, 0);
    // To let something give way takes for ever, until it is interrupted.
    let hanging = with_disk(&outbox, |disk| {
        let store = disk.as_mut().unwrap().store();
        let for_ever = "CREATE TEMP VIEW for_ever AS WITH RECURSIVE n(x) AS \
                            (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n;
                        CREATE TEMP TRIGGER hang AFTER UPDATE ON main.deliveries \
                            BEGIN SELECT count(*) FROM for_ever; END;";
        store.connection().execute_batch(for_ever).unwrap();
        store.connection().get_interrupt_handle()
    });
    let receipt = outbox.submit(vec![alert("2", "g", &["a"])], vec![], one, at(1));
    let journal = folder.path().join(format!("{DATABASE}-journal"));
    while !journal.exists() {
        thread::yield_now();
    }
    let (answer, answered) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..100 {
                let waiting = [outbox.count("a", State::Queued), outbox.count_in_memory("a")];
                assert!(waiting.iter().sum::<u64>() > 0);
                drop((outbox.due("a", at(1), 1), outbox.lost()));
                thread::sleep(Duration::from_millis(2));
            }
            answer.send(()).unwrap();
        });
        let in_time = answered.recv_timeout(Duration::from_secs(60));
        hanging.interrupt();
        receipt.wait().unwrap();
        assert_eq!(in_time, Ok(()));
    });
    on_disk(&outbox, |store| store.connection().execute_batch("DROP TRIGGER hang").unwrap());
}
