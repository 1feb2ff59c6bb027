//! A process between a sender and a source on loopback.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use bytes::Bytes;
use signatures_peers::vector::VectorSink;

use crate::{BATCH, cpu_seconds};

/// Where the repository begins.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A relay, or a Vector in its place. Killed when dropped.
pub struct Hop {
    child: Child,
    /// Where it takes events.
    pub listen: String,
    /// Where a relay says how it is.
    pub status: String,
}

impl Hop {
    /// `vector-signatures serve`: the release build, or what `RELAY_BINARY`
    /// names.
    pub fn relay(forward: &str, taxonomy: &Path) -> Self {
        let binary = std::env::var("RELAY_BINARY")
            .unwrap_or_else(|_| format!("{ROOT}/target/release/vector-signatures"));
        Self::relay_of(&binary, forward, taxonomy, &["--shadow"])
    }

    /// `vector-signatures serve` by that binary, with more arguments.
    pub fn relay_of(binary: &str, forward: &str, taxonomy: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--status", "127.0.0.1:0"])
            .args(["--forward", forward])
            .args(more)
            .arg("--taxonomy")
            .arg(taxonomy)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{binary}: {error}: build it first"));
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let started = loop {
            let line = lines.next().expect("a start").expect("a line");
            if line.contains("\"listen\":\"") {
                break line;
            }
        };
        let address = |name: &str| {
            let (_, rest) = started.split_once(&format!("\"{name}\":\"")).expect("an address");
            rest.split('"').next().unwrap_or_default().to_owned()
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, listen: address("listen"), status: address("status") }
    }

    /// A Vector with a `vector` source, a `remap` of that program when there is
    /// one, and a `vector` sink. It answers when the next hop has taken the
    /// events, as a relay does.
    pub fn vector(binary: &Path, forward: &str, remap: Option<&str>) -> Self {
        let folder = std::env::temp_dir().join(format!("relay-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a writable folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
        let listen = port.expect("a free port").to_string();
        let config: PathBuf = folder.join("vector.json");
        let mut transforms = serde_json::json!({});
        if let Some(source) = remap {
            transforms["tag"] = serde_json::json!({
                "type": "remap", "inputs": ["in"], "drop_on_abort": true, "source": source,
            });
        }
        let text = serde_json::json!({
            "data_dir": folder,
            "sources": {"in": {"type": "vector", "address": listen}},
            "transforms": transforms,
            "sinks": {"out": {
                "type": "vector",
                "inputs": [if remap.is_some() { "tag" } else { "in" }],
                "address": forward,
                "healthcheck": {"enabled": false},
                "batch": {"max_events": BATCH, "timeout_secs": 0.05},
                "acknowledgements": {"enabled": true},
            }},
        });
        std::fs::write(&config, text.to_string()).expect("a writable folder");
        let child = Command::new(binary)
            .arg("--quiet")
            .arg("--config-json")
            .arg(&config)
            .stdout(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
        let start = Instant::now();
        while std::net::TcpStream::connect(&listen).is_err() {
            assert!(start.elapsed() < Duration::from_secs(60), "Vector does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Self { child, listen, status: String::new() }
    }

    /// User and system CPU time so far, in seconds.
    pub fn cpu_seconds(&self) -> (f64, f64) {
        cpu_seconds(self.child.id())
    }

    /// The most memory that was resident, in MiB.
    pub fn peak_megabytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .expect("a running process");
        let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("a peak");
        let kilobytes =
            line.split_whitespace().nth(1).and_then(|number| number.parse::<f64>().ok());
        kilobytes.expect("a number") / 1024.0
    }

    /// Sends batches one after the other from some workers for a while, and
    /// says how many events were taken.
    pub async fn load(&self, batches: &[Bytes], workers: usize, time: Duration) -> usize {
        let workers = (0..workers).map(|worker| {
            let (sink, batches) = (VectorSink::new(&self.listen), batches.to_vec());
            tokio::spawn(async move {
                let (start, mut sent) = (Instant::now(), 0);
                while start.elapsed() < time {
                    let batch = batches[(worker + sent) % batches.len()].to_vec();
                    sink.push_bytes(batch).await.expect("a taken batch");
                    sent += 1;
                }
                sent
            })
        });
        let mut sent = 0;
        for worker in workers.collect::<Vec<_>>() {
            sent += worker.await.expect("a worker");
        }
        sent * BATCH
    }

    /// User and system CPU time of each event under load, in microseconds, and
    /// how many events that was.
    pub async fn measure(
        &self,
        batches: &[Bytes],
        workers: usize,
        time: Duration,
    ) -> (f64, f64, usize) {
        self.load(batches, workers, Duration::from_secs(1)).await;
        let (user, system) = self.cpu_seconds();
        let events = self.load(batches, workers, time).await;
        let (user_after, system_after) = self.cpu_seconds();
        let each = |seconds: f64| seconds * 1e6 / events as f64;
        (each(user_after - user), each(system_after - system), events)
    }
}

impl Drop for Hop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
