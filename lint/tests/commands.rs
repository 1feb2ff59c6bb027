//! The commands as a user runs them: the real binary, its output, its exit code.

#![allow(clippy::unwrap_used)] // a test may stop at once

mod support;

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use assert_cmd::Command;
use serde_json::{Value, json};
use support::run;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// `sigcheck` in the root of the project.
fn sigcheck(args: &[&str]) -> Command {
    support::sigcheck(root(), args)
}

fn stdout(args: &[&str], code: i32) -> String {
    let (found, out, error) = run(sigcheck(args));
    assert_eq!((found, error.as_str()), (code, ""), "{out}");
    out
}

fn file(directory: &Path, name: &str, text: &str) -> String {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn the_shipped_files_are_valid() {
    assert_eq!(
        stdout(&["validate", "--deny", "warnings"], 0),
        "config/error_signatures.yml, config/alerts.yml: 0 errors, 0 warnings\n"
    );
}

#[test]
fn the_shipped_examples_hold() {
    let out = stdout(&["test"], 0);
    assert!(out.ends_with(" passed, 0 failed\n") && !out.starts_with("0 "), "{out}");
}

#[test]
fn validate_tells_every_problem_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let broken = "categories:\n  a:\n    default_policy: page\n    signatures: ['é(', fine]\n    owner: me\n";
    let path = file(directory.path(), "broken.yml", broken);
    let found: Value =
        serde_json::from_str(&stdout(&["validate", "--format", "json", &path], 1)).unwrap();
    assert_eq!(
        found,
        json!({"findings": [
            {
                "rule": "unknown-policy", "severity": "error", "message": "there is no policy `page`",
                "file": path, "line": 3, "column": 21, "end_line": 3, "end_column": 25,
                "help": "one of retry, notify, escalate"
            },
            {
                "rule": "invalid-regex", "severity": "error", "message": "unclosed group",
                "file": path, "line": 4, "column": 20, "end_line": 4, "end_column": 21,
                "help": "a `(` that is meant itself is written `\\(`"
            },
            {
                "rule": "unknown-key", "severity": "warning",
                "message": "nothing reads the key `owner` of a category",
                "file": path, "line": 5, "column": 5, "end_line": 5, "end_column": 10,
                "help": "known here: description, default_policy, default_severity, signatures"
            }
        ]})
    );
    insta::assert_snapshot!(
        stdout(&["validate", &path], 1).replace(&path, "broken.yml"),
        @r"
    error[unknown-policy]: there is no policy `page`
     --> broken.yml:3:21
      |
    3 |     default_policy: page
      |                     ^^^^
      |
      = help: one of retry, notify, escalate

    error[invalid-regex]: unclosed group
     --> broken.yml:4:20
      |
    4 |     signatures: ['é(', fine]
      |                    ^
      |
      = help: a `(` that is meant itself is written `\(`

    warning[unknown-key]: nothing reads the key `owner` of a category
     --> broken.yml:5:5
      |
    5 |     owner: me
      |     ^^^^^
      |
      = help: known here: description, default_policy, default_severity, signatures

    broken.yml: 2 errors, 1 warning
    "
    );
}

#[test]
fn warnings_fail_only_when_denied_and_rules_can_be_chosen() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), "alerts.yml", "window_minutes: 5\nteam: a\n");
    assert!(stdout(&["validate", &path], 0).contains("warning[unknown-key]"));
    stdout(&["validate", &path, "--deny", "warnings"], 1);
    let ignored = stdout(&["validate", &path, "--deny", "warnings", "--ignore", "unknown-key"], 0);
    assert!(ignored.ends_with("0 errors, 0 warnings\n"), "{ignored}");
    stdout(&["validate", &path, "--deny", "warnings", "--select", "schema"], 0);
}

#[test]
fn the_environment_names_the_files_of_every_command() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), "t.yml", "a: ['(']");
    for args in [&["validate"][..], &["test"], &["classify", "x"]] {
        let mut command = sigcheck(args);
        command.env("ERROR_SIGNATURES_PATH", &path).env("ALERTS_GROUPING_CONFIG", "");
        let (code, out, error) = run(command);
        assert_ne!(code, 0, "{args:?}");
        assert!((out + &error).contains("unclosed group"), "{args:?}");
    }
}

