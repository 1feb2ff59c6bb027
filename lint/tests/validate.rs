//! How findings are chosen, silenced and printed, by the binary that users run.

#![allow(clippy::unwrap_used)] // a test may stop at once

mod support;

use std::{path::Path, process::Command};

const TAXONOMY: &str = "\
categories:
  a:
    signatures:
      - { id: A, pattern: '404', summary: 'x, y: 100%' }
";

fn sigcheck(folder: &Path, args: &[&str]) -> (i32, String, String) {
    support::run(support::sigcheck(folder, args))
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

#[test]
fn github_shows_each_finding_at_its_line() {
    let folder = folder(&[("t.yml", TAXONOMY)]);
    assert_eq!(
        sigcheck(folder.path(), &["validate", "t.yml", "--format", "github"]),
        (
            0,
            "::warning file=t.yml,line=4,endLine=4,col=28,endColumn=31,title=bare-number::`404` also matches inside longer numbers%0Aanchor it, as in `\\b404\\b`, or say what stands around it\n".to_owned(),
            String::new()
        )
    );
}

#[test]
fn sarif_holds_rule_place_and_fix() {
    let folder = folder(&[("t.yml", TAXONOMY)]);
    let (_, log, _) = sigcheck(folder.path(), &["validate", "t.yml", "--format", "sarif"]);
    insta::assert_snapshot!(log.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

/// The schema of OASIS, which the crate serde-sarif is made of and holds.
fn sarif_schema() -> serde_json::Value {
    let metadata = ["metadata", "--format-version=1", "--locked"];
    let output = Command::new(env!("CARGO")).args(metadata).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let holder = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = Path::new(holder["manifest_path"].as_str().unwrap());
    let schema = std::fs::read_to_string(manifest.with_file_name("src/schema.json")).unwrap();
    assert!(schema.contains("oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"));
    // A bracket too many in its own pattern for languages keeps it from being compiled.
    serde_json::from_str(&schema.replace("{2}]?$", "{2}$")).unwrap()
}

#[test]
fn sarif_meets_the_official_schema() {
    let schema = sarif_schema();
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (_, log, _) = sigcheck(here, &["validate", "tests/fixtures", "--format", "sarif"]);
    let log = serde_json::from_str(&log).unwrap();
    let errors: Vec<_> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&log)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    let log: serde_sarif::sarif::Sarif = serde_json::from_value(log).unwrap();
    assert!(log.runs[0].results.as_ref().unwrap().len() > 90);
}

#[test]
fn of_a_folder_what_is_a_taxonomy_or_alert_settings_is_taken() {
    let folder = folder(&[
        ("team/deep/t.yml", TAXONOMY),
        ("team/alerts.yaml", "window_minutes: 5\n"),
        ("team/compose.yml", "services: {}\n"),
        ("team/.hidden/t.yml", "categories: [\n"),
        ("team/notes.txt", "categories: [\n"),
    ]);
    let (code, found, _) = sigcheck(folder.path(), &["validate", "team", "--select", "schema"]);
    assert_eq!(
        (code, found.as_str()),
        (0, "team/alerts.yaml, team/deep/t.yml: 0 errors, 0 warnings\n")
    );
    let (code, _, error) = sigcheck(folder.path(), &["validate", "team/.hidden/none"]);
    assert_eq!(code, 2, "{error}");
}

#[test]
fn an_empty_file_is_what_it_is_used_as_or_called() {
    let taxonomy = ("config/error_signatures.yml", TAXONOMY);
    let validate = |files: &[(&str, &str)], args: &[&str]| {
        let folder = folder(files);
        let args = [&["validate", "--select", "schema"], args].concat();
        let (code, out, err) = sigcheck(folder.path(), &args);
        (code, out.contains("the file is empty; a taxonomy is a mapping"), err)
    };
    let (fine, told) = ((0, false, String::new()), (1, true, String::new()));
    for empty in ["", "\n", "# window_minutes: 5\n", "---\n", "~", "\u{feff}# nothing"] {
        let alerts = ("config/alerts.yml", empty);
        assert_eq!(validate(&[taxonomy, alerts], &[]), fine, "{empty:?}");
        assert_eq!(validate(&[taxonomy, alerts], &["config"]), fine, "{empty:?}");
        assert_eq!(validate(&[alerts], &["config/alerts.yml"]), fine, "{empty:?}");
        let named = ("grouping.yml", empty);
        assert_eq!(validate(&[taxonomy, named], &["--alerts", "grouping.yml"]), fine, "{empty:?}");
    }
    for empty in ["", "# categories: {}\n"] {
        let empty = ("config/error_signatures.yml", empty);
        assert_eq!(validate(&[empty], &[]), told);
        assert_eq!(validate(&[empty], &["config"]), told);
        assert_eq!(validate(&[("alerts/rules.yml", empty.1)], &["alerts/rules.yml"]), told);
        assert_eq!(validate(&[("alerts.yml", empty.1)], &["--taxonomy", "alerts.yml"]), told);
    }
}

#[test]
fn the_choices_of_a_team_are_found_from_the_folder_upwards() {
    let folder = folder(&[
        ("sigcheck.toml", "files = ['t.yml']\ndeny_warnings = true\n"),
        ("t.yml", TAXONOMY),
        ("deep/keep", ""),
        ("bad.toml", "ignore = ['bare-numbr']"),
    ]);
    assert_eq!(sigcheck(folder.path(), &["validate"]).0, 1);
    assert_eq!(sigcheck(&folder.path().join("deep"), &["validate"]).0, 1);
    assert_eq!(sigcheck(folder.path(), &["validate", "--ignore", "bare-number"]).0, 0);
    let (code, _, error) = sigcheck(folder.path(), &["validate", "--config", "bad.toml"]);
    assert_eq!(
        (code, error.as_str()),
        (2, "error: bad.toml: there is no rule `bare-numbr`; did you mean `bare-number`?\n")
    );
}

#[test]
fn a_fix_leaves_comments_and_layout_alone() {
    let before = "\u{feff}categories:\r\n  a:   # why\r\n    - '404'   # not found\r\n    -   \"tab\\t500\" \r\n";
    let folder = folder(&[("t.yml", before)]);
    let (code, _, error) =
        sigcheck(folder.path(), &["validate", "t.yml", "--fix", "--unsafe-fixes"]);
    assert_eq!((code, error.as_str()), (0, "t.yml: 1 fixed\n"));
    let after = std::fs::read_to_string(folder.path().join("t.yml")).unwrap();
    assert_eq!(after, before.replace("'404'", r"'\b404\b'"));
}

#[test]
fn standard_input_cannot_be_mended() {
    let folder = folder(&[]);
    let (code, _, error) = sigcheck(folder.path(), &["validate", "-", "--fix"]);
    assert_eq!((code, error.starts_with("error: --fix cannot mend")), (2, true), "{error}");
}

#[test]
fn a_rule_is_explained_and_a_wrong_name_is_guessed() {
    let folder = folder(&[]);
    let (code, text, _) = sigcheck(folder.path(), &["explain", "double-escaped"]);
    assert_eq!((code, text.lines().next()), (0, Some("# double-escaped (warning)")));
    let (code, _, error) = sigcheck(folder.path(), &["explain", "double-escape"]);
    assert!(code == 2 && error.contains("did you mean `double-escaped`?"), "{error}");
}

#[test]
fn a_broken_file_in_a_folder_fails_the_gate() {
    let folder = folder(&[
        ("config/alerts.yml", "window_minutes: 5\n"),
        ("config/error_signatures.yml", "categories: {a: [x"),
    ]);
    let (code, found, _) = sigcheck(folder.path(), &["validate", "config"]);
    assert!(code == 1 && found.starts_with("error[invalid-yaml]"), "{code}: {found}");
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_looked_at() {
    let folder = folder(&[("t.yml", TAXONOMY)]);
    std::fs::write(folder.path().join("wide.yml"), b"\xff\xfec\0a\0").unwrap();
    let given = ["validate", "none.yml", "t.yml", "wide.yml", "--select", "bare-number"];
    let (code, found, error) = sigcheck(folder.path(), &given);
    assert!(code == 2 && found.starts_with("warning[bare-number]"), "{code}: {found}");
    assert_eq!(
        error.lines().collect::<Vec<_>>(),
        [
            "error: cannot read none.yml: No such file or directory (os error 2)",
            "error: cannot read wide.yml: it is UTF-16; save it as UTF-8",
        ]
    );
}

#[test]
fn what_is_passed_over_in_a_folder_is_told_to_who_asks() {
    let folder = folder(&[
        ("config/error_signatures.yml", TAXONOMY),
        ("config/relay.yml", "listen: localhost:6100\nforwad: {}\n"),
        ("config/vector.yaml", "sources: {}\nsinks: {out: {type: console, inputs: [in]}}\n"),
        ("config/compose.yml", "services: {app: {image: app}}\nlimits: {cpu: 1}\n"),
    ]);
    let args = ["validate", "config", "--select", "schema"];
    let (code, out, err) = sigcheck(folder.path(), &args);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    assert!(out.contains("there is no key `forwad` in relay.yml"), "{out}");
    assert!(
        out.ends_with("config/error_signatures.yml, config/relay.yml: 1 error, 0 warnings\n"),
        "{out}"
    );
    let (_, _, err) = sigcheck(folder.path(), &[&args[..], &["-v"]].concat());
    let passed = |name| format!("{name}: passed over, neither a taxonomy nor settings of ours\n");
    assert_eq!(err, passed("config/compose.yml") + &passed("config/vector.yaml"));
}

#[test]
fn a_file_is_what_its_flag_says_and_swapped_ones_are_told() {
    let alerts = "window_minutes: 5\n";
    let folder = folder(&[("t.yml", TAXONOMY), ("a.yml", alerts), ("x.yml", "x: [y]\n")]);
    let swapped = ["--taxonomy", "a.yml", "--alerts", "t.yml"];
    let (code, out, _) = sigcheck(folder.path(), &[&["validate"], &swapped[..]].concat());
    assert_eq!(code, 1);
    for told in [
        "these are alert settings, where a taxonomy is expected",
        "this is a taxonomy, where alert settings are expected",
    ] {
        assert!(out.contains(told), "{out}");
        // It is the same wherever the files are used.
        let (code, _, err) = sigcheck(folder.path(), &[&["classify", "x"], &swapped[..]].concat());
        assert_eq!((code, err.contains("where alert settings are expected")), (2, true), "{err}");
    }
    let args = ["validate", "--taxonomy", "t.yml", "--alerts", "x.yml", "--select", "unknown-key"];
    let (code, out, _) = sigcheck(folder.path(), &args);
    assert!(code == 0 && out.contains("nothing reads the key `x` of alerts.yml"), "{out}");
}

#[test]
fn what_would_be_ignored_beside_a_file_is_refused() {
    let folder = folder(&[("t.yml", TAXONOMY), ("a.yml", "window_minutes: 5\n")]);
    for args in [
        &["validate", "t.yml", "--alerts", "a.yml"][..],
        &["validate", "t.yml", "-t", "t.yml"],
        &["test", "t.yml", "-t", "t.yml"],
    ] {
        let (code, out, err) = sigcheck(folder.path(), args);
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(err.contains("is what is looked at where no FILE is named"), "{err}");
    }
    assert_eq!(sigcheck(folder.path(), &["test", "t.yml", "--alerts", "a.yml"]).0, 0);
    // A variable is set for all commands.
    let mut command = support::sigcheck(folder.path(), &["validate", "t.yml"]);
    command.env("SIGNATURES_TAXONOMY", "no-such.yml");
    assert_eq!(support::run(command).0, 0);
}

#[test]
fn the_choices_of_the_team_lie_beside_the_files_or_above() {
    let folder = folder(&[
        ("team/sigcheck.toml", "deny_warnings = true\n"),
        ("team/config/t.yml", TAXONOMY),
        ("other/t.yml", TAXONOMY),
        ("here/sigcheck.toml", "deny_warnings = true\n"),
        ("here/deep/x", ""),
    ]);
    let exit = |place: &str, args: &[&str]| {
        sigcheck(&folder.path().join(place), &[&["validate"], args].concat()).0
    };
    assert_eq!(exit("", &["team/config/t.yml"]), 1);
    assert_eq!(exit("", &["team/config"]), 1);
    assert_eq!(exit("other", &["-t", "../team/config/t.yml"]), 1);
    assert_eq!(exit("", &["other/t.yml"]), 0);
    assert_eq!(exit("here/deep", &["../../other/t.yml"]), 1);
}

#[test]
fn every_command_tells_what_is_doubtful_in_the_same_words() {
    let twice = "categories:\n  a:\n    owner: me\n    signatures:\n      - { id: A, pattern: x1, summary: x }\n      - { id: A, pattern: y1, summary: y, severity: crit }\n";
    let folder = folder(&[("t.yml", twice), ("a.yml", "window_minuts: 5\n"), ("x.log", "boom\n")]);
    let doubts = "\
warning: a.yml:1:1: nothing reads the key `window_minuts` of alerts.yml [unknown-key]; did you mean `window_minutes`?
warning: t.yml:6:15: an earlier signature has the id `A`; this one becomes `A_1` [duplicate-id]; give it a name of its own (the worst of 3: `sigcheck validate` tells them)
";
    for command in [&["test"][..], &["classify", "boom"], &["replay", "x.log"]] {
        let args = [command, &["--taxonomy", "t.yml", "--alerts", "a.yml"]].concat();
        let (code, _, err) = sigcheck(folder.path(), &args);
        assert_eq!((code, err.as_str()), (0, doubts), "{command:?}");
    }
}

#[test]
fn init_writes_what_is_fine_and_overwrites_nothing() {
    let folder = folder(&[("team/sigcheck.toml", "# ours\n")]);
    let (code, out, err) = sigcheck(folder.path(), &["init", "team", "--ci", "github"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let lines: Vec<_> = out.lines().take_while(|line| !line.is_empty()).collect();
    assert_eq!(
        lines,
        [
            "wrote config/error_signatures.yml",
            "wrote config/alerts.yml",
            "wrote config/schemas/taxonomy.schema.json",
            "wrote config/schemas/alerts.schema.json",
            "kept  sigcheck.toml",
            "wrote .github/workflows/taxonomy.yml",
        ]
    );
    let team = folder.path().join("team");
    assert_eq!(std::fs::read_to_string(team.join("sigcheck.toml")).unwrap(), "# ours\n");
    assert_eq!(sigcheck(&team, &["validate", "--deny", "warnings"]).0, 0);
    assert_eq!(sigcheck(&team, &["validate", "config", "--deny", "warnings"]).0, 0);
    assert_eq!(sigcheck(&team, &["test"]).0, 0);
    // An editor finds the schema that the first line names.
    for name in ["error_signatures.yml", "alerts.yml"] {
        let text = std::fs::read_to_string(team.join("config").join(name)).unwrap();
        let schema = text.lines().next().unwrap().split("$schema=").nth(1).unwrap();
        assert!(team.join("config").join(schema).is_file(), "{schema}");
    }
    for ci in ["gitlab", "pre-commit"] {
        let (code, out, _) = sigcheck(folder.path(), &["init", ci, "--ci", ci]);
        assert_eq!(code, 0, "{out}");
        // And what it writes by itself is fine.
        assert_eq!(sigcheck(&folder.path().join(ci), &["validate"]).0, 0);
    }
}

/// What is found, with a cache in the folder: `--no-cache` for none.
fn found_with(folder: &Path, cache: &[&str]) -> String {
    let mut command = support::sigcheck(folder, &["validate", "t.yml", "--format", "json"]);
    command.env_remove("SIGNATURES_NO_CACHE").args(cache);
    support::run(command).1
}

#[test]
fn what_was_kept_changes_nothing_that_is_found() {
    let patterns = [
        r"^(\w+\s?)*: failed",
        r"(a|a)+b{300}",
        r"foo.*bar.*baz",
        r"connection reset|reset by peer",
        r"(?<name>\w+ )+reset by peer",
        r"a connection reset (?!0)\d+",
        r"(?<=x+)(b+)+c",
        r"(c)(?(1)a|b)",
    ];
    let taxonomy = |patterns: &[&str]| {
        let list: String = patterns.iter().map(|pattern| format!("  - '{pattern}'\n")).collect();
        format!("a:\n{list}noise_allowlist: ['reset']\n")
    };
    let folder = folder(&[]);
    let write = |patterns: &[&str]| {
        std::fs::write(folder.path().join("t.yml"), taxonomy(patterns)).unwrap();
    };
    write(&patterns);
    let kept = ["--cache-dir", "kept"];
    let expected = found_with(folder.path(), &["--no-cache"]);
    assert!(!folder.path().join("kept").exists());
    for _ in 0..2 {
        assert_eq!(found_with(folder.path(), &kept), expected);
    }
    // Another order is another question, and so is another pattern.
    let mut edited = patterns;
    edited.reverse();
    edited[0] = "reset";
    write(&edited);
    assert_eq!(found_with(folder.path(), &kept), found_with(folder.path(), &["--no-cache"]));
    // What is broken is as if it were not there.
    let files: Vec<_> = std::fs::read_dir(folder.path().join("kept")).unwrap().collect();
    assert!(!files.is_empty());
    for file in files {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("null", "0").replace('1', "2")).unwrap();
    }
    write(&patterns);
    assert_eq!(found_with(folder.path(), &kept), expected);
    // Where nothing can be kept, nothing is, and nothing said.
    assert_eq!(found_with(folder.path(), &["--cache-dir", "t.yml/kept"]), expected);
}

#[test]
fn what_python_cannot_read_is_read_as_others_do() {
    let patterns = [r"(?<name>(a+)+)$", r"(\p{L}+)+!", r"x(?-i)(a+)+$", r"(?<=x+)(b+)+c"];
    let list: String = patterns.iter().map(|pattern| format!("  - '{pattern}'\n")).collect();
    let place = folder(&[("t.yml", &format!("a:\n{list}"))]);
    let args = ["validate", "t.yml", "--select", "catastrophic-backtracking", "--format", "json"];
    let (_, out, _) = sigcheck(place.path(), &args);
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    let lines: Vec<_> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["line"].clone(), finding["severity"].clone()))
        .collect();
    let expected: Vec<_> = (2..6).map(|line| (line.into(), "error".into())).collect();
    assert_eq!(lines, expected, "{out}");
}

#[test]
fn a_comment_silences_what_its_line_begins() {
    let found = |entry: &str| {
        let text = format!("categories:\n  a:\n    signatures:\n{entry}");
        let folder = folder(&[("t.yml", &text)]);
        let args = ["validate", "t.yml", "--format", "github"];
        let (_, found, _) = sigcheck(folder.path(), &args);
        let rule = |line: &str| Some(line.split_once("title=")?.1.split_once("::")?.0.to_owned());
        found.lines().filter_map(rule).collect::<Vec<_>>()
    };
    let all = "bare-number, missing-summary";
    for silenced in [
        format!("      - # sigcheck: ignore[{all}]\n        id: A\n        pattern: '404'\n"),
        "      - '404' # sigcheck: ignore[bare-number]\n".to_owned(),
        "      - # sigcheck: ignore[bare-number]\n\n        '404'\n".to_owned(),
        "      - |- # sigcheck: ignore[bare-number]\n        404\n".to_owned(),
        "      - id: A # sigcheck: ignore[missing-summary]\n        pattern: >- # sigcheck: ignore[bare-number]\n          404\n".to_owned(),
        "      - id: A\n        summary: x\n        pattern: # sigcheck: ignore[bare-number]\n          '404'\n".to_owned(),
        "      - id: A\n        summary: x\n        pattern: &x |- # sigcheck: ignore[bare-number]\n          404\n".to_owned(),
        "      - id: A\n        summary: x\n        # sigcheck: ignore[bare-number]\n        pattern: '404\n          |405'\n".to_owned(),
    ] {
        for line_break in ["\n", "\r\n", "\r"] {
            let entry = silenced.replace('\n', line_break);
            assert_eq!(found(&entry), Vec::<String>::new(), "{entry:?}");
        }
    }
    // Of what follows it says nothing.
    let next = "      - |- # sigcheck: ignore[bare-number]\n        404\n      - '405'\n";
    assert_eq!(found(next), ["bare-number"]);
    // What makes a file unusable is not silenced.
    for fatal in ["'x(' # sigcheck: ignore[invalid-regex]", "{id: A} # sigcheck: ignore[schema]"] {
        let found = found(&format!("      - {fatal}\n"));
        assert_eq!((found.len(), found[1].as_str()), (2, "unused-ignore"), "{found:?}");
    }
}

#[test]
fn a_file_that_is_named_twice_is_told_once() {
    let folder = folder(&[("t.yml", "a:\n  - {id: A, pattern: foo.*, summary: s}\n")]);
    let args = ["validate", "t.yml", "./t.yml", ".", "--fix", "--diff"];
    let (code, diff, told) = sigcheck(folder.path(), &args);
    assert_eq!((code, diff.matches("+++ ").count()), (1, 1), "{diff}");
    assert_eq!(told, "t.yml: 1 would be fixed\n");
}

#[test]
fn sarif_is_whole_where_nothing_failed() {
    let text = "a:\n  - {pattern: boom, summary: x, examples: [a boom]}\n";
    let folder = folder(&[("a b.yml", text)]);
    let (code, log, _) = sigcheck(folder.path(), &["test", "./a b.yml", "--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_str(&log).unwrap();
    assert_eq!((code, &log["runs"][0]["results"]), (0, &serde_json::json!([])));
}

#[test]
fn findings_in_a_long_line_are_told_with_their_places() {
    let long = "y".repeat(400);
    let signature = |n| format!(r#"{{"id":"É{n}","pattern":"x{n} boom.*","summary":"{long}"}}"#);
    let all: Vec<_> = (0..400).map(signature).collect();
    let text = format!("\u{feff}{{\"a\":[{}]}}", all.join(","));
    let folder = folder(&[("t.json", &text)]);
    let args = ["validate", "t.json", "--select", "redundant-wildcard"];
    let (_, found, _) = sigcheck(folder.path(), &args);
    // The byte-order mark has no column.
    let at = |n: usize| {
        let before = text.split(&format!("x{n} boom")).next().unwrap().chars().count();
        format!("t.json:1:{}", before + format!("x{n} boom").len())
    };
    assert_eq!(found.matches("redundant-wildcard").count(), 400);
    assert!(found.contains(&at(0)) && found.contains(&at(399)), "{}", at(399));
    assert!(found.ends_with("t.json: 0 errors, 400 warnings (400 fixable with --fix)\n"));
}
