//! What sends the alerts of one sink: one task each, so that none waits for
//! another.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use signatures_alerts::{ALERT_EVENT, Alert};
use signatures_ledger::{Delivery, DeliveryId, Outbox, Outcome, State};
use tokio::{
    sync::watch,
    task::{Id, JoinError, JoinSet},
};
use tracing::{debug, error, info, warn};

use super::{
    config::ConfiguredSink,
    digest::{Digest, Plan},
    metrics::SinkMetrics,
    pace::Pace,
    rate::Rate,
    retry::{Next, after},
    send_error::{Fault, SendError},
};
use crate::sink::{Accepted, Batching};

/// How often the queue is looked at when nothing says that it changed: an
/// operator may have changed it from another process.
const POLL: Duration = Duration::from_millis(500);

/// The time of day, from a clock that tests may hold.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Until further alert.
    Running,
    /// Send what can be sent now, then end.
    Draining,
    /// Begin nothing more, and end.
    Finishing,
    /// End at once.
    Stopped,
}

/// Sends the alerts of one sink.
pub(super) struct Worker {
    configured: ConfiguredSink,
    outbox: Arc<Outbox>,
    clock: Clock,
    wake: watch::Receiver<()>,
    phase: watch::Receiver<Phase>,
    metrics: SinkMetrics,
    stages: Stages,
    sending: JoinSet<Result<Accepted, SendError>>,
    under_way: HashMap<Id, Message>,
}

/// What decides whether anything may be sent now.
struct Stages {
    rate: Rate,
    digest: Digest,
    /// Nothing is sent before then, because the service asked so or is not
    /// there.
    paused_until: Timestamp,
    /// How many attempts in a row found the service not there.
    absent: u32,
}

/// What is under way.
struct Message {
    deliveries: Vec<(DeliveryId, Delivery)>,
    started: Instant,
}

impl Worker {
    pub(super) fn new(
        configured: ConfiguredSink,
        outbox: Arc<Outbox>,
        clock: Clock,
        wake: watch::Receiver<()>,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        let Pace { per_minute, digest_above, .. } = configured.pace;
        let stages = Stages {
            rate: Rate::new(per_minute),
            digest: Digest::new(digest_above),
            paused_until: Timestamp::MIN,
            absent: 0,
        };
        let (sending, under_way) = (JoinSet::new(), HashMap::new());
        let metrics = SinkMetrics::new(&configured.name);
        Self { configured, outbox, clock, wake, phase, metrics, stages, sending, under_way }
    }

