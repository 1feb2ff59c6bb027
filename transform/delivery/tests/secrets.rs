//! No secret shows, whatever goes wrong: not in the log, an error, a metric,
//! the status, or the database.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod given;

use std::{
    fmt::Write as _,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use given::{alert, config, open};
use jiff::Timestamp;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use signatures_delivery::notify_test;
use signatures_ledger::{DATABASE, Selection, Store};
use signatures_peers::receiver::{Fault, Misbehaving, Receiver, nobody};

/// Part of every secret here.
const MARK: &str = "S3CRETMARK";

/// Everything that was shown.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<Vec<u8>>>);

impl Shown {
    fn add(&self, text: impl AsRef<[u8]>) {
        self.0.lock().unwrap().extend_from_slice(text.as_ref());
    }
}

impl io::Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Recorder for Shown {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        self.add(format!("{key}\n"));
        Counter::noop()
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        self.add(format!("{key}\n"));
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        self.add(format!("{key}\n"));
        Histogram::noop()
    }
}

/// Answers with all that it was told, as the debug page of a server does.
fn echo(status: u16) -> Receiver {
    Receiver::new(move |_, request| {
        let told = format!("no route {} {:?}", request.uri, request.headers);
        (status, vec![("location", request.uri.to_string())], told)
    })
}

#[test]
fn no_secret_shows_whatever_goes_wrong() {
    let shown = Shown::default();
    let log = shown.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || log.clone())
        .init();
    metrics::set_global_recorder(shown.clone()).unwrap();

    let echoes = [200, 302, 400, 401, 404, 429, 500].map(echo);
    let faults =
        [Fault::Reset, Fault::Garbage, Fault::Silence, Fault::Flood(500)].map(Misbehaving::new);
    let hosts = echoes
        .iter()
        .map(|echo| format!("http://{}", echo.address))
        .chain(faults.iter().map(|fault| format!("http://{}", fault.address)))
        .chain([
            format!("http://{}", nobody()),
            // Speaks no TLS.
            format!("https://{}", echoes[0].address),
            "http://name.invalid".to_owned(),
        ]);
    let mut yaml = "sinks:\n".to_owned();
    for (n, host) in hosts.enumerate() {
        let user = host.replace("://", "://user:${MARK}@");
        writeln!(
            yaml,
            "  slack{n}: {{type: slack, webhook_url: '{host}/services/${{MARK}}', timeout_seconds: 1}}
  telegram{n}: {{type: telegram, bot_token: '12:${{MARK}}', chat_id: 5, base_url: '{host}', timeout_seconds: 1}}
  alertmanager{n}: {{type: alertmanager, url: '{user}', authorization: 'Bearer ${{MARK}}', timeout_seconds: 1}}
  webhook{n}: {{type: webhook, url: '{host}/x?key=${{MARK}}', hmac_secret: '${{MARK}}', headers: {{X-Token: '${{MARK}}'}}, timeout_seconds: 1}}"
        )
        .unwrap();
    }
    let config = config(&yaml, &[("MARK", MARK)]);
    shown.add(format!("{config:?}"));
    shown.add(format!("{:?}", notify_test(&config, None, Timestamp::now()).unwrap()));

    let folder = tempfile::tempdir().unwrap();
    let delivery = open(config, Some(folder.path()));
    delivery.submit(&[alert(1), alert(2)], vec![]).wait().unwrap();
    std::thread::sleep(Duration::from_secs(2));
    shown.add(serde_json::to_string(&delivery.status()).unwrap());
    shown.add(format!("{delivery:?}"));
    let database = folder.path().join(DATABASE);
    let entries = Store::open(&database).unwrap().list(&Selection::ALL, 999).unwrap();
    shown.add(format!("{entries:#?}"));
    delivery.shutdown(Duration::from_secs(1));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        shown.add(std::fs::read(file.unwrap().path()).unwrap());
    }

    // It was the real thing: sinks of all kinds were asked, and their answers kept.
    assert!(echoes.iter().all(|echo| echo.requests().len() >= 4));
    assert!(echoes[4].requests().iter().any(|request| format!("{request:?}").contains(MARK)));
    let shown = String::from_utf8_lossy(&shown.0.lock().unwrap()).into_owned();
    for expected in ["no route", "[SECRET]", "vector_signatures_alert_failures_total", "webhook4"] {
        assert!(shown.contains(expected), "{expected}");
    }
    let leaks: Vec<_> = shown.lines().filter(|line| line.contains(MARK)).collect();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}
