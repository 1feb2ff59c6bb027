//! `sigcheck test` of alert settings, as a user runs it.

#![allow(clippy::unwrap_used)] // a test may stop at once

mod support;

use support::{run, sigcheck};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What `sigcheck test` says of a file, by the settings of the example.
fn tested(text: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("alerts_test.yml"), text).unwrap();
    for (from, name) in [("examples/day.yml", "day.yml"), ("config/error_signatures.yml", "t.yml")]
    {
        std::fs::copy(format!("{ROOT}/{from}"), folder.path().join(name)).unwrap();
    }
    let args = ["test", "t.yml", "alerts_test.yml", "--alerts", "day.yml"];
    run(sigcheck(folder.path(), &args))
}

#[test]
fn the_example_holds() {
    let args = ["test", "examples/alerts_test.yml", "--alerts", "examples/day.yml"];
    let told = run(sigcheck(ROOT, &args));
    assert_eq!(told, (0, "4 passed, 0 failed\n".to_owned(), String::new()));
}

#[test]
fn what_comes_and_what_does_not_is_told_where_it_is_expected() {
    let (code, out, _) = tested(
        "alert_tests:
  - name: too late
    events:
      - { every: 1s, times: 10, line: 'remaining connection slots are reserved' }
    alerts:
      - { at: 10s, trigger: threshold }
  - name: nothing
    events:
      - { at: 1m, line: 'Out of memory: Killed process 1 (java)' }
    alerts: []
",
    );
    assert_eq!(code, 1);
    insta::assert_snapshot!("alert_tests_fail", out);
}

#[test]
fn mistakes_are_told_with_their_places() {
    let (code, out, error) = tested(
        "alert_tests:
  - nam: x
    events:
      - { at: 5, line: x }
      - { at: 5m }
    alerts:
      - { trigger: spik }
  - events: []
",
    );
    assert_eq!((code, out), (2, String::new()));
    insta::assert_snapshot!("alert_tests_mistakes", error);
}
