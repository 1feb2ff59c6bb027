//! A log raises the same alerts whenever it is read: `sigcheck replay` and
//! `vector-signatures pipe` are held against each other on old logs.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use serde_json::Value;
use signatures_peers::process::{command, json_lines, root, run, text};

/// What two alerts have to agree in.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Told {
    time: String,
    fingerprint: String,
    severity: String,
    count: String,
    suppressed: String,
}

impl Told {
    fn of(alert: &Value, time: &str) -> Self {
        let [time, fingerprint, severity, count, suppressed] =
            [time, "fingerprint", "severity", "count", "suppressed"]
                .map(|key| alert[key].to_string());
        Self { time, fingerprint, severity, count, suppressed }
    }
}

/// Deliveries of one fingerprint wait for each other, so that others overtake them.
fn sorted(alerts: impl Iterator<Item = Told>) -> Vec<Told> {
    let mut alerts: Vec<_> = alerts.collect();
    alerts.sort();
    alerts
}

fn replayed(sigcheck: &Path, logs: &[&str]) -> Vec<Told> {
    let mut command = command(sigcheck.to_str().unwrap(), &root());
    command.args(["replay", "--format", "json"]).args(logs);
    let output = run(command, b"");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    sorted(report["alerts"].as_array().unwrap().iter().map(|alert| Told::of(alert, "time")))
}

fn piped(logs: &[&str], input: &[u8]) -> Vec<Told> {
    let mut command = command(env!("CARGO_BIN_EXE_vector-signatures"), &root());
    command.args(["pipe", "-q"]).args(logs);
    let output = run(command, input);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let events = json_lines(&output.stderr).into_iter();
    let alerts = events.filter(|event| event.get("id").is_some());
    sorted(alerts.map(|alert| Told::of(&alert, "last_seen")))
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// An old log: lines of several makes, some out of order, some without a time or
/// with one from another age.
fn old_log(seed: u64, lines: usize) -> String {
    let mut dice = Dice(seed);
    let start: jiff::Timestamp = "2025-03-14T09:00:00Z".parse().unwrap();
    let mut seconds = 0;
    let mut log = String::new();
    for _ in 0..lines {
        seconds += dice.below(40);
        let late = if dice.below(8) == 0 { dice.below(900) } else { 0 };
        let at = start + jiff::SignedDuration::from_secs(seconds as i64 - late as i64);
        let what = ["read ECONNRESET", "OOMKilled", "ENOSPC on /a", "all is well", "x509: expired"]
            [dice.below(5) as usize];
        match dice.below(12) {
            0 | 1 => writeln!(log, "    at a.b.C(C.java:7) {what}"),
            2 => writeln!(log, "{{\"time\":\"{at}\",\"level\":\"error\",\"message\":\"{what}\"}}"),
            3 => writeln!(log, "{{\"ts\":{},\"message\":\"{what}\"}}", at.as_second()),
            4 => writeln!(log, "{} web app: {what}", at.strftime("%b %e %H:%M:%S")),
            5 if dice.below(9) == 0 => writeln!(log, "2099-01-01 00:00:00 app: {what}"),
            6 if dice.below(9) == 0 => writeln!(log, "2020-01-01 00:00:00 app: {what}"),
            7 => writeln!(log, "{} {}", "x".repeat(dice.below(2000) as usize), what),
            _ => writeln!(log, "{} app: {what}", at.strftime("%Y-%m-%d %H:%M:%S")),
        }
        .unwrap();
    }
    log
}

#[test]
fn pipe_raises_on_an_old_file_the_alerts_that_replay_shows() {
    let sigcheck =
        PathBuf::from(env!("CARGO_BIN_EXE_vector-signatures")).with_file_name("sigcheck");
    assert!(sigcheck.exists(), "run the tests with --workspace, which builds sigcheck beside it");
    let samples = "examples/samples.log";
    let expected = replayed(&sigcheck, &[samples]);
    assert_eq!(expected.len(), 15);
    assert_eq!(piped(&[samples], b""), expected);

    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let write = |name: &str, log: &str| std::fs::write(path(name), log).unwrap();
    for seed in 0..6 {
        // Of one block and of many.
        let log = old_log(seed, if seed < 4 { 300 } else { 9_000 });
        write("a.log", &log);
        let expected = replayed(&sigcheck, &[&path("a.log")]);
        assert!(expected.len() > 5, "{seed}: {}", expected.len());
        assert_eq!(piped(&[&path("a.log")], b""), expected, "{seed}");
        assert_eq!(piped(&[], log.as_bytes()), expected, "{seed}, from standard input");
    }
    // A time is that of the lines behind it, however long its line is, and however
    // far they are behind.
    let filler = |length: usize| "x".repeat(length);
    for length in [130_000, 1_200_000] {
        let log = format!(
            "2025-03-14 09:00:00 start\n2025-03-14 09:10:00 {}\nOOMKilled\n\
             2025-03-14 09:30:00 next\n{}OOMKilled\n",
            filler(length),
            format!("    at {}\n", filler(4_000)).repeat(length / 8_000),
        );
        write("a.log", &log);
        let expected = replayed(&sigcheck, &[&path("a.log")]);
        let times: Vec<_> = expected.iter().map(|alert| alert.time.as_str()).collect();
        assert_eq!(times, ["\"2025-03-14T09:10:00Z\"", "\"2025-03-14T09:30:00Z\""], "{length}");
        assert_eq!(piped(&[&path("a.log")], b""), expected, "{length}");
    }
    // One after another, of which the second begins in the middle.
    write("a.log", &old_log(7, 300));
    write("b.log", "    at a.b.C(C.java:8) OOMKilled\n2025-03-20 00:00:00 OOMKilled\n");
    let both = [path("a.log"), path("b.log")];
    let both = [both[0].as_str(), both[1].as_str()];
    assert_eq!(piped(&both, b""), replayed(&sigcheck, &both));
}

#[test]
fn a_message_says_how_long_ago_its_events_were() {
    let line = |ago: i64| {
        let at = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(ago);
        format!("{at} OOMKilled\n")
    };
    let summary = |log: String| {
        let mut command = command(env!("CARGO_BIN_EXE_vector-signatures"), &root());
        command.args(["pipe", "-q"]);
        let output = run(command, log);
        let events = json_lines(&output.stderr).into_iter();
        let mut alerts = events.filter(|event| event.get("id").is_some());
        alerts.next().unwrap()["summary"].as_str().unwrap().split(": ").next().unwrap().to_owned()
    };
    assert_eq!(summary(line(5)), "1 event");
    assert_eq!(summary(line(-3600)), "1 event");
    assert_eq!(summary(line(3 * 3600 + 70)), "1 event, 3h 1m ago");
    assert_eq!(summary(line(49 * 3600 + 9)), "1 event, 2d 1h ago");
    assert_eq!(summary("OOMKilled\n".to_owned()), "1 event");
}
