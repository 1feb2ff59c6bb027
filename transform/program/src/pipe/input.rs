//! Reading, unpacking and decoding, on a thread of its own.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::mpsc::SyncSender,
    vec,
};

use jiff::Timestamp;
use signatures_logs::Log;

use crate::command_error::CommandError;

/// How many blocks wait to be judged.
pub(super) const QUEUED_BLOCKS: usize = 4;

/// How much is read at a time, in bytes.
const BLOCK_BYTES: usize = 128 << 10;

/// What the judging thread is told.
pub(super) enum Message {
    /// The next bytes of an input.
    Bytes(Block),
    /// An input has ended; what follows is another.
    EndOfInput,
    /// An input cannot be read any further; what follows is another.
    Failed { name: String, error: io::Error, is_last: bool },
    /// Another configuration is in force.
    Reloaded,
    /// Finish what has been read, and end.
    Stop,
}

/// Some bytes, and when they came.
pub(super) struct Block {
    pub(super) bytes: Vec<u8>,
    pub(super) arrived: Timestamp,
}

/// Something to read from.
pub(super) enum Input {
    Stdin,
    File(PathBuf),
}

impl Input {
    /// What messages call it.
    fn name(&self) -> String {
        match self {
            Self::Stdin => "standard input".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Why it cannot be opened, as far as that is known without opening it. Only a
    /// file is opened to see: of a named pipe what was written to it would be lost.
    fn check(&self) -> io::Result<()> {
        match self {
            Self::File(path) if path.metadata()?.is_file() => self.open().map(drop),
            Self::File(path) if path.is_dir() => Err(is_a_folder(path)),
            Self::Stdin | Self::File(_) => Ok(()),
        }
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Self::Stdin => Ok(Box::new(io::stdin())),
            Self::File(path) => {
                let file = File::open(path)?;
                match file.metadata()?.is_dir() {
                    true => Err(is_a_folder(path)),
                    false => Ok(Box::new(file)),
                }
            }
        }
    }
}

fn is_a_folder(path: &Path) -> io::Error {
    let logs = path.join("*.log");
    io::Error::other(format!(
        "it is a folder; name the logs in it, as {}; `sigcheck replay` takes folders",
        logs.display()
    ))
}

/// The inputs to read, each looked at once, so that a wrong name is told before
/// anything is read; standard input when none is named, or for `-`.
pub(super) fn find(logs: &[PathBuf]) -> Result<Vec<Input>, CommandError> {
    if logs.is_empty() {
        return Ok(vec![Input::Stdin]);
    }
    logs.iter()
        .map(|path| match path.as_os_str() == "-" {
            true => Input::Stdin,
            false => Input::File(path.clone()),
        })
        .map(|input| match input.check() {
            Ok(()) => Ok(input),
            Err(error) => Err(CommandError::Input { name: input.name(), error }),
        })
        .collect()
}

/// One input after another, until nobody listens any more. One that cannot be
/// read does not keep the others from it.
pub(super) struct Reading {
    inputs: vec::IntoIter<Input>,
    /// The name of the one that is read.
    current: Option<String>,
    messages: SyncSender<Message>,
}

/// Nobody listens any more.
struct Unheard;

impl Reading {
    pub(super) fn new(inputs: Vec<Input>, messages: SyncSender<Message>) -> Self {
        Self { inputs: inputs.into_iter(), current: None, messages }
    }

    /// Reads all that is left. After a panic, that is what follows the input that
    /// was read: how far it was read is not known.
    pub(super) fn run(&mut self) {
        // That nobody listens is no fault of the input.
        let _ = self.read_all();
    }

    fn read_all(&mut self) -> Result<(), Unheard> {
        if self.current.is_some() {
            self.fail(io::Error::other("reading it failed by a fault of this program"))?;
        }
        while let Some(input) = self.inputs.next() {
            self.current = Some(input.name());
            match input.open() {
                Ok(reader) => self.read(&mut Log::new(reader))?,
                Err(error) => self.fail(error)?,
            }
        }
        Ok(())
    }

    fn read(&mut self, log: &mut Log) -> Result<(), Unheard> {
        loop {
            let mut bytes = vec![0; BLOCK_BYTES];
            match log.read(&mut bytes) {
                Ok(0) => {
                    self.current = None;
                    return self.send(Message::EndOfInput);
                }
                Ok(read) => {
                    bytes.truncate(read);
                    self.send(Message::Bytes(Block { bytes, arrived: Timestamp::now() }))?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return self.fail(error),
            }
        }
    }

    /// Tells why an input cannot be read any further.
    fn fail(&mut self, error: io::Error) -> Result<(), Unheard> {
        let name = self.current.take().unwrap_or_default();
        let is_last = self.inputs.len() == 0;
        self.send(Message::Failed { name, error, is_last })
    }

    fn send(&self, message: Message) -> Result<(), Unheard> {
        self.messages.send(message).map_err(|_| Unheard)
    }
}

/// However it ends: whoever judges would wait for ever.
impl Drop for Reading {
    fn drop(&mut self) {
        // Nobody listens any more when the other side has failed.
        let _ = self.send(Message::Stop);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use signatures_delivery::Tasks;

    use super::*;

    #[test]
    fn a_panic_ends_one_input_and_no_other() {
        let tasks = Tasks::default();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        std::fs::write(&path, "a line\n").unwrap();
        let (messages, received) = mpsc::sync_channel(QUEUED_BLOCKS);
        let mut reading = Reading::new(vec![Input::File(path)], messages);
        reading.current = Some("broken.log".to_owned());
        let mut panics = true;
        let work = move || {
            assert!(!std::mem::take(&mut panics), "as a test");
            reading.run();
        };
        tasks.spawn_thread("input", work).unwrap();
        let told = received.iter().map(|message| match message {
            Message::Bytes(block) => String::from_utf8(block.bytes).unwrap(),
            Message::EndOfInput => "end".to_owned(),
            Message::Failed { name, error, is_last } => format!("{name}: {error}, {is_last}"),
            Message::Stop => "stop".to_owned(),
            Message::Reloaded => "reloaded".to_owned(),
        });
        assert_eq!(
            told.collect::<Vec<_>>(),
            [
                "broken.log: reading it failed by a fault of this program, false",
                "a line\n",
                "end",
                "stop"
            ]
        );
        assert_eq!(tasks.failures(), 1);
    }
}
