//! HTTP/2 pings, by which both sides notice a connection that died silently:
//! seen from peers that take everything and answer no ping.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::{Duration, Instant},
};

use signatures_peers::vector::VectorSink;
use tonic::Code;

use crate::{code, folder, message, process::Relay};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const EMPTY_SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
const SETTINGS_ACK: [u8; 9] = [0, 0, 0, 4, 1, 0, 0, 0, 0];
const PING: u8 = 6;

fn relay(forward: &str) -> Relay {
    let folder = folder();
    let pings = "{interval_seconds: 0.2, timeout_seconds: 0.3}";
    let config = format!(
        "listen: 127.0.0.1:0\nkeepalive: {pings}\nforward: {{url: '{forward}', retries: 0, keepalive: {pings}}}\n"
    );
    std::fs::write(folder.path().join("relay.yml"), config).unwrap();
    Relay::start_in(folder, &["--config", "relay.yml"])
}

/// The types of the frames that come until the other side closes.
fn frames(stream: &mut TcpStream) -> Vec<u8> {
    let mut kinds = Vec::new();
    let mut head = [0; 9];
    while stream.read_exact(&mut head).is_ok() {
        kinds.push(head[3]);
        let mut rest = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        if stream.read_exact(&mut rest).is_err() {
            break;
        }
    }
    kinds
}

#[test]
fn a_sender_that_answers_no_ping_is_let_go() {
    let relay = relay("http://127.0.0.1:1");
    let mut stream = TcpStream::connect(&relay.listen).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(&[PREFACE, &EMPTY_SETTINGS].concat()).unwrap();
    let start = Instant::now();
    let kinds = frames(&mut stream);
    assert!(kinds.contains(&PING), "{kinds:?}");
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_hop_that_answers_no_ping_is_taken_for_away() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let relay = relay(&format!("http://{}", listener.local_addr().unwrap()));
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0; PREFACE.len()]).unwrap();
        stream.write_all(&[EMPTY_SETTINGS, SETTINGS_ACK].concat()).unwrap();
        tell.send(frames(&mut stream)).unwrap();
    });
    let start = Instant::now();
    let push = VectorSink::new(&relay.listen).push(vec![message("x")]).await;
    // Long before the minute that an answer may take.
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    assert_eq!(code(push), Code::Unavailable);
    let kinds = told.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(kinds.contains(&PING), "{kinds:?}");
}
