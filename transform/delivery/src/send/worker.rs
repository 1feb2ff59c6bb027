//! What sends the alerts of one sink: one task each, so that none waits for
//! another.

use std::{
    collections::HashMap,
    iter,
    sync::Arc,
    time::{Duration, Instant},
};

use signatures_alerts::Alert;
use signatures_ledger::{Delivery, DeliveryId, Outcome, State};
use tokio::{
    sync::watch,
    task::{Id, JoinError, JoinSet},
};
use tracing::{debug, info};

use super::{
    clock::Now,
    configured_sink::ConfiguredSink,
    digest::{Digest, Plan},
    metrics::SinkMetrics,
    pace::Pace,
    queue::{Queue, age},
    rate::Rate,
    retry::{Next, after},
    send_error::{Fault, SendError},
    taken::Taken,
    troubles::Troubles,
};
use crate::{
    sink::{Accepted, Batching},
    tasks::Tasks,
};

/// How often the queue is looked at when nothing says that it changed: an
/// operator may have changed it from another process.
const POLL: Duration = Duration::from_millis(500);

/// How long a worker that is to finish waits for answers. What is not answered by
/// then is sent again by the next.
const FINISH_WITHIN: Duration = Duration::from_secs(30);

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

/// What every worker works with.
#[derive(Clone)]
pub(super) struct Surroundings {
    pub(super) queue: Arc<Queue>,
    pub(super) tasks: Tasks,
    /// Says that there is something new to send.
    pub(super) wake: watch::Receiver<()>,
}

/// Sends the alerts of one sink.
pub(super) struct Worker {
    configured: ConfiguredSink,
    surroundings: Surroundings,
    phase: watch::Receiver<Phase>,
    metrics: SinkMetrics,
    stages: Stages,
    troubles: Troubles,
    sending: JoinSet<Result<Accepted, SendError>>,
    under_way: HashMap<Id, Message>,
}

/// What decides whether anything may be sent now.
struct Stages {
    rate: Rate,
    digest: Digest,
    /// Nothing is sent before then, because the service asked so or is not
    /// there.
    paused_until: Option<Instant>,
    /// How many attempts in a row found the service not there; those under way at
    /// the same time are one.
    absent: u32,
    /// When that was counted last.
    absent_at: Option<Instant>,
}

/// What is under way.
struct Message {
    taken: Taken,
    started: Instant,
}

impl Worker {
    pub(super) fn new(
        configured: ConfiguredSink,
        surroundings: Surroundings,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        let Pace { per_minute, digest_above, .. } = configured.pace;
        let stages = Stages {
            rate: Rate::new(per_minute),
            digest: Digest::new(digest_above),
            paused_until: None,
            absent: 0,
            absent_at: None,
        };
        let (sending, under_way) = (JoinSet::new(), HashMap::new());
        let metrics = SinkMetrics::new(&configured.name);
        let troubles = Troubles::of(&configured.name);
        Self { configured, surroundings, phase, metrics, stages, troubles, sending, under_way }
    }

    /// Sends until told to end.
    pub(super) async fn run(mut self) {
        self.work().await;
        let waiting = self.backlog();
        self.metrics.backlog(waiting);
        self.troubles.tell_rest(waiting, &self.surroundings.queue.outbox);
    }

