//! What the log is told of a sink that has trouble.

use std::time::{Duration, Instant};

use signatures_ledger::Outbox;
use tracing::{error, warn};

use super::{queue::whereabouts, tally::Tally};

/// An answer that takes longer is told of.
const LATE: Duration = Duration::from_secs(60);

/// What went wrong with the alerts of one sink, and was not told yet.
#[derive(Debug)]
pub(super) struct Troubles {
    sink: String,
    undelivered: Tally,
    given_up: Tally,
    unanswered: Tally,
    doubtful: Tally,
}

impl Troubles {
    pub(super) fn of(sink: &str) -> Self {
        Self {
            sink: sink.to_owned(),
            undelivered: Tally::default(),
            given_up: Tally::default(),
            unanswered: Tally::default(),
            doubtful: Tally::default(),
        }
    }

    /// An alert is to be tried again.
    pub(super) fn undelivered(&mut self, reason: &str) {
        self.undelivered.add(1, reason);
    }

    /// An alert is tried no more.
    pub(super) fn given_up(&mut self, reason: &str) {
        self.given_up.add(1, reason);
    }

    /// Alerts may not have arrived, though it is said that they have.
    pub(super) fn doubtful(&mut self, alerts: usize, doubt: &str) {
        self.doubtful.add(alerts, doubt);
    }

    /// What is under way: since when, and how many alerts.
    pub(super) fn unanswered(
        &mut self,
        messages: impl Iterator<Item = (Instant, usize)>,
        now: Instant,
    ) {
        let waits = |since| now.saturating_duration_since(since);
        let late = messages.filter(|(since, _)| waits(*since) >= LATE);
        let (longest, alerts) = late
            .fold((Duration::ZERO, 0), |(longest, sum), (since, alerts)| {
                (longest.max(waits(since)), sum + alerts)
            });
        // How many there are, and not how often that was seen.
        self.unanswered.set(alerts, &format!("for {} s", longest.as_secs()));
    }

    /// Tells what was not told within the last minute.
    pub(super) fn tell(&mut self, waiting: u64, outbox: &Outbox, now: Instant) {
        self.tell_each(waiting, outbox, |tally| tally.take(now));
    }

    /// Tells all that was not told, at the end.
    pub(super) fn tell_rest(&mut self, waiting: u64, outbox: &Outbox) {
        self.tell_each(waiting, outbox, Tally::rest);
    }

    fn tell_each(
        &mut self,
        waiting: u64,
        outbox: &Outbox,
        take: impl Fn(&mut Tally) -> Option<(u64, String)>,
    ) {
        let sink = self.sink.as_str();
        if let Some((alerts, reason)) = take(&mut self.undelivered) {
            warn!(
                event = "signatures.alerts_delayed",
                sink, alerts, waiting, reason, "alerts are not delivered yet"
            );
        }
        if let Some((alerts, since)) = take(&mut self.unanswered) {
            warn!(
                event = "signatures.alerts_unanswered",
                sink, alerts, since, "alerts are sent and not answered yet"
            );
        }
        if let Some((alerts, doubt)) = take(&mut self.doubtful) {
            warn!(
                event = "signatures.alerts_doubtful",
                sink, alerts, doubt, "alerts may not have arrived"
            );
        }
        if let Some((alerts, reason)) = take(&mut self.given_up) {
            let whereabouts = whereabouts(outbox);
            error!(
                event = "signatures.alerts_given_up",
                sink, alerts, reason, "alerts are given up: {whereabouts}"
            );
        }
    }
}
