//! `vector-signatures pipe` as a user runs it: real processes, pipes, signals.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use signatures_event::WRAPPERS;
use signatures_peers::{
    process::{self, command, json_lines, root, run},
    waiting::wait_until,
};

/// `vector-signatures pipe` in the root of the project.
fn pipe(args: &[&str]) -> Command {
    let mut command = command(env!("CARGO_BIN_EXE_vector-signatures"), &root());
    command.arg("pipe").args(args);
    command
}

/// Runs to the end of the input, and has to succeed.
fn finished(args: &[&str], input: &[u8]) -> (Vec<Value>, String) {
    let output = run(pipe(args), input);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    (json_lines(&output.stdout), stderr)
}

/// Besides alerts, standard error has the process's own log.
fn alerts(stderr: &str) -> Vec<Value> {
    let lines = stderr.lines().filter(|line| line.starts_with('{'));
    let events = lines.map(|line| serde_json::from_str(line).unwrap());
    events
        .filter(|event: &Value| event.get("fingerprint").is_some_and(|_| event.get("id").is_some()))
        .collect()
}

fn summary(stderr: &str) -> &str {
    stderr.lines().last().unwrap()
}

/// What is read at once ends anywhere, within the line that tells what the one before
/// it begins.
#[test]
fn an_exception_is_whole_wherever_a_block_ends() {
    const BLOCK_BYTES: usize = 128 << 10;
    let head = "2026-03-14 09:00:01 ERROR shop: failed";
    let trace = "Traceback (most recent call last):\n  File \"/a.py\", line 1, in f\nKeyError: 'a'";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log").display().to_string();
    for of_trace in [1, 5, 30, 40] {
        let filled = BLOCK_BYTES - of_trace - head.len() - 1;
        let line = "2026-03-14 09:00:00 INFO served\n";
        let mut log = line.repeat(filled / line.len() - 1);
        log += &format!("{:1$}\n", "2026-03-14 09:00:00 INFO", filled - log.len() - 1);
        log += &format!("{head}\n{trace}\n{line}");
        assert!(log[..BLOCK_BYTES].ends_with(&trace[..of_trace]));
        std::fs::write(&path, &log).unwrap();
        let (events, _) = finished(&["--shadow", &path], b"");
        let found = events.iter().filter(|event| event["message"] == format!("{head}\n{trace}"));
        assert_eq!(found.count(), 1, "{of_trace}");
    }
}

#[test]
fn the_readme_shows_what_its_first_command_prints() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.lines().count() <= 150);
    let (_, stderr) = finished(&["examples/samples.log"], b"");
    let picture = readme.split("```").nth(1).unwrap();
    for figure in ["lines", "matched", "noise", "unmatched", "alerts", "suppressed"] {
        let is_number = |number: &&str| number.bytes().all(|byte| byte.is_ascii_digit());
        let of = |text: &str| {
            let words: Vec<_> =
                text.split([' ', ',', '\n', '│']).filter(|w| !w.is_empty()).collect();
            let mut pairs = words.windows(2).filter(|pair| pair[1] == figure);
            pairs.find_map(|pair| Some(pair[0]).filter(is_number).map(ToOwned::to_owned))
        };
        let (shown, printed) = (of(picture), of(summary(&stderr)));
        assert!(printed.is_some(), "{figure} in {stderr}");
        assert_eq!(shown, printed, "{figure}");
    }
}

#[test]
fn a_variable_of_ours_goes_before_the_name_it_had_and_a_flag_before_both() {
    let folder = tempfile::tempdir().unwrap();
    let file = |id: &str| {
        let path = folder.path().join(id).display().to_string();
        std::fs::write(
            &path,
            format!("categories: {{a: {{signatures: [{{id: {id}, pattern: boom}}]}}}}"),
        )
        .unwrap();
        path
    };
    let [flag, own, former] = ["FLAG", "OWN", "FORMER"].map(file);
    let signature = |args: &[&str], variables: &[(&str, &str)]| {
        let mut pipe = pipe(args);
        pipe.envs(variables.iter().copied());
        json_lines(&run(pipe, "boom\n").stdout)[0]["error_signature"].clone()
    };
    let former = ("ERROR_SIGNATURES_PATH", former.as_str());
    let own = ("SIGNATURES_TAXONOMY", own.as_str());
    assert_eq!(signature(&["-t", &flag, "-"], &[own, former]), "FLAG");
    assert_eq!(signature(&["-"], &[own, former]), "OWN");
    assert_eq!(signature(&[], &[former]), "FORMER");
    // An empty one says nothing, as compose files have it.
    assert_eq!(signature(&[], &[("SIGNATURES_TAXONOMY", ""), former]), "FORMER");
}

