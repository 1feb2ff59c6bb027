//! What became of a batch: refused for good, given up, or taken with its answer
//! lost.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use signatures_peers::{
    vector::{Answer, VectorSink, VectorSource},
    waiting::eventually,
};
use tonic::Code;

use crate::{code, message, process::Relay};

const ALERTS: &str = "vector_signatures_alerts_total";
const REPEATED: &str = "vector_signatures_requests_repeated_total";

/// Passes bytes on between a sender and the relay, until it is to lose an answer:
/// then the next one breaks the connection.
struct Wire {
    address: SocketAddr,
    loses: Arc<AtomicBool>,
}

impl Wire {
    fn to(relay: &Relay) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (relay, loses) = (relay.listen.clone(), Arc::<AtomicBool>::default());
        let theirs = Arc::clone(&loses);
        thread::spawn(move || {
            for sender in listener.incoming() {
                let (sender, relay) = (sender.unwrap(), TcpStream::connect(&relay).unwrap());
                let (from, to) = (sender.try_clone().unwrap(), relay.try_clone().unwrap());
                thread::spawn(move || pass(from, to, || false));
                let loses = Arc::clone(&theirs);
                thread::spawn(move || pass(relay, sender, || loses.swap(false, Ordering::SeqCst)));
            }
        });
        Self { address, loses }
    }

    fn sink(&self) -> VectorSink {
        VectorSink::new(&self.address.to_string())
    }
}

/// Whether frames of HTTP/2 that begin here have the headers of an answer.
fn has_headers(mut frames: &[u8]) -> bool {
    const HEAD: usize = 9;
    const HEADERS: u8 = 1;
    while let [a, b, c, kind, ..] = *frames {
        if kind == HEADERS {
            return true;
        }
        let length = u32::from_be_bytes([0, a, b, c]) as usize + HEAD;
        frames = frames.get(length..).unwrap_or_default();
    }
    false
}

fn pass(mut from: TcpStream, mut to: TcpStream, breaks: impl Fn() -> bool) {
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if has_headers(&bytes[..read]) && breaks() || to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    // Both ways, as a broken connection does.
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_next_hop_refuses_for_good_has_happened_and_counts() {
    let source = VectorSource::start().await;
    let relay = Relay::start(&source.url(), &[]);
    let sink = VectorSink::new(&relay.listen);
    // What comes again is not counted for that.
    for refusal in [Code::Unavailable, Code::ResourceExhausted, Code::NotFound] {
        source.answer(Answer::Refuse(refusal));
        assert_eq!(code(sink.push(vec![message("ECONNRESET")]).await), Code::Unavailable);
    }
    for (count, refusal) in
        [Code::DataLoss, Code::InvalidArgument, Code::OutOfRange].iter().enumerate()
    {
        assert_eq!((count, relay.metric(ALERTS)), (count, 0.0));
        source.answer(Answer::Refuse(*refusal));
        assert_eq!(code(sink.push(vec![message("ECONNRESET")]).await), *refusal);
    }
    assert_eq!(relay.metric(ALERTS), 1.0);
    let matches = r#"vector_signatures_matches_total{category="network",signature="NET_RESET"}"#;
    assert_eq!((relay.metric(matches), relay.metric(REPEATED)), (3.0, 0.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_answer_was_lost_is_sent_on_again_and_counts_once() {
    let source = VectorSource::start().await;
    let relay = Relay::start(&source.url(), &[]);
    let wire = Wire::to(&relay);
    let batch = || vec![message("read ECONNRESET"), message("fine")];
    for lost in 1..=2 {
        source.answer(Answer::TakeAfter(Duration::from_millis(300)));
        let sink = wire.sink();
        let push = tokio::spawn(async move { sink.push(batch()).await });
        let arrived = || source.encodings().len() == 2 * lost - 1;
        eventually("the next hop has it", arrived).await;
        wire.loses.store(true, Ordering::SeqCst);
        assert!(push.await.unwrap().is_err());
        // Vector waits a while, too, before it tries again.
        tokio::time::sleep(Duration::from_millis(300)).await;
        source.answer(Answer::Take);
        wire.sink().push(batch()).await.unwrap();
        assert_eq!(source.requests().len(), 2 * lost);
        assert_eq!((relay.metric(REPEATED), relay.metric(ALERTS)), (lost as f64, 0.0));
    }
    // Two so far, and with this one three.
    wire.sink().push(batch()).await.unwrap();
    assert_eq!((relay.metric(REPEATED), relay.metric(ALERTS)), (2.0, 1.0));
    relay.wait_for("\"samples\":");
    assert_eq!(relay.alerts()[0]["count"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_batches_of_senders_that_got_their_answers_all_count() {
    let source = VectorSource::start().await;
    let relay = Relay::start(&source.url(), &[]);
    let same = VectorSink::new(&relay.listen);
    for (count, alerts) in [(1, 0.0), (2, 0.0), (3, 1.0)] {
        // Once by a connection of its own, which ends behind it in good order.
        let sink = if count == 2 { same.clone() } else { VectorSink::new(&relay.listen) };
        sink.push(vec![message("ECONNRESET")]).await.unwrap();
        drop(sink);
        assert_eq!((relay.metric(REPEATED), relay.metric(ALERTS)), (0.0, alerts), "{count}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_gives_up_is_counted_timed_and_told() {
    let source = VectorSource::start().await;
    source.answer(Answer::TakeAfter(Duration::from_secs(600)));
    let relay = Relay::start(&source.url(), &[]);
    let sink = VectorSink::new(&relay.listen);
    let push = tokio::spawn(async move { sink.push(vec![message("ECONNRESET")]).await });
    eventually("the next hop has it", || source.encodings().len() == 1).await;
    push.abort();
    let cancelled = "vector_signatures_requests_total{status=\"Cancelled\"}";
    eventually("it is counted", || relay.metric(cancelled) == 1.0).await;
    assert_eq!(relay.metric("vector_signatures_request_duration_seconds_count"), 1.0);
    relay.wait_for("senders gave up requests before they were answered");
    assert_eq!(relay.metric("vector_signatures_requests_in_flight"), 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_hop_that_hangs_is_told_to_those_that_wait_behind_others_too() {
    let source = VectorSource::start().await;
    source.answer(Answer::TakeAfter(Duration::from_secs(600)));
    let relay = Relay::start(&source.url(), &["--forward-timeout", "2", "--max-in-flight", "1"]);
    let (sink, start) = (VectorSink::new(&relay.listen), Instant::now());
    let pushes: Vec<_> = (0..60)
        .map(|_| {
            let sink = sink.clone();
            tokio::spawn(async move { sink.push(vec![message("x")]).await })
        })
        .collect();
    for push in pushes {
        assert_eq!(code(push.await.unwrap()), Code::Unavailable);
    }
    relay.wait_for("the next hop takes no events");
    // One behind the other it were two minutes.
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}
