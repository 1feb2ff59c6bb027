//! Reading, unpacking and decoding, on a thread of its own.

use std::{
    fs::File,
    io::{self, Read},
    path::PathBuf,
    sync::mpsc::SyncSender,
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

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Self::Stdin => Ok(Box::new(io::stdin())),
            Self::File(path) => {
                let file = File::open(path)?;
                match file.metadata()?.is_dir() {
                    true => Err(io::ErrorKind::IsADirectory.into()),
                    false => Ok(Box::new(file)),
                }
            }
        }
    }
}

/// The inputs to read, each tried once, so that a wrong name is told before
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
        .map(|input| match input.open() {
            Ok(_) => Ok(input),
            Err(error) => Err(CommandError::Input { name: input.name(), error }),
        })
        .collect()
}

/// Reads one input after another, until nobody listens any more. One that cannot
/// be read does not keep the others from it.
pub(super) fn read(inputs: Vec<Input>, messages: &SyncSender<Message>) {
    let count = inputs.len();
    for (index, input) in inputs.into_iter().enumerate() {
        let (name, is_last) = (input.name(), index + 1 == count);
        let mut log = match input.open() {
            Ok(reader) => Log::new(reader),
            Err(error) => {
                if messages.send(Message::Failed { name, error, is_last }).is_err() {
                    return;
                }
                continue;
            }
        };
        loop {
            let mut bytes = vec![0; BLOCK_BYTES];
            let message = match log.read(&mut bytes) {
                Ok(0) => Message::EndOfInput,
                Ok(read) => {
                    bytes.truncate(read);
                    Message::Bytes(Block { bytes, arrived: Timestamp::now() })
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Message::Failed { name: name.clone(), error, is_last },
            };
            let ended = !matches!(message, Message::Bytes(_));
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
