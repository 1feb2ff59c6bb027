//! A row that cannot be read is a dead letter with a reason, and holds up no other.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod given;

use given::{alert, due, list, open, put, sql, standing};
use signatures_ledger::State;

/// Every way in which a row can be none, what is said of it, and its sink then.
const DAMAGE: [(&str, &str, &str); 11] = [
    ("UPDATE deliveries SET due_at = 'soon'", "`due_at` is none", "a"),
    ("UPDATE deliveries SET due_at = 9000000000000000000", "`due_at` is none", "a"),
    ("UPDATE deliveries SET queued_at = x'00'", "`queued_at` is none", "a"),
    ("UPDATE deliveries SET attempts = -1", "`attempts` is none", "a"),
    ("UPDATE deliveries SET urgency = 'high'", "`urgency` is none", "a"),
    ("UPDATE deliveries SET alone = 1.5", "`alone` is none", "a"),
    ("UPDATE deliveries SET fingerprint = x'ff'", "`fingerprint` is none", "a"),
    ("UPDATE deliveries SET sink = CAST(x'ff' AS TEXT)", "`sink` is none", "\u{fffd}"),
    ("UPDATE deliveries SET alert = 99", "its alert is missing", "a"),
    ("UPDATE alerts SET event = CAST(x'7bff' AS TEXT)", "`event` is none", "a"),
    ("UPDATE alerts SET event = x'7b7d'", "`event` is none", "a"),
];

#[test]
fn a_row_that_cannot_be_read_is_a_dead_letter_and_holds_up_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(folder.path(), 0);
    let ids: Vec<_> = (1..=DAMAGE.len() + 1).map(|n| n.to_string()).collect();
    let alerts: Vec<_> = ids.iter().map(|id| alert(id, &["a"])).collect();
    put(&outbox, &alerts, 0);
    drop(outbox);
    let connection = sql(folder.path());
    connection.execute_batch("PRAGMA foreign_keys = off").unwrap();
    for (n, (damage, ..)) in DAMAGE.iter().enumerate() {
        connection.execute(&format!("{damage} WHERE seq = {}", n + 1), []).unwrap();
    }

    let outbox = open(folder.path(), 1);
    assert_eq!(due(&outbox, "a", 1), [(DAMAGE.len() + 1).to_string()]);
    assert_eq!(outbox.count("a", State::Dead), DAMAGE.len() as u64 - 1);
    let mut expected: Vec<_> = (DAMAGE.iter().enumerate())
        .map(|(n, (_, why, sink))| {
            let reason = Some(format!("cannot be read: {why}"));
            (n as i64 + 1, (*sink).to_owned(), State::Dead, reason)
        })
        .collect();
    expected.push((DAMAGE.len() as i64 + 1, "a".to_owned(), State::Queued, None));
    assert_eq!(standing(folder.path()), expected);
}

#[test]
fn so_is_one_that_is_damaged_beside_a_process_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(folder.path(), 0);
    put(&outbox, &[alert("1", &["a"]), alert("2", &["a"])], 0);
    sql(folder.path()).execute("UPDATE deliveries SET due_at = 'x' WHERE seq = 1", []).unwrap();
    put(&outbox, &[alert("3", &["a"])], 1);
    assert_eq!(due(&outbox, "a", 1), ["2", "3"]);
    let dead = list(folder.path()).pop().unwrap();
    assert_eq!((dead.seq, dead.state, dead.settled_at), (1, State::Dead, Some(given::at(0))));
}
