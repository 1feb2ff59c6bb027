//! How a sink is talked to: the keys that every kind has.

use std::time::Duration;

use super::fields::Fields;

/// Of the keys that every kind of sink has, those read here.
pub(super) const KEYS: [&str; 7] = [
    "connect_timeout_seconds",
    "timeout_seconds",
    "concurrency",
    "per_minute",
    "digest_above",
    "queue",
    "give_up_after_minutes",
];

/// How a sink is talked to. What is not said, delivery decides by the kind of
/// sink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SinkPace {
    /// How long connecting may take.
    pub(crate) connect_timeout: Option<Duration>,
    /// How long a request may take, connecting included.
    pub(crate) timeout: Option<Duration>,
    /// How many requests may be under way at once.
    pub(crate) concurrency: Option<u64>,
    /// How many messages a minute at most.
    pub(crate) per_minute: Option<u64>,
    /// More alerts than this within a minute go as one message; 0: never.
    pub(crate) digest_above: Option<u64>,
    /// How many alerts may wait.
    pub(crate) queue: Option<u64>,
    /// For how long an alert is tried.
    pub(crate) give_up_after: Option<Duration>,
}

/// What suits a kind of service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DefaultPace {
    /// How many messages may be under way at once.
    pub(crate) concurrency: usize,
    /// How many messages a minute at most.
    pub(crate) per_minute: usize,
}

impl SinkPace {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Self {
        let mut number = |key: &str, min, max| fields.integer(key, min, max);
        Self {
            connect_timeout: number("connect_timeout_seconds", 1, 300).map(Duration::from_secs),
            timeout: number("timeout_seconds", 1, 86_400).map(Duration::from_secs),
            concurrency: number("concurrency", 1, 64),
            per_minute: number("per_minute", 1, 60_000),
            digest_above: number("digest_above", 0, 10_000),
            queue: number("queue", 1, 10_000_000),
            give_up_after: number("give_up_after_minutes", 1, 43_200)
                .map(|minutes| Duration::from_secs(60 * minutes)),
        }
    }
}
