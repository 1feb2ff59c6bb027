//! Reading, on a thread of its own.

use std::{
    fs::File,
    io::{self, Read},
    path::PathBuf,
    sync::mpsc::SyncSender,
};

use crate::Failure;

/// How many blocks wait to be judged.
pub(super) const QUEUED_BLOCKS: usize = 4;

/// How much is read at a time, in bytes.
const BLOCK_BYTES: usize = 128 << 10;

/// What the judging thread is told.
pub(super) enum Message {
    /// The next bytes of an input.
    Bytes(Vec<u8>),
    /// An input has ended; what follows is another.
    EndOfInput,
    /// An input cannot be read any further.
    Failed { name: String, error: io::Error },
    /// Finish what has been read, and end.
    Stop,
}

/// Something to read from, and what messages call it.
pub(super) struct Input {
    name: String,
    reader: Box<dyn Read + Send>,
}

/// Opens all logs at once, so that a wrong name is told before anything is
/// read; standard input when there are none, or for `-`.
pub(super) fn open(logs: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let stdin = || Input { name: "standard input".to_owned(), reader: Box::new(io::stdin()) };
    if logs.is_empty() {
        return Ok(vec![stdin()]);
    }
    logs.iter()
        .map(|path| {
            if path.as_os_str() == "-" {
                return Ok(stdin());
            }
            let name = path.display().to_string();
            match File::open(path).and_then(|file| Ok((file.metadata()?.is_dir(), file))) {
                Ok((false, file)) => Ok(Input { name, reader: Box::new(file) }),
                Ok((true, _)) => {
                    Err(Failure::Input { name, error: io::ErrorKind::IsADirectory.into() })
                }
                Err(error) => Err(Failure::Input { name, error }),
            }
        })
        .collect()
}

/// Reads one input after another, until nobody listens any more.
pub(super) fn read(inputs: Vec<Input>, messages: &SyncSender<Message>) {
    for Input { name, mut reader } in inputs {
        loop {
            let mut bytes = vec![0; BLOCK_BYTES];
            let message = match reader.read(&mut bytes) {
                Ok(0) => Message::EndOfInput,
                Ok(read) => {
                    bytes.truncate(read);
                    Message::Bytes(bytes)
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Message::Failed { name: name.clone(), error },
            };
            let ended = matches!(message, Message::EndOfInput);
            if messages.send(message).is_err() {
                return;
            }
            if ended {
                break;
            }
        }
    }
    // Nobody listens any more when the other side has failed.
    let _ = messages.send(Message::Stop);
}