#[test]
fn what_is_named_nowhere_is_standard_input() {
    for args in [&["classify"][..], &["classify", "-"], &["replay"], &["replay", "-"]] {
        let mut command = sigcheck(args);
        command.write_stdin("read ECONNRESET\n");
        let (code, out, error) = run(command);
        assert_eq!(code, 0, "{args:?}: {error}");
        assert!(out.contains("1 matched") || out.starts_with("match "), "{args:?}: {out}");
    }
}

#[test]
fn where_no_rules_are_the_built_in_ones_count_and_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let here = |args: &[&str]| {
        let mut command = sigcheck(args);
        command.current_dir(folder.path()).write_stdin("read ECONNRESET\n");
        run(command)
    };
    let (code, out, error) = here(&["replay"]);
    assert_eq!(code, 0, "{error}");
    assert!(out.starts_with("1 lines: 1 matched"), "{out}");
    assert!(out.contains("by the built-in rules, since there is no"), "{out}");
    let (_, out, _) = here(&["replay", "--format", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["rules"], "built-in rules");
    assert!(here(&["classify"]).1.starts_with("match NET_RESET\n"));
    // Those about files say that there is none.
    for args in [&["validate"][..], &["test"]] {
        let (code, _, error) = here(args);
        assert_eq!(code, 2, "{args:?}");
        assert!(error.contains("there is no config/error_signatures.yml here"), "{error}");
    }
    // What was named, or lies there and cannot be read, is not replaced.
    let (code, _, error) = here(&["replay", "-t", "config/error_signatures.yml"]);
    assert_eq!((code, error.contains("cannot read config/error_signatures.yml")), (2, true));
    std::fs::create_dir_all(folder.path().join("config/error_signatures.yml")).unwrap();
    assert_eq!(here(&["replay"]).0, 2);
}

#[test]
fn validate_reads_standard_input() {
    let mut command = sigcheck(&["validate", "-"]);
    command.write_stdin("critical: [\"OOMKilled\"]\n");
    assert_eq!(run(command).1, "<stdin>: 0 errors, 0 warnings\n");
}

#[test]
fn what_cannot_be_read_is_wrong_usage() {
    let (code, out, error) = run(sigcheck(&["validate", "nope.yml"]));
    assert_eq!(
        (code, out.as_str(), error.as_str()),
        (2, "", "error: cannot read nope.yml: No such file or directory (os error 2)\n")
    );
    for args in [&["validate", "--bogus"][..], &[], &["schema", "x"]] {
        assert_eq!(run(sigcheck(args)).0, 2, "{args:?}");
    }
}

#[test]
fn a_broken_taxonomy_stops_the_other_commands_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), "t.yml", "a: ['(']");
    for command in [&["classify", "x"][..], &["test"], &["replay", "examples/samples.log"]] {
        let mut args = command.to_vec();
        args.extend(["--taxonomy", &path]);
        let (code, out, error) = run(sigcheck(&args));
        let expected = format!(
            "error: {path}:1:6: unclosed group [invalid-regex]; a `(` that is meant itself is written `\\(`\n"
        );
        assert_eq!((code, out.as_str(), error), (2, "", expected), "{args:?}");
    }
}

#[test]
fn test_names_the_examples_that_do_not_hold() {
    let directory = tempfile::tempdir().unwrap();
    let taxonomy = r#"
noise_allowlist: [harmless]
categories:
  a:
    signatures:
      - {id: FIRST, pattern: "boom", examples: ["boom", "bang"], counterexamples: ["room", "boomerang"]}
      - {id: SECOND, pattern: "boom|harmless", examples: ["big boom", "harmless"]}
"#;
    let path = file(directory.path(), "t.yml", taxonomy);
    let report: Value =
        serde_json::from_str(&stdout(&["test", &path, "--format", "json"], 1)).unwrap();
    let messages: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["line"].as_u64().unwrap(), f["message"].as_str().unwrap()))
        .collect();
    assert_eq!(
        messages,
        [
            (6, "this example of FIRST does not match its pattern"),
            (6, "FIRST matches its counterexample"),
            (7, "this example of SECOND is taken by FIRST, which comes first"),
        ]
    );
    assert!(stdout(&["test", &path], 1).ends_with("3 passed, 3 failed\n"));

    let alerts = file(directory.path(), "alerts.yml", "allowlist_first: true");
    let out = stdout(&["test", &path, "--alerts", &alerts], 1);
    assert!(out.contains("this example of SECOND is dropped as noise by `harmless`"), "{out}");
}

