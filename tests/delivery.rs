//! Alerts on their way out, as a user sees it: real processes, a real receiver.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, Output},
};

use serde_json::{Value, json};
use signatures_peers::{
    process::{self, json_lines, root, run, text},
    proto,
    receiver::Receiver,
    vector::VectorSource,
    waiting::wait_until,
};
use tempfile::TempDir;

/// A folder with alert settings, and a receiver that they name.
struct Setup {
    folder: TempDir,
    receiver: Receiver,
}

impl Setup {
    fn new() -> Self {
        Self::with("sinks: {hook: {type: webhook, url: '${HOOK}'}}\n")
    }

    fn with(alerts: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("alerts.yml"), alerts).unwrap();
        Self { folder, receiver: Receiver::answering(200, "why") }
    }

    fn fingerprints(&self) -> Vec<Value> {
        self.receiver.bodies().iter().map(|body| body["fingerprint"].clone()).collect()
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = process::command(env!("CARGO_BIN_EXE_vector-signatures"), &root());
        command.env("ALERTS_GROUPING_CONFIG", self.folder.path().join("alerts.yml"));
        command.env("SIGNATURES_STATE_DIR", self.state());
        command.env("HOOK", format!("http://{}/S3CRETPATH", self.receiver.address));
        command.args(args);
        command
    }

    fn run(&self, args: &[&str], input: &str) -> Output {
        run(self.command(args), input)
    }
}

#[test]
fn a_restart_neither_forgets_a_cooldown_nor_repeats_an_alert() {
    let setup = Setup::new();
    for (input, alerts) in [("OOMKilled\n", 1), ("OOMKilled\n", 1), ("ENOSPC\n", 2)] {
        let output = setup.run(&["pipe"], input);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(setup.fingerprints().len(), alerts);
    }
    // Below the threshold, too, counting goes on.
    for alerts in [2, 2, 3] {
        setup.run(&["pipe"], "ECONNRESET\n");
        assert_eq!(setup.fingerprints().len(), alerts);
    }
}

#[test]
fn the_environment_adds_sinks_and_no_secret_shows() {
    let setup = Setup::with("{}");
    let mut command = setup.command(&["pipe"]);
    command.env("SLACK_WEBHOOK_URL", format!("http://{}/S3CRETPATH", setup.receiver.address));
    setup.receiver.answer(404);
    let output = run(command, "OOMKilled\n");
    let log = text(&output.stderr);
    assert!(log.contains("\"sinks\":\"slack\""), "{log}");
    assert!(log.contains("refused for good"), "{log}");
    assert!(!log.contains("S3CRETPATH"), "{log}");
    let blocks = setup.receiver.bodies()[0]["attachments"][0]["blocks"].clone();
    assert_eq!(
        blocks[0]["text"]["text"],
        "[CRITICAL] OOM_KILLED: A process ran out of memory and was killed or gave up"
    );
}

#[test]
fn what_is_given_up_without_a_state_directory_is_told_in_the_end() {
    let setup = Setup::new();
    setup.receiver.answer(404);
    for durable in [true, false] {
        let mut command = setup.command(&["pipe", "-q"]);
        if !durable {
            command.env_remove("SIGNATURES_STATE_DIR");
        }
        let output = run(command, "OOMKilled\nENOSPC\n");
        let log = text(&output.stderr);
        assert_eq!(output.status.code(), Some(if durable { 0 } else { 1 }), "{log}");
        let lost: Vec<Value> = json_lines(
            log.lines().filter(|l| l.starts_with('{')).collect::<Vec<_>>().join("\n").as_bytes(),
        );
        let lost: Vec<_> = lost.iter().filter(|line| line["first"].is_string()).collect();
        if durable {
            assert_eq!(lost.len(), 0, "{log}");
            continue;
        }
        assert_eq!(
            (lost.len(), &lost[0]["sink"], &lost[0]["alerts"]),
            (1, &json!("hook"), &json!(2))
        );
        let first = lost[0]["first"].as_str().unwrap();
        assert!(first.contains("OOM_KILLED: ") && first.contains("DISK_FULL: "), "{first}");
        assert!(log.ends_with("error: gave up 2 deliveries, see the log\n"), "{log}");
    }
}

