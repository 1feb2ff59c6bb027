//! What is kept has a bound, in number and in bytes, and the file shrinks again.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod given;

use std::{fs, path::Path};

use given::{alert, at, due, group, large, list, maintain, open, put, save, sql, take_first};
use signatures_engine::{Fingerprint, aggregate::GroupState};
use signatures_ledger::{DATABASE, NewAlert, Outbox, Outcome, Put, State};

fn rows(folder: &Path, table: &str) -> u64 {
    let sql_text = format!("SELECT count(*) FROM {table}");
    sql(folder).query_row(&sql_text, [], |row| row.get(0)).unwrap()
}

fn size(folder: &Path) -> u64 {
    fs::metadata(folder.join(DATABASE)).unwrap().len()
}

/// Fills the table of groups as the earlier layout did: with one row for each text.
fn fill_with_groups(folder: &Path, groups: u64) {
    let state = serde_json::to_string(&group("x", 0)).unwrap();
    let fingerprint = Fingerprint::new("db", "x").to_string();
    let idle_from = group("x", 0).idle_from().as_millisecond();
    sql(folder)
        .execute(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
             INSERT OR REPLACE INTO groups (fingerprint, idle_from, state, format)
             SELECT printf('%012x', n), ?2 + n, replace(?3, ?4, printf('%012x', n)), 2 FROM n",
            (groups, idle_from, state, fingerprint),
        )
        .unwrap();
}

/// Makes of a database one of an earlier layout.
fn of_layout_2(folder: &Path) {
    sql(folder)
        .execute_batch(
            "DROP TABLE decisions; DROP TABLE samples; DROP TABLE errors; DROP TABLE minutes;
             DROP TABLE days; DROP TABLE rest; DROP TABLE totals; DROP TABLE facts;
             DROP TABLE incidents; DROP TABLE silences; DROP TABLE held; DROP TABLE audit;
             DROP TABLE messages; DROP INDEX alerts_of_incident; DROP INDEX alerts_by_time;
             DROP INDEX dead_letters; ALTER TABLE alerts DROP COLUMN kind;
             ALTER TABLE alerts DROP COLUMN incident; DROP INDEX groups_by_idle; PRAGMA user_version = 2;
             PRAGMA auto_vacuum = none; VACUUM; PRAGMA journal_mode = wal",
        )
        .unwrap();
}

#[test]
fn groups_past_the_bound_are_gone_at_the_start_and_the_file_shrinks() {
    let folder = tempfile::tempdir().unwrap();
    put(&open(folder.path(), 0), &[alert("1", &["a"])], 0);
    of_layout_2(folder.path());
    fill_with_groups(folder.path(), 200_000);
    let full = size(folder.path());

    let outbox = open(folder.path(), 1);
    outbox.bound_groups(1000);
    let groups = outbox.groups(at(1));
    let mut kept: Vec<_> = groups.iter().map(|state| state.id().to_string()).collect();
    kept.sort();
    // Those that are idle the longest went first.
    let expected: Vec<_> = (199_001..=200_000).map(|n| format!("{n:012x}")).collect();
    assert_eq!(kept, expected);
    assert_eq!(rows(folder.path(), "groups"), 1000);
    assert!(size(folder.path()) < full / 50, "{} of {full}", size(folder.path()));
    assert_eq!(due(&outbox, "a", 1), ["1"]);
}

#[test]
fn groups_keep_to_the_bound_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(folder.path(), 0);
    outbox.bound_groups(80);
    let mut most = 0;
    for second in 0..40 {
        let groups: Vec<GroupState> =
            (0..20).map(|n| group(&format!("{second} {n}"), second)).collect();
        save(&outbox, &groups, second);
        most = most.max(rows(folder.path(), "groups"));
    }
    assert!((80..=90).contains(&most), "{most}");
    assert_eq!(outbox.groups(at(40)).len(), 80);
    // Idle for twice the longer of window and cooldown.
    maintain(&outbox, 1200 + 38);
    assert_eq!(rows(folder.path(), "groups"), 40);
}

