//! What earlier versions left on disk is gone on with; what a later one left is
//! refused; what cannot be read is kept and told.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use signatures_alerts::{Alert, AlertSeverity, AlertStatus};
use signatures_engine::{
    Fingerprint, GENERIC, GroupId, Observation, Policy, Severity,
    aggregate::{
        Aggregate, AggregationSettings, Decision, EventTime, GenericGroup, GroupState, GroupTable,
        Hold, NewTrigger, Raised, Reason, SpikeTrigger, Triggers, Undo,
    },
    grouping::JoinedError,
};
use signatures_ledger::{
    DATABASE, Delivery, Entry, KeptGroups, Outbox, Selection, State, Store, UnreadableGroup,
    read_groups, write_groups,
};
use tempfile::NamedTempFile;

/// When the first version began to write what lies in `state/v1`.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_767_268_800 + seconds).unwrap()
}

/// An event that counts when it comes.
fn now(seconds: i64) -> EventTime {
    EventTime::on_arrival(at(seconds))
}

/// The layouts of the database that earlier versions left, all with the same in it.
const LAYOUTS: [&str; 2] = ["v1", "v2"];

fn left(version: &str, file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/state").join(version).join(file)
}

fn first_version(file: &str) -> PathBuf {
    left("v1", file)
}

/// A state directory as an earlier version left it.
fn state_directory_of(version: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(left(version, DATABASE), folder.path().join(DATABASE)).unwrap();
    folder
}

fn second_format(file: &str) -> PathBuf {
    left("format2", file)
}

/// A state directory as the first version left it.
fn state_directory() -> tempfile::TempDir {
    state_directory_of("v1")
}

fn observation<'a>(
    (category, signature): (&'a str, Option<&'a str>),
    severity: &str,
    subject: &'a str,
) -> Observation<'a> {
    let fingerprint = Fingerprint::of(category, subject);
    Observation {
        fingerprint,
        group: fingerprint.into(),
        joined: None,
        category: category.into(),
        signature: signature.map(Into::into),
        policy: Policy::Escalate,
        severity: std::borrow::Cow::Owned(Severity::new(severity)),
        summary: None,
        subject: subject.into(),
        exception: None,
        level: None,
        distinct: Vec::new(),
        host: None,
        service: None,
        time: None,
        request_id: None,
    }
}

fn out_of_memory() -> Observation<'static> {
    observation(("critical", Some("OOM")), "critical", "Out of memory: killed process 1")
}

fn disk_full() -> Observation<'static> {
    observation(("storage", Some("DISK_FULL")), "high", "write /var/lib/pg: disk quota exceeded")
}

fn reset() -> Fingerprint {
    Fingerprint::of("network_db", "read ECONNRESET 10.0.0.7:5432")
}

fn by_id(mut states: Vec<GroupState>) -> Vec<GroupState> {
    states.sort_by_key(GroupState::id);
    states
}

/// The alert that waits for both sinks.
fn reset_alert() -> Alert {
    Alert {
        id: format!("{}-1767268820000000000-1", reset()),
        name: "NET_RESET: Transient network issue".to_owned(),
        severity: AlertSeverity::Anomaly,
        summary: "3 events, within 10s: read ECONNRESET 10.0.0.7:5432".to_owned(),
        fingerprint: reset(),
        group: None,
        category: "network_db".to_owned(),
        signature: Some("NET_RESET".to_owned()),
        policy: Policy::Retry,
        severity_hint: Severity::new("medium"),
        trigger: None,
        reason: None,
        numbers: None,
        count: 3,
        suppressed: 0,
        first_seen: at(10),
        last_seen: at(20),
        decided_at: None,
        cooldown_until: at(620),
        samples: vec![
            "read ECONNRESET 10.0.0.7:5432".to_owned(),
            "read ECONNRESET 10.0.0.8:5432".to_owned(),
        ],
        joined: None,
        exception: None,
        shadow: false,
        host: Some("db-1.example".to_owned()),
        service: Some("billing".to_owned()),
        request_id: None,
        sentry_url: None,
        incident: None,
        status: AlertStatus::Firing,
        resolution: None,
        silenced_before: None,
        escalated_after_minutes: None,
    }
}

