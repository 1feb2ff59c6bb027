//! A canary in every place where a secret can be written, and a search of everything
//! that a process says or leaves for it.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::{path::Path, process::Output};

use signatures_peers::{
    process::{self, root, run},
    receiver::nobody,
    waiting::wait_until,
};
use tempfile::TempDir;

/// Part of every secret here, and of nothing else.
const CANARY: &str = "cAnArY0123456789";

/// Every way that a sink may be told a secret.
const SINKS: [&str; 8] = [
    "{type: slack, webhook_url: 'http://NOBODY/MARK'}",
    "{type: telegram, bot_token: '1:MARK', chat_id: '5', base_url: 'http://NOBODY'}",
    "{type: telegram, bot_token: '1:x', chat_id: '5', base_url: 'http://u:MARK@NOBODY'}",
    "{type: alertmanager, url: 'http://u:MARK@NOBODY', authorization: 'Bearer MARK'}",
    "{type: webhook, url: 'http://NOBODY/?key=MARK', hmac_secret: MARK, headers: {X-Key: MARK}}",
    "{type: vector, url: 'http://u:MARK@NOBODY'}",
    "{type: webhook, url_file: canary-file}",
    "{type: webhook, url: 'http://NOBODY/${CANARY_VARIABLE}'}",
];

/// What may be wrong with a file that holds one.
const MISTAKES: [&str; 5] =
    ["", "}", "\nwindow_minutes: [", "\n\t- x: y", "\nroutes: [{sinks: [none]}]"];

fn folder(alerts: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("alerts.yml"), alerts).unwrap();
    std::fs::write(folder.path().join("canary-file"), format!("http://{}/{CANARY}", nobody()))
        .unwrap();
    folder
}

fn vector_signatures(folder: &Path, args: &[&str], input: &str) -> Output {
    let mut command = process::command(env!("CARGO_BIN_EXE_vector-signatures"), folder);
    command.env("CANARY_VARIABLE", CANARY).args(args);
    command.env("ERROR_SIGNATURES_PATH", root().join("config/error_signatures.yml"));
    for (name, value) in [
        ("SLACK_WEBHOOK_URL", format!("http://{}/{CANARY}", nobody())),
        ("ALERT_TELEGRAM_BOT_TOKEN", format!("1:{CANARY}")),
        ("ALERT_TELEGRAM_CHAT_ID", "5".to_owned()),
        ("SIGNATURES_FORWARD", format!("http://u:{CANARY}@{}", nobody())),
    ] {
        command.env(name, value);
    }
    run(command, input)
}

/// Neither what it said nor what it left holds a canary.
fn assert_silent(output: &Output, folder: &Path, what: &str) {
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    assert_none(&said, what);
    let state = folder.join("state");
    for entry in std::fs::read_dir(state).into_iter().flatten() {
        let path = entry.unwrap().path();
        assert_none(&std::fs::read(&path).unwrap(), &format!("{what}: {}", path.display()));
    }
}

fn assert_none(bytes: &[u8], what: &str) {
    let text = String::from_utf8_lossy(bytes);
    assert!(!text.contains(CANARY), "{what}:\n{text}");
}

fn sinks(sink: &str) -> String {
    let sink = sink.replace("MARK", CANARY).replace("NOBODY", &nobody().to_string());
    format!("sinks: {{s: {sink}}}")
}

#[test]
fn no_secret_of_a_sink_is_said_or_left() {
    for sink in SINKS {
        let yaml = sinks(sink);
        let folder = folder(&yaml);
        let args = ["--alerts", "alerts.yml", "--state-dir", "state"];
        let pipe = [&["pipe"], &args[..]].concat();
        let output = vector_signatures(folder.path(), &pipe, "Out of memory: killed process 1\n");
        assert_silent(&output, folder.path(), &yaml);
        // It has run, and an alert was to be delivered.
        assert!(folder.path().join("state").is_dir(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("error_signature"), "{output:?}");
        let test = vector_signatures(folder.path(), &["notify-test", "--alerts", "alerts.yml"], "");
        assert_silent(&test, folder.path(), &yaml);
        let list = ["outbox", "--state-dir", "state", "list", "--format", "json"];
        assert_silent(&vector_signatures(folder.path(), &list, ""), folder.path(), &yaml);
    }
}

#[test]
fn no_mistake_in_a_file_shows_the_secrets_beside_it() {
    for (sink, mistake) in SINKS.iter().flat_map(|sink| MISTAKES.map(|mistake| (sink, mistake))) {
        let yaml = format!("{}{mistake}", sinks(sink));
        let folder = folder(&yaml);
        let args = ["notify-test", "--alerts", "alerts.yml"];
        assert_silent(&vector_signatures(folder.path(), &args, ""), folder.path(), &yaml);
    }
}

#[test]
fn no_help_shows_what_the_environment_holds() {
    let folder = folder("");
    for command in ["pipe", "serve", "notify-test", "outbox"] {
        let help = vector_signatures(folder.path(), &[command, "--help"], "");
        assert!(help.status.success());
        assert_silent(&help, folder.path(), command);
    }
}

#[test]
fn no_address_of_a_next_hop_shows_who_may_go_there() {
    let url = format!("u:{CANARY}@h");
    for forward in
        [format!("ftp://{url}"), url.clone(), format!("http://{url} x"), format!("http://{url}:x")]
    {
        let folder = folder("");
        let relay = format!(
            "forward: {{url: '{forward}'}}\nlisten: 127.0.0.1:0\nstatus: {{address: '127.0.0.1:0'}}\n"
        );
        std::fs::write(folder.path().join("relay.yml"), relay).unwrap();
        let mut command = process::command(env!("CARGO_BIN_EXE_vector-signatures"), folder.path());
        command.args(["serve", "--config", "relay.yml"]);
        let output = run(command, "");
        assert_eq!(output.status.code(), Some(2), "{forward}");
        assert_silent(&output, folder.path(), &forward);
    }
}

#[test]
fn a_relay_that_runs_tells_no_secret() {
    use std::io::{Read, Write};
    let folder = folder(&sinks(SINKS[4]));
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let mut command = process::command(env!("CARGO_BIN_EXE_vector-signatures"), folder.path());
    command.args(["serve", "--listen", "127.0.0.1:0", "--status", "127.0.0.1:0"]);
    command.args(["--alerts", "alerts.yml", "--state-dir", "state"]);
    command.env("ERROR_SIGNATURES_PATH", root().join("config/error_signatures.yml"));
    command.env("SIGNATURES_FORWARD", format!("http://u:{CANARY}@{}", nobody()));
    let mut relay = command.stderr(log).spawn().unwrap();
    let said = || std::fs::read_to_string(folder.path().join("log")).unwrap();
    wait_until(|| said().contains("\"status\":"));
    let started = said();
    let started = started.lines().find(|line| line.contains("\"status\":")).unwrap();
    let started: serde_json::Value = serde_json::from_str(started).unwrap();
    let address = started["status"].as_str().unwrap();
    for page in ["/metrics", "/readyz", "/healthz", "/", "/status", "/nowhere"] {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(stream, "GET {page} HTTP/1.0\r\nHost: {address}\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert_none(&answer, page);
    }
    relay.kill().unwrap();
    relay.wait().unwrap();
    assert_none(said().as_bytes(), "log");
    assert!(said().contains("[SECRET]@"), "{}", said());
}