#[test]
fn a_state_directory_that_cannot_be_used_is_told_in_the_end_though_all_arrived() {
    let setup = Setup::new();
    let file = setup.folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let fault = format!("cannot use {}: ", file.display());
    for (quiet, told) in [(false, 3), (true, 2)] {
        let mut command = setup.command(&["pipe", if quiet { "-q" } else { "--multiline=auto" }]);
        command.env("SIGNATURES_STATE_DIR", &file);
        let output = run(command, "OOMKilled\n");
        assert_eq!(output.status.code(), Some(1));
        let log = text(&output.stderr);
        // When it begins, in the summary, and why it ends so.
        let is_told = |line: &&str| line.contains(&file.display().to_string());
        assert_eq!(log.lines().filter(is_told).count(), told, "{log}");
        let last = log.lines().last().unwrap();
        assert!(last.starts_with(&format!("error: {fault}")), "{log}");
        let summary = log.lines().find(|line| line.starts_with("1 lines, ")).unwrap_or_default();
        assert_eq!(summary.contains(&format!(", {fault}")), !quiet, "{log}");
    }
    assert_eq!(setup.receiver.bodies().len(), 2);
}

#[test]
fn a_variable_is_told_of_by_the_name_that_is_set_and_else_by_ours() {
    let setup = Setup::with("{}\n");
    for set in ["SIGNATURES_TELEGRAM_BOT_TOKEN", "ALERT_TELEGRAM_BOT_TOKEN"] {
        let mut command = setup.command(&["notify-test"]);
        command.env(set, "1:a");
        let output = run(command, "");
        assert_eq!(output.status.code(), Some(2));
        let told = format!("{set} is set, and SIGNATURES_TELEGRAM_CHAT_ID is not");
        assert!(text(&output.stderr).contains(&told), "{}", text(&output.stderr));
    }
}

#[test]
fn the_operator_sees_what_was_given_up_and_has_it_sent_again() {
    let setup = Setup::new();
    setup.receiver.answer(404);
    setup.run(&["pipe"], "OOMKilled\nENOSPC\n");
    let listed = json_lines(&setup.run(&["outbox", "list", "--format", "json"], "").stdout);
    let shown: Vec<_> = listed.iter().map(|e| (&e["number"], &e["state"], &e["reason"])).collect();
    let reason = json!("refused for good: answered 404: why");
    assert_eq!(shown, [(&json!(2), &json!("dead"), &reason), (&json!(1), &json!("dead"), &reason)]);

    setup.receiver.answer(200);
    let retried = setup.run(&["outbox", "retry", "1"], "");
    assert_eq!(text(&retried.stdout), "1 delivery back in the queue\n");
    let dropped = setup.run(&["outbox", "drop", "--all", "--sink", "other"], "");
    assert_eq!(text(&dropped.stdout), "0 deliveries dropped\n");
    setup.run(&["pipe"], "");
    assert_eq!(setup.fingerprints().len(), 3);
    let dropped = setup.run(&["outbox", "drop", "--all"], "");
    assert_eq!(text(&dropped.stdout), "1 delivery dropped\n");
    assert_eq!(text(&setup.run(&["outbox", "list"], "").stdout), "");
}

#[test]
fn numbers_of_nothing_are_a_mistake() {
    let setup = Setup::new();
    setup.run(&["pipe"], "OOMKilled\n");
    for action in ["retry", "drop"] {
        let output = setup.run(&["outbox", action, "99"], "");
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()));
        assert!(text(&output.stderr).starts_with("error: no delivery is "), "{action}");
    }
}

#[test]
fn a_state_directory_that_is_required_and_cannot_be_used_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let pipe = |state: &std::path::Path| {
        let mut command = signatures_peers::process::command(
            env!("CARGO_BIN_EXE_vector-signatures"),
            folder.path(),
        );
        command.args(["pipe", "--state-dir-required", "--state-dir"]).arg(state);
        run(command, "OOMKilled\n")
    };
    let refused = pipe(&file);
    assert_eq!((refused.status.code(), text(&refused.stdout)), (Some(2), String::new()));
    assert!(text(&refused.stderr).contains("as --state-dir-required asks for"));
    assert_eq!(json_lines(&pipe(&folder.path().join("state")).stdout).len(), 1);
}

#[test]
fn a_rotated_secret_is_used_at_once_without_a_line_and_without_being_told() {
    for (seconds, is_told) in [("0", true), ("1", false)] {
        let setup = Setup::with("sinks: {hook: {type: webhook, url_file: '${KEPT}'}}\n");
        let (before, after) = (&setup.receiver, Receiver::answering(200, "why"));
        before.answer(503);
        let kept = setup.folder.path().join("hook");
        let url = |receiver: &Receiver| format!("http://{}/S3CRETPATH\n", receiver.address);
        std::fs::write(&kept, url(before)).unwrap();
        let mut command = setup.command(&["pipe", "--reload-seconds", seconds]);
        let mut child = command.env("KEPT", &kept).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        writeln!(stdin, "OOMKilled").unwrap();
        wait_until(|| !before.bodies().is_empty());
        std::fs::write(&kept, url(&after)).unwrap();
        if is_told {
            let pid = child.id().to_string();
            assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
        }
        wait_until(|| after.bodies().len() == 1);
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let log = text(&output.stderr);
        let changed = format!("\"changed\":\"{}\"", kept.display());
        assert!(output.status.success() && log.contains(&changed), "{log}");
        assert!(!log.contains("S3CRETPATH"), "{log}");
    }
}

