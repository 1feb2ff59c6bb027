//! What sends alerts to a service.

use std::{fmt, pin::Pin};

use jiff::Timestamp;
use signatures_alerts::Alert;

use crate::send::SendError;

/// What a service said when it took a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its answer, without secrets.
    pub answer: String,
    /// Why it may be that nobody took it all the same.
    pub doubt: Option<&'static str>,
}

impl Accepted {
    /// Taken, beyond doubt.
    pub(crate) fn new(answer: impl Into<String>) -> Self {
        Self { answer: answer.into(), doubt: None }
    }
}

/// A message on its way.
pub(crate) type Sending<'a> =
    Pin<Box<dyn Future<Output = Result<Accepted, SendError>> + Send + 'a>>;

/// Turns alerts into one message and says what became of it.
pub(crate) trait Sender: fmt::Debug + Send + Sync {
    /// What it carries in one message.
    fn batching(&self) -> Batching;

    /// Whether the service forgets an alert that is not said again.
    fn forgets(&self) -> bool {
        false
    }

    /// Sends one message with all of these, which are at least one and no more
    /// than [`Batching`] allows.
    fn send<'a>(&'a self, alerts: &'a [Alert], now: Timestamp) -> Sending<'a>;
}

/// How many alerts one message carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Batching {
    /// People read it: one alert, and only in a storm up to this many.
    Digest(usize),
    /// A list is its natural form: up to this many, always.
    List(usize),
}

impl Batching {
    /// The most alerts in one message.
    pub(crate) fn most(self) -> usize {
        match self {
            Self::Digest(most) | Self::List(most) => most,
        }
    }
}
