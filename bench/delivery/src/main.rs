//! How many alerts a second the outbox makes durable, and how long an alert
//! takes from the log line to the receiver.
//!
//! ```sh
//! cargo build --release -p vector-signatures
//! cargo run --release --manifest-path bench/delivery/Cargo.toml target/release/vector-signatures
//! ```
//!
//! The state is kept under the current directory, so that it is on a real disk.

use std::{
    collections::HashMap,
    error::Error,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Command, Stdio},
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use signatures_alerts::Alert;
use signatures_delivery::{Config, Dispatcher, Settings};
use signatures_document::yaml::Source;
use signatures_ledger::{NewAlert, Outbox};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let program = std::env::args().nth(1).ok_or("which vector-signatures? Give its path")?;
    for batch in [1, 10, 100] {
        println!("submit, {batch:>3} at a time: {:>6.0} alerts a second", submit(batch)?);
    }
    println!("whole way, 100 at a time: {:>6.0} alerts a second", whole_way()?);
    let mut took = line_to_receiver(&program)?;
    took.sort();
    let [median, p99] = [50, 99].map(|percent| took[(took.len() - 1) * percent / 100]);
    println!("from line to receiver: median {median:.1?}, 99% within {p99:.1?}");
    Ok(())
}

/// With the disk's word for each batch.
fn submit(batch: usize) -> Result<f64> {
    let folder = tempfile::tempdir_in(".")?;
    let outbox = Outbox::open(Some(folder.path()), Timestamp::now())?;
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_secs(5) {
        let alerts: Vec<_> = (count..count + batch).map(new_alert).collect();
        outbox.submit(alerts, vec![], |_| 1_000_000, Timestamp::now()).wait()?;
        count += batch;
    }
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

fn new_alert(n: usize) -> NewAlert {
    let alert = alert(n);
    NewAlert {
        event: serialised(&alert),
        id: alert.id,
        fingerprint: n.to_string(),
        urgency: 4,
        sinks: vec!["hook".to_owned()],
    }
}

fn serialised(alert: &Alert) -> String {
    let pad = "x".repeat(1500);
    format!("{{\"id\":\"{}\",\"pad\":\"{pad}\"}}", alert.id)
}

fn alert(n: usize) -> Alert {
    let at = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_micros(n as i64);
    Alert { samples: vec!["x".repeat(512); 3], ..Alert::test(at) }
}

/// Into the outbox, out of it, one request each, and settled.
fn whole_way() -> Result<f64> {
    let folder = tempfile::tempdir_in(".")?;
    let (receiver, arrived) = receiver()?;
    let source = Source::new("alerts.yml", settings(receiver));
    let config =
        Config::resolve(&Settings::read(&source).into_result(&source)?, &source, &|_| None)?;
    let dispatcher = Dispatcher::open(config, Some(folder.path()), Arc::new(Timestamp::now))?;
    let (start, count) = (Instant::now(), 1000);
    for batch in 0..count / 100 {
        let fingerprint = |n: usize| signatures_engine::Fingerprint::new("x", &n.to_string());
        let alerts: Vec<_> = (batch * 100..(batch + 1) * 100)
            .map(|n| Alert { fingerprint: fingerprint(n), ..alert(n) })
            .collect();
        dispatcher.submit(&alerts, vec![]).wait()?;
    }
    arrived.iter().take(count).for_each(drop);
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

/// Through the real program: a line in, a request out.
fn line_to_receiver(program: &str) -> Result<Vec<Duration>> {
    let folder = tempfile::tempdir_in(".")?;
    let (receiver, arrived) = receiver()?;
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).map(|()| path)
    };
    let taxonomy = file("taxonomy.yml", "critical: [boom]\n".to_owned())?;
    let alerts = file("alerts.yml", settings(receiver))?;
    let mut child = Command::new(program)
        .args(["pipe", "-q", "--state-dir"])
        .arg(folder.path().join("state"))
        .arg("--taxonomy")
        .arg(taxonomy)
        .arg("--alerts")
        .arg(alerts)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut stdin = child.stdin.take().ok_or("no stdin")?;
    let mut sent = HashMap::new();
    for n in 0..501_u32 {
        // Letters, since digits are no part of what makes errors differ.
        let name: String = n.to_string().bytes().map(|d| char::from(d - b'0' + b'a')).collect();
        sent.insert(format!("boom {name}"), Instant::now());
        writeln!(stdin, "boom {name}")?;
        thread::sleep(Duration::from_millis(20));
    }
    let mut took = Vec::new();
    for (body, at) in arrived.iter().take(sent.len()) {
        let sample =
            body.split_once("\"samples\":[\"").and_then(|(_, rest)| rest.split('"').next());
        let start = sent.get(sample.ok_or("no sample")?).ok_or("an alert that nobody raised")?;
        took.push(at.duration_since(*start));
    }
    drop(stdin);
    child.wait()?;
    Ok(took)
}

fn settings(receiver: SocketAddr) -> String {
    format!(
        "sinks: {{hook: {{type: webhook, url: 'http://{receiver}/', per_minute: 60000, \
         digest_above: 0}}}}\n"
    )
}

/// An HTTP server that tells what arrived when.
fn receiver() -> Result<(SocketAddr, mpsc::Receiver<(String, Instant)>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let (tell, arrived) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let tell = tell.clone();
            thread::spawn(move || serve(stream, &tell));
        }
    });
    Ok((address, arrived))
}

fn serve(stream: TcpStream, tell: &mpsc::Sender<(String, Instant)>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut stream = BufReader::new(stream);
    loop {
        let (mut length, mut line) = (0, String::new());
        while stream.read_line(&mut line).ok()? > 2 {
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            line.clear();
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).ok()?;
        tell.send((String::from_utf8(body).ok()?, Instant::now())).ok()?;
        stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()?;
    }
}
