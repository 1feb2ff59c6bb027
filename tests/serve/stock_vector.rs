//! The relay beside a real Vector, which the variable `VECTOR` names:
//!
//! ```sh
//! VECTOR=/usr/bin/vector cargo nextest run --run-ignored only -E 'test(stock_vector)'
//! ```

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value as Json;
use signatures_peers::waiting::eventually;

use crate::{folder, process::Relay};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");

fn vector() -> PathBuf {
    let path = std::env::var_os("VECTOR").map(PathBuf::from);
    path.expect("VECTOR names no Vector binary: VECTOR=/usr/bin/vector")
}

/// A running Vector. Killed when dropped.
struct Vector(Child);

impl Vector {
    fn start(binary: &Path, folder: &Path, name: &str, config: &str) -> Self {
        let data = folder.join(format!("{name}-data"));
        fs::create_dir_all(&data).unwrap();
        let path = folder.join(format!("{name}.yaml"));
        fs::write(&path, format!("data_dir: {}\n{config}", data.display())).unwrap();
        let log = fs::File::create(folder.join(format!("{name}.log"))).unwrap();
        let mut command = Command::new(binary);
        command.env_clear().arg("--config").arg(path).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(log);
        Self(command.spawn().unwrap())
    }
}

impl Drop for Vector {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// The events of a file of JSON lines, by message. The last line may be half
/// written.
fn events(path: &Path) -> BTreeMap<String, Vec<Json>> {
    let mut events = BTreeMap::<_, Vec<_>>::new();
    for line in fs::read_to_string(path).unwrap_or_default().lines() {
        let Ok(event) = serde_json::from_str::<Json>(line) else { continue };
        let message = event["message"].as_str().unwrap_or_default().to_owned();
        events.entry(message).or_default().push(event);
    }
    events
}

/// A file that is being written → Vector → relay → Vector → a file, everything
/// acknowledged from end to end, and the relay killed again and again.
async fn ship(binary: &Path, compression: &str, forward: &str) {
    let work = tempfile::tempdir().unwrap();
    let (input, output) = (work.path().join("app.log"), work.path().join("out.json"));
    let [relay_at, vector_at] = [free_port(), free_port()];
    let _receiver = Vector::start(
        binary,
        work.path(),
        "receiver",
        &format!(
            "sources: {{from_signatures: {{type: vector, address: '{vector_at}'}}}}\n\
             sinks:\n  out:\n    type: file\n    inputs: [from_signatures]\n    path: '{}'\n    \
             encoding: {{codec: json}}\n    acknowledgements: {{enabled: true}}\n",
            output.display()
        ),
    );
    let mut file = fs::File::create(&input).unwrap();
    let _sender = Vector::start(
        binary,
        work.path(),
        "sender",
        &format!(
            "sources: {{app: {{type: file, include: ['{}']}}}}\n\
             sinks:\n  to_signatures:\n    type: vector\n    inputs: [app]\n    \
             address: 'http://{relay_at}'\n    compression: {compression}\n    \
             batch: {{max_events: 100, timeout_secs: 0.1}}\n    \
             request: {{retry_initial_backoff_secs: 1, retry_max_duration_secs: 1}}\n    \
             acknowledgements: {{enabled: true}}\n    \
             buffer: {{type: disk, max_size: 268435488, when_full: block}}\n",
            input.display()
        ),
    );
    let (listen, url) = (relay_at.to_string(), format!("http://{vector_at}"));
    let args = ["--listen", &listen, "--forward", &url, "--compression", forward];
    let mut relay = Relay::start_in(folder(), &args);

    let lines = 6000;
    for n in 0..lines {
        let text = match n % 4 {
            0 => "read ECONNRESET",
            1 => "context canceled",
            2 => "Out of memory",
            _ => "all is well",
        };
        writeln!(file, "{text} /{n}/").unwrap();
        if n % 1500 == 1499 {
            // In the middle of what was just written.
            tokio::time::sleep(Duration::from_millis(700)).await;
            relay = Relay::start_in(relay.end("KILL"), &args);
        }
    }
    let noise = |n: &usize| n % 4 == 1;
    let expected = lines - (0..lines).filter(noise).count();
    for _ in 0..12 {
        if events(&output).len() >= expected {
            break;
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    let seen = events(&output);
    let log = || fs::read_to_string(work.path().join("sender.log")).unwrap_or_default();
    assert_eq!(seen.len(), expected, "{}\n{}", relay.stderr(), log());
    for (message, copies) in &seen {
        let signature = match message {
            m if m.starts_with("read ECONNRESET") => Json::from("NET_RESET"),
            m if m.starts_with("Out of memory") => Json::from("OOM"),
            m => {
                assert!(m.starts_with("all is well"), "{m}");
                Json::Null
            }
        };
        for event in copies {
            assert_eq!(event["error_signature"], signature, "{event}");
            // What the sender's source wrote is still there.
            assert_eq!(event["source_type"], "file", "{event}");
            assert!(event["timestamp"].is_string() && event["file"].is_string(), "{event}");
        }
    }
    let copies: usize = seen.values().map(Vec::len).sum();
    eprintln!("{compression}/{forward}: {expected} events, {} came twice", copies - expected);
    assert_eq!(relay.get("/readyz").0, 200, "the next hop's health check");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Vector binary: VECTOR=/usr/bin/vector"]
async fn between_two_vectors_nothing_is_lost_whatever_dies() {
    let binary = vector();
    ship(&binary, "true", "gzip").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Vector binary: VECTOR=/usr/bin/vector"]
async fn uncompressed_and_zstd_are_understood_as_well() {
    let binary = vector();
    ship(&binary, "false", "zstd").await;
}

/// An alert by `sink: vector` into a Vector.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Vector binary: VECTOR=/usr/bin/vector"]
async fn a_vector_takes_an_alert_as_a_log_event() {
    let binary = vector();
    let (work, address) = (tempfile::tempdir().unwrap(), free_port());
    let output = work.path().join("alerts.json");
    let config = format!(
        "sources: {{alerts: {{type: vector, address: '{address}'}}}}\n\
         sinks:\n  out:\n    type: file\n    inputs: [alerts]\n    path: '{}'\n    \
         encoding: {{codec: json}}\n",
        output.display()
    );
    let _receiver = Vector::start(&binary, work.path(), "receiver", &config);
    let relay_folder = folder();
    fs::write(
        relay_folder.path().join("alerts.yml"),
        format!("sinks: {{v: {{type: vector, url: 'http://{address}', compression: gzip}}}}"),
    )
    .unwrap();
    let args = ["--listen", "127.0.0.1:0", "--forward", &format!("http://{address}")];
    let relay = Relay::start_in(relay_folder, &[&args[..], &["--alerts", "alerts.yml"]].concat());
    eventually("the next hop is up", || relay.get("/readyz").0 == 200).await;
    let sink = signatures_peers::vector::VectorSink::new(&relay.listen);
    sink.push(vec![crate::message("Out of memory")]).await.unwrap();
    let alert = || {
        let text = fs::read_to_string(&output).unwrap_or_default();
        let mut events = text.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
        events.find(|event| event["event"] == "internal_alert")
    };
    eventually("the alert arrives", || alert().is_some()).await;
    let alert = alert().unwrap();
    assert_eq!(
        (&alert["signature"], &alert["count"], &alert["samples"]),
        (&"OOM".into(), &1.into(), &serde_json::json!(["Out of memory"])),
        "{alert}"
    );
}

#[test]
#[ignore = "needs a Vector binary: VECTOR=/usr/bin/vector"]
fn the_examples_are_valid() {
    let binary = vector();
    for name in ["vector-beside.yaml", "vector-beside.toml", "vector-multiline.yaml"] {
        let work = tempfile::tempdir().unwrap();
        let text = fs::read_to_string(Path::new(EXAMPLES).join(name)).unwrap();
        // The folder of a package's installation is not there.
        let text = text.replace("/var/lib/vector", &work.path().display().to_string());
        let path = work.path().join(name);
        fs::write(&path, text).unwrap();
        let mut command = Command::new(&binary);
        let output = command.arg("validate").arg("--skip-healthchecks").arg(&path).output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {said}");
    }
}
