//! Every rule on its fixture, by the binary that users run.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::path::Path;

use assert_cmd::Command;

fn sigcheck() -> Command {
    let mut command = Command::cargo_bin("sigcheck").unwrap();
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("NO_COLOR", "1");
    command
}

fn stdout(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

fn rules() -> Vec<String> {
    let json = stdout(sigcheck().args(["rules", "--format", "json"]));
    let rules: serde_json::Value = serde_json::from_str(&json).unwrap();
    let name = |rule: &serde_json::Value| rule["rule"].as_str().unwrap().to_owned();
    rules["rules"].as_array().unwrap().iter().map(name).collect()
}

/// What the rule finds in a fixture.
fn found(rule: &str, fixture: &str) -> String {
    assert!(
        Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture).is_file(),
        "{rule} has no {fixture}: each rule has a fixture in which it finds something, \
         and one in which it does not"
    );
    let mut command = sigcheck();
    command.args(["validate", fixture]);
    // An ignore is unused only where the rule that it names is looked for.
    if rule != "unused-ignore" {
        command.args(["--select", rule]);
    }
    if ["unknown-category", "unused-override"].contains(&rule) {
        command.arg("tests/fixtures/taxonomy.yml");
    }
    stdout(&mut command)
}

/// Found where alerts are delivered, never by `sigcheck`.
const FOUND_ELSEWHERE: &str = "missing-secret";

#[test]
fn every_rule_finds_what_its_fixture_holds_and_nothing_else() {
    for rule in rules().iter().filter(|rule| *rule != FOUND_ELSEWHERE) {
        let found = found(rule, &format!("tests/fixtures/{rule}.yml"));
        assert!(found.contains(&format!("[{rule}]")), "{rule} finds nothing in its fixture");
        insta::assert_snapshot!(rule.as_str(), found);
    }
}

#[test]
fn no_rule_finds_anything_in_what_is_only_like_it() {
    for rule in rules() {
        let found = found(&rule, &format!("tests/fixtures/fine/{rule}.yml"));
        assert_eq!(found.lines().count(), 1, "{found}");
        assert!(found.ends_with(": 0 errors, 0 warnings\n"), "{found}");
    }
}

#[test]
fn every_fixture_is_that_of_a_rule() {
    let rules = rules();
    for folder in ["tests/fixtures", "tests/fixtures/fine"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for path in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            assert!(["fine", "taxonomy"].contains(&&*stem) || rules.contains(&stem), "{stem}");
        }
    }
}

#[test]
fn what_can_be_mended_is_mended_and_the_rest_stays_as_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    for rule in rules().iter().filter(|rule| *rule != FOUND_ELSEWHERE) {
        let fixture = format!("tests/fixtures/{rule}.yml");
        let before =
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(fixture)).unwrap();
        let file = folder.path().join(format!("{rule}.yml"));
        std::fs::write(&file, &before).unwrap();
        sigcheck().arg("validate").arg(&file).arg("--fix").output().unwrap();
        let after = std::fs::read_to_string(&file).unwrap();
        let changed: Vec<_> = before.lines().zip(after.lines()).filter(|(b, a)| b != a).collect();
        if !changed.is_empty() {
            let lines: Vec<_> = changed.iter().map(|(b, a)| format!("-{b}\n+{a}")).collect();
            insta::assert_snapshot!(format!("{rule}.fixed"), lines.join("\n"));
        }
        let again = sigcheck().arg("validate").arg(&file).arg("--fix").output().unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), after, "{rule}");
        assert!(again.stderr.is_empty(), "{rule}");
    }
}

#[test]
fn the_shipped_files_are_clean() {
    let output =
        sigcheck().current_dir("..").args(["validate", "--deny", "warnings"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
}

#[test]
fn the_page_of_rules_is_what_the_rules_say() {
    let page = stdout(sigcheck().args(["explain", "--all"]));
    let committed = std::fs::read_to_string("../docs/rules.md").unwrap();
    assert!(page == committed, "run `sigcheck explain --all > docs/rules.md`");
}
