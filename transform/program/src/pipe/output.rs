//! What leaves, written on a thread of its own: not before that is kept which it
//! raised.
//!
//! Judging goes on while the disk is busy, as far as a few chunks reach.

use std::{
    collections::VecDeque,
    io::{self, Write},
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use memchr::{memchr_iter, memrchr};

use crate::{command_error::CommandError, delivery::Submitted, patience::Patience};

/// So much goes on its way when nothing has to be kept before it, in bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// And so much when something has, so that many lines share one wait for the disk;
/// or what there is after a time.
const LARGE_CHUNK_BYTES: usize = 1 << 20;
const LONGEST_HELD: Duration = Duration::from_millis(500);

/// How many chunks may wait to be written.
const QUEUED_CHUNKS: usize = 4;

/// How long whoever reads is waited for when it was asked to stop. A disk may take
/// some of it.
const PATIENCE: Patience =
    Patience { stalled: Duration::from_secs(8), all: Duration::from_secs(20) };

/// Lines on their way, and what is to be kept before they leave.
struct Chunk {
    submitted: Vec<Submitted>,
    bytes: Vec<u8>,
}

/// What has been judged and is to leave.
pub(super) struct Output {
    bytes: Vec<u8>,
    sent: Instant,
    way: Arc<Way>,
    patience: Patience,
}

/// Says that whoever reads is not waited for for ever any more.
pub(super) struct Stop(Arc<Way>);

/// The way out.
struct Way {
    queue: Mutex<Queue>,
    changed: Condvar,
}

struct Queue {
    chunks: VecDeque<Chunk>,
    /// What is being written, and how much of it has left.
    writing: Arc<Vec<u8>>,
    left: usize,
    /// When something has left last, or could at last.
    progress: Instant,
    /// Nothing more will come.
    closed: bool,
    stopped: Option<Instant>,
    /// How writing ended.
    ended: Option<io::Result<()>>,
}

impl Output {
    /// Writes to something; `failed` is called when that cannot be written to any
    /// more. It must not wait for who sends, who may wait for it.
    pub(super) fn new(
        out: impl Write + Send + 'static,
        failed: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let queue = Queue {
            chunks: VecDeque::new(),
            writing: Arc::default(),
            left: 0,
            progress: Instant::now(),
            closed: false,
            stopped: None,
            ended: None,
        };
        let way = Arc::new(Way { queue: Mutex::new(queue), changed: Condvar::new() });
        let theirs = Arc::clone(&way);
        thread::Builder::new().name("output".to_owned()).spawn(move || {
            let written = catch_unwind(AssertUnwindSafe(|| theirs.write(out)));
            let written =
                written.unwrap_or_else(|_| Err(io::Error::other("the thread that writes failed")));
            let has_failed = written.is_err();
            theirs.lock().ended = Some(written);
            theirs.changed.notify_all();
            if has_failed {
                failed();
            }
        })?;
        Ok(Self { bytes: Vec::new(), sent: Instant::now(), way, patience: PATIENCE })
    }

    pub(super) fn stop(&self) -> Stop {
        Stop(Arc::clone(&self.way))
    }

    /// Whether so much has been judged that it is to be [sent](Self::send), though
    /// more is to come.
    pub(super) fn is_full(&self, has_changes: bool) -> bool {
        let length = self.bytes.len();
        let waits = length > 0 || has_changes;
        length >= LARGE_CHUNK_BYTES
            || length >= CHUNK_BYTES && !has_changes
            // Where most of what comes is dropped, little may wait for long.
            || waits && self.sent.elapsed() >= LONGEST_HELD
    }

    /// Sends what has been judged on its way; it leaves when what was submitted is
    /// kept.
    ///
    /// # Errors
    /// Why what was sent before could not be written.
    pub(super) fn send(&mut self, submitted: Vec<Submitted>) -> Result<(), CommandError> {
        if self.bytes.is_empty() && submitted.is_empty() {
            return Ok(());
        }
        self.sent = Instant::now();
        let room = Vec::with_capacity(self.bytes.len().max(CHUNK_BYTES));
        let chunk = Chunk { submitted, bytes: mem::replace(&mut self.bytes, room) };
        let mut queue = self.way.lock();
        queue.chunks.push_back(chunk);
        self.way.changed.notify_all();
        while queue.chunks.len() > QUEUED_CHUNKS && queue.ended.is_none() {
            queue = self.way.wait(queue, self.patience)?;
        }
        if queue.ended.is_none() {
            return Ok(());
        }
        drop(queue);
        self.finish()
    }

    /// Waits until all that was sent has left.
    ///
    /// # Errors
    /// Why it could not be written.
    pub(super) fn finish(&mut self) -> Result<(), CommandError> {
        let mut queue = self.way.lock();
        queue.closed = true;
        self.way.changed.notify_all();
        loop {
            match queue.ended.take() {
                Some(ended) => {
                    // Said once.
                    queue.ended = Some(Ok(()));
                    return ended.map_err(CommandError::Output);
                }
                None => queue = self.way.wait(queue, self.patience)?,
            }
        }
    }
}

impl Stop {
    pub(super) fn begin(&self) {
        self.0.lock().stopped.get_or_insert_with(Instant::now);
        self.0.changed.notify_all();
    }
}

impl Way {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        // No change is left half done.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something has changed; for ever, until it is asked to stop.
    fn wait<'a>(
        &self,
        queue: MutexGuard<'a, Queue>,
        patience: Patience,
    ) -> Result<MutexGuard<'a, Queue>, CommandError> {
        let Some(stopped) = queue.stopped else {
            return Ok(self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner));
        };
        match patience.left(stopped, queue.progress, Instant::now()) {
            Some(left) => {
                let waited = self.changed.wait_timeout(queue, left);
                Ok(waited.unwrap_or_else(PoisonError::into_inner).0)
            }
            None => Err(queue.unread()),
        }
    }

    /// Writes chunk after chunk. What cannot be kept is told where it is submitted,
    /// and holds no line back for ever.
    fn write(&self, mut out: impl Write) -> io::Result<()> {
        while let Some(submitted) = self.next() {
            submitted.into_iter().for_each(Submitted::wait);
            let bytes = self.progress(0);
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let (piece, behind) = rest.split_at(piece_of(rest));
                out.write_all(piece)?;
                self.progress(piece.len());
                rest = behind;
            }
            out.flush()?;
        }
        Ok(())
    }

    /// What is to be kept before the next chunk leaves; none when nothing more will
    /// come.
    fn next(&self) -> Option<Vec<Submitted>> {
        let mut queue = self.lock();
        loop {
            if let Some(Chunk { submitted, bytes }) = queue.chunks.pop_front() {
                (queue.writing, queue.left) = (Arc::new(bytes), 0);
                drop(queue);
                self.changed.notify_all();
                return Some(submitted);
            }
            if queue.closed {
                return None;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// More of what is being written has left, which is returned.
    fn progress(&self, left: usize) -> Arc<Vec<u8>> {
        let mut queue = self.lock();
        queue.left += left;
        queue.progress = Instant::now();
        Arc::clone(&queue.writing)
    }
}

impl Queue {
    /// All that has not left.
    fn unread(&self) -> CommandError {
        let rest = self.writing.get(self.left..).unwrap_or_default();
        let waiting = self.chunks.iter().map(|chunk| &chunk.bytes[..]);
        let (mut lines, mut bytes) = (0, 0);
        for chunk in waiting.chain([rest]) {
            lines += memchr_iter(b'\n', chunk).count();
            bytes += chunk.len();
        }
        CommandError::Unread { lines, bytes, unjudged: 0 }
    }
}

/// How much is written at once, so that it is seen whether anybody reads: whole
/// lines, where they are not too long.
fn piece_of(bytes: &[u8]) -> usize {
    let most = &bytes[..bytes.len().min(CHUNK_BYTES)];
    match memrchr(b'\n', most) {
        Some(end) if most.len() < bytes.len() => end + 1,
        _ => most.len(),
    }
}

/// Never fails: it is in memory.
impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Takes so many bytes.
    struct Bounded {
        room: usize,
        taken: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Bounded {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if bytes.len() > self.room {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.room -= bytes.len();
            self.taken.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn all_that_was_sent_has_left_in_the_end() {
        let taken = Arc::default();
        let out = Bounded { room: 100, taken: Arc::clone(&taken) };
        let mut output = Output::new(out, || ()).unwrap();
        for _ in 0..50 {
            output.write_all(b"a\n").unwrap();
            output.send(Vec::new()).unwrap();
        }
        output.finish().unwrap();
        assert_eq!(*taken.lock().unwrap(), b"a\n".repeat(50));
    }

    #[test]
    fn what_cannot_be_written_is_told_at_once_and_to_whoever_sends() {
        let out = Bounded { room: 3, taken: Arc::default() };
        let (failed, was_told) = channel();
        let mut output = Output::new(out, move || failed.send(()).unwrap()).unwrap();
        output.write_all(b"full").unwrap();
        output.send(Vec::new()).unwrap();
        was_told.recv().unwrap();
        output.write_all(b"more").unwrap();
        let error = loop {
            match output.send(Vec::new()) {
                Ok(()) => output.write_all(b"more").unwrap(),
                Err(error) => break error,
            }
        };
        let CommandError::Output(error) = error else { panic!("{error}") };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }

    /// Takes nothing, until it may.
    struct Stuck(Receiver<()>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// An output that nobody reads, with a patience that a test has.
    fn stuck() -> (Output, Sender<()>) {
        let (reads, may_write) = channel();
        let mut output = Output::new(Stuck(may_write), || ()).unwrap();
        let short = Duration::from_millis(20);
        output.patience = Patience { stalled: short, all: short };
        (output, reads)
    }

    #[test]
    fn who_does_not_read_is_waited_for_until_it_is_to_stop() {
        for by_the_end in [true, false] {
            let (mut output, _reads) = stuck();
            let stop = output.stop();
            let stopping = thread::spawn(move || {
                thread::sleep(Duration::from_millis(100));
                stop.begin();
            });
            let mut sent = 0;
            let unread = loop {
                if by_the_end && sent == 3 {
                    break output.finish().unwrap_err();
                }
                output.write_all(b"a\nb\n").unwrap();
                sent += 1;
                if let Err(unread) = output.send(Vec::new()) {
                    break unread;
                }
            };
            assert!(stopping.is_finished(), "it gave up before it was asked to stop");
            let CommandError::Unread { lines, bytes, .. } = unread else { panic!("{unread}") };
            // One is being written and four wait when there is no room for the sixth.
            assert_eq!(sent, if by_the_end { 3 } else { 6 });
            assert_eq!((lines, bytes), (sent * 2, sent * 4));
        }
    }

    #[test]
    fn who_begins_to_read_in_time_gets_all_of_it() {
        let (mut output, reads) = stuck();
        output.patience = Patience { stalled: PATIENCE.all, all: PATIENCE.all };
        output.write_all(b"a\n").unwrap();
        output.send(Vec::new()).unwrap();
        output.stop().begin();
        drop(reads);
        output.finish().unwrap();
    }

    #[test]
    fn pieces_are_whole_lines_where_they_can_be() {
        let line = [&[b'x'; 999][..], b"\n"].concat();
        let lines = line.repeat(100);
        assert_eq!([piece_of(&lines), piece_of(&lines[..1500])], [65_000, 1500]);
        assert_eq!(piece_of(&[b'x'; 100_000]), CHUNK_BYTES);
    }
}
