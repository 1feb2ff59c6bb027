//! Other processes read and write the database beside one that runs.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod given;

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use given::{alert, at, due, group, list, maintain, open, put, sql, take_first};
use rusqlite::TransactionBehavior;
use signatures_ledger::{Among, DATABASE, Outcome, Selection, State, Store};

fn journal(connection: &rusqlite::Connection) -> String {
    connection.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap()
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What people do is seen without anything being submitted.
#[test]
fn what_people_change_is_seen_by_a_process_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(folder.path(), 0);
    put(&outbox, &[alert("1", &["a"]), alert("2", &["a"])], 0);
    let (told, seen) = std::sync::mpsc::channel();
    outbox.listen(move |put| told.send(put.queued).unwrap());
    let id = take_first(&outbox, "a", 0);
    outbox.settle(vec![(id, Outcome::Dead { reason: "no".into() })], at(0));
    put(&outbox, &[], 0);

    let mut people = Store::open(&folder.path().join(DATABASE)).unwrap();
    let number = |n| Selection { numbers: Among::These(vec![n]), ..Selection::ALL };
    assert_eq!(people.drop_(&number(2), at(1)).unwrap(), 1);
    assert_eq!(people.retry(&number(1), at(1)).unwrap(), 1);
    while due(&outbox, "a", 1) != ["1"] {
        seen.recv().unwrap();
    }
    let counts = [State::Queued, State::Dead, State::Dropped].map(|s| outbox.count("a", s));
    assert_eq!(counts, [1, 0, 1]);
    // Nothing is not everything.
    let nothing = Selection { numbers: Among::These(vec![]), ..Selection::ALL };
    assert_eq!(
        (people.retry(&nothing, at(2)).unwrap(), people.drop_(&nothing, at(2)).unwrap()),
        (0, 0)
    );
    assert_eq!(people.list(&nothing, 9).unwrap(), []);
}

/// What is being sent, or was settled and is not written yet, is not due again
/// because another process wrote.
#[test]
fn what_is_under_way_stays_so_whatever_others_write() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(folder.path(), 0);
    put(&outbox, &["1", "2", "3", "4"].map(|id| alert(id, &["a"])), 0);
    let ids: Vec<_> = outbox.due("a", at(0), 3);
    ids.iter().for_each(|id| drop(outbox.take(*id).unwrap()));
    for second in 1..20 {
        sql(folder.path()).execute("UPDATE deliveries SET attempts = ?", [second]).unwrap();
        put(&outbox, &[], second);
        assert_eq!(due(&outbox, "a", second), ["4"]);
    }
    let retry = Outcome::Retry { at: at(40), reason: "busy".into(), alone: true };
    outbox.settle(vec![(ids[0], Outcome::Sent), (ids[1], retry)], at(30));
    assert_eq!(due(&outbox, "a", 39), ["4"]);
    outbox.give_back(ids[2]);
    assert_eq!(due(&outbox, "a", 40), ["2", "3", "4"]);
    put(&outbox, &[], 40);
    let standing: Vec<_> =
        list(folder.path()).into_iter().rev().map(|entry| (entry.state, entry.attempts)).collect();
    let queued = State::Queued;
    assert_eq!(standing, [(State::Sent, 20), (queued, 20), (queued, 19), (queued, 19)]);
}

/// Writers beside it: none fails, and nothing that either wrote is lost.
#[test]
fn many_writers_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(folder.path(), 0);
    thread::scope(|scope| {
        for thread in 0..3 {
            let outbox = &outbox;
            scope.spawn(move || {
                for n in 0..30 {
                    let sink = format!("{thread}");
                    put(outbox, &[alert(&format!("{thread}-{n}"), &[&sink])], n);
                }
            });
        }
        scope.spawn(|| {
            let mut people = Store::open(&folder.path().join(DATABASE)).unwrap();
            let sinks = Among::These(vec!["0".to_owned()]);
            let of_first = Selection { sinks, ..Selection::ALL };
            while people.list(&of_first, 100).unwrap().len() < 30 {
                people.drop_(&of_first, at(0)).unwrap();
            }
            people.drop_(&of_first, at(0)).unwrap();
        });
    });
    put(&outbox, &[], 31);
    let counts = ["0", "1", "2"].map(|sink| outbox.count(sink, State::Queued));
    assert_eq!((counts, outbox.count("0", State::Dropped)), ([0, 30, 30], 30));
    assert_eq!(list(folder.path()).len(), 90);
}

/// Whoever asks is answered while the disk is not to be had.
#[test]
fn nobody_but_the_thread_waits_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(folder.path(), 0);
    put(&outbox, &[alert("1", &["a"]), alert("2", &["a"])], 0);
    let mut other = sql(folder.path());
    let held = other.transaction_with_behavior(TransactionBehavior::Exclusive).unwrap();

    let start = Instant::now();
    let receipt = outbox.submit(vec![alert("3", &["a"])], vec![group("x", 1)], |_| 9, at(1));
    let id = take_first(&outbox, "a", 1);
    outbox.settle(vec![(id, Outcome::Sent)], at(1));
    assert_eq!(due(&outbox, "a", 1), ["2"]);
    assert_eq!((outbox.count("a", State::Queued), outbox.count("a", State::Sent)), (1, 1));
    outbox.maintain(at(1));
    // The thread itself gives up after five.
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    held.rollback().unwrap();
    assert_eq!(receipt.wait().unwrap().queued, 1);
    assert_eq!(due(&outbox, "a", 1), ["2", "3"]);
}

#[test]
fn a_write_ahead_log_of_an_earlier_version_is_left_as_soon_as_nobody_has_it() {
    let folder = tempfile::tempdir().unwrap();
    put(&open(folder.path(), 0), &[alert("1", &["a"])], 0);
    let earlier = sql(folder.path());
    earlier.pragma_update(None, "journal_mode", "wal").unwrap();
    earlier.execute("UPDATE deliveries SET attempts = 7", []).unwrap();
    assert!(names(folder.path()).contains(&"alerts.db-wal".to_owned()));

    // Somebody has it: it goes on.
    let outbox = open(folder.path(), 1);
    put(&outbox, &[alert("2", &["a"])], 1);
    assert_eq!(
        (journal(&earlier), due(&outbox, "a", 1)),
        ("wal".to_owned(), vec!["1".into(), "2".into()])
    );
    drop(earlier);
    maintain(&outbox, 2);
    put(&outbox, &[alert("3", &["a"])], 2);
    assert_eq!(names(folder.path()), [DATABASE, "alerts.db-journal", "lock"]);
    // A command of an earlier version brings it back, for a while.
    sql(folder.path()).pragma_update(None, "journal_mode", "wal").unwrap();
    put(&outbox, &[alert("4", &["a"])], 3);
    maintain(&outbox, 4);
    put(&outbox, &[alert("5", &["a"])], 5);
    assert_eq!(names(folder.path()), [DATABASE, "alerts.db-journal", "lock"]);
    assert_eq!(due(&outbox, "a", 5), ["1", "2", "3", "4", "5"]);
    assert_eq!(list(folder.path())[4].attempts, 7);
}