#[test]
fn where_no_rules_are_the_built_in_ones_count_and_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut pipe = command(env!("CARGO_BIN_EXE_vector-signatures"), folder.path());
    pipe.arg("pipe");
    let output = run(pipe, "read ECONNRESET\n");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert_eq!(json_lines(&output.stdout)[0]["error_signature"], "NET_RESET");
    assert!(stderr.contains(r#""files":"built-in rules""#), "{stderr}");
    assert!(summary(&stderr).ends_with(", by the built-in rules"), "{stderr}");
}

#[test]
fn people_get_rows_that_fit_and_the_alerts_as_a_table() {
    let output = run(pipe(&["--format", "pretty", "examples/samples.log"]), b"");
    let (stdout, stderr) = (process::text(&output.stdout), process::text(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    // All events but the noise, a row each.
    let events = finished(&["--format", "json", "examples/samples.log"], b"").0;
    assert_eq!(stdout.lines().count(), events.len());
    let wide: Vec<_> = stdout.lines().filter(|row| row.chars().count() > 100).collect();
    assert_eq!(wide, <[&str; 0]>::default());
    assert!(
        stdout.contains(
            "03-14 09:12:41  critical  OOM_KILLED                container.terminated OOMKilled\n"
        ),
        "{stdout}"
    );
    let (table, summary) = stderr.rsplit_once("\n\n").unwrap();
    let table = table.rsplit_once("\n\n").unwrap().1;
    assert!(table.starts_with("time            severity  signature "), "{table}");
    assert_eq!(table.lines().count(), 1 + 15);
    assert!(summary.contains("15 alerts"), "{summary}");
}

#[test]
fn only_what_is_asked_for_leaves() {
    let input = "read ECONNRESET\nall is well\nGET /healthz HTTP/1.1 499\n";
    let leaving = |args: &[&str]| process::text(&run(pipe(args), input).stdout);
    assert_eq!(leaving(&["--format", "json"]).lines().count(), 2);
    let matched = leaving(&["--only", "matched"]);
    assert_eq!(matched.lines().count(), 1);
    assert!(matched.starts_with(r#"{"message":"read ECONNRESET""#), "{matched}");
    assert_eq!(leaving(&["--only", "alerts"]), "");
    // Secrets and control characters stay out of what people see.
    let line =
        "{\"level\":\"error\",\"error\":\"ECONNRESET\\u001b[31m\",\"password\":\"s3cret\"}\n";
    let shown = process::text(&run(pipe(&["--format", "pretty"]), line).stdout);
    assert!(shown.contains("medium    NET_RESET ") && !shown.contains(['\u{1b}']), "{shown}");
    assert!(!shown.contains("s3cret"), "{shown}");
    // A line that is too long for an event is one row too.
    let long = format!("ECONNRESET {}\nall is well\n", "x".repeat(3 << 20));
    let shown = process::text(&run(pipe(&["--format", "pretty"]), long).stdout);
    assert_eq!(shown.lines().count(), 2);
    assert!(shown.lines().all(|row| row.chars().count() <= 100), "{}", shown.len());
}

#[test]
fn scripts_are_written_for_shells_and_for_man() {
    let mut command = command(env!("CARGO_BIN_EXE_vector-signatures"), &root());
    command.args(["completions", "bash"]);
    assert!(String::from_utf8(run(command, "").stdout).unwrap().contains("complete -F"));

    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    let man = |target: &std::path::Path| {
        let mut command = self::command(env!("CARGO_BIN_EXE_vector-signatures"), &root());
        command.arg("man").arg(target);
        run(command, "")
    };
    assert!(man(&pages).status.success());
    let page = std::fs::read_to_string(pages.join("vector-signatures-serve.1")).unwrap();
    assert!(page.contains(".TH ") && page.contains("SIGNATURES_LISTEN"), "{page}");
    let refused = man(&pages.join("vector-signatures-serve.1"));
    let error = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(error.starts_with("error: cannot write "), "{error}");
}

/// A running pipe that a test talks to line by line.
struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    fn start(args: &[&str]) -> Self {
        let mut child = pipe(args).spawn().unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdin, stdout }
    }

    fn ask(&mut self, line: &str) -> Value {
        let stdin = self.stdin.as_mut().unwrap();
        writeln!(stdin, "{line}").unwrap();
        stdin.flush().unwrap();
        let mut answer = String::new();
        self.stdout.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).unwrap()
    }

    fn signal(&self, name: &str) {
        let status =
            Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the end; what is left on stdout, and stderr.
    fn wait(mut self) -> (bool, String, String) {
        let (mut rest, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut rest).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (self.child.wait().unwrap().success(), rest, stderr)
    }
}

#[test]
fn the_sample_log_is_tagged_and_alerted() {
    let (events, stderr) = finished(&["examples/samples.log"], b"");
    assert_eq!(events.len(), 384);
    let tagged = events.iter().filter(|event| event.get("error_signature").is_some());
    assert_eq!(tagged.count(), 109);
    assert!(events.iter().any(|event| {
        event["error_signature"] == "NET_RESET" && event["error_fingerprint"] == "ff526c105fa8"
    }));
    let alerts = alerts(&stderr);
    assert_eq!(alerts.len(), 15);
    assert!(
        summary(&stderr).starts_with(
            "441 lines, 109 matched, 25 noise, 78 unmatched, 15 alerts, 36 suppressed, "
        )
    );
    assert!(summary(&stderr).ends_with(", 197 passed without a look"), "{stderr}");
    let schema = std::fs::read_to_string(root().join("schemas/alert_event.schema.json")).unwrap();
    let schema = jsonschema::draft202012::new(&serde_json::from_str(&schema).unwrap()).unwrap();
    for alert in alerts {
        assert!(schema.is_valid(&alert), "{alert}");
    }
}

#[test]
fn no_secret_of_the_sample_log_is_in_an_alert_or_a_secret_field() {
    let output = run(pipe(&["examples/samples.log"]), b"");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("postgres://archive:[REDACTED]@"));
    fn secret_texts<'a>(value: &'a Value, secret: bool, found: &mut Vec<&'a str>) {
        match value {
            Value::String(text) if secret => found.push(text),
            Value::Array(items) => items.iter().for_each(|v| secret_texts(v, secret, found)),
            Value::Object(map) => map.iter().for_each(|(name, value)| {
                let names = ["token", "password", "secret", "cookie", "authorization"];
                let hides = names.iter().any(|part| name.to_lowercase().contains(part));
                secret_texts(value, secret || hides, found);
            }),
            _ => {}
        }
    }
    let events = json_lines(&output.stdout);
    let mut found = Vec::new();
    events.iter().for_each(|event| secret_texts(event, false, &mut found));
    assert!(found.len() > 3);
    assert_eq!(found, vec!["[REDACTED]"; found.len()]);
}

#[test]
fn events_that_nothing_concerns_leave_as_they_came() {
    let input = concat!(
        r#"{"n": 123456789012345678901234567890.10, "message" : "fine"}"#,
        "\n",
        r#"{"level":"info","message":"ECONNRESET"}"#,
        "\r\n",
        r#"{"event":"alert_received","message":"OOMKilled"}"#,
    );
    let output = run(pipe(&["-q"]), input.as_bytes());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), input.replace('\r', "") + "\n");
}

