//! How a sink is talked to: what the file asks for, or else what suits the
//! service.

use super::retry::Retry;
use crate::sink::{DefaultPace, SinkPace};

/// How a sink is talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many messages may be under way at once.
    pub concurrency: usize,
    /// How many messages a minute at most.
    pub per_minute: usize,
    /// More alerts than this within a minute go as one message; 0: never.
    pub digest_above: usize,
    /// How many alerts may wait.
    pub queue: u64,
    /// When an alert is tried again.
    pub retry: Retry,
}

impl Pace {
    pub(super) fn new(asked: &SinkPace, default: DefaultPace) -> Self {
        let number = |asked: Option<u64>, default: usize| {
            asked.map_or(default, |asked| usize::try_from(asked).unwrap_or(usize::MAX))
        };
        let retry = Retry::default();
        Self {
            concurrency: number(asked.concurrency, default.concurrency),
            per_minute: number(asked.per_minute, default.per_minute),
            digest_above: number(asked.digest_above, 20),
            queue: asked.queue.unwrap_or(10_000),
            retry: Retry {
                give_up_after: asked.give_up_after.unwrap_or(retry.give_up_after),
                ..retry
            },
        }
    }
}
