//! The whole of delivery behind three calls: open, submit, shut down.

use std::{
    io,
    path::Path,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use signatures_engine::{
    aggregate::GroupState,
    alert::{ALERT_EVENT, Alert},
};
use tokio::{
    runtime,
    sync::{Notify, watch},
    task::JoinSet,
    time::interval,
};
use tracing::{error, info, warn};

use crate::{
    config::Config,
    outbox::{self, NewAlert, Outbox, State, StoreError},
    route::{Routing, urgency},
    worker::{Clock, Phase, Worker},
};

/// The value of `event` by which a log line about a shadow alert is known.
pub const SHADOW_EVENT: &str = "log_aggregator_shadow_emit";

/// How often history is pruned and the disk is tried again.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// Takes alerts and sees to it that they arrive.
///
/// It has a thread of its own, so it works from async and other code alike, and
/// no sink can hold whoever submits.
#[derive(Debug)]
pub struct Delivery {
    shared: Arc<Shared>,
    phase: watch::Sender<Phase>,
    done: mpsc::Receiver<()>,
    thread: JoinHandle<()>,
}

struct Shared {
    outbox: Arc<Outbox>,
    routing: Routing,
    bounds: Vec<(String, u64)>,
    clock: Clock,
    /// One for each sink.
    wakes: Vec<Arc<Notify>>,
}

/// Why delivery cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The outbox cannot be used.
    #[error(transparent)]
    Outbox(#[from] outbox::OpenError),
    /// There is no thread to be had.
    #[error("cannot start the delivery thread: {0}")]
    Thread(io::Error),
}

/// How a sink is doing.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SinkStatus {
    /// Its name.
    pub name: String,
    /// Deliveries that wait.
    pub queued: u64,
    /// Deliveries that it took, as far as history goes back.
    pub sent: u64,
    /// Deliveries that were given up.
    pub dead: u64,
    /// Deliveries that gave way or were dropped.
    pub dropped: u64,
}

/// What was left when delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Deliveries that wait still.
    pub queued: u64,
    /// Whether the next start goes on with them.
    pub durable: bool,
}

impl Delivery {
    /// Opens the outbox of the state directory, or one in memory without, and
    /// begins to send what waits in it.
    ///
    /// # Errors
    /// When another process uses the directory, a later version wrote it, or
    /// there is no thread to be had.
    pub fn open(
        config: Config,
        state_directory: Option<&Path>,
        clock: Clock,
    ) -> Result<Self, OpenError> {
        let outbox = Arc::new(Outbox::open(state_directory, clock())?);
        let names: Vec<&str> = config.sinks.iter().map(|sink| sink.name.as_str()).collect();
        let given_up = outbox.give_up_unknown_sinks(&names, clock());
        if given_up > 0 {
            warn!(
                event = ALERT_EVENT,
                alerts = given_up,
                "alerts waited for sinks that are gone: they lie with the dead letters"
            );
        }
        let shared = Arc::new(Shared {
            outbox,
            bounds: config.sinks.iter().map(|s| (s.name.clone(), s.pace.queue)).collect(),
            wakes: config.sinks.iter().map(|_| Arc::default()).collect(),
            routing: config.routing.clone(),
            clock,
        });
        let (phase, receiver) = watch::channel(Phase::Running);
        let (all_done, done) = mpsc::channel();
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(OpenError::Thread)?;
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("delivery".to_owned())
            .spawn(move || {
                runtime.block_on(work(config, &theirs, receiver));
                // A console that does not take its line must not hold the end.
                runtime.shutdown_background();
                // Nobody listens any more when the deadline was over.
                let _ = all_done.send(());
            })
            .map_err(OpenError::Thread)?;
        Ok(Self { shared, phase, done, thread })
    }

