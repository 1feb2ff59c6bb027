//! The whole of delivery behind three calls: open, submit, shut down.

use std::{
    io,
    path::Path,
    sync::{Arc, PoisonError, RwLock, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use signatures_alerts::{ALERT_EVENT, Alert};
use signatures_engine::aggregate::GroupState;
use signatures_ledger::{NewAlert, Outbox, State, StoreError};
use tokio::{runtime, sync::watch, task::JoinSet, time::interval};
use tracing::{error, info, warn};

use super::{
    config::{Config, ConfiguredSink},
    metrics::{self, SinkMetrics},
    routing::Routing,
    worker::{Clock, Phase, Worker},
};

/// The value of `event` by which a log line about a shadow alert is known.
const SHADOW_EVENT: &str = "log_aggregator_shadow_emit";

/// How often history is pruned and the disk is tried again.
const MAINTAIN_EVERY: Duration = Duration::from_secs(60);

/// Takes alerts and sees to it that they arrive.
///
/// It has a thread of its own, so it works from async and other code alike, and
/// no sink can hold whoever submits.
#[derive(Debug)]
pub struct Dispatcher {
    shared: Arc<Shared>,
    /// Says that there is something new to send.
    wake: watch::Sender<()>,
    /// Says that there is a new configuration.
    reconfigured: watch::Sender<()>,
    phase: watch::Sender<Phase>,
    done: mpsc::Receiver<()>,
    thread: JoinHandle<()>,
}

struct Shared {
    outbox: Arc<Outbox>,
    config: RwLock<Arc<Config>>,
    clock: Clock,
}

/// Why delivery cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The outbox cannot be used.
    #[error(transparent)]
    Outbox(#[from] signatures_ledger::OpenError),
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

/// What waits when delivery has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Deliveries.
    pub queued: u64,
    /// Whether the next start goes on with them.
    pub durable: bool,
}

impl Dispatcher {
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
        metrics::describe();
        let outbox = Arc::new(Outbox::open(state_directory, clock())?);
        let config = RwLock::new(Arc::new(config));
        let shared = Arc::new(Shared { outbox, config, clock });
        let (wake, woken) = watch::channel(());
        let (reconfigured, changed) = watch::channel(());
        let (phase, told) = watch::channel(Phase::Running);
        let (ending, done) = mpsc::channel();
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(OpenError::Thread)?;
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("delivery".to_owned())
            .spawn(move || {
                runtime.block_on(work(&theirs, &woken, changed, told));
                // A console that does not take its line must not hold the end.
                runtime.shutdown_background();
                // Nobody listens any more when the deadline was over.
                let _ = ending.send(());
            })
            .map_err(OpenError::Thread)?;
        Ok(Self { shared, wake, reconfigured, phase, done, thread })
    }

    /// Goes on with other sinks and routes. What waits stays; what waits for a
    /// sink that is gone is given up.
    pub fn reconfigure(&self, config: Config) {
        *self.shared.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
        self.reconfigured.send_replace(());
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
        let Shared { outbox, clock, .. } = &*self.shared;
        let config = self.shared.config();
        let new: Vec<_> = alerts.iter().map(|alert| new_alert(alert, &config.routing)).collect();
        let put = outbox.put(&new, groups, |sink| config.bound(sink), clock())?;
        for sink in new.iter().flat_map(|alert| &alert.sinks) {
            SinkMetrics::new(sink).queued();
        }
        for (sink, alerts) in put.gave_way {
            warn!(
                event = ALERT_EVENT,
                sink, alerts, "the queue is full: the oldest of the least urgent alerts give way"
            );
            SinkMetrics::new(&sink).gave_way(alerts);
        }
        self.wake.send_replace(());
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
        let outbox = &self.shared.outbox;
        let status = |ConfiguredSink { name, .. }: &ConfiguredSink| SinkStatus {
            name: name.clone(),
            queued: outbox.count(name, State::Queued),
            sent: outbox.count(name, State::Sent),
            dead: outbox.count(name, State::Dead),
            dropped: outbox.count(name, State::Dropped),
        };
        self.shared.config().sinks.iter().map(status).collect()
    }

    /// Sends what can be sent until the deadline, and says what waits still. What
    /// is only in memory is tried again until then.
    pub fn shutdown(self, deadline: Duration) -> Backlog {
        // The workers hold the other end as long as they run.
        let _ = self.phase.send(Phase::Draining);
        if self.done.recv_timeout(deadline).is_err() {
            let _ = self.phase.send(Phase::Stopped);
        }
        if self.thread.join().is_err() {
            error!(event = ALERT_EVENT, "the delivery thread failed");
        }
        let queued = self.shared.backlog();
        Backlog { queued, durable: self.shared.outbox.is_durable() }
    }
}

impl Shared {
    fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn backlog(&self) -> u64 {
        let config = self.config();
        config.sinks.iter().map(|sink| self.outbox.count(&sink.name, State::Queued)).sum()
    }

    fn maintain(&self) {
        let config = self.config();
        self.outbox.maintain(|sink| config.bound(sink), (self.clock)());
    }

    fn give_up_unknown_sinks(&self, config: &Config) {
        let names: Vec<&str> = config.sinks.iter().map(|sink| sink.name.as_str()).collect();
        let alerts = self.outbox.give_up_unknown_sinks(&names, (self.clock)());
        if alerts > 0 {
            warn!(
                event = ALERT_EVENT,
                alerts, "alerts waited for sinks that are gone: they lie with the dead letters"
            );
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Keeps a worker for each sink, anew with each configuration, until told to
/// end.
async fn work(
    shared: &Arc<Shared>,
    woken: &watch::Receiver<()>,
    mut reconfigured: watch::Receiver<()>,
    mut told: watch::Receiver<Phase>,
) {
    let mut maintain = interval(MAINTAIN_EVERY);
    loop {
        let config = shared.config();
        shared.give_up_unknown_sinks(&config);
        let (phase, theirs) = watch::channel(*told.borrow_and_update());
        let mut workers = JoinSet::new();
        for sink in &config.sinks {
            let (outbox, clock) = (Arc::clone(&shared.outbox), Arc::clone(&shared.clock));
            let worker = Worker::new(sink.clone(), outbox, clock, woken.clone(), theirs.clone());
            workers.spawn(worker.run());
        }
        while !workers.is_empty() {
            tokio::select! {
                ended = workers.join_next() => {
                    if let Some(Err(error)) = ended {
                        error!(event = ALERT_EVENT, %error, "a sink's task failed");
                    }
                }
                Ok(()) = told.changed() => drop(phase.send_replace(*told.borrow_and_update())),
                Ok(()) = reconfigured.changed() => drop(phase.send_replace(Phase::Finishing)),
                _ = maintain.tick() => shared.maintain(),
            }
        }
        if *told.borrow() != Phase::Running {
            return shared.maintain();
        }
    }
}

/// Says all that whoever tries new rules wants to know of what would have been
/// sent; the texts are without secrets.
fn tell_shadow(alert: &Alert) {
    info!(
        event = SHADOW_EVENT,
        group = alert.own_group().map(tracing::field::display),
        fingerprint = %alert.fingerprint,
        name = alert.name,
        severity = %alert.severity,
        category = alert.category,
        signature = alert.signature_or_generic(),
        policy = alert.policy.as_str(),
        count = alert.count,
        suppressed = alert.suppressed,
        samples = alert.samples.join(" | "),
        "in shadow mode: not delivered"
    );
    metrics::shadow();
}

fn new_alert(alert: &Alert, routing: &Routing) -> NewAlert {
    let sinks = if alert.shadow { Vec::new() } else { routing.sinks_for(alert) };
    if alert.shadow {
        tell_shadow(alert);
    }
    NewAlert {
        id: alert.id.clone(),
        // Its column is named after what alerts of one error had in common first.
        fingerprint: alert.group_id().to_string(),
        urgency: alert.urgency(),
        event: serde_json::to_string(alert).unwrap_or_default(),
        sinks,
    }
}