    async fn work(&mut self) {
        let mut finish_by = None;
        loop {
            let phase = *self.phase.borrow_and_update();
            if phase == Phase::Stopped {
                return;
            }
            while phase != Phase::Finishing && self.start_next(phase) {
                // One with much to send leaves room for the others.
                tokio::task::yield_now().await;
            }
            let now = self.surroundings.queue.now().instant;
            let ending = match phase {
                Phase::Running | Phase::Stopped => false,
                Phase::Draining => !self.must_wait(),
                Phase::Finishing => {
                    if now >= *finish_by.get_or_insert(now + FINISH_WITHIN) {
                        return;
                    }
                    true
                }
            };
            if ending && self.sending.is_empty() {
                return;
            }
            self.tell(now);
            tokio::select! {
                Some(done) = self.sending.join_next_with_id() => self.finish(done),
                Ok(()) = self.surroundings.wake.changed() => {}
                Ok(()) = self.phase.changed() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Whether what is still queued would be lost by ending now.
    fn must_wait(&self) -> bool {
        self.surroundings.queue.outbox.count_in_memory(&self.configured.name) > 0
    }

    /// How many alerts wait for this sink.
    fn backlog(&self) -> u64 {
        self.surroundings.queue.outbox.count(&self.configured.name, State::Queued)
    }

    /// Tells how many wait, and what else there is to tell.
    fn tell(&mut self, now: Instant) {
        let waiting = self.backlog();
        self.metrics.backlog(waiting);
        let messages = self.under_way.values();
        let messages = messages.map(|message| (message.started, message.taken.len()));
        self.troubles.unanswered(messages, now);
        self.troubles.tell(waiting, &self.surroundings.queue.outbox, now);
    }

    /// Starts one message if one may be sent now, and says whether there may be
    /// more to do.
    fn start_next(&mut self, phase: Phase) -> bool {
        let now = self.surroundings.queue.now();
        let may_send = self.sending.len() < self.configured.pace.concurrency
            && self.stages.paused_until.is_none_or(|until| now.instant >= until)
            && self.stages.rate.allows(now.instant);
        if !may_send {
            return false;
        }
        let due = self.due(phase, now);
        if due.is_empty() {
            return false;
        }
        let (taken, alerts, set_aside) = self.take(due, now);
        let is_some = !taken.is_empty();
        if is_some {
            self.start(taken, alerts, now);
        }
        is_some || set_aside > 0
    }

    /// What may go in the next message; nothing when nothing is to go now.
    fn due(&mut self, phase: Phase, now: Now) -> Vec<DeliveryId> {
        let batching = self.configured.sender.batching();
        let limit = batching.most().max(self.stages.digest.wants_to_know());
        let outbox = &self.surroundings.queue.outbox;
        let mut due = outbox.due(&self.configured.name, now.time, limit);
        if due.is_empty() {
            return due;
        }
        let most = match batching {
            Batching::List(most) => most,
            Batching::Digest(most) => match self.stages.digest.plan(due.len(), most, now.instant) {
                Plan::Singly => 1,
                Plan::Together => most,
                Plan::Collect if phase == Phase::Draining => most,
                Plan::Collect => 0,
            },
        };
        due.truncate(most);
        due
    }

    /// Takes the deliveries of the next message, and reads their alerts. Those that
    /// cannot be read hold up no others: they are set aside, and counted.
    fn take(&mut self, due: Vec<DeliveryId>, now: Now) -> (Taken, Vec<Alert>, usize) {
        let (mut taken, mut alerts) = (Taken::none(&self.surroundings.queue), Vec::new());
        let mut set_aside = 0;
        for id in due {
            let Some(delivery) = taken.take(id) else { continue };
            let (alone, alert) = (delivery.alone, Alert::from_json(&delivery.event));
            if alone && !alerts.is_empty() {
                taken.give_back();
                break;
            }
            match alert {
                Ok(alert) => alerts.push(alert),
                Err(error) => {
                    let fault = Fault::Internal(format!("it cannot be read: {error}"));
                    self.metrics.failed(fault.label());
                    set_aside += 1;
                    taken.settle_last(self.dead(&fault.to_string()), now);
                    continue;
                }
            }
            if alone {
                break;
            }
        }
        (taken, alerts, set_aside)
    }

    fn start(&mut self, taken: Taken, alerts: Vec<Alert>, now: Now) {
        self.stages.rate.add(now.instant);
        self.stages.digest.add(alerts.len(), now.instant);
        let sender = Arc::clone(&self.configured.sender);
        let task = self.sending.spawn(async move { sender.send(&alerts, now.time).await });
        self.under_way.insert(task.id(), Message { taken, started: now.instant });
    }

    fn finish(&mut self, done: Result<(Id, Result<Accepted, SendError>), JoinError>) {
        let (id, result) = done.unwrap_or_else(|error| {
            self.surroundings.tasks.count(&error);
            // What it said is in the log, and may hold a secret.
            (error.id(), Err(Fault::Internal("the code of the sink failed".to_owned()).into()))
        });
        let Some(message) = self.under_way.remove(&id) else { return };
        let now = self.surroundings.queue.now();
        match result {
            Ok(accepted) => self.accepted(message, &accepted, now),
            Err(error) => self.failed(message, &error, now),
        }
    }

    fn accepted(&mut self, message: Message, accepted: &Accepted, now: Now) {
        let Message { taken, started } = message;
        if self.stages.absent > 0 {
            info!(event = "signatures.sink_back", sink = self.configured.name, "the sink is back");
        }
        self.stages.absent = 0;
        let took = now.instant.saturating_duration_since(started);
        debug!(
            event = "signatures.delivered",
            sink = self.configured.name,
            answer = accepted.answer,
            alerts = taken.len(),
            ?took,
            "delivered"
        );
        if let Some(doubt) = accepted.doubt {
            self.troubles.doubtful(taken.len(), doubt);
        }
        self.metrics.sent(taken.len());
        for delivery in taken.deliveries() {
            self.metrics.delivered_after(age(delivery, now));
        }
        taken.settle(iter::repeat(Outcome::Sent), now);
    }

    fn failed(&mut self, message: Message, error: &SendError, now: Now) {
        let Message { taken, started } = message;
        self.metrics.failed(error.fault.label());
        self.pause(error, started, now);
        let split = taken.len() > 1 && error.fault.may_be_about_content();
        let outcomes: Vec<_> =
            taken.deliveries().map(|delivery| self.outcome(delivery, error, split, now)).collect();
        taken.settle(outcomes, now);
    }

    /// Leaves a service alone that asks for it, or that is not there.
    fn pause(&mut self, error: &SendError, started: Instant, now: Now) {
        if error.fault.concerns_the_whole_sink() {
            if self.stages.absent_at.is_none_or(|at| started > at) {
                self.stages.absent = self.stages.absent.saturating_add(1);
                self.stages.absent_at = Some(now.instant);
            }
        } else if error.retry_after.is_none() {
            return;
        }
        let absent = self.stages.absent.max(1);
        let wait = self.configured.pace.retry.wait(absent, error, fastrand::f64());
        let until = now.instant + wait;
        self.stages.paused_until = self.stages.paused_until.max(Some(until));
    }

    fn outcome(
        &mut self,
        delivery: &Delivery,
        error: &SendError,
        split: bool,
        now: Now,
    ) -> Outcome {
        let reason = error.fault.to_string();
        if split {
            self.metrics.retried();
            return Outcome::Retry { at: now.time, reason, alone: true };
        }
        let attempts = delivery.attempts.saturating_add(1);
        let history = (attempts, age(delivery, now));
        match self.configured.pace.retry.next(history, error, fastrand::f64()) {
            Next::Again(wait) => {
                self.metrics.retried();
                self.troubles.undelivered(&reason);
                Outcome::Retry { at: after(now.time, wait), reason, alone: false }
            }
            Next::GiveUp(why) => self.dead(&format!("{why}: {reason}")),
        }
    }

    /// What becomes of an alert that is given up.
    fn dead(&mut self, reason: &str) -> Outcome {
        self.metrics.dead(1);
        self.troubles.given_up(reason);
        Outcome::Dead { reason: reason.to_owned() }
    }
}
