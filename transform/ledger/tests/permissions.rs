//! Nobody but their owner reads the files of the state: they hold lines of logs.
#![cfg(unix)]
// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
};

use jiff::Timestamp;
use signatures_ledger::{
    DATABASE, NewAlert, Outbox, create_private_directory, read_groups, write_groups,
};

fn at() -> Timestamp {
    Timestamp::from_second(1_767_268_800).unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn open_to_all(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
}

/// The names of the files in a directory, and who may do what with them.
fn modes(folder: &Path) -> BTreeMap<String, u32> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), mode(&entry.path()))).collect()
}

fn all_private(names: &[&str]) -> BTreeMap<String, u32> {
    names.iter().map(|name| ((*name).to_owned(), 0o600)).collect()
}

/// Opens an outbox, writes to it, and looks at its files while it is open.
fn used(folder: &Path) -> BTreeMap<String, u32> {
    let outbox = Outbox::open(Some(folder), at()).unwrap();
    assert!(outbox.is_durable());
    let (id, fingerprint, event) = ("1".to_owned(), "0123456789ab".to_owned(), "{}".to_owned());
    let sinks = vec!["a".to_owned()];
    let alert = NewAlert { id, fingerprint, urgency: 1, event, sinks, ..NewAlert::default() };
    outbox.submit(vec![alert], vec![], |_| 10, at()).wait().unwrap();
    modes(folder)
}

#[test]
fn the_database_its_journals_and_the_lock_are_private() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("a/state");
    let expected = all_private(&["alerts.db", "alerts.db-journal", "lock"]);
    assert_eq!(used(&folder), expected);
    assert_eq!([mode(&folder), mode(folder.parent().unwrap())], [0o700, 0o700]);

    // What was left open to all is not for long.
    for name in [DATABASE, "lock"] {
        open_to_all(&folder.join(name));
    }
    fs::write(folder.join("alerts.db-journal"), "").unwrap();
    open_to_all(&folder.join("alerts.db-journal"));
    assert_eq!(used(&folder), expected);
}

#[test]
fn the_file_of_group_states_is_private_and_so_are_its_copies() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("groups.json");
    write_groups(&path, &[]).unwrap();
    assert_eq!(modes(folder.path()), all_private(&["groups.json"]));

    // A crash of an earlier version left the one, and it wrote the other.
    let new = folder.path().join("groups.json.new");
    for path in [&path, &new] {
        fs::write(path, "{\"version\":1,\"groups\":[{}]}").unwrap();
        open_to_all(path);
    }
    assert_eq!(read_groups(&path).unwrap().unreadable.len(), 1);
    write_groups(&path, &[]).unwrap();
    assert_eq!(modes(folder.path()), all_private(&["groups.json", "groups.json.unreadable"]));

    fs::write(&path, "broken").unwrap();
    open_to_all(&path);
    read_groups(&path).unwrap_err();
    assert_eq!(
        modes(folder.path()),
        all_private(&["groups.json.damaged", "groups.json.unreadable"])
    );
}

#[test]
fn a_directory_that_is_there_stays_as_its_owner_made_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o750)).unwrap();
    create_private_directory(folder.path()).unwrap();
    assert_eq!(mode(folder.path()), 0o750);
}
