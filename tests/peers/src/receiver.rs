//! Receivers as the tests need them: one that keeps what it is sent and answers
//! as told, and some that do not behave.

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
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

use crate::waiting::wait_until;

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: String,
    pub at: Instant,
    /// What it was answered.
    pub status: u16,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What to answer the n-th request, from 0.
pub type Answer = (u16, Vec<(&'static str, String)>, String);

type Requests = Arc<Mutex<Vec<Request>>>;

type Script = Arc<dyn Fn(usize, &Request) -> Answer + Send + Sync>;

/// An HTTP server on a port of its own.
pub struct Receiver {
    pub address: SocketAddr,
    script: Arc<Mutex<Script>>,
    requests: Requests,
    _running: Running,
}

impl Receiver {
    pub fn new(script: impl Fn(usize, &Request) -> Answer + Send + Sync + 'static) -> Self {
        Self::listening("127.0.0.1:0", script)
    }

    pub fn listening(
        address: &str,
        script: impl Fn(usize, &Request) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let runtime = runtime();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Arc::new(script)));
        let state = (Arc::clone(&requests), Arc::clone(&script));
        let router = Router::new().fallback(receive).with_state(state);
        let (listener, address) = listen(address);
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
        Self { address, script, requests, _running: Running(Some(runtime)) }
    }

    /// Always the same answer.
    pub fn answering(status: u16, body: &str) -> Self {
        let body = body.to_owned();
        Self::new(move |_, _| (status, vec![], body.clone()))
    }

    /// From now on that status.
    pub fn answer(&self, status: u16) {
        *self.script.lock().unwrap() = Arc::new(move |_, _| (status, vec![], "why".to_owned()));
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// The JSON that was posted.
    pub fn bodies(&self) -> Vec<Value> {
        self.requests().iter().map(Request::json).collect()
    }

    /// Waits until that many requests have arrived.
    pub fn wait_for(&self, count: usize) -> Vec<Request> {
        wait_until(|| self.requests().len() >= count);
        self.requests()
    }
}

async fn receive(
    State((requests, script)): State<(Requests, Arc<Mutex<Script>>)>,
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
    let script = Arc::clone(&script.lock().unwrap());
    let (status, headers, body) = script(place, &request);
    requests.lock().unwrap()[place].status = status;
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

/// A server that does something else than HTTP asks for.
pub struct Misbehaving {
    pub address: SocketAddr,
    _running: Running,
}

#[derive(Clone, Copy, Debug)]
pub enum Fault {
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
    pub fn new(fault: Fault) -> Self {
        let runtime = runtime();
        let (listener, address) = listen("127.0.0.1:0");
        runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(misbehave(stream, fault));
            }
        });
        Self { address, _running: Running(Some(runtime)) }
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

/// A runtime that may be started and dropped from within another, and whose
/// ports are free once it is dropped.
struct Running(Option<Runtime>);

impl Drop for Running {
    fn drop(&mut self) {
        let runtime = self.0.take();
        std::thread::spawn(|| drop(runtime)).join().unwrap();
    }
}

fn listen(address: &str) -> (std::net::TcpListener, SocketAddr) {
    let listener = std::net::TcpListener::bind(address).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// An address that nobody listens on.
pub fn nobody() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}