#[test]
fn alerts_of_earlier_versions_are_due_as_they_were_queued() {
    LAYOUTS.iter().for_each(|version| assert_due(version));
}

fn assert_due(version: &str) {
    let folder = state_directory_of(version);
    let outbox = Outbox::open(Some(folder.path()), at(60)).unwrap();
    assert!(outbox.is_durable());
    let due = |sink: &str, second| -> Vec<_> {
        let due = outbox.due(sink, at(second), 10);
        due.into_iter().map(|id| outbox.take(id).unwrap()).collect()
    };
    assert_eq!(due("ops", 23), []);
    let [ops] = due("ops", 24).try_into().unwrap();
    let [phone] = due("phone", 24).try_into().unwrap();
    for (delivery, seq, attempts, alone) in [(ops, 3, 2, true), (phone, 4, 0, false)] {
        assert_eq!(Alert::from_json(&delivery.event).unwrap(), reset_alert());
        let event = delivery.event.clone();
        assert_eq!(delivery, Delivery { seq, attempts, alone, queued_at: at(20), event });
    }
}

#[test]
fn the_history_of_earlier_versions_is_listed_as_it_was() {
    LAYOUTS.iter().for_each(|version| assert_listed(version));
}

fn assert_listed(version: &str) {
    let folder = state_directory_of(version);
    let store = Store::open(&folder.path().join(DATABASE)).unwrap();
    let entries = store.list(&Selection::ALL, 10).unwrap();
    let entry = |seq, state, sink: &str, attempts, (queued, due), settled: Option<i64>, reason| {
        let event = entries.iter().find(|entry| entry.seq == seq).unwrap().event.clone();
        Entry {
            seq,
            state,
            sink: sink.to_owned(),
            attempts,
            queued_at: at(queued),
            due_at: at(due),
            settled_at: settled.map(at),
            reason: Option::<&str>::map(reason, str::to_owned),
            event,
        }
    };
    assert_eq!(
        entries,
        [
            entry(5, State::Dropped, "ops", 0, (45, 45), Some(46), Some("dropped by the operator")),
            entry(4, State::Queued, "phone", 0, (20, 20), None, None),
            entry(3, State::Queued, "ops", 2, (20, 24), None, Some("answered 503")),
            entry(
                2,
                State::Dead,
                "phone",
                1,
                (0, 1),
                Some(1),
                Some("refused for good: answered 404: no_service")
            ),
            entry(1, State::Sent, "ops", 1, (0, 1), Some(1), None),
        ]
    );
    let names: Vec<_> =
        entries.iter().map(|entry| Alert::from_json(&entry.event).unwrap().name).collect();
    assert_eq!(
        names,
        [
            "NOTIFY_TEST: a test of vector-signatures, nothing is wrong",
            "NET_RESET: Transient network issue",
            "NET_RESET: Transient network issue",
            "OOM: The kernel killed a process",
            "OOM: The kernel killed a process",
        ]
    );
}

/// What an alert tells, without how it is taken back.
fn told(decision: Decision) -> Option<Raised> {
    let Decision::Raised(raised) = decision else { return None };
    Some(Raised { undo: Undo::default(), ..*raised })
}

/// Cooldowns hold, counts go on, and what was suppressed is reported.
fn assert_goes_on(states: Vec<GroupState>) {
    let mut table = GroupTable::new(AggregationSettings::default());
    table.restore(states);
    assert_eq!(table.observe(&out_of_memory(), now(599)), Decision::Held(Hold::Cooldown));
    assert_eq!(
        told(table.observe(&out_of_memory(), now(600))),
        Some(Raised {
            reason: Reason::Immediate,
            ordinal: 2,
            count: 1,
            suppressed: 5,
            first_seen: at(5),
            last_seen: at(600),
            decided_at: at(600),
            cooldown_until: at(1200),
            samples: vec![
                "Out of memory: killed process 4712".to_owned(),
                "Out of memory: killed process 1".to_owned(),
            ],
            joined: None,
            undo: Undo::default(),
        })
    );
    assert_eq!(
        told(table.observe(&disk_full(), now(50))),
        Some(Raised {
            reason: Reason::Threshold { count: 3, window: SignedDuration::from_mins(5) },
            ordinal: 1,
            count: 3,
            suppressed: 0,
            first_seen: at(30),
            last_seen: at(50),
            decided_at: at(50),
            cooldown_until: at(650),
            samples: vec!["write /var/lib/pg: disk quota exceeded".to_owned()],
            joined: None,
            undo: Undo::default(),
        })
    );
    let canonical = "widget # went sideways";
    let fingerprint = Fingerprint::new(GENERIC, canonical);
    assert_eq!(
        table.generic_groups().collect::<Vec<_>>(),
        [GenericGroup { id: fingerprint.into(), fingerprint, canonical, count: 2 }]
    );
}

