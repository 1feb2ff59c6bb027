//! Every rule on its fixtures, by the binary that users run.

#![allow(clippy::unwrap_used)] // a test may stop at once

mod support;

use std::path::{Path, PathBuf};

use support::{run, sigcheck};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// Found where alerts are delivered, never by `sigcheck`.
const FOUND_ELSEWHERE: &str = "missing-secret";

/// What keeps a file from being looked at as a whole.
const UNREADABLE: &str = "invalid-yaml,schema,invalid-regex,regex-too-large";

fn stdout(args: &[&str]) -> String {
    run(sigcheck(HERE, args)).1
}

/// The rules that `sigcheck` looks for.
fn rules() -> Vec<String> {
    let json = stdout(&["rules", "--format", "json"]);
    let rules: serde_json::Value = serde_json::from_str(&json).unwrap();
    let name = |rule: &serde_json::Value| rule["rule"].as_str().unwrap().to_owned();
    let all: Vec<_> = rules["rules"].as_array().unwrap().iter().map(name).collect();
    assert!(all.iter().any(|rule| rule == FOUND_ELSEWHERE));
    all.into_iter().filter(|rule| rule != FOUND_ELSEWHERE).collect()
}

/// The names of the files in a folder, without their endings.
fn stems(folder: &str) -> Vec<String> {
    let files = Path::new(HERE).join(folder).read_dir().unwrap();
    let paths = files.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let mut stems: Vec<_> =
        paths.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    stems.sort_unstable();
    stems
}

/// The fixtures of a rule: `RULE.yml`, and `RULE.anything.yml` for more of them.
fn fixtures(rule: &str, folder: &str) -> Vec<String> {
    let own = |stem: &String| stem == rule || stem.starts_with(&format!("{rule}."));
    let fixtures: Vec<_> = stems(folder).into_iter().filter(own).collect();
    assert!(
        !fixtures.is_empty(),
        "{rule} has none in {folder}: each rule has a fixture in which it finds something, \
         and one in which it does not"
    );
    fixtures
}

/// What some rules find in a fixture.
fn found(rule: &str, select: &str, fixture: &str) -> String {
    let mut args = vec!["validate", fixture];
    // An ignore is unused only where the rule that it names is looked for.
    if rule != "unused-ignore" {
        args.extend(["--select", select]);
    }
    if ["unknown-category", "unused-override"].contains(&rule) {
        args.push("tests/fixtures/taxonomy.yml");
    }
    stdout(&args)
}

#[test]
fn every_rule_finds_what_its_fixture_holds_and_nothing_else() {
    for rule in rules() {
        for fixture in fixtures(&rule, "tests/fixtures") {
            let found = found(&rule, &rule, &format!("tests/fixtures/{fixture}.yml"));
            assert!(found.contains(&format!("[{rule}]")), "nothing is found in {fixture}");
            insta::assert_snapshot!(fixture.as_str(), found);
        }
    }
}

#[test]
fn no_rule_finds_anything_in_what_is_only_like_it() {
    for rule in rules() {
        for fixture in fixtures(&rule, "tests/fixtures/fine") {
            // Of what cannot be read nothing is found, fine or not.
            let select = format!("{rule},{UNREADABLE}");
            let found = found(&rule, &select, &format!("tests/fixtures/fine/{fixture}.yml"));
            assert_eq!(found.lines().count(), 1, "{found}");
            assert!(found.ends_with(": 0 errors, 0 warnings\n"), "{found}");
        }
    }
}

#[test]
fn secrets_that_are_not_to_be_had_where_sigcheck_runs_are_no_finding() {
    let fixture = format!("tests/fixtures/{FOUND_ELSEWHERE}.yml");
    let mut command = sigcheck(HERE, &["validate", &fixture]);
    command.env_remove("NOT_SET_ANYWHERE");
    let found = format!("{fixture}: 0 errors, 0 warnings\n");
    assert_eq!(run(command), (0, found, String::new()));
}

#[test]
fn every_fixture_and_snapshot_is_that_of_a_rule() {
    let rules = rules();
    let of_a_rule = |stem: &str| rules.iter().any(|rule| stem.split('.').next() == Some(rule));
    for stem in stems("tests/fixtures") {
        assert!(["taxonomy", FOUND_ELSEWHERE].contains(&&*stem) || of_a_rule(&stem), "{stem}");
    }
    for stem in stems("tests/fixtures/fine") {
        assert!(of_a_rule(&stem), "{stem}");
    }
    for stem in stems("tests/snapshots") {
        assert!(stem.strip_prefix("rules__").is_none_or(of_a_rule), "{stem}");
    }
}

/// Whether there is a snapshot of what `--fix` makes of a fixture.
fn is_known_to_be_mended(fixture: &str) -> bool {
    let name = format!("tests/snapshots/rules__{fixture}.fixed.snap");
    Path::new(HERE).join(name).is_file()
}

#[test]
fn what_can_be_mended_is_mended_and_the_rest_stays_as_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    for fixture in rules().iter().flat_map(|rule| fixtures(rule, "tests/fixtures")) {
        let lies: PathBuf = Path::new(HERE).join(format!("tests/fixtures/{fixture}.yml"));
        let before = std::fs::read_to_string(lies).unwrap();
        let file = folder.path().join(format!("{fixture}.yml"));
        std::fs::write(&file, &before).unwrap();
        let fix = || {
            run(sigcheck(HERE, &["validate", file.to_str().unwrap(), "--fix", "--unsafe-fixes"]))
        };
        fix();
        let after = std::fs::read_to_string(&file).unwrap();
        if after != before {
            let lines = before.lines().zip(after.lines()).filter(|(b, a)| b != a);
            let lines: Vec<_> = lines.map(|(b, a)| format!("-{b}\n+{a}")).collect();
            insta::assert_snapshot!(format!("{fixture}.fixed"), lines.join("\n"));
        } else {
            assert!(!is_known_to_be_mended(&fixture), "{fixture} is not mended any more");
        }
        let (_, _, error) = fix();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), after, "{fixture}");
        assert_eq!(error, "", "{fixture}");
    }
}

#[test]
fn the_shipped_files_are_clean() {
    let root = Path::new(HERE).join("..");
    let (code, text, _) = run(sigcheck(root, &["validate", "--deny", "warnings"]));
    assert_eq!((code, text.lines().count()), (0, 1), "{text}");
}

#[test]
fn the_page_of_rules_is_what_the_rules_say() {
    let page = stdout(&["explain", "--all"]);
    let committed = std::fs::read_to_string("../docs/rules.md").unwrap();
    assert!(page == committed, "run `sigcheck explain --all > docs/rules.md`");
}
