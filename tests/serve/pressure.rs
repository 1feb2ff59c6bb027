//! More than there is room for: large requests, many of them, callers that stall
//! and callers that say nothing.

use std::time::{Duration, Instant};

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use prost::Message;
use signatures_peers::{
    proto::{EventWrapper, Log, PushEventsRequest, Value},
    vector::{Answer, VectorSink, VectorSource},
};
use tonic::{Code, Status, codec::CompressionEncoding};

use crate::{message, process::Relay};

/// How much more than its budget a relay may take: windows, queues, the system.
const BESIDE: u64 = 48 << 20;

/// How long anything may take, however slow the machine: only what is wedged takes
/// longer.
const WEDGED: Duration = Duration::from_secs(150);

/// How long one that sends little may wait behind those that send much.
const STARVED: Duration = Duration::from_secs(60);

/// A request of about so many bytes, which no compressor makes shorter.
fn request(bytes: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'a' + (state >> 59) as u8 % 26)
    };
    let events = (0..bytes.div_ceil(64 << 10)).map(|_| {
        let padding: String = (0..bytes.min(64 << 10)).map(|_| noise()).collect();
        let fields = [("message", Value::text("ECONNRESET")), ("padding", Value::text(&padding))];
        EventWrapper::log(Log::of(fields))
    });
    PushEventsRequest { events: events.collect() }.encode_to_vec()
}

