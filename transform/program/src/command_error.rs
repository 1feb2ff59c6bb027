//! Why a command could not start, or had to stop.

use std::{io, path::PathBuf};

use signatures_command_line::ScriptError;
use signatures_operations::{AnswerError, NotifyTestError, outbox::OutboxError};

use crate::{
    ask::RemoteError,
    delivery::{Ended, GivenUp},
    serve::ServeError,
    web::{KeyFilesError, ListenError},
};

/// Why a command could not start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The taxonomy or the alert settings cannot be used.
    #[error(transparent)]
    Configuration(#[from] signatures_configuration::OpenError),
    /// A log cannot be read.
    #[error("cannot read {name}: {error}")]
    Input { name: String, error: io::Error },
    /// Some logs could not be read to their end, as was said on the way.
    #[error("not all logs could be read to their end")]
    Incomplete,
    /// The output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    /// A script cannot be written where it was to be.
    #[error("cannot write {}: {error}", path.display())]
    File { path: PathBuf, error: io::Error },
    /// Nobody read the output when it was asked to stop.
    #[error(
        "nobody reads the output, and it was asked to stop: {lines} lines ({bytes} bytes) have not \
         left, and {unjudged} bytes that were read were not judged"
    )]
    Unread { lines: usize, bytes: usize, unjudged: usize },
    /// The relay cannot start, or stopped.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The process cannot be set up.
    #[error("cannot start: {0}")]
    Setup(io::Error),
    /// Alerts cannot be delivered.
    #[error("cannot deliver alerts: {0}")]
    Delivery(#[from] signatures_delivery::OpenError),
    /// The outbox refuses.
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    /// The state directory has to be used, and cannot be.
    #[error("the state directory cannot be used, as --state-dir-required asks for: see the log")]
    StateDirectoryRequired,
    /// None of the deliveries that were named could be queued or dropped.
    #[error("no delivery is {0}: `outbox list` shows those that there are")]
    NothingDone(&'static str),
    /// There is nothing to look into.
    #[error("which outbox? Give its --state-dir, or set SIGNATURES_STATE_DIR")]
    NoStateDirectory,
    /// Nobody can look.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The tokens cannot be used.
    #[error(transparent)]
    KeyFiles(#[from] KeyFilesError),
    /// What was asked is no command.
    #[error(transparent)]
    Usage(#[from] signatures_operations::commands::CommandError),
    /// A command has no answer.
    #[error("{0}")]
    Answer(#[from] AnswerError),
    /// Whoever was asked by `--url` has no answer.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// There is nobody to ask.
    #[error("whom? Give a --state-dir, or set SIGNATURES_STATE_DIR, or the --url of a process")]
    NobodyToAsk,
    /// No test alert was sent.
    #[error(transparent)]
    NotifyTest(#[from] NotifyTestError),
    /// A test alert did not arrive.
    #[error("{failed} of {of} sinks have not taken the test alert")]
    NotDelivered { failed: usize, of: usize },
    /// All events went through, and not all that they raised.
    #[error("gave up {0}, see the log")]
    GivenUp(GivenUp),
    /// All went on without the state directory that was named.
    #[error(
        "{0}; alerts and cooldowns that came meanwhile were in memory only, and the next run knows nothing of them"
    )]
    StateDirectory(String),
    /// A part of the process failed by a fault of its own, again and again.
    #[error("the task `{0}` failed, and was given up")]
    TaskGivenUp(String),
}

impl From<ScriptError> for CommandError {
    fn from(error: ScriptError) -> Self {
        match error {
            ScriptError::Output(error) => Self::Output(error),
            ScriptError::Folder(path, error) => Self::File { path, error },
        }
    }
}

impl Ended {
    /// What it means for how a command ends.
    pub(crate) fn into_result(self) -> Result<(), CommandError> {
        if !self.given_up.is_nothing() {
            return Err(CommandError::GivenUp(self.given_up));
        }
        self.state_directory_fault.map_or(Ok(()), |fault| Err(CommandError::StateDirectory(fault)))
    }
}

impl CommandError {
    /// As `--help` has it.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::NothingDone(_)
            | Self::NotDelivered { .. }
            | Self::GivenUp(_)
            | Self::StateDirectory(_)
            | Self::TaskGivenUp(_)
            | Self::Answer(AnswerError::NotFound(_) | AnswerError::Refused(_))
            | Self::Remote(RemoteError::Refused(_)) => 1,
            Self::Unread { .. } => 1,
            Self::Serve(ServeError::GivenUp(_) | ServeError::Uncounted(_)) => 1,
            _ => 2,
        }
    }
}
