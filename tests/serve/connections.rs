//! Callers that hold what others need: connections, streams, descriptors.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use signatures_peers::vector::{VectorSink, VectorSource};

use crate::{folder, message, process::Relay};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Header fields in plain letters, without any table.
fn fields(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    let field = |(name, value): &(&str, &str)| [vec![0], text(name), text(value)].concat();
    fields.iter().flat_map(field).collect()
}

/// Opens streams, each with the beginning of a message of a million bytes.
fn stalls(address: &str, streams: u32) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = fields(&[
        (":method", "POST"),
        (":scheme", "http"),
        (":path", "/vector.Vector/PushEvents"),
        (":authority", "x"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ]);
    let mut bytes = [PREFACE, &frame(SETTINGS, 0, 0, &[])].concat();
    for id in (0..streams).map(|index| 2 * index + 1) {
        bytes.extend(frame(HEADERS, END_HEADERS, id, &head));
        bytes.extend(frame(DATA, 0, id, &[0, 0, 15, 66, 64, 1, 2, 3]));
    }
    stream.write_all(&bytes).unwrap();
    stream
}

fn relay(forward: &str, settings: &str) -> Relay {
    let folder = folder();
    let config = format!("listen: 127.0.0.1:0\nforward: {{url: '{forward}'}}\n{settings}\n");
    std::fs::write(folder.path().join("relay.yml"), config).unwrap();
    Relay::start_in(folder, &["--config", "relay.yml"])
}

/// Sooner than what stalls is given up in these tests, on a slow machine too.
const AT_ONCE: Duration = Duration::from_secs(10);

/// How long what is to end may take.
const PATIENCE: Duration = Duration::from_secs(60);

async fn is_served_at_once(relay: &Relay) {
    let start = Instant::now();
    VectorSink::new(&relay.listen).push(vec![message("x")]).await.unwrap();
    assert_eq!(relay.get("/healthz").0, 200);
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
}

/// Whether the other side has closed, or does within a time.
fn is_closed(stream: &mut TcpStream, within: Duration) -> bool {
    stream.set_read_timeout(Some(within)).unwrap();
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => true,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_stall_keep_nobody_out_and_are_answered() {
    let source = VectorSource::start().await;
    let relay = relay(&source.url(), "limits: {in_flight: 2, body_seconds: 12}");
    let mut stalled: Vec<_> = (0..4).map(|_| stalls(&relay.listen, 32)).collect();
    std::thread::sleep(Duration::from_millis(300));
    is_served_at_once(&relay).await;
    // Some of them have waited for memory that others held.
    let answered = |status: &str| {
        relay.metric(&format!("vector_signatures_requests_total{{status=\"{status}\"}}"))
    };
    let all = || answered("Unavailable") + answered("ResourceExhausted") == 128.0;
    signatures_peers::waiting::eventually("all are answered", all).await;
    assert_eq!(relay.metric("vector_signatures_requests_memory_bytes"), 0.0);
    for stream in &mut stalled {
        let mut answer = [0; 512];
        assert!(stream.read(&mut answer).unwrap() > 9);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_say_nothing_keep_nobody_out_and_are_closed() {
    let source = VectorSource::start().await;
    let limits = "limits: {connections: 60, connections_per_peer: 50, handshake_seconds: 2}";
    let relay = relay(&source.url(), limits);
    let connect = |address: &str| TcpStream::connect(address).unwrap();
    let mut silent: Vec<_> = (0..200).map(|_| connect(&relay.listen)).collect();
    let mut pages: Vec<_> = (0..100).map(|_| connect(&relay.status)).collect();
    is_served_at_once(&relay).await;
    for stream in silent.iter_mut().chain(&mut pages[..60]) {
        assert!(is_closed(stream, PATIENCE));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_requests_ends_and_its_sender_finds_a_new_one() {
    let source = VectorSource::start().await;
    let relay = relay(&source.url(), "limits: {idle_seconds: 0.3}");
    let sink = VectorSink::new(&relay.listen);
    for _ in 0..3 {
        sink.push(vec![message("x")]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(800)).await;
    }
    assert_eq!(source.requests().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_the_log_that_cannot_be_written_are_counted_and_end_nothing() {
    let source = VectorSource::start().await;
    let mut relay = relay(&source.url(), "");
    relay.stop_listening();
    let sink = VectorSink::new(&relay.listen);
    for _ in 0..10 {
        // Told of each.
        sink.push_bytes(vec![10, 99]).await.unwrap_err();
        sink.push(vec![message("x")]).await.unwrap();
    }
    assert!(relay.metric("vector_signatures_log_lines_unwritten_total") > 0.0);
    assert_eq!(relay.metric("vector_signatures_task_failures_total"), 0.0);
    assert_eq!(relay.get("/healthz").0, 200);
    relay.signal("TERM");
    assert_eq!(relay.wait(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_descriptors_it_goes_on_accepting() {
    let source = VectorSource::start().await;
    let relay = relay(&source.url(), "limits: {handshake_seconds: 60}");
    let limit = ["--nofile=48:48", "--pid", &relay.id().to_string()];
    assert!(Command::new("prlimit").args(limit).status().unwrap().success());
    let silent: Vec<_> = (0..100).map(|_| TcpStream::connect(&relay.listen).unwrap()).collect();
    relay.wait_for("cannot accept connections");
    is_served_at_once(&relay).await;
    drop(silent);
}