#[test]
fn cooldowns_of_earlier_versions_hold_and_counts_go_on() {
    for version in LAYOUTS {
        let folder = state_directory_of(version);
        let outbox = Outbox::open(Some(folder.path()), at(60)).unwrap();
        let states = outbox.groups(at(60));
        assert_eq!(states.len(), 4);
        assert_goes_on(states.clone());
        // Written again, they are the same.
        outbox.submit(vec![], states.clone(), |_| 10, at(60)).wait().unwrap();
        drop(outbox);
        let outbox = Outbox::open(Some(folder.path()), at(60)).unwrap();
        assert_eq!(by_id(outbox.groups(at(60))), by_id(states));
    }
}

/// The file is written anew, once, so that it shrinks from then on.
#[test]
fn a_file_of_an_earlier_version_shrinks_from_its_first_start_on() {
    let shrinks = |folder: &Path| -> bool {
        let connection = Connection::open(folder.join(DATABASE)).unwrap();
        connection.query_row("PRAGMA auto_vacuum", [], |row| row.get::<_, u8>(0)).unwrap() == 2
    };
    for version in LAYOUTS {
        let folder = state_directory_of(version);
        assert!(!shrinks(folder.path()));
        let outbox = Outbox::open(Some(folder.path()), at(60)).unwrap();
        assert_eq!(outbox.groups(at(60)).len(), 4);
        assert!(shrinks(folder.path()));
        assert_eq!(outbox.due("ops", at(60), 9).len(), 1);
    }
    let folder = tempfile::tempdir().unwrap();
    drop(Outbox::open(Some(folder.path()), at(60)).unwrap());
    assert!(shrinks(folder.path()));
}

#[test]
fn a_process_of_the_first_version_may_still_write() {
    let folder = state_directory();
    let mut store = Store::open(&folder.path().join(DATABASE)).unwrap();
    let states = store.groups(100, at(60)).unwrap().states;
    let first = Connection::open(folder.path().join(DATABASE)).unwrap();
    let columns = "SELECT fingerprint, idle_from, state FROM groups";
    let row = |row: &rusqlite::Row<'_>| -> rusqlite::Result<(String, i64, String)> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?))
    };
    let written: Vec<_> =
        first.prepare(columns).unwrap().query_map([], row).unwrap().map(Result::unwrap).collect();
    // What this version writes, before the other one writes over it.
    let outbox = Outbox::open(Some(folder.path()), at(60)).unwrap();
    outbox.submit(vec![], states.clone(), |_| 10, at(60)).wait().unwrap();
    drop(outbox);
    for row in written {
        let sql = "INSERT OR REPLACE INTO groups (fingerprint, idle_from, state) VALUES (?, ?, ?)";
        first.execute(sql, row).unwrap();
    }
    assert_eq!(store.groups(100, at(60)).unwrap(), KeptGroups { states, unreadable: vec![] });
}

