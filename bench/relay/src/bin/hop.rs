//! The whole process, gRPC included: a sender and a source on loopback with the
//! relay between them, and the CPU time that the relay took for each event.
//!
//! ```sh
//! cargo build --release && (cd bench/relay && cargo run --release --bin hop)
//! ```
//! Also the peak memory of the relay while the next hop is stalled.

use std::{path::Path, time::Duration};

use bytes::Bytes;
use relay_bench::{
    batches,
    hop::{Hop, ROOT},
};
use signatures_peers::vector::{Answer, VectorSink, VectorSource};

#[tokio::main]
async fn main() {
    let batches: Vec<Bytes> = batches().into_iter().map(Bytes::from).collect();
    let nothing = std::env::temp_dir().join("relay-bench-nothing.yml");
    std::fs::write(&nothing, "categories: {none: {signatures: [\"\\\\bno such line ever\\\\b\"]}}")
        .expect("a writable folder");
    let shipped = Path::new(ROOT).join("config/error_signatures.yml");
    for (name, taxonomy) in [("one signature", &nothing), ("shipped taxonomy", &shipped)] {
        let source = VectorSource::start().await;
        source.answer(Answer::Discard);
        let relay = Hop::relay(&source.url(), taxonomy);
        let (user, system, events) = relay.measure(&batches, 2, Duration::from_secs(8)).await;
        println!(
            "{name}: {events} events, user {user:.2} µs/event, system {system:.2} µs/event, \
             peak {:.1} MiB",
            relay.peak_megabytes()
        );
    }
    stalled(&batches, &shipped).await;
}

/// A next hop that never answers, and many senders that do not give up.
async fn stalled(batches: &[Bytes], taxonomy: &Path) {
    let source = VectorSource::start().await;
    source.answer(Answer::TakeAfter(Duration::from_secs(600)));
    let relay = Hop::relay(&source.url(), taxonomy);
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
