//! A webhook receiver.

#![allow(dead_code)] // each test binary uses a part of it

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
};

use serde_json::Value;

/// What was posted to it; it answers with a status that a test may change.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    status: Arc<AtomicU16>,
    bodies: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (status, bodies) = (Arc::new(AtomicU16::new(200)), Arc::default());
        let receiver = Self { address, status, bodies };
        let (status, bodies) = (Arc::clone(&receiver.status), Arc::clone(&receiver.bodies));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                let (mut length, mut line) = (0, String::new());
                while stream.read_line(&mut line).unwrap() > 2 {
                    if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    line.clear();
                }
                let mut body = vec![0; length];
                stream.read_exact(&mut body).unwrap();
                bodies.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
                let status = status.load(Ordering::Relaxed);
                let head = format!(
                    "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: 3\r\n\r\nwhy"
                );
                stream.get_mut().write_all(head.as_bytes()).unwrap();
            }
        });
        receiver
    }

    pub(crate) fn answer(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    pub(crate) fn bodies(&self) -> Vec<Value> {
        self.bodies.lock().unwrap().clone()
    }

    pub(crate) fn fingerprints(&self) -> Vec<Value> {
        self.bodies().iter().map(|body| body["fingerprint"].clone()).collect()
    }
}
