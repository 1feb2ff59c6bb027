//! What leaves, written on a thread of its own: not before that is kept which it
//! raised.
//!
//! Judging goes on while the disk is busy, as far as a few chunks reach.

use std::{
    io::{self, Write},
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::delivery::Submitted;

/// So much goes on its way when nothing has to be kept before it, in bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// And so much when something has, so that many lines share one wait for the disk;
/// or what there is after a time.
const LARGE_CHUNK_BYTES: usize = 1 << 20;
const LONGEST_HELD: Duration = Duration::from_millis(500);

/// How many chunks may wait to be written.
const QUEUED_CHUNKS: usize = 4;

/// Lines on their way, and what is to be kept before they leave.
struct Chunk {
    submitted: Vec<Submitted>,
    bytes: Vec<u8>,
}

/// What has been judged and is to leave.
pub(super) struct Output {
    bytes: Vec<u8>,
    sent: Instant,
    chunks: Option<SyncSender<Chunk>>,
    thread: Option<JoinHandle<()>>,
    failure: Arc<Mutex<Option<io::Error>>>,
}

impl Output {
    /// Writes to something; `failed` is called when that cannot be written to any
    /// more. It must not wait for who sends, who may wait for it.
    pub(super) fn new(
        out: impl Write + Send + 'static,
        failed: impl FnOnce() + Send + 'static,
    ) -> io::Result<Self> {
        let (chunks, received) = sync_channel(QUEUED_CHUNKS);
        let failure = Arc::<Mutex<Option<io::Error>>>::default();
        let theirs = Arc::clone(&failure);
        let thread = thread::Builder::new().name("output".to_owned()).spawn(move || {
            if let Err(error) = write(out, received) {
                *theirs.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                failed();
            }
        })?;
        let (bytes, sent) = (Vec::new(), Instant::now());
        Ok(Self { bytes, sent, chunks: Some(chunks), thread: Some(thread), failure })
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
    pub(super) fn send(&mut self, submitted: Vec<Submitted>) -> io::Result<()> {
        if self.bytes.is_empty() && submitted.is_empty() {
            return Ok(());
        }
        self.sent = Instant::now();
        let room = Vec::with_capacity(self.bytes.len().max(CHUNK_BYTES));
        let chunk = Chunk { submitted, bytes: mem::replace(&mut self.bytes, room) };
        match self.chunks.as_ref().map(|chunks| chunks.send(chunk)) {
            Some(Ok(())) => Ok(()),
            _ => self.finish(),
        }
    }

    /// Waits until all that was sent has left.
    ///
    /// # Errors
    /// Why it could not be written.
    pub(super) fn finish(&mut self) -> io::Result<()> {
        self.chunks = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            return Err(io::Error::other("the thread that writes failed"));
        }
        match self.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
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

/// Writes chunk after chunk. What cannot be kept is told where it is submitted,
/// and holds no line back for ever.
fn write(mut out: impl Write, chunks: Receiver<Chunk>) -> io::Result<()> {
    for Chunk { submitted, bytes } in chunks {
        submitted.into_iter().for_each(Submitted::wait);
        out.write_all(&bytes)?;
        out.flush()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

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
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