#[test]
fn a_state_that_cannot_be_read_is_put_aside_and_told() {
    let folder = state_directory();
    let path = folder.path().join(DATABASE);
    drop(Store::open(&path).unwrap());
    let broken = Connection::open(&path).unwrap();
    let [oom, disk] = [out_of_memory(), disk_full()].map(|o| o.fingerprint.to_string());
    broken.execute("UPDATE groups SET state = '{}' WHERE fingerprint = ?", [&oom]).unwrap();
    broken.execute("UPDATE groups SET format = 9 WHERE fingerprint = ?", [&disk]).unwrap();
    let before: String = broken
        .query_row("SELECT state FROM groups WHERE fingerprint = ?", [&disk], |row| row.get(0))
        .unwrap();

    let log = NamedTempFile::new().unwrap();
    let writer = Arc::new(log.reopen().unwrap());
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(writer).finish();
    // Where there is one alone, what another thread tells first is shut to it for good.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let states = tracing::subscriber::with_default(subscriber, || {
        let outbox = Outbox::open(Some(folder.path()), at(60)).unwrap();
        outbox.groups(at(60))
    });
    let read: Vec<_> = by_id(states).iter().map(GroupState::id).collect();
    let mut expected: Vec<GroupId> =
        vec![Fingerprint::new(GENERIC, "widget # went sideways").into(), reset().into()];
    expected.sort();
    assert_eq!(read, expected);
    let log = fs::read_to_string(log.path()).unwrap();
    assert!(log.contains("some groups of the last run cannot be read"), "{log}");
    assert!(log.contains("groups=2") && log.contains(" known are 1 to 6"), "{log}");

    let mut aside = broken
        .prepare("SELECT fingerprint, format, state, reason, found_at FROM unreadable_groups")
        .unwrap();
    let aside = aside
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)));
    let mut aside: Vec<(String, u32, String, String, i64)> =
        aside.unwrap().collect::<Result<_, _>>().unwrap();
    aside.sort();
    let found_at = at(60).as_millisecond();
    let missing = "missing field `group`".to_owned();
    let later = "it is of format 9, and known are 1 to 6".to_owned();
    let mut expected =
        [(oom, 1, "{}".to_owned(), missing, found_at), (disk, 9, before, later, found_at)];
    expected.sort();
    assert_eq!(aside, expected);
    // Once is enough.
    let mut store = Store::open(&path).unwrap();
    assert_eq!(store.groups(100, at(60)).unwrap().unreadable, []);
}

#[test]
fn a_file_of_the_first_version_is_read_with_its_version_and_without() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(first_version("groups.json")).unwrap();
    let path = folder.path().join("groups.json");
    for text in [text.clone(), text.replace("\"version\":1,", "")] {
        fs::write(&path, text).unwrap();
        let KeptGroups { states, unreadable } = read_groups(&path).unwrap();
        assert_eq!((states.len(), unreadable), (4, vec![]));
        assert_goes_on(states.clone());
        write_groups(&path, &states).unwrap();
        assert_eq!(read_groups(&path).unwrap().states, states);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn the_file_and_the_database_of_the_first_version_say_the_same() {
    let folder = state_directory();
    let mut store = Store::open(&folder.path().join(DATABASE)).unwrap();
    let file = read_groups(&first_version("groups.json")).unwrap();
    assert_eq!(by_id(store.groups(100, at(60)).unwrap().states), by_id(file.states));
}

/// What groups of format 2 were like: the same events as those of the first version,
/// and the cooldowns with their own times.
#[test]
fn groups_of_format_2_go_on_where_errors_are_told_apart_by_their_fingerprints() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(DATABASE);
    fs::copy(second_format(DATABASE), &path).unwrap();
    let states = Store::open(&path).unwrap().groups(100, at(60)).unwrap().states;
    let file = read_groups(&second_format("groups.json")).unwrap();
    assert_eq!((by_id(states.clone()), file.unreadable), (by_id(file.states), vec![]));
    assert_goes_on(states.clone());
    let outbox = Outbox::open(Some(folder.path()), at(60)).unwrap();
    outbox.submit(vec![], states.clone(), |_| 10, at(60)).wait().unwrap();
    drop(outbox);
    let outbox = Outbox::open(Some(folder.path()), at(60)).unwrap();
    assert_eq!(by_id(outbox.groups(at(60))), by_id(states));
}