#[test]
fn plain_lines_become_events_whatever_their_bytes() {
    let (events, _) = finished(&[], b"ECONNRESET\xff\r\n\nlast \"line\" \xc3");
    assert_eq!(
        events,
        [
            json!({
                "message": "ECONNRESET\u{fffd}",
                "error_category": "network_db",
                "error_signature": "NET_RESET",
                "error_policy": "retry",
                "error_severity": "medium",
                "error_summary": "Transient network issue",
                "error_fingerprint": "ff526c105fa8",
                // sha1("g1|network_db|econnreset\u{fffd}|")
                "error_group": "e24cdaab8e2c"
            }),
            json!({"message": ""}),
            json!({"message": "last \"line\" \u{fffd}"}),
        ]
    );
}

#[test]
fn only_the_start_of_a_long_line_is_looked_at() {
    let inside = "x".repeat(60_000) + " ECONNRESET " + &"y".repeat(9_000);
    let outside = "x".repeat(66_000) + " ECONNRESET";
    let (events, stderr) = finished(&[], format!("{inside}\n{outside}\n").as_bytes());
    assert_eq!(events[0]["error_signature"], "NET_RESET");
    assert_eq!(events[1], json!({"message": outside}));
    assert!(summary(&stderr).ends_with(", 2 cut to the subject limit"), "{stderr}");
}

#[test]
fn json_too_long_to_hold_passes_as_text_without_its_secrets() {
    let event = |password: &str, token: &str| {
        let pad = "x".repeat(1_100_000);
        format!(
            r#"{{"password":"{password}","error":"ECONNRESET","pad":"{pad}","api":{{"token":["{token}",true]}}}}"#
        )
    };
    let (events, summary) = finished(&[], event("hunter2", "t0ken").as_bytes());
    assert_eq!(events[0]["message"].as_str().unwrap(), event("[REDACTED]", "[REDACTED]"));
    assert_eq!(events[0]["error_signature"], "NET_RESET");
    assert!(summary.contains("1 too long for an event and passed as text"), "{summary}");
}

#[test]
fn a_line_too_long_to_hold_streams_through() {
    let long = "ECONNRESET é ".repeat(1_500_000);
    assert!(long.len() > 20_000_000);
    let (events, _) = finished(&[], format!("{long}\nnext\n").as_bytes());
    assert_eq!(events.len(), 2);
    assert_eq!(events[0]["message"].as_str().unwrap(), long);
    assert_eq!(events[0]["error_signature"], "NET_RESET");
    assert_eq!(events[1], json!({"message": "next"}));

    let noise = format!("{}{}\n", r#"1.2.3.4 "GET / HTTP/1.1" 499 0 "#, "z".repeat(20_000_000));
    assert_eq!(finished(&[], noise.as_bytes()).0, Vec::<Value>::new());
}

/// What the log says of alerts in shadow mode, without its times.
fn shadow_lines(stderr: &str) -> Vec<Value> {
    let lines = stderr.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .filter(|line| line["event"] == "log_aggregator_shadow_emit")
        .map(|mut line| {
            line.as_object_mut().unwrap().remove("timestamp").unwrap();
            line
        })
        .collect()
}

#[test]
fn shadow_mode_delivers_nothing_and_says_what_it_would_have() {
    let (events, stderr) = finished(&["--shadow"], b"OOMKilled, password=hunter2\n");
    assert_eq!(events.len(), 1);
    assert_eq!(alerts(&stderr), Vec::<Value>::new());
    assert_eq!(
        shadow_lines(&stderr),
        [json!({
            "level": "info",
            "event": "log_aggregator_shadow_emit",
            "message": "in shadow mode: not delivered",
            "group": events[0]["error_group"],
            "fingerprint": events[0]["error_fingerprint"],
            "name": format!("{}: {}", events[0]["error_signature"].as_str().unwrap(), events[0]["error_summary"].as_str().unwrap()),
            "severity": "critical",
            "category": events[0]["error_category"],
            "signature": events[0]["error_signature"],
            "policy": events[0]["error_policy"],
            "count": 1,
            "suppressed": 0,
            "samples": "OOMKilled, password=[REDACTED]",
        })]
    );
    assert!(summary(&stderr).contains(" 1 alerts, "), "{stderr}");
}

#[test]
fn the_environment_can_switch_aggregation_off() {
    let mut command = pipe(&[]);
    command.env("LOG_AGGREGATOR_ENABLED", "0");
    let output = run(command, b"OOMKilled\n");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(json_lines(&output.stdout)[0]["error_signature"], "OOM_KILLED");
    assert_eq!(alerts(&stderr), Vec::<Value>::new());
    // A flag has the last word.
    let mut command = pipe(&["--aggregate=on"]);
    command.env("LOG_AGGREGATOR_ENABLED", "0");
    let output = run(command, b"OOMKilled\n");
    assert_eq!(alerts(&String::from_utf8(output.stderr).unwrap()).len(), 1);
}

#[test]
fn what_cannot_be_used_is_told_before_anything_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let broken = directory.path().join("broken.yml");
    std::fs::write(&broken, "a: ['(']").unwrap();
    let broken = broken.display().to_string();
    for (args, expected) in [
        (&["nope.log"][..], "error: cannot read nope.log: No such file or directory".to_owned()),
        (&["examples/samples.log", "tests"], "error: cannot read tests: ".to_owned()),
        (&["--taxonomy", "nope.yml"], "error: cannot read nope.yml: No such file".to_owned()),
        (&["--taxonomy", &broken], format!("error: {broken}:1:6: unclosed group")),
        (&["--shadow=maybe"], "error: invalid value 'maybe'".to_owned()),
    ] {
        let output = run(pipe(args), b"x\n");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{args:?}");
        assert!(stderr.contains(&expected), "{args:?}: {stderr}");
    }
}

