use std::{borrow::Cow, fs};

use signatures_engine::{
    Fingerprint, Observation, Policy, Severity,
    aggregate::{Aggregate, Decision, EventTime},
};

use super::*;

/// One event of an error that alerts at once, and whether it did.
fn alerts(aggregation: &Aggregation) -> bool {
    let fingerprint = Fingerprint::new("critical", "x");
    let observation = Observation {
        fingerprint,
        group: fingerprint.into(),
        joined: None,
        category: "critical".into(),
        signature: Some("X".into()),
        policy: Policy::default(),
        severity: Cow::Owned(Severity::default()),
        summary: None,
        subject: "x".into(),
        exception: None,
        level: None,
        distinct: Vec::new(),
        host: None,
        service: None,
        time: None,
        request_id: None,
    };
    let now = EventTime::on_arrival("2026-01-02T03:04:05Z".parse().unwrap());
    matches!(aggregation.table().observe(&observation, now), Decision::Raised(_))
}

#[test]
fn a_restart_goes_on_where_the_last_run_stopped() {
    let directory = tempfile::tempdir().unwrap();
    let file = || Some(directory.path().join(FILE));
    let before = Aggregation::new(AggregationSettings::default(), file());
    assert!(alerts(&before));
    before.save();
    let after = Aggregation::new(AggregationSettings::default(), file());
    assert!(!alerts(&after), "it is in its cooldown");
    let names: Vec<_> =
        fs::read_dir(directory.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, [FILE], "nothing else is left behind");
}

#[test]
fn a_file_that_cannot_be_read_is_as_none() {
    for text in ["", "{\"version\":1,\"groups\":[{"] {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join(FILE);
        fs::write(&file, text).unwrap();
        let aggregation = Aggregation::new(AggregationSettings::default(), Some(file.clone()));
        assert!(alerts(&aggregation), "{text}");
        aggregation.save();
        assert_eq!(read_groups(&file).unwrap().states.len(), 1, "{text}");
    }
}

#[test]
fn the_file_of_a_later_version_is_left_to_it() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(FILE);
    let text = "{\"version\":1000,\"groups\":[]}";
    fs::write(&file, text).unwrap();
    let aggregation = Aggregation::new(AggregationSettings::default(), Some(file.clone()));
    assert!(alerts(&aggregation));
    aggregation.save();
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_component_that_is_replaced_has_the_same_state() {
    let known = Aggregations::default();
    let open = |name: &str| known.open(name, AggregationSettings::default(), || None);
    assert!(alerts(&open("a")));
    assert!(!alerts(&open("a")));
    assert!(alerts(&open("b")), "another component has its own");
}

#[test]
fn an_alert_is_saved_soon_and_counts_later() {
    let mut schedule = Schedule::new();
    assert!(!schedule.is_due());
    schedule.observed(false);
    assert!(!schedule.is_due());
    schedule.observed(true);
    assert!(schedule.is_due());
    schedule.saved(Duration::from_secs(3600));
    schedule.observed(true);
    assert!(!schedule.is_due(), "saving took so long that it is not done again at once");
}
