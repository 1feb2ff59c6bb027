//! Standard error, for who must not wait for who reads it.

use std::{
    io::{self, Write},
    sync::Arc,
    thread,
    time::Duration,
};

use tokio::{
    sync::{Mutex, oneshot},
    time::timeout,
};

use crate::send::Fault;

/// How long a write is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// That of this process, of all console sinks together.
pub(super) static STANDARD_ERROR: Output = Output::new(|| Box::new(io::stderr()), PATIENCE);

/// Somewhere to write to, where one write at most is under way.
///
/// A terminal that is held, or a pipe that nobody reads, takes a write when it will,
/// and that cannot be called off. So each is done by a thread of its own, and none
/// begins before the last has ended.
#[derive(Debug)]
pub(super) struct Output {
    open: fn() -> Box<dyn Write>,
    patience: Duration,
    /// What was not waited for any longer.
    stuck: Mutex<Option<Writing>>,
}

#[derive(Debug)]
struct Writing {
    text: Arc<str>,
    ended: oneshot::Receiver<io::Result<()>>,
}

impl Output {
    const fn new(open: fn() -> Box<dyn Write>, patience: Duration) -> Self {
        Self { open, patience, stuck: Mutex::const_new(None) }
    }

    /// Writes a text. What is written again because it took too long, alone or with
    /// more behind it, is not written twice.
    ///
    /// # Errors
    /// When it cannot be written, or not within a while.
    pub(super) async fn write(&self, text: String) -> Result<(), Fault> {
        let mut stuck = self.stuck.lock().await;
        let mut rest = &*text;
        if let Some(writing) = stuck.take() {
            let before = Arc::clone(&writing.text);
            if self.end(writing, &mut stuck).await.is_ok() {
                rest = text.strip_prefix(&*before).unwrap_or(rest);
            } else if stuck.is_some() {
                return Err(self.nobody_reads());
            }
        }
        if rest.is_empty() {
            return Ok(());
        }
        let writing = self.begin(rest.into())?;
        self.end(writing, &mut stuck).await
    }

    fn begin(&self, text: Arc<str>) -> Result<Writing, Fault> {
        let (end, ended) = oneshot::channel();
        let (open, written) = (self.open, Arc::clone(&text));
        let write = move || {
            // Whoever asked may be gone.
            let _ = end.send(open().write_all(written.as_bytes()));
        };
        let thread = thread::Builder::new().name("console".to_owned()).spawn(write);
        thread.map_err(|error| Fault::Unwritable(error.to_string()))?;
        Ok(Writing { text, ended })
    }

    /// Waits for the end of a write; leaves it where it is when that takes too long.
    async fn end(&self, mut writing: Writing, stuck: &mut Option<Writing>) -> Result<(), Fault> {
        match timeout(self.patience, &mut writing.ended).await {
            Ok(Ok(written)) => written.map_err(|error| Fault::Unwritable(error.to_string())),
            Ok(Err(_)) => Err(Fault::Internal("the thread that writes failed".to_owned())),
            Err(_) => {
                *stuck = Some(writing);
                Err(self.nobody_reads())
            }
        }
    }

    fn nobody_reads(&self) -> Fault {
        Fault::Unwritable(format!("nobody has read it for {} s", self.patience.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, MutexGuard};

    use super::*;

    /// What was written, and who holds it.
    static WRITTEN: Mutex<String> = Mutex::new(String::new());

    struct Held;

    impl Write for Held {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            WRITTEN.lock().unwrap().push_str(&text);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn who_does_not_read_is_not_waited_for_and_gets_everything_once() {
        let impatient = Output::new(|| Box::new(Held), Duration::from_millis(20));
        {
            let _held: MutexGuard<'_, String> = WRITTEN.lock().unwrap();
            for text in ["one\n", "one\ntwo\n"] {
                let error = impatient.write(text.to_owned()).await.unwrap_err();
                assert_eq!(error, impatient.nobody_reads());
            }
        }
        let output = Output { patience: Duration::from_secs(600), ..impatient };
        output.write("one\ntwo\n".to_owned()).await.unwrap();
        output.write("three\n".to_owned()).await.unwrap();
        assert_eq!(*WRITTEN.lock().unwrap(), "one\ntwo\nthree\n");
    }
}