#[test]
fn a_key_that_nothing_reads_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("alerts.yml");
    std::fs::write(&path, "window_minute: 5").unwrap();
    let (_, stderr) = finished(&["--alerts", &path.display().to_string()], b"");
    assert!(stderr.contains("alerts.yml:1:1: nothing reads the key `window_minute`"), "{stderr}");
}

#[test]
fn a_closed_output_ends_it_quietly() {
    let mut child = pipe(&["-q"]).spawn().unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    while stdin.write_all(&[b"some line\n".as_slice(); 1000].concat()).is_ok() {}
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    let told: Vec<Value> = json_lines(stderr.as_bytes());
    let told: Vec<_> = told.iter().map(|line| line["message"].as_str().unwrap()).collect();
    assert!(told[0].starts_with("no state directory: "), "{stderr}");
    assert_eq!(told[1..], ["started"]);
}

#[test]
fn sigterm_finishes_what_was_read() {
    let mut running = Running::start(&[]);
    assert_eq!(running.ask("one"), json!({"message": "one"}));
    write!(running.stdin.as_mut().unwrap(), "two\nand no end").unwrap();
    let mut line = String::new();
    running.stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "{\"message\":\"two\"}\n");
    running.signal("-TERM");
    let (success, rest, stderr) = running.wait();
    assert!(success, "{stderr}");
    assert_eq!(rest, "{\"message\":\"and no end\"}\n");
    assert!(summary(&stderr).starts_with("3 lines, "), "{stderr}");
}

/// A pipe whose output nobody reads, and that has more to write than goes into it.
fn unread() -> Running {
    let mut running = Running::start(&["--aggregate=off"]);
    let mut stdin = running.stdin.take().unwrap();
    let started = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let lines = "a line\n".repeat(10_000);
        for written in 0.. {
            if written == 10 {
                started.0.send(()).unwrap();
            }
            if stdin.write_all(lines.as_bytes()).is_err() {
                return;
            }
        }
    });
    started.1.recv().unwrap();
    running
}

#[test]
fn sigterm_does_not_wait_for_ever_for_who_does_not_read() {
    let mut running = unread();
    running.signal("-TERM");
    let mut status = None;
    // Without reading from it.
    wait_until(|| {
        status = running.child.try_wait().unwrap();
        status.is_some()
    });
    let (_, _, stderr) = running.wait();
    assert_eq!(status.unwrap().code(), Some(1), "{stderr}");
    let told = summary(&stderr);
    assert!(
        told.starts_with("error: nobody reads the output, and it was asked to stop: "),
        "{told}"
    );
    assert!(told.ends_with(" bytes that were read were not judged"), "{told}");
}

#[test]
fn a_second_sigterm_ends_at_once() {
    let mut running = unread();
    running.signal("-TERM");
    // The first is being handled; a third would do no harm.
    let mut status = None;
    wait_until(|| {
        running.signal("-TERM");
        status = running.child.try_wait().unwrap();
        status.is_some()
    });
    assert_eq!(status.unwrap().code(), Some(130));
}

#[test]
fn a_log_that_nobody_reads_does_not_stop_the_work() {
    let directory = tempfile::tempdir().unwrap();
    let settings = directory.path().join("alerts.yml");
    std::fs::write(&settings, "sinks: {gone: {type: webhook, url: 'http://127.0.0.1:1/'}}")
        .unwrap();
    // In shadow mode each alert is a line of the log: more than goes into a pipe.
    let args = ["--shadow", "-a", settings.to_str().unwrap()];
    let mut child = pipe(&args).spawn().unwrap();
    let (mut stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut stderr = child.stderr.take().unwrap();
    let lines = 20_000;
    let feeder = std::thread::spawn(move || {
        for number in 0..lines {
            let letters: String =
                number.to_string().bytes().map(|digit| char::from(digit + 49)).collect();
            writeln!(stdin, "FATAL: x{letters} Exited with code 7 {letters}").unwrap();
        }
    });
    let mut events = BufReader::new(stdout).lines();
    assert_eq!(events.by_ref().count(), lines);
    feeder.join().unwrap();
    // Nor does it keep it from its end.
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut log = String::new();
    stderr.read_to_string(&mut log).unwrap();
    assert!(log.contains("in shadow mode: not delivered"), "{log}");
}

#[test]
fn what_is_written_to_a_named_pipe_at_once_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let fifo = directory.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let mut child = pipe(&["-q", fifo.to_str().unwrap()]).spawn().unwrap();
    // Opened as soon as somebody reads, and closed again.
    std::fs::write(&fifo, "one\ntwo\n").unwrap();
    wait_until(|| child.try_wait().unwrap().is_some());
    let output = child.wait_with_output().unwrap();
    let expected = [json!({"message": "one"}), json!({"message": "two"})];
    assert_eq!(json_lines(&output.stdout), expected);
}