fn classified(args: &[&str]) -> Value {
    let mut all = vec!["classify", "--format", "json"];
    all.extend(args);
    serde_json::from_str(&stdout(&all, 0)).unwrap()
}

#[cfg(unix)]
#[test]
fn a_pipe_that_ends_is_read_once_and_what_has_no_end_is_refused() {
    let mut bash = std::process::Command::new("bash");
    let script = "exec \"$0\" validate <(cat config/error_signatures.yml)";
    bash.current_dir(root()).args(["-c", script, env!("CARGO_BIN_EXE_sigcheck")]);
    let output = bash.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8(output.stderr).unwrap());

    let (code, _, error) = run(sigcheck(&["validate", "/dev/zero"]));
    assert_eq!(code, 2);
    assert_eq!(error, "error: cannot read /dev/zero: it is longer than 16 MiB\n");
}

#[test]
fn what_is_past_a_limit_is_a_finding_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let items = vec!["x"; 10_000].join(", ");
    let open = (0..100).map(|n| format!("&n{n} [")).collect::<String>();
    let nested = format!("a: {open}{items}{}\n", "]".repeat(100));
    for (text, found) in [
        (nested, json!(["invalid-yaml", 1])),
        (format!("a:\n  - {}\n", "x".repeat(1 << 20)), json!(["regex-too-large", 2])),
        (format!("a:\n  - (b)\n  - '{}'\n", "(?(1)".repeat(20_000)), json!(["invalid-regex", 3])),
    ] {
        let path = file(directory.path(), "t.yml", &text);
        let out = stdout(
            &["validate", "--format", "json", "--select", found[0].as_str().unwrap(), &path],
            1,
        );
        let findings: Value = serde_json::from_str(&out).unwrap();
        let finding = &findings["findings"][0];
        assert_eq!(json!([finding["rule"], finding["line"]]), found, "{finding}");
        // What is printed for people does not grow with the file.
        assert!(
            stdout(&["validate", "--select", found[0].as_str().unwrap(), &path], 1).len() < 10_000
        );
    }
}