/// Sends a request as Vector does, which tries again what was not taken: here a
/// sender that compresses a lot may have no time to go on sending.
async fn push(sink: &VectorSink, body: Vec<u8>) -> Result<(), Status> {
    loop {
        match sink.push_bytes(body.clone()).await {
            Err(status) if matches!(status.code(), Code::Unavailable | Code::Cancelled) => {
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            other => return other,
        }
    }
}

/// Many requests at once over some connections.
#[derive(Clone, Debug)]
struct Load {
    bytes: usize,
    count: usize,
    connections: usize,
    encoding: Option<CompressionEncoding>,
}

impl Load {
    /// Sends it, and expects that all of it is taken in time.
    async fn run(&self, relay: &Relay, within: Duration) {
        let body = request(self.bytes);
        let sinks: Vec<_> = (0..self.connections)
            .map(|_| match self.encoding {
                Some(encoding) => VectorSink::new(&relay.listen).compressed(encoding),
                None => VectorSink::new(&relay.listen),
            })
            .collect();
        let pushes: Vec<_> = (0..self.count)
            .map(|index| {
                let (sink, body) = (sinks[index % sinks.len()].clone(), body.clone());
                tokio::spawn(async move { push(&sink, body).await })
            })
            .collect();
        for (index, push) in pushes.into_iter().enumerate() {
            let answer = tokio::time::timeout(within, push).await;
            let answer = answer.unwrap_or_else(|_| panic!("{self:?}: {index} is not answered"));
            if let Err(status) = answer.unwrap() {
                panic!("{self:?}: {index} is refused: {status:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn large_requests_on_one_connection_are_all_taken() {
    for (in_flight, latency, bytes, count) in
        [(32, 0, 3_000_000, 40), (32, 300, 700_000, 80), (4, 0, 3_000_000, 16)]
    {
        let source = VectorSource::start().await;
        source.answer(Answer::TakeAfter(Duration::from_millis(latency)));
        let relay = Relay::start(&source.url(), &["--max-in-flight", &in_flight.to_string()]);
        let load = Load { bytes, count, connections: 1, encoding: None };
        load.run(&relay, WEDGED).await;
        assert_eq!(source.requests().len(), count);
        let held = "vector_signatures_requests_memory_bytes";
        signatures_peers::waiting::eventually("all is given back", || relay.metric(held) == 0.0)
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_small_on_the_wire_takes_no_more_than_the_budget() {
    let source = VectorSource::start().await;
    source.answer(Answer::Discard);
    let limits = ["--max-message-bytes", "8000000", "--max-memory-bytes", "40000000"];
    let relay = Relay::start(&source.url(), &limits);
    let before = relay.peak_memory();
    let bomb = vec![message(&"x".repeat(7_000_000))];
    for encoding in [CompressionEncoding::Gzip, CompressionEncoding::Zstd] {
        let sink = VectorSink::new(&relay.listen).compressed(encoding);
        let pushes: Vec<_> = (0..16)
            .map(|_| {
                let (sink, bomb) = (sink.clone(), bomb.clone());
                tokio::spawn(async move { sink.push(bomb).await })
            })
            .collect();
        for push in pushes {
            push.await.unwrap().unwrap();
        }
    }
    let grown = relay.peak_memory() - before;
    assert!(grown < 40_000_000 + BESIDE, "{grown}");
}

/// At the default limits; the sending side takes gigabytes.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes much memory: by hand"]
async fn the_largest_bombs_take_no_more_than_the_default_budget() {
    let source = VectorSource::start().await;
    source.answer(Answer::Discard);
    let relay = Relay::start(&source.url(), &[]);
    let bomb = vec![message(&"x".repeat(98 << 20))];
    let sink = VectorSink::new(&relay.listen).compressed(CompressionEncoding::Zstd);
    let body = prost::bytes::Bytes::from(PushEventsRequest { events: bomb }.encode_to_vec());
    let pushes: Vec<_> = (0..32)
        .map(|_| {
            let (sink, body) = (sink.clone(), body.clone());
            tokio::spawn(async move { push(&sink, body.to_vec()).await })
        })
        .collect();
    let mut taken = 0;
    for push in pushes {
        match push.await.unwrap() {
            Ok(()) => taken += 1,
            Err(status) => assert_eq!(status.code(), Code::ResourceExhausted),
        }
    }
    println!("{taken} of 32 taken, peak {} MiB", relay.peak_memory() >> 20);
    assert!(relay.peak_memory() < (512 << 20) + 2 * BESIDE);
}

/// A load, and the relay and the next hop that it meets.
fn situations() -> impl Strategy<Value = (Load, u16, u64, u64)> {
    let bytes = prop_oneof![Just(100), Just(70_000), Just(700_000), Just(2_500_000)];
    let encoding = prop_oneof![
        Just(None),
        Just(Some(CompressionEncoding::Gzip)),
        Just(Some(CompressionEncoding::Zstd)),
    ];
    (bytes, 1_usize..40, 1_usize..4, encoding, 1_u16..33, 0_u64..60, 12_u64..80).prop_map(
        |(bytes, count, connections, encoding, in_flight, latency, mebibytes)| {
            // Here it is the sender that takes so long to compress.
            let bytes = if encoding.is_some() { bytes.min(700_000) } else { bytes };
            let load = Load { bytes, count, connections, encoding };
            (load, in_flight, latency, mebibytes << 20)
        },
    )
}

/// How long the longest of five small requests takes.
async fn longest_wait(listen: &str) -> Duration {
    let sink = VectorSink::new(listen);
    let mut longest = Duration::ZERO;
    for _ in 0..5 {
        let start = Instant::now();
        sink.push(vec![message("fine")]).await.unwrap();
        longest = longest.max(start.elapsed());
    }
    longest
}

async fn meets(load: &Load, in_flight: u16, latency: u64, memory: u64) {
    let source = VectorSource::start().await;
    source.answer(Answer::TakeAfter(Duration::from_millis(latency)));
    let (in_flight, bytes) = (in_flight.to_string(), memory.to_string());
    let limits = ["--max-in-flight", &in_flight, "--max-memory-bytes", &bytes];
    let relay =
        Relay::start(&source.url(), &[&limits[..], &["--max-message-bytes", "4000000"]].concat());
    let before = relay.peak_memory();
    // Beside it one that sends little, one request after the other, and whose
    // threads are not busy with compressing.
    let listen = relay.listen.clone();
    let modest = std::thread::spawn(move || {
        tokio::runtime::Runtime::new().unwrap().block_on(longest_wait(&listen))
    });
    load.run(&relay, WEDGED).await;
    let longest = modest.join().unwrap();
    assert!(longest < STARVED, "{load:?}: starved for {longest:?}");
    assert!(source.requests().len() >= load.count + 5);
    let grown = relay.peak_memory() - before;
    assert!(grown < memory + BESIDE, "{load:?}: {grown} bytes of {memory}");
}

#[test]
fn whatever_comes_is_answered_within_its_memory_and_starves_nobody() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases: 6, max_shrink_iters: 0, ..Config::default() };
    TestRunner::new(config)
        .run(&situations(), |(load, in_flight, latency, memory)| {
            runtime.block_on(meets(&load, in_flight, latency, memory));
            Ok(())
        })
        .unwrap();
}
