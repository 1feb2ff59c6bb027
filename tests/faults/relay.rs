//! `serve`, between senders that try again what was not taken, as Vector does, and a
//! next hop.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use signatures_peers::{
    gate::{Gate, Passage},
    proto::{EventWrapper, Log, Value},
    receiver::{nobody, runtime},
    vector::{VectorSink, VectorSource},
};
use tokio::{runtime::Runtime, task::JoinHandle};

use crate::{
    account::Passed,
    lines::{Kind, event},
    program::Program,
    round::{End, Round, Subject},
};

const SENDERS: usize = 3;

/// How long a sender waits for an answer.
const PATIENCE: Duration = Duration::from_secs(8);

/// What requests may take, and what a process takes besides.
const REQUESTS: u64 = 64 << 20;
const BESIDE: u64 = 96 << 20;

pub struct Relay {
    runtime: Runtime,
    source: VectorSource,
    gate: Gate,
    listen: String,
    senders: Vec<JoinHandle<()>>,
    has_begun: bool,
    is_over: Arc<AtomicBool>,
    answered: Answered,
}

/// The texts that were answered for, and when.
type Answered = Arc<Mutex<Vec<(String, Instant)>>>;

impl Relay {
    pub fn new(_: &Round) -> Self {
        let runtime = runtime();
        let source = runtime.block_on(VectorSource::start());
        let gate = Gate::before(source.address);
        Self {
            runtime,
            source,
            gate,
            listen: nobody().to_string(),
            senders: Vec::new(),
            has_begun: false,
            is_over: Arc::default(),
            answered: Arc::default(),
        }
    }

    fn begin(&mut self) {
        self.has_begun = true;
        self.senders = (0..SENDERS)
            .map(|sender| {
                let (is_over, answered) = (Arc::clone(&self.is_over), Arc::clone(&self.answered));
                let sink = {
                    let _inside = self.runtime.enter();
                    VectorSink::new(&self.listen)
                };
                self.runtime.spawn(send(sink, sender, is_over, answered))
            })
            .collect();
    }

    /// The fingerprint of each error that the next hop has.
    fn arrived(&self) -> BTreeMap<String, String> {
        let mut arrived = BTreeMap::new();
        for event in self.source.events() {
            let log = event.as_log().unwrap();
            let text = |name: &str| log.fields.get(name).and_then(Value::as_text);
            let message = text("message").unwrap();
            if let Some(fingerprint) = text("error_fingerprint") {
                arrived.insert(message.to_owned(), fingerprint.to_owned());
            } else {
                arrived.entry(message.to_owned()).or_default();
            }
        }
        arrived
    }
}

async fn send(sink: VectorSink, sender: usize, is_over: Arc<AtomicBool>, answered: Answered) {
    const BATCH: usize = 4;
    for batch in 0.. {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        let first = (batch * SENDERS + sender) * BATCH;
        let texts: Vec<_> = (first..first + BATCH).map(event).collect();
        let log = |text: &str| EventWrapper::log(Log::of([("message", Value::text(text))]));
        let events: Vec<_> = texts.iter().map(|(_, text)| log(text)).collect();
        while !matches!(tokio::time::timeout(PATIENCE, sink.push(events.clone())).await, Ok(Ok(())))
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let now = Instant::now();
        let taken = texts.into_iter().filter(|(kind, _)| *kind != Kind::Noise);
        answered.lock().unwrap().extend(taken.map(|(_, text)| (text, now)));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Subject for Relay {
    fn start(&mut self, mut command: Command) -> Program {
        command.args(["serve", "--listen", &self.listen, "--status", "127.0.0.1:0"]);
        command.args(["--forward", &format!("http://{}", self.gate.address)]);
        command.args(["--shutdown-seconds", "2", "--max-message-bytes", "8000000"]);
        command.args(["--max-memory-bytes", &REQUESTS.to_string()]);
        let program = Program::start({
            command.stdin(Stdio::null()).stdout(Stdio::null());
            command
        });
        if !self.has_begun {
            self.begin();
        }
        program
    }

    fn set_next_hop(&mut self, passage: Passage) {
        self.gate.set(passage);
    }

    fn ended(&mut self, _: End, _: Option<i32>) -> Option<String> {
        None
    }

    fn finish_load(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let start = Instant::now();
        for sender in self.senders.drain(..) {
            while !sender.is_finished() {
                assert!(start.elapsed() < Duration::from_secs(120), "a sender is never answered");
                thread::sleep(Duration::from_millis(5));
            }
        }
    }

    fn passed(&mut self) -> (Vec<Passed>, BTreeSet<String>) {
        let arrived = self.arrived();
        let mut passed = Vec::new();
        for (text, at) in self.answered.lock().unwrap().iter() {
            let Some(fingerprint) = arrived.get(text) else {
                panic!("`{text}` was answered for and has not arrived")
            };
            assert_eq!(text.starts_with("boom"), !fingerprint.is_empty(), "{text}");
            if !fingerprint.is_empty() {
                let (text, fingerprint) = (text.clone(), fingerprint.clone());
                passed.push(Passed { text, fingerprint, at: *at });
            }
        }
        (passed, arrived.into_values().collect())
    }

    fn memory(&self) -> u64 {
        REQUESTS + BESIDE
    }
}