#[test]
fn classify_says_verdict_canonical_text_and_fingerprint() {
    assert_eq!(
        classified(&["read ECONNRESET after 30 ms"]),
        json!({
            "verdict": "match", "category": "network_db", "signature": "NET_RESET",
            "severity": "medium", "policy": "retry", "summary": "Transient network issue",
            "canonical": "econnreset", "fingerprint": "ff526c105fa8",
            "group": "b3c8d17abdc0"
        })
    );
    assert_eq!(
        classified(&["order 17 shipped"]),
        json!({
            "verdict": "unmatched", "category": "generic", "signature": null, "severity": null,
            "policy": null, "summary": null, "canonical": "order # shipped",
            "fingerprint": "534b0c87b2d3", "group": "04a59b361953"
        })
    );
    let noise =
        classified(&[r#"10.0.0.1 - - [14/Mar/2026:09:00:00 +0000] "GET / HTTP/1.1" 499 0"#]);
    assert_eq!(
        (&noise["verdict"], &noise["pattern"], &noise["fingerprint"]),
        (&json!("noise"), &json!(r#"HTTP/[0-9](?:\.[0-9])?" 499 [0-9]"#), &Value::Null)
    );
}

#[test]
fn classify_takes_fields_events_and_lines() {
    let by_fields = classified(&["--field", "error=socket hang up", "--field", "message=ignored"]);
    assert_eq!(by_fields["canonical"], json!("socket hang up"));
    let skipped = classified(&[r#"{"level":"info","error":"socket hang up"}"#]);
    assert_eq!(
        (&skipped["verdict"], &skipped["skipped"]),
        (&json!("match"), &json!("level info is below warning"))
    );
    let mut command = sigcheck(&["classify", "--format", "json", "-"]);
    command.write_stdin(&b"ECONNRESET\r\n{\"message\":\"fine\"}\n\xff\n"[..]);
    let verdicts: Vec<_> = run(command)
        .1
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["verdict"].clone())
        .collect();
    assert_eq!(verdicts, [json!("match"), json!("unmatched"), json!("unmatched")]);
}

#[test]
fn the_replay_of_the_sample_log_is_as_it_was() {
    insta::assert_snapshot!("replay_table", stdout(&["replay", "examples/samples.log"], 0));
    insta::assert_snapshot!(
        "replay_json",
        stdout(&["replay", "--format", "json", "examples/samples.log"], 0)
    );
}

#[test]
fn a_replay_is_the_same_on_any_number_of_threads_and_however_packed() {
    let directory = tempfile::tempdir().unwrap();
    let log = std::fs::read(root().join("examples/samples.log")).unwrap();
    // Several blocks, so that order is put to the test.
    let long = log.repeat(20);
    let plain = directory.path().join("plain.log");
    std::fs::write(&plain, &long).unwrap();
    let zstd = directory.path().join("packed");
    std::fs::write(&zstd, zstd::encode_all(&long[..], 1).unwrap()).unwrap();
    let gzip = directory.path().join("packed.gz");
    let mut encoder = flate2::write::GzEncoder::new(
        std::fs::File::create(&gzip).unwrap(),
        flate2::Compression::fast(),
    );
    Write::write_all(&mut encoder, &long).unwrap();
    encoder.finish().unwrap();

    let replay = |path: &Path, threads: &str| {
        let path = path.display().to_string();
        stdout(&["replay", "--format", "json", "--threads", threads, &path], 0)
    };
    let expected = replay(&plain, "1");
    assert_eq!(serde_json::from_str::<Value>(&expected).unwrap()["lines"], json!(441 * 20));
    for (path, threads) in [(&plain, "2"), (&plain, "5"), (&zstd, "3"), (&gzip, "3")] {
        assert_eq!(replay(path, threads), expected);
    }
}

#[test]
fn a_line_without_a_time_takes_the_one_before_it() {
    let log =
        "OOMKilled 0\n2026-03-14T09:00:00Z up\nOOMKilled 1\n2026-03-14T09:15:00Z up\nOOMKilled 2\n";
    let mut command = sigcheck(&["replay", "--format", "json", "-"]);
    command.write_stdin(log);
    let report: Value = serde_json::from_str(&run(command).1).unwrap();
    let alerts: Vec<_> = report["alerts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (a["time"].as_str().unwrap(), a["suppressed"].as_u64().unwrap()))
        .collect();
    assert_eq!(alerts, [("2026-03-14T09:00:00Z", 0), ("2026-03-14T09:15:00Z", 1)]);
}

#[test]
fn schema_prints_the_published_schemas() {
    for (name, file) in [
        ("taxonomy", "taxonomy.schema.json"),
        ("alerts", "alerts.schema.json"),
        ("relay", "relay.schema.json"),
        ("alert-event", "alert_event.schema.json"),
    ] {
        let published = std::fs::read_to_string(root().join("schemas").join(file)).unwrap();
        assert_eq!(stdout(&["schema", name], 0), published);
    }
}

#[test]
fn completions_and_help_are_there_for_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(stdout(&["completions", shell], 0).contains("sigcheck"), "{shell}");
    }
    for command in [
        "init",
        "validate",
        "test",
        "classify",
        "replay",
        "rules",
        "explain",
        "schema",
        "completions",
    ] {
        let help = stdout(&[command, "--help"], 0);
        assert!(help.contains("Example"), "{command}: {help}");
    }
    assert_eq!(stdout(&["--version"], 0), concat!("sigcheck ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_replay_reads_what_is_packed_or_in_utf_16() {
    let counted = |report: &str| {
        let report: Value = serde_json::from_str(report).unwrap();
        let signatures = report["signatures"].as_array().unwrap().clone();
        let counts: Vec<_> =
            signatures.iter().map(|s| (s["signature"].clone(), s["count"].clone())).collect();
        (report["lines"].clone(), counts, report["alerts"].as_array().unwrap().len())
    };
    let expected =
        (json!(4), vec![(json!("DISK_FULL"), json!(1)), (json!("NET_RESET"), json!(3))], 2);
    for name in ["c1-utf16le.log", "c1-utf16be.log", "c1.log.bz2", "c1.log.xz"] {
        let path = format!("tests/cases/packed/{name}");
        assert_eq!(counted(&stdout(&["replay", "--format", "json", &path], 0)), expected, "{name}");
        let mut command = sigcheck(&["replay", "--format", "json", "-"]);
        command.write_stdin(std::fs::read(root().join(path)).unwrap());
        assert_eq!(counted(&run(command).1), expected, "{name}");
    }
}

#[test]
fn a_replay_of_what_cannot_be_read_fails_and_shows_what_could_be() {
    let broken = "tests/cases/packed/c1.log.lz4";
    let replay = |args: &[&str]| run(sigcheck(&[&["replay", "--format", "json"], args].concat()));
    let (code, out, error) = replay(&[broken]);
    assert_eq!((code, out.as_str()), (2, ""), "{error}");
    assert!(error.starts_with(&format!("error: cannot read {broken}: its lz4 data is damaged")));
    let (code, out, told) = replay(&[broken, "tests/cases/packed/c1.log.xz"]);
    assert_eq!((code, told), (2, error));
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["lines"], 4);

    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("cut.gz");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    Write::write_all(&mut gzip, b"OOMKilled\nOOMKilled\n").unwrap();
    let gzip = gzip.finish().unwrap();
    std::fs::write(&file, &gzip[..gzip.len() - 4]).unwrap();
    let (code, out, error) = replay(&[&file.display().to_string()]);
    assert_eq!((code, &serde_json::from_str::<Value>(&out).unwrap()["lines"]), (2, &json!(2)));
    assert!(error.contains("its gzip data breaks off"), "{error}");
}

/// Nothing in the seed's four keys tells errors apart but the fingerprint.
#[test]
fn with_the_four_keys_alone_the_group_is_the_fingerprint() {
    let directory = tempfile::tempdir().unwrap();
    let four = "window_minutes: 5\nmin_count_default: 3\ncooldown_minutes: 10\n\
                immediate_categories: [\"critical\"]\n";
    let alerts = file(directory.path(), "alerts.yml", four);
    let log: String = ["checkout", "checkout", "billing", "checkout"]
        .iter()
        .enumerate()
        .map(|(second, service)| {
            format!(
                "{{\"timestamp\":\"2026-03-14T09:00:0{second}Z\",\"service\":\"{service}\",\
                 \"message\":\"read ECONNRESET {second}\"}}\n"
            )
        })
        .collect();
    let replayed = |alerts: &str| -> Value {
        let mut command = sigcheck(&["replay", "--format", "json", "--alerts", alerts, "-"]);
        command.write_stdin(log.clone());
        let report: Value = serde_json::from_str(&run(command).1).unwrap();
        report["alerts"].clone()
    };
    let fingerprint = json!("ff526c105fa8");
    let found = replayed(&alerts);
    assert_eq!((&found[0]["fingerprint"], &found[0]["group"]), (&fingerprint, &fingerprint));
    assert_eq!((&found[0]["time"], &found[1]), (&json!("2026-03-14T09:00:02Z"), &Value::Null));

    let grouped = file(directory.path(), "grouped.yml", &format!("{four}grouping: {{}}\n"));
    let found = replayed(&grouped);
    assert_eq!(found[0]["fingerprint"], fingerprint);
    assert_ne!(found[0]["group"], fingerprint);
    assert_eq!(found[0]["time"], json!("2026-03-14T09:00:03Z"));
}

#[test]
fn classify_shows_why_a_line_is_in_its_group() {
    let line = r#"{"service":"checkout","message":"read ECONNRESET after 30 ms"}"#;
    let found = classified(&["--why", line]);
    assert_eq!(
        found["why"],
        json!({
            "basis": "extended text",
            "taken": [
                {"shape": "variable", "text": "30", "reason": found["why"]["taken"][0]["reason"]},
                {"shape": "unit", "text": "ms", "reason": "1.5 s and 1500 ms are both a duration"},
            ],
            "identity": "read econnreset after *",
            "by": [{"field": "service", "value": "checkout"}],
            "hashed": "g1|network_db|read econnreset after *|checkout",
        })
    );
    let pretty = stdout(&["classify", "--why", line], 0);
    for row in [
        "    variable      30\n    unit          ms\n    basis         extended text\n",
        "    by service    checkout\n",
        "    hashed        g1|network_db|read econnreset after *|checkout\n",
    ] {
        assert!(pretty.contains(row), "{pretty}");
    }
}

/// As a pipe does it: an exception and its frames are one event, and one alert.
#[test]
fn an_exception_of_many_lines_is_one_event_of_a_replay() {
    let directory = tempfile::tempdir().unwrap();
    let taxonomy = file(directory.path(), "taxonomy.yml", "categories: {app: ['[a-z]']}\n");
    let alerts = file(directory.path(), "alerts.yml", "grouping: {}\nmin_count_default: 1\n");
    let traces = include_str!("../../transform/event/tests/traces.txt");
    let traces: Vec<&str> = traces.trim_end().split("\n=====\n").take(20).collect();
    let log: String =
        traces.iter().map(|trace| format!("2026-03-14 09:00:00 INFO served\n{trace}\n")).collect();
    let report = |multiline: &str| -> Value {
        let mut command = sigcheck(&[
            "replay",
            "--format",
            "json",
            "--multiline",
            multiline,
            "--taxonomy",
            &taxonomy,
            "--alerts",
            &alerts,
            "-",
        ]);
        command.write_stdin(log.clone());
        serde_json::from_str(&run(command).1).unwrap()
    };
    let (joined, apart) = (report("auto"), report("off"));
    let lines = log.lines().count();
    let told = |report: &Value| {
        ["lines", "matched", "skipped", "joined", "over"].map(|key| report[key].as_u64().unwrap())
    };
    let events = 2 * traces.len();
    let of = traces.len() as u64;
    assert_eq!(told(&joined), [lines as u64, of, of, (lines - events) as u64, 0]);
    assert_eq!(joined["alerts"].as_array().unwrap().len(), traces.len());
    assert_eq!((&apart["lines"], &apart["joined"]), (&json!(lines), &json!(0)));
}

#[test]
fn a_replay_takes_folders_by_time_and_tells_what_makes_less_of_its_figures() {
    let folder = tempfile::tempdir().unwrap();
    let log = |hour: u8| -> String {
        (0..3).map(|n| format!("2026-03-14T0{hour}:00:0{n}Z ERROR read ECONNRESET\n")).collect()
    };
    std::fs::create_dir_all(folder.path().join("deep")).unwrap();
    let late = file(folder.path(), "app.log", &log(9));
    let early = file(folder.path(), "deep/app.log.1", &log(8));
    file(folder.path(), "deep/notes.txt", &log(7));
    let replay = |args: &[&str]| -> Value {
        let args = [&["replay", "--format", "json"], args].concat();
        serde_json::from_str(&stdout(&args, 0)).unwrap()
    };
    let times = |found: &Value| -> Vec<Value> {
        let alerts = found["alerts"].as_array().unwrap();
        alerts.iter().map(|alert| alert["time"].clone()).collect()
    };
    let expected = [json!("2026-03-14T08:00:02Z"), json!("2026-03-14T09:00:02Z")];
    for logs in [&[folder.path().to_str().unwrap()][..], &[&early, &late]] {
        let found = replay(logs);
        assert_eq!(times(&found), expected);
    }
    assert_eq!(times(&replay(&[&late, &early])), expected);

    let odd = file(folder.path(), "odd.json", &"{\"txt\": \"boom\", \"why\": \"x\"}\n".repeat(7));
    let out = stdout(&["replay", &odd], 0);
    let told = "7 events pass of which no field is looked at; name one of theirs in `subject_fields` of alerts.yml: txt, why\n";
    assert!(out.contains(told), "{out}");
    let empty = tempfile::tempdir().unwrap();
    let (code, _, err) = run(sigcheck(&["replay", empty.path().to_str().unwrap()]));
    assert!(code == 2 && err.contains("holds no log"), "{err}");
}

/// The lines of several logs, each told once, in the order of their times.
#[test]
fn the_lines_of_several_logs_are_taken_by_their_own_times() {
    let folder = tempfile::tempdir().unwrap();
    fn line(second: u64, text: &str) -> String {
        format!("2026-03-14T09:{:02}:{:02}Z {text}\n", second / 60, second % 60)
    }
    fn trace(second: u64) -> String {
        line(second, "INFO fine")
            + &line(second, "ERROR boom\n    at a.b.C(C.java:1)\nECONNRESET without a time")
    }
    let log = |offset: u64| (0..200).map(move |n| trace(2 * n + offset));
    let (even, odd): (String, String) = (log(0).collect(), log(1).collect());
    let both: String = log(0).zip(log(1)).map(|(a, b)| a + &b).collect();
    let (even, both) =
        (file(folder.path(), "even.log", &even), file(folder.path(), "both.txt", &both));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(odd.as_bytes()).unwrap();
    let packed = folder.path().join("odd.log.gz");
    std::fs::write(&packed, gzip.finish().unwrap()).unwrap();
    let packed = packed.to_str().unwrap();
    let replay = |logs: &[&str]| -> Value {
        let threads = ["replay", "--format", "json", "--threads", "3"];
        serde_json::from_str(&stdout(&[&threads, logs].concat(), 0)).unwrap()
    };
    let as_one = replay(&[&both]);
    assert!(as_one["alerts"].as_array().unwrap().len() >= 2, "{as_one}");
    for logs in [&[&even, packed][..], &[packed, &even], &[folder.path().to_str().unwrap()]] {
        let mut merged = replay(logs);
        assert_eq!(merged["logs"], json!(2));
        merged["logs"] = json!(1);
        assert_eq!(merged, as_one, "{logs:?}");
    }
}

#[test]
fn what_order_logs_have_is_told_where_it_is_not_that_of_time() {
    let folder = tempfile::tempdir().unwrap();
    let error = |time: &str| format!("{time} ERROR read ECONNRESET\n");
    let (eight, nine) = (error("2026-03-14T08:00:00Z"), error("2026-03-14T09:00:00Z"));
    let told = |logs: &[&str]| stdout(&[&["replay"], logs].concat(), 0);
    let fine = file(folder.path(), "fine.log", &format!("{eight}{nine}"));
    let back = file(folder.path(), "back.log", &format!("{nine}{eight}{nine}{eight}"));
    let other = file(folder.path(), "other.log", &format!("{nine}{eight}"));
    let none = file(folder.path(), "none.log", "ECONNRESET\nECONNRESET\n");
    // There is no line that could tell a time.
    let empty = file(folder.path(), "empty.log", "");
    let blank = file(folder.path(), "blank.log", "\n  \n\n");
    for (logs, sentence) in [
        (&[&*fine][..], None),
        (&[&fine, &fine], None),
        (&[&back], Some(format!("time runs backwards in {back}: lines are taken as they stand"))),
        (&[&other, &fine, &back], Some(format!("time runs backwards in {other} and 1 more: "))),
        (&[&none, &fine], Some("1 log tells no time that is known: its lines count".to_owned())),
        (&[&empty], None),
        (&[&empty, &fine], None),
        (&[&empty, &empty], None),
        (&[&blank], None),
        (&[&fine, &blank], None),
        (&[&empty, &none, &fine], Some("1 log tells no time that is known: its lines".to_owned())),
        (&[&empty, &none], Some("no line told a time that is known: all of them".to_owned())),
        (&[&none, &none], Some("no line told a time that is known: all of them".to_owned())),
    ] {
        let out = told(logs);
        let doubts: Vec<_> = out.lines().filter(|line| line.contains("time ")).collect();
        assert_eq!(doubts.len(), usize::from(sentence.is_some()), "{out}");
        assert!(
            doubts.iter().all(|doubt| doubt.starts_with(sentence.as_deref().unwrap())),
            "{out}"
        );
    }
}

#[test]
fn many_logs_are_not_open_at_once_and_what_waited_is_told() {
    let logs = |overlapping: bool| {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..150 {
            let hour = |hour: u64| {
                format!("2026-03-{:02}T{:02}:00:00Z ERROR ECONNRESET\n", 1 + hour / 24, hour % 24)
            };
            let last = if overlapping { 700 } else { number };
            let log = hour(number) + &hour(last.max(number));
            std::fs::write(folder.path().join(format!("app.log.{number}")), log).unwrap();
        }
        folder
    };
    for (overlapping, late) in [(false, 0), (true, 150 - 64)] {
        let folder = logs(overlapping);
        let limited = "ulimit -n 100 && exec \"$0\" replay --format json .";
        let mut command = assert_cmd::Command::new("sh");
        command.args(["-c", limited, env!("CARGO_BIN_EXE_sigcheck")]).current_dir(folder.path());
        let found: Value = serde_json::from_str(&run(command).1).unwrap();
        assert_eq!((&found["lines"], &found["late_logs"]), (&json!(300), &json!(late)));
        let out = stdout(&["replay", folder.path().to_str().unwrap()], 0);
        let told = "more than 64 logs overlap in time: 86 logs were read when others had ended, and their lines came late\n";
        assert_eq!(out.contains(told), overlapping, "{out}");
    }
}

#[test]
fn what_of_a_folder_cannot_be_read_keeps_nobody_from_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "app.log", "2026-03-14T08:00:00Z ERROR read ECONNRESET\n");
    file(folder.path(), "binary.log", "\u{7f}ELF\u{2}\u{1}\u{1}\0\0\0\0\0\0\0\0\0\u{2}\0");
    let (code, out, err) = run(sigcheck(&["replay", folder.path().to_str().unwrap()]));
    assert!(out.starts_with("1 lines of 2 logs: 1 matched"), "{out}{err}");
    assert!(code == 2 && err.contains("binary.log"), "{err}");
    // What was named and is not there is told before anything is read.
    let (code, out, err) = run(sigcheck(&["replay", "examples/samples.log", "nowhere.log"]));
    assert_eq!((code, &*out), (2, ""));
    assert!(err.starts_with("error: cannot read nowhere.log: "), "{err}");
    let mut nothing = sigcheck(&["replay", "-"]);
    nothing.write_stdin("");
    assert!(!run(nothing).1.contains("no line told a time"));
}

/// What a command writes on a terminal of so many columns.
fn on_terminal(columns: usize, args: &str, environment: &[(&str, &str)]) -> String {
    let binary = env!("CARGO_BIN_EXE_sigcheck");
    let shell = format!("stty rows 40 cols {columns} && exec {binary} {args} 2>/dev/null");
    let mut command = std::process::Command::new("script");
    command.args(["-qec", &shell, "/dev/null"]).current_dir(root());
    command.env_remove("COLUMNS").env("NO_COLOR", "1").env("SHELL", "/bin/sh");
    let output = command.envs(environment.iter().copied()).output().unwrap();
    String::from_utf8(output.stdout).unwrap().replace('\r', "")
}

#[test]
fn tables_fit_the_terminal_and_are_whole_where_there_is_none() {
    let width = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap();
    for args in ["rules", "replay examples/samples.log"] {
        let whole = stdout(&args.split(' ').collect::<Vec<_>>(), 0);
        assert!(width(&whole) > 120 && !whole.contains('…'), "{whole}");
        let narrow = on_terminal(78, args, &[]);
        assert!(width(&narrow) <= 78 && narrow.contains('…'), "{narrow}");
        assert_eq!(narrow.lines().count(), whole.lines().count());
        let names = |text: &str| -> Vec<String> {
            text.lines()
                .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
                .collect()
        };
        assert_eq!(names(&narrow), names(&whole), "what a row begins with is never cut");
        assert_eq!(on_terminal(78, args, &[("COLUMNS", "1000")]), whole);
    }
}