    /// Sends until told to end.
    pub(super) async fn run(mut self) {
        loop {
            let phase = *self.phase.borrow_and_update();
            if phase == Phase::Stopped {
                return;
            }
            while phase != Phase::Finishing && self.start_next(phase) {}
            let ending = match phase {
                Phase::Running | Phase::Stopped => false,
                Phase::Draining => !self.must_wait(),
                Phase::Finishing => true,
            };
            if ending && self.sending.is_empty() {
                return;
            }
            self.metrics.backlog(self.backlog());
            tokio::select! {
                Some(done) = self.sending.join_next_with_id() => self.finish(done),
                Ok(()) = self.wake.changed() => {}
                Ok(()) = self.phase.changed() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Whether what is still queued would be lost by ending now.
    fn must_wait(&self) -> bool {
        !self.outbox.is_durable() && self.backlog() > 0
    }

    /// How many alerts wait for this sink.
    fn backlog(&self) -> u64 {
        self.outbox.count(&self.configured.name, State::Queued)
    }

    /// Starts one message if one may be sent now, and says whether it did.
    fn start_next(&mut self, phase: Phase) -> bool {
        let now = (self.clock)();
        let may_send = self.sending.len() < self.configured.pace.concurrency
            && now >= self.stages.paused_until
            && self.stages.rate.allows(now);
        if !may_send {
            return false;
        }
        let deliveries = self.take_batch(phase, now);
        if deliveries.is_empty() {
            return false;
        }
        self.start(deliveries, now);
        true
    }

    /// The deliveries of the next message; none when nothing is to go now.
    fn take_batch(&mut self, phase: Phase, now: Timestamp) -> Vec<(DeliveryId, Delivery)> {
        let batching = self.configured.sender.batching();
        let limit = batching.most().max(self.stages.digest.wants_to_know());
        let due = self.outbox.due(&self.configured.name, now, limit);
        if due.is_empty() {
            return Vec::new();
        }
        let most = match batching {
            Batching::List(most) => most,
            Batching::Digest(most) => match self.stages.digest.plan(due.len(), now) {
                Plan::Singly => 1,
                Plan::Together => most,
                Plan::Collect if phase == Phase::Draining => most,
                Plan::Collect => return Vec::new(),
            },
        };
        let mut batch: Vec<(DeliveryId, Delivery)> = Vec::new();
        for id in due.into_iter().take(most) {
            let Some(delivery) = self.outbox.take(id) else { continue };
            let alone = delivery.alone;
            if alone && !batch.is_empty() {
                self.outbox.give_back(id);
                break;
            }
            batch.push((id, delivery));
            if alone {
                break;
            }
        }
        batch
    }

    fn start(&mut self, deliveries: Vec<(DeliveryId, Delivery)>, now: Timestamp) {
        self.stages.rate.add(now);
        self.stages.digest.add(deliveries.len(), now);
        let events: Vec<_> =
            deliveries.iter().map(|(_, delivery)| delivery.event.clone()).collect();
        let sender = Arc::clone(&self.configured.sender);
        let task = self.sending.spawn(async move {
            let alerts: Result<Vec<_>, _> =
                events.iter().map(|event| Alert::from_json(event)).collect();
            // What was written is read, unless the database was tampered with.
            let alerts = alerts.map_err(|error| Fault::Broken(error.to_string()))?;
            sender.send(&alerts, now).await
        });
        self.under_way.insert(task.id(), Message { deliveries, started: Instant::now() });
    }

    fn finish(&mut self, done: Result<(Id, Result<Accepted, SendError>), JoinError>) {
        let (id, result) = done.unwrap_or_else(|error| {
            // A sink that panics must not take its alerts with it.
            (error.id(), Err(Fault::Broken("the sink failed".to_owned()).into()))
        });
        let Some(message) = self.under_way.remove(&id) else { return };
        let now = (self.clock)();
        match result {
            Ok(accepted) => self.accepted(message, &accepted, now),
            Err(error) => self.failed(message, &error, now),
        }
    }

    fn accepted(&mut self, message: Message, accepted: &Accepted, now: Timestamp) {
        if self.stages.absent > 0 {
            info!(event = ALERT_EVENT, sink = self.configured.name, "the sink is back");
        }
        self.stages.absent = 0;
        let took = message.started.elapsed();
        debug!(
            event = ALERT_EVENT,
            sink = self.configured.name,
            answer = accepted.answer,
            alerts = message.deliveries.len(),
            ?took,
            "delivered"
        );
        self.metrics.sent(message.deliveries.len());
        for (_, delivery) in &message.deliveries {
            let elapsed = now.duration_since(delivery.queued_at);
            // Negative when the clock was set back meanwhile.
            self.metrics.delivered_after(elapsed.try_into().unwrap_or_default());
        }
        let sent = message.deliveries.into_iter().map(|(id, _)| (id, Outcome::Sent));
        self.outbox.settle(sent.collect(), now);
    }

    fn failed(&mut self, message: Message, error: &SendError, now: Timestamp) {
        self.metrics.failed(error.fault.label());
        self.pause(error, now);
        let split = message.deliveries.len() > 1 && error.fault.may_be_about_content();
        let outcomes = message.deliveries.into_iter().map(|(id, delivery)| {
            let outcome = self.outcome(&delivery, error, split, now);
            (id, outcome)
        });
        let outcomes: Vec<_> = outcomes.collect();
        self.outbox.settle(outcomes, now);
    }

    /// Leaves a service alone that asks for it, or that is not there.
    fn pause(&mut self, error: &SendError, now: Timestamp) {
        let retry = self.configured.pace.retry;
        if error.fault.concerns_the_whole_sink() {
            self.stages.absent = self.stages.absent.saturating_add(1);
        } else if error.retry_after.is_none() {
            return;
        }
        let wait = retry.wait(self.stages.absent.max(1), error.retry_after, fastrand::f64());
        self.stages.paused_until = self.stages.paused_until.max(after(now, wait));
    }

    fn outcome(
        &self,
        delivery: &Delivery,
        error: &SendError,
        split: bool,
        now: Timestamp,
    ) -> Outcome {
        let (sink, reason) = (self.configured.name.as_str(), error.fault.to_string());
        if split {
            self.metrics.retried();
            return Outcome::Retry { at: now, reason, alone: true };
        }
        let attempts = delivery.attempts.saturating_add(1);
        let history = (attempts, delivery.queued_at);
        match self.configured.pace.retry.next(history, error, now, fastrand::f64()) {
            Next::Again(at) => {
                self.metrics.retried();
                if attempts == 1 {
                    warn!(event = ALERT_EVENT, sink, reason, "an alert is not delivered yet");
                } else {
                    debug!(event = ALERT_EVENT, sink, reason, attempts, "still not delivered");
                }
                Outcome::Retry { at, reason, alone: false }
            }
            Next::GiveUp(why) => {
                self.metrics.dead();
                error!(event = ALERT_EVENT, sink, reason, attempts, "an alert is given up: {why}");
                Outcome::Dead { reason: format!("{why}: {reason}") }
            }
        }
    }
}
