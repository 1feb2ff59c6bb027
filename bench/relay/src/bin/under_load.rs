//! Builds of the relay beside each other, in one run: many large requests on one
//! connection, what it costs to count on the disk, and how soon `/status` answers
//! meanwhile, also with ten thousand groups and a sink that hangs. Needs no test data.
//!
//! ```sh
//! cargo build --release
//! cd bench/relay && cargo run --release --bin under_load -- before=/path/to/one after=/path/to/other
//! ```

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    time::{Duration, Instant},
};

use bytes::Bytes;
use prost::Message;
use relay_bench::{
    event,
    hop::{Hop, ROOT},
};
use signatures_peers::{
    proto::PushEventsRequest,
    vector::{Answer, VectorSink, VectorSource},
};

/// What takes longer counts as wedged.
const WEDGED: Duration = Duration::from_secs(30);

/// How long each load lasts.
const TIME: Duration = Duration::from_secs(5);

/// A request of so many errors, of so many groups.
fn errors(count: usize, groups: usize) -> Bytes {
    let events = (0..count).map(|index| {
        let word: String =
            (index % groups).to_string().bytes().map(|b| char::from(b + 49)).collect();
        event(&format!("upstream {word}: read ECONNRESET after {index} ms"))
    });
    PushEventsRequest { events: events.collect() }.encode_to_vec().into()
}

/// Requests of so many bytes, all at once on one connection. None when they are not
/// all taken.
async fn large(hop: &Hop, bytes: usize, count: usize) -> Option<Duration> {
    let body = PushEventsRequest { events: vec![event(&"x".repeat(bytes))] }.encode_to_vec();
    let (sink, start) = (VectorSink::new(&hop.listen), Instant::now());
    let pushes: Vec<_> = (0..count)
        .map(|_| {
            let (sink, body) = (sink.clone(), body.clone());
            tokio::spawn(async move { sink.push_bytes(body).await.is_ok() })
        })
        .collect();
    let all = async {
        for push in pushes {
            assert!(push.await.expect("a task"), "refused");
        }
    };
    tokio::time::timeout(WEDGED, all).await.ok().map(|()| start.elapsed())
}

/// How long `/status` takes, asked again and again in that time: from the shortest to
/// the longest.
fn status_times(hop: &Hop, time: Duration) -> Vec<Duration> {
    let (start, mut times) = (Instant::now(), Vec::new());
    while start.elapsed() < time {
        let asked = Instant::now();
        let mut stream = TcpStream::connect(&hop.status).expect("a page");
        write!(stream, "GET /status HTTP/1.0\r\nHost: localhost\r\n\r\n").expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.contains("\"aggregation\""), "{answer}");
        times.push(asked.elapsed());
        std::thread::sleep(Duration::from_millis(50));
    }
    times.sort_unstable();
    times
}

/// Requests from sixteen senders for that time, one after the other each, and
/// `/status` asked meanwhile. How many requests there were, and how long that took.
async fn asked_under(hop: &Hop, body: &Bytes, time: Duration) -> (usize, Vec<Duration>) {
    let workers: Vec<_> = (0..16)
        .map(|_| {
            let (sink, body) = (VectorSink::new(&hop.listen), body.to_vec());
            tokio::spawn(async move {
                let (start, mut sent) = (Instant::now(), 0_usize);
                while start.elapsed() < time {
                    sink.push_bytes(body.clone()).await.expect("a taken batch");
                    sent += 1;
                }
                sent
            })
        })
        .collect();
    let times = tokio::task::block_in_place(|| status_times(hop, time));
    let mut sent = 0;
    for worker in workers {
        sent += worker.await.expect("a worker");
    }
    (sent, times)
}

