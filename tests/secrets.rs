//! A canary in every place where a secret can be written, and a search of everything
//! that a process says or leaves for it.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::{collections::BTreeSet, path::Path, process::Output};

use serde_json::Value;
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

/// Each type of sink with all its keys, and which of them the schema marks as what is
/// written and never shown.
fn marked_sinks() -> Vec<(String, BTreeSet<String>, Vec<String>)> {
    let schema = std::fs::read_to_string(root().join("schemas/alerts.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let kinds = schema["$defs"]["sink"]["properties"]["type"]["enum"].as_array().unwrap();
    let sink = |kind: &Value| {
        let kind = kind.as_str().unwrap();
        let keys = schema["$defs"][kind]["properties"].as_object().unwrap();
        let marked = keys.iter().filter(|(_, key)| key["writeOnly"] == true);
        let marked = marked.map(|(key, _)| key.clone()).collect();
        (kind.to_owned(), keys.keys().cloned().collect(), marked)
    };
    kinds.iter().map(sink).collect()
}

/// What a key may hold, so that the sink is one.
fn value_of(key: &str, secret: &str) -> String {
    match key {
        "webhook_url" => format!("'http://{}/{secret}'", nobody()),
        _ if key.ends_with("url") => format!("'http://u:{secret}@{}'", nobody()),
        "chat_id" => format!("'@{secret}'"),
        "headers" => format!("{{X-Key: '{secret}', X-Other: '{secret}'}}"),
        "bot_token" => format!("'1:{secret}'"),
        _ => format!("'{secret}'"),
    }
}

/// A sink of a kind that is told all its secrets so, in the text, by a variable or by
/// files.
fn told(kind: &str, keys: &BTreeSet<String>, marked: &[String], how: &str) -> String {
    let mut sink = format!("type: {kind}");
    for key in marked {
        let file = format!("{key}_file");
        sink += &match how {
            "file" if keys.contains(&file) => format!(", {file}: secret-{key}"),
            "variable" => format!(", {key}: {}", value_of(key, "${CANARY_VARIABLE}")),
            _ => format!(", {key}: {}", value_of(key, CANARY)),
        };
    }
    format!("sinks: {{s: {{{sink}}}}}")
}

/// Whatever a sink is told that its schema marks, and however: a key that is added to
/// the schema is tried by itself.
#[test]
fn no_marked_key_of_a_sink_is_said_or_left() {
    let kinds = marked_sinks();
    assert!(kinds.iter().filter(|(_, _, marked)| !marked.is_empty()).count() >= 5);
    for (kind, keys, marked) in &kinds {
        for how in ["text", "variable", "file"] {
            let yaml = told(kind, keys, marked, how);
            let folder = folder(&yaml);
            for key in marked {
                let value = value_of(key, CANARY);
                let path = folder.path().join(format!("secret-{key}"));
                std::fs::write(path, value.trim_matches('\'')).unwrap();
            }
            let state = ["--alerts", "alerts.yml", "--state-dir", "state"];
            let pipe = [&["pipe"], &state[..]].concat();
            let input = "Out of memory: killed process 1\n";
            let output = vector_signatures(folder.path(), &pipe, input);
            assert_silent(&output, folder.path(), &yaml);
            assert!(folder.path().join("state/alerts.db").is_file(), "{yaml}: {output:?}");
            for args in [
                &["notify-test", "--alerts", "alerts.yml"][..],
                &["outbox", "list", "--state-dir", "state"],
                &["outbox", "list", "--state-dir", "state", "--format", "json"],
                &["outbox", "drop", "--all", "--state-dir", "state"],
                &["outbox", "list", "--state-dir", "state", "--state", "dropped"],
                &["outbox", "retry", "1", "--state-dir", "state"],
            ] {
                assert_silent(&vector_signatures(folder.path(), args, ""), folder.path(), &yaml);
            }
        }
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
        for help in ["--help", "-h"] {
            let help = vector_signatures(folder.path(), &[command, help], "");
            assert!(help.status.success());
            assert_silent(&help, folder.path(), command);
        }
    }
    for args in [&["--help"][..], &["completions", "bash"], &["man", "state"]] {
        let output = vector_signatures(folder.path(), args, "");
        assert!(output.status.success(), "{output:?}");
        assert_silent(&output, folder.path(), args[0]);
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

/// However whoever asks gives the token, right or wrong, where it belongs or not.
#[test]
fn a_token_of_the_status_is_answered_to_nobody() {
    use std::io::{Read, Write};
    for written in ["token: 'MARK'", "token_file: token"] {
        let folder = folder("");
        std::fs::write(folder.path().join("token"), CANARY).unwrap();
        let relay = format!(
            "listen: 127.0.0.1:0\nforward: {{url: 'http://{}'}}\n\
             status: {{address: '127.0.0.1:0', {}}}\n",
            nobody(),
            written.replace("MARK", CANARY)
        );
        std::fs::write(folder.path().join("relay.yml"), relay).unwrap();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let mut command = process::command(env!("CARGO_BIN_EXE_vector-signatures"), folder.path());
        command.args(["serve", "--config", "relay.yml"]);
        command.env("ERROR_SIGNATURES_PATH", root().join("config/error_signatures.yml"));
        let mut relay = command.stderr(log).spawn().unwrap();
        let said = || std::fs::read_to_string(folder.path().join("log")).unwrap();
        wait_until(|| said().contains("\"status\":"));
        let started = said();
        let started = started.lines().find(|line| line.contains("\"status\":")).unwrap();
        let started: Value = serde_json::from_str(started).unwrap();
        let address = started["status"].as_str().unwrap();
        let mut seen = BTreeSet::new();
        for page in ["/metrics", "/readyz", "/healthz", "/status", "/nowhere", "/status/"] {
            for (query, header) in [
                (String::new(), format!("Authorization: Bearer {CANARY}")),
                (String::new(), format!("Authorization: Bearer {CANARY}x")),
                (String::new(), format!("Authorization: Basic {CANARY}")),
                (format!("?token={CANARY}"), "X: y".to_owned()),
                (format!("/{CANARY}"), "X: y".to_owned()),
                (String::new(), format!("Cookie: token={CANARY}")),
                (String::new(), format!("X {CANARY}: not a header")),
            ] {
                let mut stream = std::net::TcpStream::connect(address).unwrap();
                let head =
                    format!("GET {page}{query} HTTP/1.0\r\nHost: {address}\r\n{header}\r\n\r\n");
                stream.write_all(head.as_bytes()).unwrap();
                let mut answer = Vec::new();
                // One that breaks the protocol may be cut off.
                let _ = stream.read_to_end(&mut answer);
                assert_none(&answer, &head);
                seen.insert(String::from_utf8_lossy(&answer).get(9..12).map(str::to_owned));
            }
        }
        for code in ["200", "401", "404"] {
            assert!(seen.contains(&Some(code.to_owned())), "{seen:?}");
        }
        relay.kill().unwrap();
        relay.wait().unwrap();
        assert_none(said().as_bytes(), "log");
    }
}