#[test]
fn an_answer_does_not_wait_for_more_input() {
    let mut running = Running::start(&[]);
    for n in 0..3 {
        assert_eq!(running.ask(&n.to_string()), json!({"message": n.to_string()}));
    }
    drop(running.stdin.take());
    assert!(running.wait().0);
}

#[test]
fn sighup_reloads_both_files_and_the_last_good_ones_stay() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    let (taxonomy, alerts) = (file("t.yml"), file("a.yml"));
    std::fs::write(&taxonomy, "first: [boom]").unwrap();
    std::fs::write(&alerts, "min_count_default: 3").unwrap();
    let name = |path: &Path| path.display().to_string();
    let args =
        ["-t", &name(&taxonomy), "-a", &name(&alerts), "--reload-seconds", "0"].map(String::from);
    let mut running = Running::start(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(running.ask("boom")["error_category"], "first");

    // A broken file changes nothing, though the other one is good.
    std::fs::write(&taxonomy, "second: [boom]").unwrap();
    std::fs::write(&alerts, "min_count_default: many").unwrap();
    running.signal("-HUP");
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(running.ask("boom")["error_category"], "first");

    std::fs::write(&alerts, "min_count_default: 2").unwrap();
    running.signal("-HUP");
    wait_until(|| running.ask("boom")["error_category"] == "second");
    drop(running.stdin.take());
    let (success, _, stderr) = running.wait();
    assert!(success);
    assert!(stderr.contains("a.yml:1:20: `min_count_default` takes a whole number"), "{stderr}");
    assert!(summary(&stderr).ends_with(", 1 reloads, 1 failed reloads"), "{stderr}");
}

#[test]
fn a_changed_file_is_found_without_being_told() {
    let directory = tempfile::tempdir().unwrap();
    let taxonomy = directory.path().join("t.yml");
    std::fs::write(&taxonomy, "first: [boom]").unwrap();
    let path = taxonomy.display().to_string();
    let mut running = Running::start(&["-t", &path, "--reload-seconds", "1"]);
    assert_eq!(running.ask("boom")["error_category"], "first");
    std::fs::write(&taxonomy, "second: [boom]").unwrap();
    wait_until(|| running.ask("boom")["error_category"] == "second");
    drop(running.stdin.take());
    assert!(running.wait().0);
}

#[test]
fn what_could_not_be_read_again_is_refused_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let fifo = directory.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for path in [fifo.to_str().unwrap(), directory.path().to_str().unwrap(), "/dev/zero"] {
        for flag in ["-t", "-a"] {
            let output = run(pipe(&[flag, path]), b"");
            let stderr = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{stderr}");
            assert!(stderr.contains(path) && stderr.contains("name a regular file"), "{stderr}");
        }
    }
}

#[test]
fn memory_stays_the_same_however_long_the_input() {
    let mut child = pipe(&["-q", "--shadow"]).stdout(Stdio::null()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let block: String = (0..400)
        .map(|n| format!("2026-03-14T09:00:00Z INFO request {n} served in {n} ms, all well\n"))
        .collect();
    let peak = |pid: u32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap()
    };
    for _ in 0..10 {
        stdin.write_all(block.as_bytes()).unwrap();
    }
    let early = peak(child.id());
    for _ in 0..100 {
        stdin.write_all(block.as_bytes()).unwrap();
    }
    let late = peak(child.id());
    drop(stdin);
    assert!(child.wait().unwrap().success());
    assert!(late < early + 8 * 1024, "{early} KiB, then {late} KiB");
    assert!(late < 64 * 1024, "{late} KiB");
}

const PACKED: [&str; 4] = ["c1-utf16le.log", "c1-utf16be.log", "c1.log.bz2", "c1.log.xz"];

fn case(name: &str) -> Vec<u8> {
    std::fs::read(root().join("tests/cases/packed").join(name)).unwrap()
}

#[test]
fn packed_logs_and_utf_16_are_read_from_files_and_from_standard_input() {
    let judged = |(events, _): (Vec<Value>, String)| -> Vec<_> {
        let text = |event: &Value, field: &str| event[field].as_str().unwrap().to_owned();
        events
            .iter()
            .map(|event| (text(event, "message"), text(event, "error_signature")))
            .collect()
    };
    let line = |second: u8, text: &str| format!("2026-03-14 09:00:0{second} ERROR app: {text}");
    let expected = [
        (line(0, "write failed: No space left on device"), "DISK_FULL".to_owned()),
        (line(1, "read ECONNRESET"), "NET_RESET".to_owned()),
        (line(2, "read ECONNRESET"), "NET_RESET".to_owned()),
        (line(3, "read ECONNRESET"), "NET_RESET".to_owned()),
    ];
    for name in PACKED {
        let path = format!("tests/cases/packed/{name}");
        assert_eq!(judged(finished(&[&path], b"")), expected, "{name}");
        assert_eq!(judged(finished(&[], &case(name))), expected, "{name}");
    }
}

