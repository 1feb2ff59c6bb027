//! Receivers as the tests need them: one that keeps what it is sent and answers
//! as told, and some that do not behave.

// Each test binary uses a part of it.
#![allow(dead_code)]

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp};
use signatures_delivery::config::Config;
use signatures_engine::{
    alert::{Alert, AlertSeverity},
    fingerprint::Fingerprint,
    settings::Settings,
    taxonomy::{Policy, Severity},
    yaml::Source,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

/// A request that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) at: Instant,
    /// What it was answered.
    pub(crate) status: u16,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What to answer the n-th request, from 0.
pub(crate) type Answer = (u16, Vec<(&'static str, String)>, String);

type Script = Arc<dyn Fn(usize, &Request) -> Answer + Send + Sync>;

/// An HTTP server on a port of its own.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    _runtime: Runtime,
}

impl Receiver {
    pub(crate) fn new(script: impl Fn(usize, &Request) -> Answer + Send + Sync + 'static) -> Self {
        Self::listening("127.0.0.1:0", script)
    }

    pub(crate) fn listening(
        address: &str,
        script: impl Fn(usize, &Request) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let runtime = runtime();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let state: (Arc<Mutex<Vec<Request>>>, Script) = (Arc::clone(&requests), Arc::new(script));
        let router = Router::new().fallback(receive).with_state(state);
        let listener = runtime.block_on(TcpListener::bind(address)).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, requests, _runtime: runtime }
    }

    /// Always the same answer.
    pub(crate) fn answering(status: u16, body: &str) -> Self {
        let body = body.to_owned();
        Self::new(move |_, _| (status, vec![], body.clone()))
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Waits until that many requests have arrived.
    pub(crate) fn wait_for(&self, count: usize) -> Vec<Request> {
        wait_until(|| self.requests().len() >= count);
        self.requests()
    }
}

async fn receive(
    State((requests, script)): State<(Arc<Mutex<Vec<Request>>>, Script)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let request = Request { method, uri, headers, body, at: Instant::now(), status: 0 };
    let place = {
        let mut requests = requests.lock().unwrap();
        requests.push(request.clone());
        requests.len() - 1
    };
    let (status, headers, body) = script(place, &request);
    requests.lock().unwrap()[place].status = status;
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

/// A server that does something else than HTTP asks for.
pub(crate) struct Misbehaving {
    pub(crate) address: SocketAddr,
    _runtime: Runtime,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// Closes with a reset once the request is there.
    Reset,
    /// Never answers.
    Silence,
    /// A status, then a byte of the body now and then for ever.
    Drip(u16),
    /// A status and a body without end.
    Flood(u16),
    /// Half of a status line.
    Garbage,
}

impl Misbehaving {
    pub(crate) fn new(fault: Fault) -> Self {
        let runtime = runtime();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(misbehave(stream, fault));
            }
        });
        Self { address, _runtime: runtime }
    }
}

async fn misbehave(mut stream: TcpStream, fault: Fault) {
    let mut request = [0; 64 << 10];
    let _ = stream.read(&mut request).await;
    let head = |status| format!("HTTP/1.1 {status} X\r\ncontent-length: 99999999999\r\n\r\n");
    match fault {
        Fault::Reset => {
            stream.set_zero_linger().unwrap();
        }
        Fault::Silence => std::future::pending().await,
        Fault::Drip(status) => {
            let _ = stream.write_all(head(status).as_bytes()).await;
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        Fault::Flood(status) => {
            let _ = stream.write_all(head(status).as_bytes()).await;
            while stream.write_all(&[b'x'; 16 << 10]).await.is_ok() {}
        }
        Fault::Garbage => {
            let _ = stream.write_all(b"HTTP/1").await;
        }
    }
}

/// An address that nobody listens on.
pub(crate) fn nobody() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// The sinks of a file, with retries that a test can wait for.
pub(crate) fn config(yaml: &str, variables: &[(&str, &str)]) -> Config {
    let source = Source::new("alerts.yml", yaml);
    let settings = Settings::read(&source).into_result(&source).unwrap();
    let variable = |name: &str| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let mut config = Config::resolve(&settings, &source, &variable).unwrap();
    for sink in &mut config.sinks {
        sink.pace.retry.base = Duration::from_millis(20);
        sink.pace.retry.cap = Duration::from_millis(200);
    }
    config
}

/// The n-th of many alerts, which differ in fingerprint and id.
pub(crate) fn alert(n: i64) -> Alert {
    let at = Timestamp::from_second(1_700_000_000 + n).unwrap();
    Alert {
        severity: AlertSeverity::Anomaly,
        fingerprint: Fingerprint::new("db", &n.to_string()),
        ordinal: 1,
        category: "db".to_owned(),
        signature: Some("NET_RESET".to_owned()),
        policy: Policy::Retry,
        severity_hint: Severity::new("medium"),
        meaning: Some(format!("error {n}")),
        canonical: n.to_string(),
        count: 3,
        suppressed: 0,
        first_seen: at,
        last_seen: at,
        cooldown_until: at + SignedDuration::from_mins(10),
        samples: vec!["a sample".to_owned()],
        shadow: false,
        host: None,
        service: None,
        sentry_url: None,
    }
}

pub(crate) fn wait_until(condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(30), "waited in vain");
        std::thread::sleep(Duration::from_millis(5));
    }
}