/// A clock that was a year ahead must not keep a group for a year.
#[test]
fn what_a_clock_that_was_ahead_left_is_forgotten_in_its_time() {
    const YEAR: i64 = 365 * 86_400;
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(folder.path(), YEAR);
    save(&outbox, &[group("ahead", YEAR)], YEAR);
    save(&outbox, &[group("now", 0)], YEAR);
    // While it runs.
    maintain(&outbox, 10);
    maintain(&outbox, 10 + 1199);
    assert_eq!(rows(folder.path(), "groups"), 1);
    maintain(&outbox, 10 + 1201);
    assert_eq!(rows(folder.path(), "groups"), 0);
    // And at a start.
    save(&outbox, &[group("ahead", YEAR)], YEAR);
    drop(outbox);
    let outbox = open(folder.path(), 10);
    let idle_from: Vec<_> = outbox.groups(at(10)).iter().map(GroupState::idle_from).collect();
    assert_eq!(idle_from, [group("ahead", 10).idle_from()]);
    assert_eq!(outbox.groups(at(10 + 1201)), []);
}

#[test]
fn what_waits_on_disk_has_a_bound_in_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(folder.path(), 0);
    put(&outbox, &[NewAlert { urgency: 6, ..large("0", 4 << 20) }], 0);
    let puts: Vec<Put> =
        (1..18).map(|n| put(&outbox, &[large(&n.to_string(), 4 << 20)], n)).collect();
    let fits = Put { queued: 1, gave_way: vec![] };
    let one_went = Put { queued: 1, gave_way: vec![("a".to_owned(), 1)] };
    assert_eq!(puts, [vec![fits; 14], vec![one_went; 3]].concat());
    assert_eq!((outbox.count("a", State::Queued), outbox.count("a", State::Dropped)), (15, 3));
    // Of the least urgent the oldest went.
    let dropped = list(folder.path()).into_iter().rev();
    let dropped = dropped.filter(|entry| entry.state == State::Dropped).map(|entry| entry.seq);
    assert_eq!(dropped.collect::<Vec<_>>(), [2, 3, 4]);
}

#[test]
fn what_waits_in_memory_has_a_bound_in_bytes() {
    let outbox = Outbox::open(None, at(0)).unwrap();
    for n in 0..20 {
        put(&outbox, &[large(&n.to_string(), 1 << 20)], n);
    }
    let expected: Vec<_> = (5..20).map(|n| n.to_string()).collect();
    assert_eq!(due(&outbox, "a", 20), expected);
    assert_eq!(outbox.count("a", State::Dropped), 5);
}

/// Of what waits on the disk only so much is at hand in memory: the rest is due when
/// it was read.
#[test]
fn what_is_not_at_hand_is_read_when_its_time_has_come() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(folder.path(), 0);
    for n in 0..12 {
        put(&outbox, &[large(&n.to_string(), 4 << 20)], 0);
    }
    let send = |outbox: &Outbox, number: usize| {
        let mut sent = Vec::new();
        while sent.len() < number {
            for id in outbox.due("a", at(1), 1) {
                sent.push(outbox.take(id).unwrap().seq);
                outbox.settle(vec![(id, Outcome::Sent)], at(1));
            }
            put(outbox, &[], 1);
        }
        sent.sort();
        sent
    };
    let mut sent = send(&outbox, 6);
    drop(outbox);
    let outbox = open(folder.path(), 2);
    sent.extend(send(&outbox, 6));
    sent.sort();
    assert_eq!(sent, (1..=12).collect::<Vec<_>>());
    assert_eq!(outbox.count("a", State::Queued), 0);
}

#[test]
fn history_has_a_bound_in_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(folder.path(), 0);
    for n in 0..75 {
        put(&outbox, &[large(&n.to_string(), 1 << 20)], n);
        let id = take_first(&outbox, "a", n);
        outbox.settle(vec![(id, Outcome::Sent)], at(n));
    }
    put(&outbox, &[], 75);
    let kept = rows(folder.path(), "alerts");
    assert!((60..=72).contains(&kept), "{kept}");
    assert_eq!(outbox.count("a", State::Sent), kept);
}
