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
    hint::black_box,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Command, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use signatures_alerts::Alert;
use signatures_delivery::{Clock, Config, Dispatcher, Settings, Tasks};
use signatures_document::yaml::Source;
use signatures_ledger::{NewAlert, Outbox, State};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let program = std::env::args().nth(1).ok_or("which vector-signatures? Give its path")?;
    for (submitters, batch) in [(1, 1), (1, 10), (1, 100), (8, 1), (64, 1)] {
        let (alerts, asked) = submit(submitters, batch)?;
        println!(
            "{submitters:>2} submit, {batch:>3} at a time: {alerts:>6.0} alerts a second; whoever asks \
             what waits meanwhile has it within {asked:.1?} (99 %)"
        );
        let alerts = write_ahead(submitters, batch)?;
        println!("   a write-ahead log under a lock, as until 0.1: {alerts:>6.0} alerts a second");
    }
    println!("whole way, 100 at a time: {:>6.0} alerts a second", whole_way()?);
    let mut took = line_to_receiver(&program)?;
    took.sort();
    let [median, p99] = [50, 99].map(|percent| took[(took.len() - 1) * percent / 100]);
    println!("from line to receiver: median {median:.1?}, 99% within {p99:.1?}");
    Ok(())
}

/// With the disk's word for each batch: how many alerts a second, and how long it took
/// meanwhile to ask what waits.
fn submit(submitters: usize, batch: usize) -> Result<(f64, Duration)> {
    let folder = tempfile::tempdir_in(".")?;
    let outbox = Outbox::open(Some(folder.path()), Timestamp::now())?;
    let put = |alerts| {
        let receipt = outbox.submit(alerts, vec![], |_| 1_000_000, Timestamp::now());
        receipt.wait().map(drop).map_err(|error| error.to_string())
    };
    let mut asked = Vec::new();
    let ask = || {
        let start = Instant::now();
        black_box(State::ALL.map(|state| outbox.count("hook", state)));
        black_box(outbox.due("hook", Timestamp::now(), 20));
        asked.push(start.elapsed());
        thread::sleep(Duration::from_millis(5));
    };
    let alerts = alerts_a_second(submitters, batch, &put, ask)?;
    asked.sort();
    Ok((alerts, asked.get(asked.len() * 99 / 100).copied().unwrap_or_default()))
}

/// What the outbox was before: a connection under a lock, which each waits for.
fn write_ahead(submitters: usize, batch: usize) -> Result<f64> {
    let folder = tempfile::tempdir_in(".")?;
    let connection = rusqlite::Connection::open(folder.path().join("alerts.db"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = wal; PRAGMA synchronous = full;
         CREATE TABLE alerts (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, event TEXT);
         CREATE TABLE deliveries (seq INTEGER PRIMARY KEY, alert INTEGER, sink TEXT);
         CREATE INDEX deliveries_of_alert ON deliveries (alert);
         CREATE INDEX queue ON deliveries (sink, seq);",
    )?;
    let connection = Mutex::new(connection);
    let insert = |alerts: &[NewAlert]| -> rusqlite::Result<()> {
        let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction()?;
        for alert in alerts {
            transaction
                .prepare_cached("INSERT INTO alerts (id, event) VALUES (?, ?)")?
                .execute((&alert.id, &alert.event))?;
            let seq = transaction.last_insert_rowid();
            for sink in &alert.sinks {
                transaction
                    .prepare_cached("INSERT INTO deliveries (alert, sink) VALUES (?, ?)")?
                    .execute((seq, sink))?;
            }
        }
        transaction.commit()
    };
    let put = |alerts: Vec<NewAlert>| insert(&alerts).map_err(|error| error.to_string());
    alerts_a_second(submitters, batch, &put, || thread::sleep(Duration::from_millis(5)))
}

/// How many alerts a second so many threads put in, while something else is done.
fn alerts_a_second(
    submitters: usize,
    batch: usize,
    put: &(impl Fn(Vec<NewAlert>) -> std::result::Result<(), String> + Sync),
    mut meanwhile: impl FnMut(),
) -> Result<f64> {
    let (start, next) = (Instant::now(), AtomicUsize::new(0));
    let going_on = || start.elapsed() < Duration::from_secs(5);
    thread::scope(|scope| {
        let submit = || {
            while going_on() {
                let first = next.fetch_add(batch, Ordering::Relaxed);
                put((first..first + batch).map(new_alert).collect())?;
            }
            Ok::<(), String>(())
        };
        let threads: Vec<_> = (0..submitters).map(|_| scope.spawn(submit)).collect();
        while going_on() {
            meanwhile();
        }
        threads.into_iter().try_for_each(|thread| {
            thread.join().unwrap_or_else(|_| Err("a thread failed".to_owned()))
        })
    })?;
    Ok(next.into_inner() as f64 / start.elapsed().as_secs_f64())
}

fn new_alert(n: usize) -> NewAlert {
    let alert = alert(n);
    NewAlert {
        event: serialised(&alert),
        id: alert.id,
        fingerprint: n.to_string(),
        urgency: 4,
        sinks: vec!["hook".to_owned()],
        ..NewAlert::default()
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
    let (clock, tasks) = (Clock::system(), Tasks::default());
    let dispatcher = Dispatcher::open(config, Some(folder.path()), clock, tasks)?;
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