#[test]
fn what_cannot_be_read_to_its_end_is_told_behind_what_could_be() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gzip.write_all(b"OOMKilled 1\nOOMKilled 2\nOOMKilled 3\n").unwrap();
    let gzip = gzip.finish().unwrap();
    let tar = [&b"app.log"[..], &[0; 250], b"ustar", &[0; 250]].concat();
    for (bytes, events, told) in [
        (&gzip[..gzip.len() - 15], 3, "its gzip data breaks off"),
        (&[&gzip[..], b"rubbish"].concat(), 3, "behind its gzip data comes something else"),
        (&case("c1.log.lz4"), 0, "its lz4 data is damaged"),
        (b"PK\x03\x04\x14\0\0\0", 0, "it is a zip archive; unpack it first"),
        (&tar, 0, "it is a tar archive; unpack it first"),
        (b"\x01\x02\x03\x9a\x04\x05\x06", 0, "it is no text"),
    ] {
        let output = run(pipe(&[]), bytes);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert_eq!(json_lines(&output.stdout).len(), events, "{stderr}");
        assert!(
            summary(&stderr).contains(&format!("cannot read standard input: {told}")),
            "{stderr}"
        );
        assert!(!stderr.contains(" matched"), "{stderr}");
    }
    // Others are read all the same.
    let output = run(pipe(&["tests/cases/packed/c1.log.lz4", "tests/cases/packed/c1.log.xz"]), b"");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_eq!(json_lines(&output.stdout).len(), 4);
    assert!(stderr.contains("cannot read tests/cases/packed/c1.log.lz4: its lz4 data"), "{stderr}");
    assert_eq!(summary(&stderr), "error: not all logs could be read to their end");
}

#[test]
fn what_cannot_be_told_does_not_end_the_work() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (unread, closed) = std::io::pipe().unwrap();
    drop(unread);
    let input = "OOMKilled 1\nfine\nOOMKilled 2\n";
    for stderr in [Stdio::from(full), Stdio::from(closed)] {
        let mut pipe = pipe(&["--aggregate=off"]);
        pipe.stderr(stderr);
        let output = run(pipe, input);
        assert_eq!((output.status.code(), json_lines(&output.stdout).len()), (Some(0), 3));
    }
    // Closed from the beginning.
    let mut closed = command("sh", &root());
    closed.args(["-c", "exec \"$0\" pipe 2>&-", env!("CARGO_BIN_EXE_vector-signatures")]);
    let output = run(closed, input);
    assert_eq!((output.status.code(), json_lines(&output.stdout).len()), (Some(0), 3));
    // Nor does it change how an error ends.
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut pipe = pipe(&["no-such-file.log"]);
    pipe.stderr(full);
    assert_eq!(run(pipe, "").status.code(), Some(2));
}

#[test]
fn an_output_that_cannot_be_written_is_told() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut pipe = pipe(&[]);
    pipe.stdout(full);
    let output = run(pipe, "fine\n".repeat(200_000));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        summary(&stderr).starts_with("error: cannot write the output: No space left"),
        "{stderr}"
    );
}

/// A folder for state, and alert settings with a sink that takes nothing yet: all
/// alerts stay in the outbox.
struct State {
    folder: tempfile::TempDir,
    args: [String; 8],
}

impl State {
    fn new(settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let sinks = "sinks: {gone: {type: webhook, url: 'http://127.0.0.1:1/', queue: 1000000}}\n";
        std::fs::write(path("t.yml"), "{critical: [boom], net: [drip]}").unwrap();
        std::fs::write(path("a.yml"), format!("{sinks}{settings}")).unwrap();
        let args =
            ["-q", "--reload-seconds=0", "-t", "t.yml", "-a", "a.yml", "--state-dir", "state"];
        let args = args.map(|arg| match arg.starts_with('-') {
            true => arg.to_owned(),
            false => path(arg),
        });
        Self { folder, args }
    }

    fn start(&self) -> Running {
        Running::start(&self.args.each_ref().map(String::as_str))
    }

    /// The alerts of the outbox.
    fn alerts(&self) -> Vec<Value> {
        let mut command = command(env!("CARGO_BIN_EXE_vector-signatures"), self.folder.path());
        command.args(["outbox", "list", "--state-dir", "state", "--limit", "1000000"]);
        command.args(["--format", "json"]);
        let deliveries = json_lines(&run(command, "").stdout);
        deliveries.into_iter().map(|delivery| delivery["alert"].clone()).collect()
    }
}

/// However much comes behind it that is dropped, and so never fills what is written
/// at once.
#[test]
fn a_line_leaves_while_noise_goes_on_without_an_end() {
    let state = State::new("min_count_default: 1");
    std::fs::write(state.folder.path().join("t.yml"), "{noise_allowlist: [hum], critical: [boom]}")
        .unwrap();
    let mut running = state.start();
    let mut stdin = running.stdin.take().unwrap();
    let noise = std::thread::spawn(move || {
        let noise = "hum\n".repeat(10_000);
        stdin.write_all(b"boom\n").unwrap();
        while stdin.write_all(noise.as_bytes()).is_ok() {}
    });
    let mut line = String::new();
    running.stdout.read_line(&mut line).unwrap();
    assert!(line.contains("boom"), "{line}");
    running.signal("-KILL");
    running.wait();
    noise.join().unwrap();
    assert_eq!(state.alerts().len(), 1);
}

#[test]
fn what_was_written_outlives_a_kill() {
    let state = State::new("min_count_default: 4");
    for _ in 0..2 {
        let mut running = state.start();
        for _ in 0..2 {
            assert_eq!(running.ask("drip")["error_category"], "net");
        }
        // At once after the line: nothing is left for later.
        running.signal("-KILL");
        running.wait();
    }
    let alerts = state.alerts();
    assert_eq!((alerts.len(), &alerts[0]["count"]), (1, &4.into()));
}

