//! A day with incidents that are known: each is found, and nothing else is.

#![allow(clippy::unwrap_used)] // a test may stop at once

#[path = "support/day.rs"]
mod day;
mod support;

use std::{
    io::{Read, Write},
    path::Path,
};

use day::Day;
use flate2::{Compression, GzBuilder, read::GzDecoder};
use jiff::Timestamp;
use serde_json::Value;
use support::{run, sigcheck};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples");

/// That of the log that is shipped.
const SEED: u64 = 1;

fn replay(log: &Path, format: &str) -> String {
    let args = ["replay", "--alerts", "day.yml", "--format", format, log.to_str().unwrap()];
    let mut args = args.to_vec();
    args.extend(["--taxonomy", "../config/error_signatures.yml"]);
    let (code, out, error) = run(sigcheck(EXAMPLES, &args));
    assert_eq!((code, error), (0, String::new()));
    out
}

/// What an alert of the JSON says, and when.
fn alerts(log: &Path) -> Vec<(Timestamp, String)> {
    let report: Value = serde_json::from_str(&replay(log, "json")).unwrap();
    let alert = |alert: &Value| {
        let text = |key: &str| alert[key].as_str().unwrap().to_owned();
        (text("time").parse().unwrap(), text("trigger"))
    };
    report["alerts"].as_array().unwrap().iter().map(alert).collect()
}

/// The names of incidents that no alert tells of, and the alerts that tell of none.
fn missed_and_false(seed: u64) -> (Vec<&'static str>, Vec<(Timestamp, String)>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("day.log");
    let Day { log, incidents } = Day::of(seed);
    std::fs::write(&path, log).unwrap();
    let alerts = alerts(&path);
    let missed = incidents
        .iter()
        .filter(|incident| !alerts.iter().any(|(at, trigger)| incident.is_told_by(trigger, *at)));
    let missed = missed.map(|incident| incident.name).collect();
    let tells = |(at, trigger): &(Timestamp, String)| {
        incidents.iter().any(|incident| incident.is_told_by(trigger, *at))
    };
    let wrong = alerts.into_iter().filter(|alert| !tells(alert)).collect();
    (missed, wrong)
}

#[test]
fn every_incident_is_found_and_nothing_else() {
    for seed in [SEED, 2, 3] {
        assert_eq!(missed_and_false(seed), (vec![], vec![]), "seed {seed}");
    }
}

/// With `UPDATE_DAY` set the log is written anew.
#[test]
fn the_log_that_is_shipped_is_that_of_its_seed_and_shows_each_trigger() {
    let path = Path::new(EXAMPLES).join("day.log.gz");
    let Day { log, .. } = Day::of(SEED);
    if std::env::var_os("UPDATE_DAY").is_some() {
        let file = std::fs::File::create(&path).unwrap();
        let mut packed = GzBuilder::new().write(file, Compression::best());
        packed.write_all(log.as_bytes()).unwrap();
        packed.finish().unwrap();
    }
    let mut shipped = String::new();
    GzDecoder::new(std::fs::File::open(&path).unwrap()).read_to_string(&mut shipped).unwrap();
    assert!(shipped == log, "set UPDATE_DAY to write it");
    let text = replay(&path, "pretty");
    insta::assert_snapshot!("day", text);
}
