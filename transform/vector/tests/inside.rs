//! The binary as an operator runs it: from standard input through both
//! transforms to a server that stands for Slack, Telegram and Alertmanager.

// A failed setup is a failed test.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeMap,
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering::Relaxed},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

const DEADLINE: Duration = Duration::from_secs(60);

const TAXONOMY: &str = r#"
noise_allowlist: ["context canceled"]
categories:
  network_db:
    default_policy: retry
    signatures:
      - {id: NET_RESET, pattern: ECONNRESET, summary: Transient network issue}
  critical: [OOMKilled]
"#;

/// The repository, where relative paths of the examples lead.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn vector(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vector-with-signatures"));
    command.current_dir(directory).env("VECTOR_COLOR", "never").env("VECTOR_LOG", "info");
    for name in ["ERROR_SIGNATURES_PATH", "ALERTS_GROUPING_CONFIG", "LOG_AGGREGATOR_SHADOW"] {
        command.env_remove(name);
    }
    command
}

/// A directory with a taxonomy and a configuration, which is YAML without its
/// source and data directory.
fn configured(config: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("t.yml"), TAXONOMY).unwrap();
    fs::create_dir(directory.path().join("data")).unwrap();
    let head = "
data_dir: data
sources:
  in: {type: stdin, decoding: {codec: json}}
";
    fs::write(directory.path().join("vector.yaml"), format!("{head}{config}")).unwrap();
    directory
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .concat()
}

/// A server that answers every request alike, and keeps path, content type and body.
struct Receiver {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    status: Arc<AtomicU16>,
}

#[derive(Clone, Debug)]
struct Request {
    path: String,
    content_type: String,
    body: Value,
}