#[test]
fn no_line_leaves_before_its_alert_is_kept_however_fast_they_come() {
    let state = State::new("");
    let mut left = Vec::new();
    for kill in 1..=5_usize {
        let mut running = state.start();
        let mut stdin = running.stdin.take().unwrap();
        let feeder = std::thread::spawn(move || {
            // Letters alone, as digits are no difference; as many as it takes.
            for number in 0_u64.. {
                let letters: String = (number + 10_000_000 * kill as u64)
                    .to_string()
                    .bytes()
                    .map(|digit| char::from(digit + 49))
                    .collect();
                let block = format!("boom {letters}\n{}", "all is well\n".repeat(40));
                if stdin.write_all(block.as_bytes()).is_err() {
                    return;
                }
            }
        });
        let mut line = String::new();
        for _ in 0..kill * 400 {
            line.clear();
            running.stdout.read_line(&mut line).unwrap();
            left.push(line.clone());
        }
        running.signal("-KILL");
        let (_, rest, _) = running.wait();
        // The last one may be cut.
        let whole = rest.rsplit_once('\n').map_or("", |(whole, _)| whole);
        left.extend(whole.lines().map(str::to_owned));
        feeder.join().unwrap();
    }
    let fingerprint = |line: &String| {
        let event: Value = serde_json::from_str(line).unwrap();
        event.get("error_fingerprint").and_then(Value::as_str).map(str::to_owned)
    };
    let left: Vec<String> = left.iter().filter_map(fingerprint).collect();
    assert!(left.len() > 100);
    let kept: std::collections::HashSet<String> = state
        .alerts()
        .iter()
        .map(|alert| alert["fingerprint"].as_str().unwrap().to_owned())
        .collect();
    let missing = left.iter().filter(|fingerprint| !kept.contains(*fingerprint)).count();
    assert_eq!(missing, 0, "of {}", left.len());
}

#[test]
fn what_is_lost_in_the_end_is_the_last_word() {
    let state = State::new("");
    // Without a state directory.
    let args = state.args.each_ref().map(String::as_str);
    let output = run(pipe(&args[..6]), "boom a\nboom b\nfine\n");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), json_lines(&output.stdout).len()), (Some(1), 3), "{stderr}");
    assert_eq!(summary(&stderr), "error: gave up 2 deliveries, see the log");
}

/// A database that all services lose is a few pages, and the last lists the others.
#[test]
fn one_error_in_many_services_is_one_alert() {
    let directory = tempfile::tempdir().unwrap();
    let rules = directory.path().join("alerts.yml");
    std::fs::write(&rules, "grouping: {by: [service], collapse_above: 2}\n").unwrap();
    let rules = rules.display().to_string();
    let services = ["checkout", "billing", "cart", "search", "mail"];
    let lines = |minute: u32| -> String {
        let of = |(second, service): (usize, &&str)| {
            let line = format!(
                r#"{{"timestamp":"2026-03-14T09:{minute:02}:{second:02}Z","service":"{service}","message":"read ECONNRESET"}}"#
            );
            format!("{line}\n").repeat(3)
        };
        services.iter().enumerate().map(of).collect()
    };
    let input = lines(0) + &lines(11);
    let (events, stderr) = finished(&["--alerts", &rules], input.as_bytes());
    assert_eq!(events.len(), 30);
    let told: Vec<Value> = alerts(&stderr)
        .into_iter()
        .map(|alert| json!([alert["service"], alert["name"], alert["joined"]["values"]]))
        .collect();
    let listed = |values: &[(&str, u64)]| -> Value {
        values.iter().map(|(value, count)| json!({"value": value, "count": count})).collect()
    };
    let name = |text: &str| format!("NET_RESET{text}: Transient network issue");
    assert_eq!(
        told,
        [
            json!(["checkout", name(""), null]),
            json!(["billing", name(""), null]),
            json!([
                null,
                name(" in 3 services"),
                listed(&[("billing", 3), ("cart", 3), ("checkout", 3)])
            ]),
            // Those that were held, and the first that came after the cooldown.
            json!([
                null,
                name(" in 3 services"),
                listed(&[("checkout", 3), ("mail", 3), ("search", 3)])
            ]),
        ]
    );
}

/// Exceptions of ten languages, each among lines that have nothing to do with it.
fn exceptions() -> (Vec<String>, String) {
    let path = root().join("transform/event/tests/traces.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let traces: Vec<String> =
        text.trim_end().split("\n=====\n").take(20).map(String::from).collect();
    let ordinary = "2026-03-14 09:00:00 INFO served";
    let log = traces.iter().map(|trace| format!("{ordinary}\n{trace}\n")).collect();
    (traces, log)
}

#[test]
fn an_exception_of_many_lines_is_one_event_and_one_alert() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    let (taxonomy, rules) = (path("taxonomy.yml"), path("alerts.yml"));
    std::fs::write(&taxonomy, "categories: {app: ['[a-z]']}\n").unwrap();
    std::fs::write(&rules, "grouping: {}\nmin_count_default: 1\nsamples: 1\n").unwrap();
    let (traces, log) = exceptions();
    let args = ["--taxonomy", &taxonomy, "--alerts", &rules];
    let (events, stderr) = finished(&args, log.as_bytes());
    let messages: Vec<_> = events.iter().map(|event| event["message"].as_str().unwrap()).collect();
    let expected: Vec<_> =
        traces.iter().flat_map(|trace| ["2026-03-14 09:00:00 INFO served", trace]).collect();
    assert_eq!(messages, expected);
    let alerts = alerts(&stderr);
    assert_eq!(alerts.len(), traces.len());
    assert!(alerts.iter().all(|alert| alert["exception"]["types"].is_array()), "{stderr}");
    let lines = log.lines().count();
    let joined = lines - events.len();
    assert!(summary(&stderr).starts_with(&format!("{lines} lines, ")), "{stderr}");
    assert!(
        summary(&stderr).contains(&format!(", {joined} joined to the line before")),
        "{stderr}"
    );
    // Each line by itself, as ever.
    let off = [&args[..], &["--multiline", "off"]].concat();
    let (events, _) = finished(&off, log.as_bytes());
    assert_eq!(events.len(), lines);
}

