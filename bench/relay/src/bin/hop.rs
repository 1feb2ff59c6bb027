//! The whole process, gRPC included: a sender and a source on loopback with the
//! relay between them, and the CPU time that the relay took for each event.
//!
//! ```sh
//! cargo build --release && (cd bench/relay && cargo run --release --bin hop)
//! ```
//! Also the peak memory of the relay while the next hop is stalled.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use bytes::Bytes;
use peer::{Answer, VectorSink, VectorSource};
use relay_bench::{BATCH, batches, cpu_seconds};

#[path = "../../../../transform/protocol/tests/peer/mod.rs"]
mod peer;
use relay_bench::proto;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

struct Relay {
    child: Child,
    listen: String,
}

impl Relay {
    fn start(forward: &str, taxonomy: &str) -> Self {
        let binary = std::env::var("RELAY_BINARY")
            .unwrap_or_else(|_| format!("{ROOT}/target/release/vector-signatures"));
        let mut child = Command::new(&binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--status", "127.0.0.1:0"])
            .args(["--forward", forward, "--taxonomy", taxonomy, "--shadow"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{binary}: {error}: build it first"));
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let listen = loop {
            let line = lines.next().expect("a start").expect("a line");
            if let Some((_, rest)) = line.split_once("\"listen\":\"") {
                break rest.split('"').next().unwrap_or_default().to_owned();
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, listen }
    }

    fn peak_megabytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .expect("a running process");
        let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("a peak");
        let kilobytes = line.split_whitespace().nth(1).and_then(|number| number.parse::<f64>().ok());
        kilobytes.expect("a number") / 1024.0
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends batches one after the other from a few workers for a while.
async fn load(listen: &str, batches: &[Bytes], time: Duration) -> usize {
    let workers = (0..2).map(|worker| {
        let (sink, batches) = (VectorSink::new(listen), batches.to_vec());
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

#[tokio::main]
async fn main() {
    let batches: Vec<Bytes> = batches().into_iter().map(Bytes::from).collect();
    let nothing = std::env::temp_dir().join("relay-bench-nothing.yml");
    std::fs::write(&nothing, "categories: {none: {signatures: [\"\\\\bno such line ever\\\\b\"]}}")
        .expect("a writable folder");
    let nothing = nothing.display().to_string();
    let shipped = format!("{ROOT}/config/error_signatures.yml");
    for (name, taxonomy) in [("one signature", &nothing), ("shipped taxonomy", &shipped)] {
        let source = VectorSource::start().await;
        source.answer(Answer::Discard);
        let relay = Relay::start(&source.url(), taxonomy);
        load(&relay.listen, &batches, Duration::from_secs(1)).await;
        let (user, system) = cpu_seconds(relay.child.id());
        let events = load(&relay.listen, &batches, Duration::from_secs(8)).await as f64;
        let (user_after, system_after) = cpu_seconds(relay.child.id());
        let each = |seconds: f64| seconds * 1e6 / events;
        println!(
            "{name}: {events} events, user {:.2} µs/event, system {:.2} µs/event, peak {:.1} MiB",
            each(user_after - user),
            each(system_after - system),
            relay.peak_megabytes()
        );
    }
    stalled(&batches, &shipped).await;
}

/// A next hop that never answers, and many senders that do not give up.
async fn stalled(batches: &[Bytes], taxonomy: &str) {
    let source = VectorSource::start().await;
    source.answer(Answer::TakeAfter(Duration::from_secs(600)));
    let relay = Relay::start(&source.url(), taxonomy);
    let before = relay.peak_megabytes();
    for n in 0..500 {
        let (sink, batch) = (VectorSink::new(&relay.listen), batches[n % batches.len()].to_vec());
        tokio::spawn(async move { sink.push_bytes(batch).await });
    }
    tokio::time::sleep(Duration::from_secs(10)).await;
    let size = batches.iter().map(Bytes::len).sum::<usize>() / batches.len();
    println!(
        "stalled next hop: 500 senders with a batch of {} KiB each: peak {:.1} MiB, idle {before:.1} MiB",
        size >> 10,
        relay.peak_megabytes()
    );
}
