//! The services that take alerts: one file each, all of one shape.
//!
//! A sink turns alerts into one message and says what became of it. Waiting,
//! retrying and recording are the stages around it. A sink of another kind is
//! one more type with [`Sink`] implemented, an entry in
//! `signatures_engine::sinks` and an arm in [`crate::config`].

pub mod alertmanager;
pub mod console;
pub mod slack;
pub mod telegram;
pub mod vector;
pub mod webhook;

use std::{fmt, pin::Pin};

use jiff::Timestamp;
use signatures_alerts::Alert;

use crate::failure::Failure;

/// What a service said when it took a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its answer, without secrets.
    pub answer: String,
}

/// A message on its way.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Accepted, Failure>> + Send + 'a>>;

/// Something that takes alerts.
pub trait Sink: fmt::Debug + Send + Sync {
    /// What it carries in one message.
    fn batching(&self) -> Batching;

    /// Sends one message with all of these, which are at least one and no more
    /// than [`Batching`] allows.
    fn send<'a>(&'a self, alerts: &'a [Alert], now: Timestamp) -> Sending<'a>;
}

/// How many alerts one message carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batching {
    /// People read it: one alert, and only in a storm up to this many.
    Digest(usize),
    /// A list is its natural form: up to this many, always.
    List(usize),
}

impl Batching {
    /// The most alerts in one message.
    #[must_use]
    pub fn most(self) -> usize {
        match self {
            Self::Digest(most) | Self::List(most) => most,
        }
    }
}
