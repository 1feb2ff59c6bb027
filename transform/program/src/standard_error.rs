//! Standard error, written by a thread of its own: whoever tells waits for nobody.
//!
//! A full disk, or a pipe that nobody reads, must not stop the work that is told of.
//! What cannot be written is counted, and told of when something can be.

use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use crate::patience::Patience;

/// What a line of the log is that says nothing else of itself. That of an alert is the
/// alerts' alone.
pub(crate) const LOG_EVENT: &str = "signatures.log";

/// How many bytes may wait to be written.
const MOST_BYTES: usize = 1 << 20;

/// How long the end waits for what is not written yet.
const PATIENCE: Patience =
    Patience { stalled: Duration::from_secs(2), all: Duration::from_secs(10) };

/// What this process tells.
pub(crate) static STANDARD_ERROR: LazyLock<Teller> = LazyLock::new(|| Teller::new(io::stderr()));

/// Tells lines to somebody who may not listen.
#[derive(Debug)]
pub(crate) struct Teller {
    shared: Arc<Shared>,
    has_thread: bool,
}

#[derive(Debug, Default)]
struct Shared {
    lines: Mutex<Lines>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Lines {
    waiting: VecDeque<Vec<u8>>,
    bytes: usize,
    is_writing: bool,
    /// When something was written last.
    written: Option<Instant>,
    /// Lines that were not written, since that was told and since the start.
    untold: u64,
    unwritten: u64,
}

impl Teller {
    fn new(out: impl Write + Send + 'static) -> Self {
        let shared = Arc::<Shared>::default();
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new().name("standard error".to_owned());
        let has_thread = thread.spawn(move || theirs.write(out)).is_ok();
        Self { shared, has_thread }
    }

    /// Tells a line, or some.
    pub(crate) fn tell(&self, line: Vec<u8>) {
        if !self.has_thread {
            // Then nothing else will come of this process.
            return drop(io::stderr().write_all(&line));
        }
        let mut lines = self.shared.lock();
        if lines.bytes > 0 && lines.bytes + line.len() > MOST_BYTES {
            return lines.lose();
        }
        lines.bytes += line.len();
        lines.waiting.push_back(line);
        drop(lines);
        self.shared.changed.notify_all();
    }

    /// Waits until all is written that was told, or nobody seems to listen.
    pub(crate) fn finish(&self) {
        self.finish_within(PATIENCE);
    }

    fn finish_within(&self, patience: Patience) {
        let began = Instant::now();
        let mut lines = self.shared.lock();
        while self.has_thread && (lines.is_writing || !lines.waiting.is_empty()) {
            let written = lines.written.unwrap_or(began);
            let Some(left) = patience.left(began, written, Instant::now()) else { return };
            let waited = self.shared.changed.wait_timeout(lines, left);
            (lines, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// How many lines could not be written.
    pub(crate) fn unwritten(&self) -> u64 {
        self.shared.lock().unwritten
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Lines> {
        // No change is left half done.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, mut out: impl Write) {
        loop {
            let (line, untold) = self.next();
            let written = out.write_all(&line);
            let told = match written {
                Ok(()) if untold > 0 => out.write_all(&lost(untold)).is_ok(),
                _ => false,
            };
            let mut lines = self.lock();
            match written {
                Ok(()) => lines.written = Some(Instant::now()),
                Err(_) => lines.lose(),
            }
            if told {
                lines.untold -= untold;
            }
            lines.is_writing = false;
            drop(lines);
            self.changed.notify_all();
        }
    }

    /// The next line, and how many were lost before.
    fn next(&self) -> (Vec<u8>, u64) {
        let mut lines = self.lock();
        loop {
            if let Some(line) = lines.waiting.pop_front() {
                lines.bytes -= line.len();
                lines.is_writing = true;
                return (line, lines.untold);
            }
            lines = self.changed.wait(lines).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Lines {
    fn lose(&mut self) {
        self.untold += 1;
        self.unwritten += 1;
    }
}

/// Not by an event of the log, which would come here.
fn lost(lines: u64) -> Vec<u8> {
    let line = format!(
        r#"{{"level":"warn","event":"{LOG_EVENT}","lines":{lines},"message":"lines of this log could not be written"}}"#
    );
    (line + "\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    use serde_json::Value;

    use super::*;

    const FOR_EVER: Patience =
        Patience { stalled: Duration::from_secs(600), all: Duration::from_secs(600) };

    /// Takes nothing as long as it is full.
    #[derive(Clone, Default)]
    struct Disk(Arc<Mutex<(bool, Vec<u8>)>>);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (full, text) = &mut *self.0.lock().unwrap();
            match full {
                true => Err(io::ErrorKind::StorageFull.into()),
                false => text.write(bytes),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Takes something whenever somebody reads.
    struct Pipe(SyncSender<Vec<u8>>);

    impl Pipe {
        fn new() -> (Self, Receiver<Vec<u8>>) {
            let (pipe, reader) = sync_channel(0);
            (Self(pipe), reader)
        }
    }

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let sent = self.0.send(bytes.to_vec());
            sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn said(line: &[u8]) -> Value {
        serde_json::from_slice(line).unwrap()
    }

    #[test]
    fn what_could_not_be_written_is_told_later() {
        let disk = Disk::default();
        let teller = Teller::new(disk.clone());
        for (full, line) in
            [(true, "one\n"), (true, "two\n"), (false, "three\n"), (false, "four\n")]
        {
            disk.0.lock().unwrap().0 = full;
            teller.tell(line.as_bytes().to_vec());
            teller.finish_within(FOR_EVER);
        }
        let text = String::from_utf8(disk.0.lock().unwrap().1.clone()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines[0], lines[2], lines.len()), ("three", "four", 3));
        let said = said(lines[1].as_bytes());
        assert_eq!((&said["lines"], &said["event"]), (&2.into(), &LOG_EVENT.into()));
        assert_eq!(teller.unwritten(), 2);
    }

    #[test]
    fn who_tells_does_not_wait_for_who_does_not_read() {
        let (pipe, reader) = Pipe::new();
        let teller = Teller::new(pipe);
        // One is being written, two wait, and there is no room for more.
        let line = vec![b'x'; MOST_BYTES / 2];
        for _ in 0..3 {
            teller.tell(line.clone());
            while !teller.shared.lock().is_writing {
                thread::yield_now();
            }
        }
        for _ in 0..7 {
            teller.tell(line.clone());
        }
        assert_eq!(teller.unwritten(), 7);
        let short = Duration::from_millis(20);
        teller.finish_within(Patience { stalled: short, all: short });
        let read: Vec<_> = (0..4).map(|_| reader.recv().unwrap()).collect();
        // It is told behind the next that could be.
        assert_eq!(said(&read[2])["lines"], 7);
        assert_eq!([&read[0], &read[1], &read[3]], [&line; 3]);
        teller.finish_within(FOR_EVER);
    }
}