impl Receiver {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let status = Arc::new(AtomicU16::new(200));
        let (kept, answered) = (Arc::clone(&requests), Arc::clone(&status));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, status) = (Arc::clone(&kept), Arc::clone(&answered));
                thread::spawn(move || answer(stream?, &kept, &status));
            }
        });
        Self { address, requests, status }
    }

    /// Answers so from now on.
    fn answers(&self, status: u16) {
        self.status.store(status, Relaxed);
    }

    /// Waits until so many requests came to a path.
    fn wait_for(&self, path: &str, requests: usize) {
        let started = Instant::now();
        while self.requests(path).len() < requests {
            assert!(started.elapsed() < DEADLINE, "{requests} requests to {path}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What came to a path.
    fn requests(&self, path: &str) -> Vec<Request> {
        let requests = self.requests.lock().unwrap();
        requests.iter().filter(|request| request.path == path).cloned().collect()
    }
}

fn answer(stream: TcpStream, requests: &Mutex<Vec<Request>>, status: &AtomicU16) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let (mut length, mut content_type) = (0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "content-type" => value.clone_into(&mut content_type),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let body = serde_json::from_slice(&body).unwrap();
    requests.lock().unwrap().push(Request { path, content_type, body });
    let status = status.load(Relaxed);
    let head = format!("HTTP/1.1 {status} So\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    reader.get_mut().write_all(head.as_bytes())
}

/// A running Vector.
struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    out: Lines,
    log: Lines,
}

/// The lines that it has written so far.
struct Lines {
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Lines {
    fn of(source: impl Read + Send + 'static) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        let reader = thread::spawn(move || {
            for line in BufReader::new(source).lines().map_while(Result::ok) {
                kept.lock().unwrap().push(line);
            }
        });
        Self { lines, reader: Some(reader) }
    }

    fn count(&self, text: &str) -> usize {
        self.lines.lock().unwrap().iter().filter(|line| line.contains(text)).count()
    }
}

impl Running {
    fn start(directory: &Path, arguments: &[&str]) -> Self {
        let mut child = vector(directory)
            .args(["--config", "vector.yaml"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, out) = (child.stdin.take(), Lines::of(child.stdout.take().unwrap()));
        let log = Lines::of(child.stderr.take().unwrap());
        Self { child, stdin, out, log }
    }

    fn send(&mut self, event: &Value) {
        writeln!(self.stdin.as_mut().unwrap(), "{event}").unwrap();
    }

    /// Ends its input, and returns what it wrote on standard output.
    fn finish(mut self) -> Vec<Value> {
        drop(self.stdin.take());
        let status = self.child.wait().unwrap();
        for lines in [&mut self.out, &mut self.log] {
            lines.reader.take().unwrap().join().unwrap();
        }
        let log = self.log.lines.lock().unwrap().join("\n");
        assert!(status.success(), "{status}\n{log}");
        let out = self.out.lines.lock().unwrap();
        out.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const TO_STDOUT: &str = "
transforms:
  signatures: {type: error_signatures, inputs: [in], taxonomy: t.yml}
sinks:
  out: {type: console, inputs: [signatures], encoding: {codec: json}}
";

#[test]
fn validate_tells_a_good_taxonomy_from_a_broken_one() {
    let directory = configured(TO_STDOUT);
    let validate = || {
        let arguments = ["validate", "--no-environment", "vector.yaml"];
        vector(directory.path()).args(arguments).output().unwrap()
    };
    let good = validate();
    assert!(good.status.success(), "{}", text(&good));
    let broken = TAXONOMY.replace("ECONNRESET", "'ECONN(RESET'");
    fs::write(directory.path().join("t.yml"), broken).unwrap();
    let broken = validate();
    assert_eq!(broken.status.code(), Some(78), "{}", text(&broken));
    assert!(text(&broken).contains("t.yml:7:"), "{}", text(&broken));
    assert!(text(&broken).contains("unclosed group"), "{}", text(&broken));
}

#[test]
fn the_unit_tests_of_the_examples_pass() {
    for example in ["examples/vector-inside.toml", "examples/vector-inside.yaml"] {
        let output = vector(&root())
            .args(["test", "--dangerously-allow-env-var-interpolation", example])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output));
        assert_eq!(text(&output).matches("... passed").count(), 5, "{}", text(&output));
    }
}

#[test]
fn the_reference_describes_both_transforms() {
    let output = vector(&root()).arg("generate-schema").output().unwrap();
    let schema = String::from_utf8(output.stdout).unwrap();
    for text in ["error_signatures", "signature_alerts", "reroute_noise", "SIGNATURES_TAXONOMY"] {
        assert!(schema.contains(text), "{text}");
    }
}

#[test]
fn alerts_reach_every_service_by_the_http_sink() {
    let receiver = Receiver::start();
    let mut config = "
transforms:
  signatures: {type: error_signatures, inputs: [in], taxonomy: t.yml, reroute_noise: true}
"
    .to_owned();
    for format in ["event", "slack", "telegram", "alertmanager"] {
        config += &format!(
            "  {format}: {{type: signature_alerts, inputs: [signatures], format: {format}, telegram_chat_id: '-17'}}\n"
        );
    }
    config += "
sinks:
  out: {type: console, inputs: [signatures], encoding: {codec: json}}
  noise: {type: console, target: stderr, inputs: [signatures.noise], encoding: {codec: json}}
";
    for format in ["event", "slack", "telegram", "alertmanager"] {
        let one = match format {
            "alertmanager" => "",
            _ => {
                ", framing: {method: newline_delimited}, batch: {max_events: 1}, request: {headers: {Content-Type: application/json}}"
            }
        };
        let address = receiver.address;
        config += &format!(
            "  to_{format}: {{type: http, inputs: [{format}], uri: 'http://{address}/{format}', encoding: {{codec: json}}{one}}}\n"
        );
    }
    let directory = configured(&config);
    let mut vector = Running::start(directory.path(), &[]);
    for message in ["read ECONNRESET", "context canceled", "all is well", "pod OOMKilled"] {
        for _ in 0..3 {
            vector.send(&json!({"message": message, "service": "api", "token": "t"}));
        }
    }
    let log = Arc::clone(&vector.log.lines);
    let out = vector.finish();
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for event in &out {
        assert_eq!(event["token"], "[REDACTED]");
        *counts.entry(event["error_signature"].as_str().unwrap_or("none")).or_default() += 1;
    }
    assert_eq!(counts, [("NET_RESET", 3), ("critical_0", 3), ("none", 3)].into());
    let noise = log.lock().unwrap().iter().filter(|line| line.contains("context canceled")).count();
    assert_eq!(noise, 3);

    for (format, of) in [
        ("event", (|body| body["signature"].clone()) as fn(&Value) -> Value),
        ("slack", |body| body["text"].clone()),
        ("telegram", |body| json!([body["chat_id"], body["parse_mode"]])),
        ("alertmanager", |body| {
            body.as_array()
                .unwrap()
                .iter()
                .map(|alert| alert["labels"]["signature"].clone())
                .collect()
        }),
    ] {
        let requests = receiver.requests(&format!("/{format}"));
        let told: Vec<_> = requests.iter().map(|request| of(&request.body)).collect();
        let told = json!(told).to_string();
        for request in &requests {
            assert_eq!(request.content_type, "application/json", "{format}");
        }
        match format {
            "event" => assert_eq!(told, r#"["NET_RESET","critical_0"]"#),
            "slack" => assert_eq!(
                told,
                r#"["[ANOMALY] NET_RESET: Transient network issue","[CRITICAL] critical_0: oomkilled"]"#
            ),
            "telegram" => assert_eq!(told, r#"[["-17","MarkdownV2"],["-17","MarkdownV2"]]"#),
            _ => assert_eq!(told.replace("],[", ","), r#"[["NET_RESET","critical_0"]]"#),
        }
    }
}

/// Sends numbered events until the log says something, and a few more.
fn send_until(vector: &mut Running, number: &mut u64, text: &str, times: usize) {
    let started = Instant::now();
    let mut more = 200;
    while more > 0 {
        assert!(started.elapsed() < DEADLINE, "{text}: {:#?}", vector.log.lines.lock().unwrap());
        vector.send(&json!({"message": "read ECONNRESET", "number": *number}));
        *number += 1;
        thread::sleep(Duration::from_millis(2));
        if vector.log.count(text) >= times {
            more -= 1;
        }
    }
}

#[test]
fn a_taxonomy_is_reloaded_while_events_flow_and_none_is_lost() {
    const RELOADED: &str = "Vector has reloaded.";
    let directory = configured(TO_STDOUT);
    let taxonomy = directory.path().join("t.yml");
    let mut vector = Running::start(directory.path(), &["--watch-config"]);
    let mut number = 0;
    send_until(&mut vector, &mut number, "Vector has started", 1);
    fs::write(&taxonomy, TAXONOMY.replace("NET_RESET", "NET_RESET_2")).unwrap();
    send_until(&mut vector, &mut number, RELOADED, 1);
    // A broken one is refused, and the last good one stays.
    fs::write(&taxonomy, TAXONOMY.replace("ECONNRESET", "'ECONN(RESET'")).unwrap();
    send_until(&mut vector, &mut number, "t.yml:7:", 1);
    fs::write(&taxonomy, TAXONOMY.replace("NET_RESET", "NET_RESET_3")).unwrap();
    send_until(&mut vector, &mut number, RELOADED, 2);

    let out = vector.finish();
    let mut numbers: Vec<_> = out.iter().map(|event| event["number"].as_u64().unwrap()).collect();
    // What the old one still has and what the new one has go side by side.
    numbers.sort_unstable();
    assert_eq!(numbers, (0..number).collect::<Vec<_>>(), "each came once");
    let mut signatures: Vec<_> =
        out.iter().map(|event| event["error_signature"].as_str().unwrap()).collect();
    signatures.sort_unstable();
    signatures.dedup();
    assert_eq!(signatures, ["NET_RESET", "NET_RESET_2", "NET_RESET_3"]);
}

#[test]
fn no_alert_comes_twice_for_a_restart_or_a_reload() {
    let directory = configured(
        "
transforms:
  signatures: {type: error_signatures, inputs: [in], taxonomy: t.yml}
  alerts: {type: signature_alerts, inputs: [signatures], alerts: a.yml}
sinks:
  out: {type: console, inputs: [alerts], encoding: {codec: json}}
",
    );
    let alerts = directory.path().join("a.yml");
    fs::write(&alerts, "cooldown_minutes: 10\n").unwrap();
    let error = json!({"message": "pod OOMKilled"});
    let mut vector = Running::start(directory.path(), &["--watch-config"]);
    vector.send(&error);
    let started = Instant::now();
    while vector.out.count("critical_0") == 0 {
        assert!(started.elapsed() < DEADLINE);
        thread::sleep(Duration::from_millis(10));
    }
    fs::write(&alerts, "cooldown_minutes: 20\n").unwrap();
    while vector.log.count("Vector has reloaded.") == 0 {
        assert!(started.elapsed() < DEADLINE);
        thread::sleep(Duration::from_millis(10));
    }
    vector.send(&error);
    assert_eq!(vector.finish().len(), 1);

    let mut vector = Running::start(directory.path(), &[]);
    vector.send(&error);
    assert_eq!(vector.finish(), Vec::<Value>::new());

    // Another data directory knows nothing.
    fs::remove_dir_all(directory.path().join("data")).unwrap();
    fs::create_dir(directory.path().join("data")).unwrap();
    let mut vector = Running::start(directory.path(), &[]);
    vector.send(&error);
    assert_eq!(vector.finish().len(), 1);
}

/// A configuration with a source of its own, that leads alerts to a receiver.
fn alerting(source: &str, receiver: &Receiver, sink: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("t.yml"), TAXONOMY).unwrap();
    fs::write(directory.path().join("a.yml"), "cooldown_minutes: 10\n").unwrap();
    fs::create_dir(directory.path().join("data")).unwrap();
    let address = receiver.address;
    let config = format!(
        "
data_dir: data
sources:
  in: {source}
transforms:
  signatures: {{type: error_signatures, inputs: [in], taxonomy: t.yml, alerts: a.yml}}
  alerts: {{type: signature_alerts, inputs: [signatures], alerts: a.yml}}
sinks:
  alerting:
    type: http
    inputs: [alerts]
    uri: 'http://{address}/alert'
    encoding: {{codec: json}}
    acknowledgements: {{enabled: true}}
    batch: {{timeout_secs: 0.05}}
{sink}
"
    );
    fs::write(directory.path().join("vector.yaml"), config).unwrap();
    directory
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// What a server answers to a log event; none before it listens.
fn post(port: u16, event: &Value) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let body = event.to_string();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1)?.parse().ok()
}

/// Posts an event until somebody listens.
fn posted(port: u16, event: &Value) -> u16 {
    let started = Instant::now();
    loop {
        if let Some(status) = post(port, event) {
            return status;
        }
        assert!(started.elapsed() < DEADLINE);
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn an_alert_that_is_refused_comes_when_the_event_is_sent_again() {
    for (refusal, sink) in
        [(400, ""), (500, "    request: {retry_attempts: 1, retry_initial_backoff_secs: 1}\n")]
    {
        let receiver = Receiver::start();
        let port = free_port();
        let source = format!(
            "{{type: http_server, address: '127.0.0.1:{port}', decoding: {{codec: json}}}}"
        );
        let directory = alerting(&source, &receiver, sink);
        let vector = Running::start(directory.path(), &[]);
        let error = json!({"message": "pod OOMKilled"});
        receiver.answers(refusal);
        let status = posted(port, &error);
        assert!(status >= 400, "{status}");
        let refused = receiver.requests("/alert").len();
        receiver.answers(200);
        assert_eq!(posted(port, &error), 200);
        receiver.wait_for("/alert", refused + 1);
        // Its cooldown holds now.
        assert_eq!(posted(port, &error), 200);
        assert_eq!(receiver.requests("/alert").len(), refused + 1);
        drop(vector);
    }
}

#[test]
fn an_alert_that_a_crash_has_overtaken_comes_after_the_restart() {
    for buffer in ["{type: memory}", "{type: disk, max_size: 268435488}"] {
        let receiver = Receiver::start();
        let sink = format!("    buffer: {buffer}\n");
        let source = "{type: file, include: ['*.log'], ignore_checkpoints: false}";
        let directory = alerting(source, &receiver, &sink);
        fs::write(directory.path().join("app.log"), "pod OOMKilled\n").unwrap();
        receiver.answers(503);
        let mut vector = Running::start(directory.path(), &[]);
        receiver.wait_for("/alert", 1);
        // What was decided is saved by now.
        let state = directory.path().join("data/alerts/groups.json");
        let started = Instant::now();
        while !state.exists() {
            assert!(started.elapsed() < DEADLINE);
            thread::sleep(Duration::from_millis(100));
        }
        vector.child.kill().unwrap();
        vector.child.wait().unwrap();
        receiver.answers(200);
        let before = receiver.requests("/alert").len();
        let vector = Running::start(directory.path(), &[]);
        receiver.wait_for("/alert", before + 1);
        drop(vector);
    }
}

#[test]
fn what_an_application_writes_raises_nothing() {
    let directory = configured(
        "
transforms:
  signatures: {type: error_signatures, inputs: [in], taxonomy: t.yml}
  # What stands between may change every field.
  between: {type: remap, inputs: [signatures], source: '.error_severity = \"info\"'}
  alerts: {type: signature_alerts, inputs: [between]}
  believed: {type: signature_alerts, inputs: [in], trust_tags: true}
sinks:
  out: {type: console, inputs: [alerts], encoding: {codec: json}}
  err: {type: console, target: stderr, inputs: [believed], encoding: {codec: json}}
",
    );
    let mut vector = Running::start(directory.path(), &[]);
    vector.send(&json!({
        "message": "all is well", "level": "info", "error_category": "critical",
        "error_severity": "critical", "error_fingerprint": "0123456789ab", "error_group": "0123456789ab",
    }));
    vector.send(&json!({
        "message": "login failed", "level": "error", "error_category": "critical", "error_signature": "F",
        "error_severity": "critical", "error_fingerprint": "0123456789ab",
    }));
    vector.send(&json!({"message": "pod OOMKilled", "error_fingerprint": "0123456789ab"}));
    let log = Arc::clone(&vector.log.lines);
    let out = vector.finish();
    let told: Vec<_> = out.iter().map(|alert| (&alert["signature"], &alert["severity"])).collect();
    assert_eq!(told, [(&json!("critical_0"), &json!("critical"))]);
    assert_ne!(out[0]["fingerprint"], "0123456789ab");
    assert!(out[0]["message"].as_str().unwrap().starts_with("[CRITICAL] critical_0"), "{out:?}");
    assert!(out[0]["timestamp"].is_string());
    let believed = log.lock().unwrap().iter().filter(|l| l.contains("0123456789ab")).count();
    assert_eq!(believed, 1);
}

#[test]
fn rules_may_stand_in_the_configuration() {
    let config = |pattern: &str| {
        format!(
            "
transforms:
  signatures:
    type: error_signatures
    inputs: [in]
    reroute_matched: true
    exclude: '.service == \"quiet\"'
    taxonomy: |
      noise_allowlist: [health]
      db:
        - {{id: RESET, pattern: '{pattern}'}}
    alerts: |
      tag_prefix: found_
sinks:
  out: {{type: console, inputs: [signatures.matched], encoding: {{codec: json}}}}
  rest: {{type: blackhole, inputs: [signatures]}}
"
        )
    };
    let directory = configured(&config("ECONNRESET"));
    let mut vector = Running::start(directory.path(), &[]);
    for service in ["loud", "quiet"] {
        vector.send(&json!({"message": "read ECONNRESET", "service": service}));
    }
    vector.send(&json!({"message": "all is well"}));
    let out = vector.finish();
    let told: Vec<_> = out.iter().map(|e| (&e["found_signature"], &e["service"])).collect();
    assert_eq!(told, [(&json!("RESET"), &json!("loud"))]);

    let directory = configured(&config("ECONN(RESET"));
    let validate = ["validate", "--no-environment", "vector.yaml"];
    let broken = vector_with(directory.path(), &validate);
    assert_eq!(broken.status.code(), Some(78), "{}", text(&broken));
    assert!(text(&broken).contains("the option `taxonomy`:3:"), "{}", text(&broken));
}

fn vector_with(directory: &Path, arguments: &[&str]) -> Output {
    vector(directory).args(arguments).output().unwrap()
}
