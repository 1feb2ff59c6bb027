//! Who owns a state directory is not decided by a file that somebody may delete, and
//! what is deleted under a process that runs is put back.
#![cfg(unix)]
// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod given;

use std::{
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::Path,
};

use given::{alert, at, due, group, list, open, put, save, take_first};
use signatures_ledger::{DATABASE, Outbox, Outcome, State};

fn refusal(folder: &Path) -> String {
    Outbox::open(Some(folder), at(0)).unwrap_err().to_string()
}

/// What an earlier version does when it starts.
fn locks_as_an_earlier_version(folder: &Path) -> bool {
    File::options().create(true).append(true).open(folder.join("lock")).unwrap().try_lock().is_ok()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_lock_file_that_is_deleted_lets_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(folder.path(), 0);
    fs::remove_file(folder.path().join("lock")).unwrap();
    assert!(refusal(folder.path()).starts_with("another process uses the state directory"));
    // It was made again by the attempt, and belongs to the first now.
    put(&outbox, &[alert("1", &["a"])], 1);
    assert!(!locks_as_an_earlier_version(folder.path()));
    fs::remove_file(folder.path().join("lock")).unwrap();
    put(&outbox, &[], 1);
    assert!(!locks_as_an_earlier_version(folder.path()));
    drop(outbox);
    assert!(locks_as_an_earlier_version(folder.path()));
    assert_eq!(due(&open(folder.path(), 2), "a", 2), ["1"]);
}

#[test]
fn a_process_of_an_earlier_version_keeps_this_one_out() {
    let folder = tempfile::tempdir().unwrap();
    let lock = File::create(folder.path().join("lock")).unwrap();
    lock.try_lock().unwrap();
    assert!(refusal(folder.path()).starts_with("another process uses the state directory"));
}

/// Puts in, sends and settles some, before and after something is done to the
/// directory; nothing of it is lost.
fn survives(folder: &Path, what: impl FnOnce()) {
    let outbox = open(folder, 0);
    put(&outbox, &[alert("1", &["a"]), alert("2", &["a"]), alert("3", &["a"])], 0);
    save(&outbox, &[group("x", 0)], 0);
    let sent = take_first(&outbox, "a", 0);
    let under_way = outbox.due("a", at(0), 1)[0];
    outbox.take(under_way).unwrap();

    what();
    outbox.settle(vec![(sent, Outcome::Sent)], at(1));
    put(&outbox, &[alert("4", &["a"])], 1);
    save(&outbox, &[group("y", 1)], 1);
    assert!(outbox.is_durable());
    assert!(refusal(folder).starts_with("another process uses the state directory"));
    assert_eq!(due(&outbox, "a", 1), ["3", "4"]);
    outbox.settle(vec![(under_way, Outcome::Sent)], at(2));
    drop(outbox);

    let outbox = open(folder, 3);
    assert_eq!(due(&outbox, "a", 3), ["3", "4"]);
    assert_eq!(outbox.count("a", State::Sent), 2);
    let mut groups = outbox.groups(at(3));
    groups.sort_by_key(|state| state.id());
    let mut expected = [group("x", 0), group("y", 1)];
    expected.sort_by_key(|state| state.id());
    assert_eq!(groups, expected);
}

#[test]
fn a_directory_that_is_deleted_is_there_again_with_all_that_was_in_it() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("a/state");
    survives(&folder, || fs::remove_dir_all(root.path().join("a")).unwrap());
    assert_eq!(names(&folder), [DATABASE, "alerts.db-journal", "lock"]);
    for name in names(&folder) {
        assert_eq!(fs::metadata(folder.join(name)).unwrap().mode() & 0o777, 0o600);
    }
}

#[test]
fn so_is_a_database_that_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    survives(folder.path(), || fs::remove_file(folder.path().join(DATABASE)).unwrap());
}

#[test]
fn a_directory_that_is_moved_away_and_made_again_is_owned_again() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("state");
    survives(&folder, || {
        fs::rename(&folder, root.path().join("away")).unwrap();
        fs::create_dir(&folder).unwrap();
    });
}

#[test]
fn a_database_that_is_put_in_its_place_is_moved_aside() {
    let folder = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    put(&open(other.path(), 0), &[alert("other", &["a"])], 0);
    survives(folder.path(), || {
        fs::rename(other.path().join(DATABASE), folder.path().join(DATABASE)).unwrap();
    });
    let aside = format!("{DATABASE}.replaced-{}", at(0).as_second());
    fs::rename(folder.path().join(aside), other.path().join(DATABASE)).unwrap();
    assert_eq!(list(other.path())[0].event, "{\"id\":\"other\"}");
}

#[test]
fn what_another_process_took_over_is_left_to_it_and_nothing_is_lost_meanwhile() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("state");
    let first = open(&folder, 0);
    put(&first, &[alert("1", &["a"])], 0);
    fs::rename(&folder, root.path().join("away")).unwrap();
    let second = open(&folder, 0);
    put(&first, &[alert("2", &["a"])], 1);
    assert_eq!(due(&first, "a", 1), ["1", "2"]);
    assert_eq!(due(&second, "a", 1), Vec::<String>::new());
    // Once the other is gone, it is ours again before long.
    let of_second = fs::metadata(folder.join(DATABASE)).unwrap().ino();
    drop(second);
    while fs::metadata(folder.join(DATABASE)).is_ok_and(|now| now.ino() == of_second) {
        given::maintain(&first, 1);
    }
    put(&first, &[alert("3", &["a"])], 2);
    given::maintain(&first, 2);
    assert_eq!(due(&first, "a", 2), ["1", "2", "3"]);
    drop(first);
    assert_eq!(due(&open(&folder, 3), "a", 3), ["1", "2", "3"]);
}

#[test]
fn a_database_that_cannot_be_put_back_is_tried_again_and_nothing_piles_up() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(folder.path(), 0);
    put(&outbox, &[alert("1", &["a"])], 0);
    // In the way of the copy.
    let copy = folder.path().join(format!("{DATABASE}.new"));
    fs::create_dir(&copy).unwrap();
    let replaced = folder.path().join(DATABASE);
    fs::remove_file(&replaced).unwrap();
    fs::write(&replaced, "not ours").unwrap();
    let before = names(folder.path());
    for _ in 0..3 {
        put(&outbox, &[], 1);
        assert_eq!(names(folder.path()), before);
    }
    fs::remove_dir(&copy).unwrap();
    while fs::read(&replaced).unwrap() == b"not ours" {
        given::maintain(&outbox, 2);
    }
    put(&outbox, &[alert("2", &["a"])], 2);
    drop(outbox);
    assert_eq!(due(&open(folder.path(), 3), "a", 3), ["1", "2"]);
}