/// What groups of later formats were like: the same, each by its group, and from the
/// fourth on such as may be joined.
#[test]
fn groups_of_later_formats_go_on() {
    for format in ["format3", "format4", "format5"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(DATABASE);
        fs::copy(left(format, DATABASE), &path).unwrap();
        let states = Store::open(&path).unwrap().groups(100, at(60)).unwrap().states;
        let file = read_groups(&left(format, "groups.json")).unwrap();
        assert_eq!((by_id(states.clone()), file.unreadable), (by_id(file.states), vec![]));
        assert_goes_on(states);
    }
}

/// An alert that is owed is owed after a restart.
#[test]
fn an_alert_that_was_taken_back_is_owed_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("groups.json");
    let mut table = GroupTable::new(AggregationSettings::default());
    let mut undo = None;
    for second in 0..5 {
        if let Decision::Raised(raised) = table.observe(&disk_full(), now(second)) {
            undo = Some(raised.undo);
        }
    }
    let undo = undo.unwrap();
    // A crash while it is under way, and one after it was refused.
    let under_way: Vec<_> = table.states_without([&undo]).collect();
    table.take_back(&undo);
    for states in [under_way, table.states().collect()] {
        write_groups(&path, &states).unwrap();
        let mut table = GroupTable::new(AggregationSettings::default());
        table.restore(read_groups(&path).unwrap().states);
        let Decision::Raised(raised) = table.observe(&disk_full(), now(400)) else { panic!() };
        let told = (raised.count, raised.suppressed, raised.first_seen, raised.ordinal);
        assert_eq!(told, (3, 2, at(0), 2));
    }
}

/// What was seen is known after a restart, also when its group is followed no more, and
/// so is what is usual.
#[test]
fn what_triggers_remember_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let new = NewTrigger { learn: SignedDuration::from_mins(60), ..NewTrigger::default() };
    let spike = SpikeTrigger { baseline: SignedDuration::from_hours(4), ..SpikeTrigger::default() };
    let triggers = Triggers { new: Some(new), spike: Some(spike), ..Triggers::default() };
    let settings =
        AggregationSettings { triggers, max_groups: 1, ..AggregationSettings::default() };
    let mut table = GroupTable::new(settings.clone());
    table.keep_forgotten();
    let see = |table: &mut GroupTable, error: &Observation<'_>, second| {
        table.tick(at(second));
        told(table.observe(error, now(second))).map(|raised| raised.reason)
    };
    let mut outbox = Outbox::open(Some(folder.path()), at(0)).unwrap();
    let save = |outbox: &Outbox, states, second| {
        outbox.submit(vec![], states, |_| 10, at(second)).wait().unwrap();
    };
    see(&mut table, &out_of_memory(), 0);
    for hour in 0..3 {
        see(&mut table, &disk_full(), hour * 3_600);
        save(&outbox, table.take_unsaved(), hour * 3_600);
    }
    drop(outbox);
    outbox = Outbox::open(Some(folder.path()), at(3 * 3_600)).unwrap();
    let mut table = GroupTable::new(settings);
    table.restore(outbox.groups(at(3 * 3_600)));
    // It has learnt, and both are known.
    assert_eq!(table.stats().remembered, 2);
    let fingerprint = Fingerprint::new("storage", "never");
    let never = Observation { fingerprint, group: fingerprint.into(), ..disk_full() };
    let raised = see(&mut table, &never, 3 * 3_600);
    assert_eq!(raised, Some(Reason::New { quiet: None }));
    assert_eq!(see(&mut table, &disk_full(), 3 * 3_600 + 1), None);
}