/// Whatever is written before each line, or around it.
#[test]
fn an_exception_in_a_container_is_one_event_and_the_same_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    let (taxonomy, rules) = (path("taxonomy.yml"), path("alerts.yml"));
    std::fs::write(&taxonomy, "categories: {app: [Shop]}\n").unwrap();
    std::fs::write(&rules, "grouping: {}\nmin_count_default: 1\n").unwrap();
    let args = ["--taxonomy", &taxonomy, "--alerts", &rules];
    let trace = "Traceback (most recent call last):\n  File \"/app/a.py\", line 3, in Shop\n    \
                 f()\nKeyError: 'user'";
    let told = |log: String| {
        let (events, stderr) = finished(&args, log.as_bytes());
        let groups: Vec<_> = events.iter().map(|event| event["error_group"].clone()).collect();
        let alerts = alerts(&stderr);
        assert_eq!(alerts.len(), 1, "{log}\n{stderr}");
        (groups, alerts[0]["exception"].clone(), alerts[0]["last_seen"].clone())
    };
    let (groups, exception, _) = told(trace.to_owned());
    assert_eq!((groups.len(), &exception["types"]), (1, &json!(["KeyError"])));
    let lines = |wrap: &dyn Fn(&str) -> String| -> String { trace.lines().map(wrap).collect() };
    let record = |line: &str| {
        let time = "2026-03-14T09:00:00.123456789Z";
        json!({"log": format!("{line}\n"), "stream": "stderr", "time": time}).to_string() + "\n"
    };
    let mut logs = vec![lines(&record)];
    for wrapper in WRAPPERS {
        logs.push(lines(&|line| format!("{wrapper}{line}\n")));
    }
    logs.push(lines(&|line| format!("\x1b[36mapi-1  | \x1b[0m{line}\n")));
    logs.push(lines(&|line| format!("Mar 14 09:00:00 web-1 app[811]: {line}\n")));
    for log in logs {
        let (found, of, at) = told(log.clone());
        assert_eq!((&found, &of), (&groups, &exception), "{log}");
        if log.contains("09:00:00.123456789Z") {
            assert_eq!(at, "2026-03-14T09:00:00.123456789Z", "{log}");
        }
    }
}

#[test]
fn the_rest_of_an_event_is_waited_for_and_the_end_is_not() {
    let mut running = Running::start(&["-q"]);
    let trace = "ERROR: read ECONNRESET\n\tat a.B.c(B.java:1)";
    let event = running.ask(trace);
    assert_eq!(
        (&event["message"], &event["error_signature"]),
        (&json!(trace), &json!("NET_RESET"))
    );
    let stdin = running.stdin.as_mut().unwrap();
    writeln!(stdin, "{trace}").unwrap();
    stdin.flush().unwrap();
    drop(running.stdin.take());
    let (success, rest, stderr) = running.wait();
    assert!(success, "{stderr}");
    assert_eq!(json_lines(rest.as_bytes())[0]["message"], trace);
}

/// What a command writes on a terminal of so many columns.
fn on_terminal(columns: usize, folder: &Path, args: &str) -> String {
    let binary = env!("CARGO_BIN_EXE_vector-signatures");
    let shell = format!("stty rows 40 cols {columns} && exec {binary} {args}");
    let mut script = command("script", folder);
    script.args(["-qec", &shell, "/dev/null"]).env("PATH", "/usr/bin:/bin").env("NO_COLOR", "1");
    process::text(&run(script, b"").stdout).replace('\r', "")
}

#[test]
fn rows_and_tables_fit_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let samples = root().join("examples/samples.log");
    let width = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap();
    let pipe = format!("pipe --only matched {} 2>err", samples.display());
    for columns in [60, 90] {
        let rows = on_terminal(columns, folder.path(), &pipe);
        assert!(width(&rows) <= columns && rows.lines().count() > 100, "{rows}");
    }
    let fail = "sinks: {a-sink-with-a-long-name: {type: webhook, url: 'http://127.0.0.1:1/of/a/long/path'}}";
    std::fs::write(folder.path().join("a.yml"), fail).unwrap();
    let state = "--state-dir state";
    on_terminal(
        80,
        folder.path(),
        &format!("pipe -q -a a.yml {state} {} >out 2>err", samples.display()),
    );
    let list = format!("outbox list {state}");
    let rows = on_terminal(80, folder.path(), &list);
    assert!(width(&rows) <= 80 && rows.contains('…') && rows.lines().count() > 20, "{rows}");
    let refused = on_terminal(80, folder.path(), "pipe state");
    assert!(
        refused.contains("cannot read state: it is a folder; name the logs in it, as state/*.log")
    );
    let whole = on_terminal(80, folder.path(), &format!("{list} | cat"));
    assert!(width(&whole) > 100 && !whole.contains('…'), "{whole}");
}