    /// Takes alerts, and with them the states of the aggregation that they
    /// leave. When this returns they are on the disk, if there is one.
    ///
    /// Alerts in shadow mode are logged and counted, and go nowhere. One call
    /// waits for the disk once, however many alerts it brings.
    ///
    /// # Errors
    /// When neither disk nor memory takes them.
    pub fn submit(&self, alerts: &[Alert], groups: &[GroupState]) -> Result<(), StoreError> {
        let Shared { outbox, routing, clock, .. } = &*self.shared;
        let new: Vec<_> = alerts.iter().map(|alert| new_alert(alert, routing)).collect();
        let put = outbox.put(&new, groups, |sink| self.shared.bound(sink), clock())?;
        for sink in new.iter().flat_map(|alert| &alert.sinks) {
            metrics::counter!("signatures_alerts_queued_total", "sink" => sink.clone())
                .increment(1);
        }
        for (sink, alerts) in put.gave_way {
            warn!(
                event = ALERT_EVENT,
                sink, alerts, "the queue is full: the oldest of the least urgent alerts give way"
            );
            metrics::counter!("signatures_alerts_gave_way_total", "sink" => sink).increment(alerts);
        }
        self.shared.wakes.iter().for_each(|wake| wake.notify_one());
        Ok(())
    }

    /// Keeps states of the aggregation for the next start.
    pub fn save(&self, groups: &[GroupState]) {
        self.shared.outbox.save(groups);
    }

    /// The states of the aggregation that the last run left.
    #[must_use]
    pub fn saved_groups(&self) -> Vec<GroupState> {
        self.shared.outbox.groups((self.shared.clock)())
    }

    /// Whether alerts outlive the process.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.shared.outbox.is_durable()
    }

    /// How each sink is doing.
    #[must_use]
    pub fn status(&self) -> Vec<SinkStatus> {
        let Shared { outbox, bounds, .. } = &*self.shared;
        let status = |(name, _): &(String, u64)| SinkStatus {
            name: name.clone(),
            queued: outbox.count(name, State::Queued),
            sent: outbox.count(name, State::Sent),
            dead: outbox.count(name, State::Dead),
            dropped: outbox.count(name, State::Dropped),
        };
        bounds.iter().map(status).collect()
    }

    /// Sends what can be sent until the deadline, and says what is left. What
    /// is only in memory is tried again until then.
    pub fn shutdown(self, deadline: Duration) -> Left {
        // The workers hold the other end as long as they run.
        let _ = self.phase.send(Phase::Draining);
        if self.done.recv_timeout(deadline).is_err() {
            let _ = self.phase.send(Phase::Stopped);
        }
        if self.thread.join().is_err() {
            error!(event = ALERT_EVENT, "the delivery thread failed");
        }
        let queued = self.shared.queued();
        Left { queued, durable: self.shared.outbox.is_durable() }
    }
}

impl Shared {
    fn bound(&self, sink: &str) -> u64 {
        let bound = self.bounds.iter().find(|(name, _)| name == sink);
        bound.map_or(u64::MAX, |(_, bound)| *bound)
    }

    fn queued(&self) -> u64 {
        self.bounds.iter().map(|(name, _)| self.outbox.count(name, State::Queued)).sum()
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

async fn work(config: Config, shared: &Arc<Shared>, phase: watch::Receiver<Phase>) {
    let mut workers = JoinSet::new();
    for (sink, wake) in config.sinks.into_iter().zip(&shared.wakes) {
        let (outbox, clock) = (Arc::clone(&shared.outbox), Arc::clone(&shared.clock));
        workers.spawn(Worker::new(sink, outbox, clock, Arc::clone(wake), phase.clone()).run());
    }
    let mut tidy = interval(TIDY_EVERY);
    while !workers.is_empty() {
        tokio::select! {
            ended = workers.join_next() => {
                if let Some(Err(error)) = ended {
                    error!(event = ALERT_EVENT, %error, "a sink's task failed");
                }
            }
            _ = tidy.tick() => shared.outbox.tidy(|sink| shared.bound(sink), (shared.clock)()),
        }
    }
    shared.outbox.tidy(|sink| shared.bound(sink), (shared.clock)());
}

fn new_alert(alert: &Alert, routing: &Routing) -> NewAlert {
    let sinks = if alert.shadow { Vec::new() } else { routing.sinks_for(alert) };
    if alert.shadow {
        info!(event = SHADOW_EVENT, fingerprint = %alert.fingerprint, name = alert.name(),
            severity = %alert.severity, count = alert.count, "in shadow mode: not delivered");
        metrics::counter!("signatures_alerts_shadow_total").increment(1);
    }
    NewAlert {
        id: alert.id(),
        fingerprint: alert.fingerprint.to_string(),
        urgency: urgency(alert),
        event: serde_json::to_string(alert).unwrap_or_default(),
        sinks,
    }
}