/// The alert of all groups of an error cools after a restart, and lists what was held.
#[test]
fn what_the_groups_of_an_error_have_alerted_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let settings =
        || AggregationSettings { collapse_above: Some(1), ..AggregationSettings::default() };
    let of = |service: &str| {
        let group = |value: &str| GroupId::new("g1", "critical", "out of memory", [value]);
        let error = JoinedError {
            group: group("*"),
            by: vec!["service".to_owned()],
            value: service.to_owned(),
        };
        let joined = Some(std::borrow::Cow::Owned(error));
        Observation { group: group(service), joined, ..out_of_memory() }
    };
    let mut table = GroupTable::new(settings());
    for service in ["a", "b", "c"] {
        table.observe(&of(service), now(0));
    }
    assert_eq!(table.stats().alerts, 2);
    let outbox = Outbox::open(Some(folder.path()), at(60)).unwrap();
    outbox.submit(vec![], table.take_unsaved(), |_| 10, at(60)).wait().unwrap();
    drop(outbox);
    let outbox = Outbox::open(Some(folder.path()), at(60)).unwrap();
    let mut table = GroupTable::new(settings());
    table.restore(outbox.groups(at(60)));
    assert_eq!(table.observe(&of("d"), now(599)), Decision::Held(Hold::Cooldown));
    let Decision::Raised(raised) = table.observe(&of("a"), now(600)) else { panic!() };
    let values = raised.joined.unwrap().values.into_iter().map(|value| value.value);
    assert_eq!(
        (values.collect::<Vec<_>>(), raised.ordinal),
        (["a", "c", "d"].map(str::to_owned).to_vec(), 2)
    );
}

/// The first start with `grouping:` repeats no alert that is cooling, and counts anew.
#[test]
fn a_new_group_takes_over_the_cooldown_of_its_fingerprint_from_disk() {
    let folder = state_directory();
    let first =
        Store::open(&folder.path().join(DATABASE)).unwrap().groups(100, at(60)).unwrap().states;
    let second = read_groups(&second_format("groups.json")).unwrap().states;
    for states in [first, second] {
        let mut table = GroupTable::new(AggregationSettings::default());
        table.restore(states);
        let grouped = |observation: Observation<'static>, service: &str| Observation {
            group: GroupId::new("g1", &observation.category, "x", [service]),
            ..observation
        };
        for service in ["a", "b"] {
            let oom = grouped(out_of_memory(), service);
            assert_eq!(table.observe(&oom, now(599)), Decision::Held(Hold::Cooldown));
            let Decision::Raised(raised) = table.observe(&oom, now(600)) else { panic!() };
            // One came in this cooldown; the four before it were told of another group.
            assert_eq!((raised.ordinal, raised.suppressed), (1, 1));
            // Two had been counted by the fingerprint.
            let full = grouped(disk_full(), service);
            assert_eq!(table.observe(&full, now(50)), Decision::Held(Hold::BelowThreshold));
        }
    }
}

#[test]
fn no_file_is_no_groups() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(read_groups(&folder.path().join("none")).unwrap(), KeptGroups::default());
}

#[test]
fn a_group_of_a_file_that_cannot_be_read_is_told_and_the_file_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("groups.json");
    let text = fs::read_to_string(first_version("groups.json")).unwrap();
    let text = text.replace("\"suppressed\":4", "\"suppressed\":\"many\"");
    fs::write(&path, &text).unwrap();
    let KeptGroups { states, unreadable } = read_groups(&path).unwrap();
    assert_eq!(states.len(), 3);
    let [UnreadableGroup { group, reason }] = unreadable.try_into().unwrap();
    assert_eq!(group, out_of_memory().fingerprint.to_string());
    assert!(reason.starts_with("invalid type: string \"many\", expected u64"), "{reason}");
    write_groups(&path, &states).unwrap();
    let kept = fs::read_to_string(folder.path().join("groups.json.unreadable")).unwrap();
    assert_eq!(kept, text);
}

#[test]
fn a_damaged_file_is_moved_aside_and_a_later_one_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("groups.json");
    let later = "{\"version\":99,\"groups\":[{}]}";
    fs::write(&path, later).unwrap();
    assert_eq!(
        read_groups(&path).unwrap_err().to_string(),
        "it was written by a later version of vector-signatures (format 99)"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), later);

    fs::write(&path, "{\"version\":1,\"gro").unwrap();
    let aside = folder.path().join("groups.json.damaged");
    assert_eq!(
        read_groups(&path).unwrap_err().to_string(),
        format!(
            "it is damaged: EOF while parsing a string at line 1 column 17; it is kept as {}",
            aside.display()
        )
    );
    assert_eq!(fs::read_to_string(aside).unwrap(), "{\"version\":1,\"gro");
    assert!(!path.exists());
}