/// Ten thousand groups, each with an alert for a sink that takes it and never answers,
/// and a flood.
async fn stuck(binary: &str, taxonomy: &Path) -> String {
    const GROUPS: usize = 10_000;
    let source = VectorSource::start().await;
    source.answer(Answer::Discard);
    // The system connects whoever comes; nobody reads.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let folder = std::env::temp_dir().join(format!("under-load-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let [state, alerts] =
        ["state", "alerts.yml"].map(|name| folder.join(name).display().to_string());
    let there = silent.local_addr().expect("an address");
    let sink = format!("sinks: {{stuck: {{type: webhook, url: 'http://{there}/'}}}}\n");
    std::fs::write(&alerts, sink).expect("a file");
    let more = ["--alerts", &alerts, "--state-dir", &state];
    let hop = Hop::relay_of(binary, &source.url(), taxonomy, &more);
    let first = VectorSink::new(&hop.listen);
    first.push_bytes(errors(GROUPS, GROUPS).to_vec()).await.expect("a taken batch");
    let body = errors(1000, 1000);
    let (sent, times) = asked_under(&hop, &body, 4 * TIME).await;
    drop(hop);
    let _ = std::fs::remove_dir_all(&folder);
    let of = |percent: usize| times[(times.len() - 1) * percent / 100];
    format!(
        "{:.0} requests/s; {} times /status, half within {:.1?}, 99 % within {:.1?}, all within {:.1?}",
        sent as f64 / (4 * TIME).as_secs_f64(),
        times.len(),
        of(50),
        of(99),
        of(100),
    )
}

/// Requests from some senders for a while, one after the other each.
async fn counting(binary: &str, taxonomy: &Path, durable: bool, count: usize) -> String {
    let source = VectorSource::start().await;
    source.answer(Answer::Discard);
    let folder = std::env::temp_dir().join(format!("under-load-{}", std::process::id()));
    let state = folder.display().to_string();
    let more = ["--state-dir", &state];
    let more = if durable { &more[..] } else { &[] };
    let hop = Hop::relay_of(binary, &source.url(), taxonomy, &[&["--shadow"], more].concat());
    let body = errors(count, 200);
    let (user, system) = hop.cpu_seconds();
    let (sent, times) = asked_under(&hop, &body, TIME).await;
    let longest = times.last().copied().unwrap_or_default();
    let (user_after, system_after) = hop.cpu_seconds();
    let each = |seconds: f64| seconds * 1e6 / (sent * count) as f64;
    drop(hop);
    let _ = std::fs::remove_dir_all(&folder);
    format!(
        "{:.0} requests/s, {:.2} + {:.2} µs/event, /status within {longest:.1?}",
        sent as f64 / TIME.as_secs_f64(),
        each(user_after - user),
        each(system_after - system),
    )
}

#[tokio::main]
async fn main() {
    let taxonomy = Path::new(ROOT).join("config/error_signatures.yml");
    let builds: Vec<(String, String)> = std::env::args()
        .skip(1)
        .filter_map(|argument| {
            argument.split_once('=').map(|(name, path)| (name.to_owned(), path.to_owned()))
        })
        .collect();
    if builds.is_empty() {
        eprintln!("which builds? Give name=/path/to/vector-signatures …");
        std::process::exit(2);
    }
    for (in_flight, latency, bytes, count) in
        [("32", 0, 2_000_000, 64), ("32", 300, 700_000, 128), ("4", 0, 3_000_000, 24)]
    {
        for (name, binary) in &builds {
            let source = VectorSource::start().await;
            source.answer(Answer::TakeAfter(Duration::from_millis(latency)));
            let more = ["--max-in-flight", in_flight];
            let hop = Hop::relay_of(binary, &source.url(), &taxonomy, &more);
            let took = large(&hop, bytes, count).await;
            let took = took.map_or("wedged".to_owned(), |took| format!("{took:.2?}"));
            println!(
                "{name}: {count} requests of {bytes} bytes, {in_flight} in flight, hop {latency} ms: \
                 {took}, peak {:.0} MiB",
                hop.peak_megabytes()
            );
        }
    }
    for (durable, count) in [(false, 10), (true, 10), (false, 1000), (true, 1000)] {
        for (name, binary) in &builds {
            let result = counting(binary, &taxonomy, durable, count).await;
            let where_ = if durable { "on the disk" } else { "in memory" };
            println!("{name}: 16 senders, requests of {count} errors, {where_}: {result}");
        }
    }
    for (name, binary) in &builds {
        let result = stuck(binary, &taxonomy).await;
        println!("{name}: 10,000 groups and a sink that hangs, 16 senders: {result}");
    }
}
