//! A service that takes alerts, and the way to it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Instant,
};

use serde_json::Value;
use signatures_peers::{
    gate::{Gate, Passage},
    receiver::Receiver,
};

pub struct Sink {
    pub name: &'static str,
    receiver: Receiver,
    gate: Gate,
    status: Arc<AtomicU16>,
    /// When answers may have been lost on their way.
    pub unheard: Vec<(Instant, Option<Instant>)>,
}

/// An alert that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    pub id: String,
    pub fingerprint: String,
    pub at: Instant,
}

impl Sink {
    pub fn new(name: &'static str) -> Self {
        let status = Arc::new(AtomicU16::new(200));
        let answers = Arc::clone(&status);
        let receiver = Receiver::new(move |_, _| {
            let status = answers.load(Ordering::Relaxed);
            let headers = match status {
                429 => vec![("retry-after", "1".to_owned())],
                _ => vec![],
            };
            (status, headers, String::new())
        });
        let gate = Gate::before(receiver.address);
        Self { name, receiver, gate, status, unheard: Vec::new() }
    }

    /// As `alerts.yml` has it.
    pub fn setting(&self, digest_above: usize) -> String {
        format!(
            "  {}: {{type: webhook, url: 'http://{}', timeout_seconds: 10, per_minute: 60000, \
             digest_above: {digest_above}}}\n",
            self.name, self.gate.address
        )
    }

    pub fn answer(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    pub fn set(&mut self, passage: Passage) {
        let now = Instant::now();
        match (passage, self.unheard.last_mut()) {
            (Passage::Open, Some((_, end @ None))) => *end = Some(now),
            (Passage::Open, _) => {}
            _ => self.unheard.push((now, None)),
        }
        self.gate.set(passage);
    }

    pub fn taken(&self) -> Vec<Taken> {
        let mut taken = Vec::new();
        for request in self.receiver.requests().iter().filter(|request| request.status == 200) {
            let event = request.json();
            let alerts = event["alerts"].as_array().cloned();
            for alert in alerts.unwrap_or_else(|| vec![event]) {
                let text = |key: &str| match &alert[key] {
                    Value::String(text) => text.clone(),
                    other => panic!("{key}: {other}"),
                };
                let (id, fingerprint) = (text("id"), text("fingerprint"));
                taken.push(Taken { id, fingerprint, at: request.at });
            }
        }
        taken
    }
}
