//! `pipe`, between who writes lines into it and who reads what leaves; after each end
//! the lines go on behind the last that left.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    mem,
    process::{ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::Value;
use signatures_peers::gate::Passage;

use crate::{
    account::Passed,
    lines::{Kind, event},
    program::Program,
    round::{End, Subject},
};

/// What it may take of memory, however much comes.
const MEMORY: u64 = 96 << 20;

#[derive(Default)]
pub struct Pipe {
    /// The number of the next line that has not left.
    next: usize,
    passed: Vec<Passed>,
    is_over: bool,
    running: Option<Running>,
}

/// Both ends of one process.
struct Running {
    /// What writes to it, and at the end has its input still open.
    writer: JoinHandle<Option<ChildStdin>>,
    reader: JoinHandle<()>,
    ends: Arc<Ends>,
}

#[derive(Default)]
struct Ends {
    is_written: AtomicBool,
    /// The number of the line after the last that was written.
    written: AtomicUsize,
    is_unread: AtomicBool,
    left: Mutex<Vec<(String, Instant)>>,
}

impl Pipe {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what has left: the lines in their order, none missing and none twice.
    fn take(&mut self, left: Vec<(String, Instant)>) -> Result<(), String> {
        for (line, at) in left {
            // The last one of a process that was killed may be cut.
            let Some(line) = line.strip_suffix('\n') else { break };
            let parsed: Value =
                serde_json::from_str(line).map_err(|why| format!("{line}: {why}"))?;
            let (kind, text) = loop {
                let (kind, text) = event(self.next);
                self.next += 1;
                if kind != Kind::Noise {
                    break (kind, text);
                }
            };
            if parsed["message"] != *text {
                return Err(format!("`{text}` was to leave, and it was {line}"));
            }
            match (kind, parsed["error_fingerprint"].as_str()) {
                (Kind::Error, Some(fingerprint)) => {
                    let fingerprint = fingerprint.to_owned();
                    self.passed.push(Passed { text, fingerprint, at });
                }
                (Kind::Fine, None) => {}
                _ => return Err(format!("it is tagged as it is not: {line}")),
            }
        }
        Ok(())
    }
}

/// Writes until it is told to stop, or the program has ended.
fn write(mut stdin: ChildStdin, first: usize, ends: &Ends) -> Option<ChildStdin> {
    let mut next = first;
    while !ends.is_written.load(Ordering::Relaxed) {
        let mut lines = String::new();
        for number in next..next + 4 {
            let (_, text) = event(number);
            lines += &match number % 3 {
                0 => format!("{}\n", serde_json::json!({"message": text})),
                _ => format!("{text}\n"),
            };
        }
        stdin.write_all(lines.as_bytes()).ok()?;
        next += 4;
        ends.written.store(next, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(8));
    }
    Some(stdin)
}

/// Reads to the end, but not while nothing is to be read.
fn read(stdout: ChildStdout, ends: &Ends) {
    let mut stdout = BufReader::new(stdout);
    loop {
        while ends.is_unread.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(5));
        }
        let mut line = String::new();
        if stdout.read_line(&mut line).unwrap() == 0 {
            return;
        }
        ends.left.lock().unwrap().push((line, Instant::now()));
    }
}

impl Subject for Pipe {
    fn start(&mut self, mut command: Command) -> Program {
        command.args(["pipe", "--quiet"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = Program::start(command);
        let stdin = program.child.stdin.take().unwrap();
        let stdout = program.child.stdout.take().unwrap();
        let (ends, first) = (Arc::<Ends>::default(), self.next);
        ends.is_written.store(self.is_over, Ordering::Relaxed);
        ends.written.store(first, Ordering::Relaxed);
        let (writes, reads) = (Arc::clone(&ends), Arc::clone(&ends));
        let writer = thread::spawn(move || write(stdin, first, &writes));
        let reader = thread::spawn(move || read(stdout, &reads));
        self.running = Some(Running { writer, reader, ends });
        program
    }

    fn set_next_hop(&mut self, passage: Passage) {
        if let Some(running) = &self.running {
            running.ends.is_unread.store(passage != Passage::Open, Ordering::Relaxed);
        }
    }

    fn ended(&mut self, _: End, _: Option<i32>) -> Option<String> {
        let Running { writer, reader, ends } = self.running.take()?;
        ends.is_written.store(true, Ordering::Relaxed);
        ends.is_unread.store(false, Ordering::Relaxed);
        writer.join().unwrap();
        reader.join().unwrap();
        let left = mem::take(&mut *ends.left.lock().unwrap());
        self.take(left).err()
    }

    fn finish_load(&mut self) {
        self.is_over = true;
        let Some(running) = &self.running else { return };
        running.ends.is_written.store(true, Ordering::Relaxed);
        // All that was written leaves, the last plain line a moment later.
        let left = || running.ends.left.lock().unwrap().len();
        let is_written = |number: &usize| event(*number).0 != Kind::Noise;
        let all =
            || (self.next..running.ends.written.load(Ordering::Relaxed)).filter(is_written).count();
        let start = Instant::now();
        while !running.writer.is_finished() || left() < all() {
            assert!(start.elapsed() < Duration::from_secs(120), "{} of {} left", left(), all());
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn passed(&mut self) -> (Vec<Passed>, BTreeSet<String>) {
        let left =
            self.running.as_ref().map(|running| mem::take(&mut *running.ends.left.lock().unwrap()));
        if let Err(wrong) = self.take(left.unwrap_or_default()) {
            panic!("{wrong}");
        }
        let raised = self.passed.iter().map(|one| one.fingerprint.clone()).collect();
        (self.passed.clone(), raised)
    }

    fn memory(&self) -> u64 {
        MEMORY
    }
}