#[test]
fn an_outbox_that_is_not_there_is_told() {
    let setup = Setup::new();
    let output = setup.run(&["outbox", "list"], "");
    assert_eq!(output.status.code(), Some(2));
    let expected = format!(
        "error: there is no outbox: {} does not exist\n",
        setup.state().join("alerts.db").display()
    );
    assert_eq!(text(&output.stderr), expected);
}

#[test]
fn a_test_alert_tells_what_each_sink_answered() {
    let setup = Setup::with(
        "sinks: {hook: {type: webhook, url: '${HOOK}'}, gone: {type: webhook, url: 'http://127.0.0.1:1/'}}\n",
    );
    let output = setup.run(&["notify-test", "hook"], "");
    assert_eq!(
        (output.status.code(), text(&output.stdout)),
        (Some(0), "hook: delivered: 200 why\n".into())
    );
    assert_eq!(setup.receiver.bodies()[0]["signature"], "NOTIFY_TEST");
    let output = setup.run(&["notify-test"], "");
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(out.contains("gone: NOT delivered: cannot connect: "), "{out}");
    assert_eq!(text(&output.stderr), "error: 1 of 2 sinks have not taken the test alert\n");
    let output = setup.run(&["notify-test", "nope"], "");
    assert_eq!(text(&output.stderr), "error: there is no sink `nope`; known here: hook, gone\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_goes_into_a_vector_source() {
    let source = VectorSource::start().await;
    let setup = Setup::with(&format!("sinks: {{v: {{type: vector, url: '{}'}}}}\n", source.url()));
    let output = setup.run(&["notify-test"], "");
    assert_eq!(text(&output.stdout), "v: delivered: taken\n");
    assert!(setup.run(&["pipe"], "OOMKilled token=hunter2\n").status.success());
    let field = |event: &proto::EventWrapper, name: &str| {
        event.as_log().unwrap().fields[name].as_text().map(str::to_owned)
    };
    let seen: Vec<_> = (source.events().iter())
        .map(|event| (field(event, "event"), field(event, "signature")))
        .collect();
    let alert = |signature: &str| (Some("internal_alert".into()), Some(signature.into()));
    assert_eq!(seen, [alert("NOTIFY_TEST"), alert("OOM_KILLED")]);
    let samples = source.events()[1].as_log().unwrap().fields["samples"].clone();
    assert_eq!(samples, proto::Value::array([proto::Value::text("OOMKilled token=[REDACTED]")]));
}

#[test]
fn a_second_process_on_the_same_state_is_refused() {
    let setup = Setup::new();
    let mut first = setup.command(&["pipe"]).spawn().unwrap();
    let mut stdin = first.stdin.take().unwrap();
    writeln!(stdin, "hello").unwrap();
    // It runs once its first line has come out.
    let mut line = String::new();
    BufReader::new(first.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let second = setup.run(&["pipe"], "");
    assert_eq!(second.status.code(), Some(2));
    assert!(text(&second.stderr).contains("another process uses the state directory"));
    // The operator may look all the same.
    assert!(setup.run(&["outbox", "list"], "").status.success());
    drop(stdin);
    assert!(first.wait().unwrap().success());
}

#[test]
fn shadow_mode_delivers_nothing() {
    let setup = Setup::new();
    let log = text(&setup.run(&["pipe", "--shadow"], "OOMKilled\n").stderr);
    assert!(log.contains("log_aggregator_shadow_emit"), "{log}");
    assert_eq!(setup.fingerprints(), Vec::<Value>::new());
}

#[test]
fn a_mistake_in_the_sinks_is_told_with_its_place() {
    let setup =
        Setup::with("sinks: {a: {type: webhook, url: '${NOT_SET}'}}\nroutes: [{sinks: [b]}]\n");
    let output = setup.run(&["pipe"], "");
    assert_eq!(output.status.code(), Some(2));
    let log = text(&output.stderr);
    assert!(
        log.contains("alerts.yml:2:19: there is no sink `b` [unknown-sink]; known here: a"),
        "{log}"
    );
    std::fs::write(
        setup.folder.path().join("alerts.yml"),
        "sinks: {a: {type: webhook, url: '${NOT_SET}'}}\n",
    )
    .unwrap();
    let log = text(&setup.run(&["pipe"], "").stderr);
    assert!(
        log.contains(
            "alerts.yml:1:33: the environment variable `NOT_SET` is not set [missing-secret]"
        ),
        "{log}"
    );
}
