//! What a program says on standard error, by a reader that may stop or go away.

use std::{
    io::Read,
    process::ChildStderr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Reads,
    Waits,
    Gone,
}

pub struct Log {
    text: Arc<Mutex<String>>,
    reader: Arc<AtomicU8>,
    thread: Option<JoinHandle<()>>,
}

impl Log {
    pub fn of(mut stderr: ChildStderr) -> Self {
        let (text, reader) = (Arc::<Mutex<String>>::default(), Arc::<AtomicU8>::default());
        let (written, is) = (Arc::clone(&text), Arc::clone(&reader));
        let thread = thread::spawn(move || {
            let mut piece = [0; 4096];
            loop {
                match is.load(Ordering::Relaxed) {
                    reader if reader == Reader::Gone as u8 => return,
                    reader if reader == Reader::Waits as u8 => {
                        thread::sleep(Duration::from_millis(10));
                        continue;
                    }
                    _ => {}
                }
                match stderr.read(&mut piece) {
                    Ok(0) | Err(_) => return,
                    Ok(read) => {
                        let said = String::from_utf8_lossy(&piece[..read]);
                        written.lock().unwrap().push_str(&said);
                    }
                }
            }
        });
        Self { text, reader, thread: Some(thread) }
    }

    pub fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    pub fn set(&self, reader: Reader) {
        // Who is gone does not come back.
        if self.reader.load(Ordering::Relaxed) != Reader::Gone as u8 {
            self.reader.store(reader as u8, Ordering::Relaxed);
        }
    }

    /// All that was said, once the program has ended.
    pub fn finish(&mut self) -> String {
        self.set(Reader::Reads);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        self.text()
    }
}
