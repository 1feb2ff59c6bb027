//! The whole of delivery behind three calls: open, submit, shut down.

use std::{
    io,
    path::Path,
    sync::{Arc, PoisonError, RwLock, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use signatures_alerts::Alert;
use signatures_engine::aggregate::GroupState;
use signatures_ledger::{Counter, Ledger, Outbox, Put, Receipt, State};
use tokio::{
    runtime,
    sync::watch,
    time::{MissedTickBehavior, interval},
};
use tracing::{error, warn};

use super::{
    backlog::Backlog,
    clock::Clock,
    config::Config,
    configured_sink::ConfiguredSink,
    decided::{decided, follow_ups},
    metrics::{self, SinkMetrics},
    queue::{Queue, whereabouts},
    resolved::ResolvedByHand,
    worker::{Phase, Surroundings},
    workers::Workers,
};
use crate::tasks::Tasks;

/// How often history is pruned and the disk is tried again.
const MAINTAIN_EVERY: Duration = Duration::from_secs(60);

/// How often what was counted is written, and it is looked what follows from incidents.
const PULSE_EVERY: Duration = Duration::from_secs(1);

/// Takes alerts and sees to it that they arrive.
///
/// It has a thread of its own, so it works from async and other code alike, and
/// no sink can hold whoever submits.
#[derive(Debug)]
pub struct Dispatcher {
    shared: Arc<Shared>,
    /// Says that there is a new configuration.
    reconfigured: watch::Sender<()>,
    phase: watch::Sender<Phase>,
    done: mpsc::Receiver<()>,
    thread: JoinHandle<()>,
}

struct Shared {
    queue: Arc<Queue>,
    config: RwLock<Arc<Config>>,
    resolved: ResolvedByHand,
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

/// Tells how the sinks are doing, and waits for no disk. While there is one the outbox
/// stays open.
#[derive(Clone, Debug)]
pub struct SinkWatch(Arc<Shared>);

impl Dispatcher {
    /// Opens the outbox of the state directory, or one in memory without, and
    /// begins to send what waits in it. `tasks` is told of what fails by a fault
    /// of this program.
    ///
    /// # Errors
    /// When another process uses the directory, a later version wrote it, or
    /// there is no thread to be had.
    pub fn open(
        config: Config,
        state_directory: Option<&Path>,
        clock: Clock,
        tasks: Tasks,
    ) -> Result<Self, OpenError> {
        metrics::describe();
        let outbox = Outbox::open(state_directory, clock.now().time)?;
        config.configure(&outbox);
        let queue = Arc::new(Queue::new(outbox, clock));
        let config = RwLock::new(Arc::new(config));
        let shared = Arc::new(Shared { queue, config, resolved: ResolvedByHand::default() });
        let (wake, woken) = watch::channel(());
        shared.queue.outbox.listen(move |put| put_in(put, &wake));
        let (reconfigured, changed) = watch::channel(());
        let (phase, told) = watch::channel(Phase::Running);
        let (ending, done) = mpsc::channel();
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(OpenError::Thread)?;
        let theirs = Arc::clone(&shared);
        let queue = Arc::clone(&shared.queue);
        let surroundings = Surroundings { queue, tasks: tasks.clone(), wake: woken };
        let anew = move || {
            let (shared, surroundings) = (Arc::clone(&theirs), surroundings.clone());
            work(shared, surroundings, changed.clone(), told.clone())
        };
        let thread = thread::Builder::new()
            .name("delivery".to_owned())
            .spawn(move || {
                runtime.block_on(tasks.keep("delivery", anew));
                // A console that does not take its line must not hold the end.
                runtime.shutdown_background();
                // Nobody listens any more when the deadline was over.
                let _ = ending.send(());
            })
            .map_err(OpenError::Thread)?;
        Ok(Self { shared, reconfigured, phase, done, thread })
    }

    /// Goes on with other sinks and routes. Sinks that are the same go on as if
    /// nothing had happened. What waits stays; what waits for a sink that is gone
    /// is given up.
    pub fn reconfigure(&self, config: Config) {
        config.configure(&self.shared.queue.outbox);
        *self.shared.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
        self.reconfigured.send_replace(());
    }

    /// Takes alerts, and with them states of the aggregation: those that the
    /// alerts leave, and others that changed.
    ///
    /// It returns at once, unless more waits for the disk than may. When the
    /// receipt is answered, all of it is on the disk, if there is one; whatever is
    /// submitted meanwhile shares the next wait for the disk. Alerts in shadow
    /// mode are logged and counted, and go nowhere.
    pub fn submit(&self, alerts: &[Alert], groups: Vec<GroupState>) -> Receipt {
        let Queue { outbox, clock, .. } = &*self.shared.queue;
        let (config, now) = (self.shared.config(), clock.now().time);
        let new: Vec<_> = alerts.iter().map(|alert| decided(alert, outbox, &config, now)).collect();
        for sink in new.iter().flat_map(|alert| &alert.sinks) {
            SinkMetrics::new(sink).queued();
        }
        outbox.submit(new, groups, |sink| config.bound(sink), now)
    }

    /// What counts errors, for what is remembered of them: to be told of each beside
    /// whoever decides.
    #[must_use]
    pub fn counter(&self) -> Counter {
        self.shared.queue.outbox.counter()
    }

    /// What people called resolved, for whoever decides when an error is back.
    #[must_use]
    pub fn resolved(&self) -> ResolvedByHand {
        self.shared.resolved.clone()
    }

    /// Keeps no more states of the aggregation than that for the next start: those
    /// that are idle the longest go.
    pub fn bound_groups(&self, most: usize) {
        self.shared.queue.outbox.bound_groups(most);
    }

    /// The states of the aggregation that the last run left.
    #[must_use]
    pub fn saved_groups(&self) -> Vec<GroupState> {
        let queue = &self.shared.queue;
        queue.outbox.groups(queue.clock.now().time)
    }

    /// What is remembered for people; it may be asked by any thread, which may wait
    /// for a disk then.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.shared.queue.outbox.ledger()
    }

    /// Whether alerts outlive the process.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.shared.queue.outbox.is_durable()
    }

    /// Why the state directory that was named cannot be used now: alerts and cooldowns
    /// are in memory alone meanwhile.
    #[must_use]
    pub fn state_directory_fault(&self) -> Option<String> {
        self.shared.queue.outbox.state_directory_fault()
    }

    /// How each sink is doing.
    #[must_use]
    pub fn status(&self) -> Vec<SinkStatus> {
        self.shared.status()
    }

    /// The same for who asks beside whoever [submits](Self::submit), who may wait for
    /// the disk.
    #[must_use]
    pub fn watch(&self) -> SinkWatch {
        SinkWatch(Arc::clone(&self.shared))
    }

    /// Sends what can be sent until the deadline, and says what is left. What is only
    /// in memory is tried again until then.
    pub fn shutdown(self, deadline: Duration) -> Backlog {
        // The workers hold the other end as long as they run.
        let _ = self.phase.send(Phase::Draining);
        if self.done.recv_timeout(deadline).is_err() {
            let _ = self.phase.send(Phase::Stopped);
        }
        if self.thread.join().is_err() {
            error!(event = "signatures.delivery_failed", "the delivery thread failed");
        }
        self.shared.bring_to_disk();
        Backlog::of(&self.shared.queue.outbox)
    }
}

impl SinkWatch {
    /// How each sink is doing.
    #[must_use]
    pub fn status(&self) -> Vec<SinkStatus> {
        self.0.status()
    }

    /// Why the state directory that was named cannot be used now.
    #[must_use]
    pub fn state_directory_fault(&self) -> Option<String> {
        self.0.queue.outbox.state_directory_fault()
    }
}

impl Shared {
    fn status(&self) -> Vec<SinkStatus> {
        let outbox = &self.queue.outbox;
        let status = |ConfiguredSink { name, .. }: &ConfiguredSink| SinkStatus {
            name: name.clone(),
            queued: outbox.count(name, State::Queued),
            sent: outbox.count(name, State::Sent),
            dead: outbox.count(name, State::Dead),
            dropped: outbox.count(name, State::Dropped),
        };
        self.config().sinks.iter().map(status).collect()
    }

    fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Brings what waits in memory to the disk, if there is one that takes it, and
    /// finds out whether one that has refused does.
    fn bring_to_disk(&self) {
        let outbox = &self.queue.outbox;
        if outbox.lost().is_empty() && outbox.state_directory_fault().is_none() {
            return;
        }
        self.maintain();
        // It is answered when what was asked before is done.
        let now = self.queue.now().time;
        let _ = self.queue.outbox.submit(Vec::new(), Vec::new(), |_| u64::MAX, now).wait();
    }

    /// Has what was counted written, and tells sinks what follows from incidents.
    fn pulse(&self) {
        let (outbox, config, now) = (&self.queue.outbox, self.config(), self.queue.now().time);
        outbox.pulse(now);
        let follow_ups = follow_ups(outbox, &config, &self.resolved, now);
        if follow_ups.is_empty() {
            return;
        }
        for sink in follow_ups.iter().flat_map(|alert| &alert.sinks) {
            SinkMetrics::new(sink).queued();
        }
        outbox.submit_follow_ups(follow_ups, |sink| config.bound(sink), now);
    }

    fn maintain(&self) {
        self.queue.outbox.maintain(self.queue.now().time);
    }

    /// Gives up what waits for sinks that are gone: those without a worker.
    fn give_up_unknown_sinks(&self, workers: &Workers) {
        let given_up =
            self.queue.outbox.give_up_unknown_sinks(&workers.sinks(), self.queue.now().time);
        let whereabouts = whereabouts(&self.queue.outbox);
        for (sink, alerts) in given_up {
            SinkMetrics::new(&sink).dead(alerts);
            warn!(
                event = "signatures.sink_gone",
                sink, alerts, "alerts waited for a sink that is gone: {whereabouts}"
            );
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Sees to it that each sink has a worker, until told to end.
async fn work(
    shared: Arc<Shared>,
    surroundings: Surroundings,
    mut reconfigured: watch::Receiver<()>,
    mut told: watch::Receiver<Phase>,
) {
    let mut maintain = interval(MAINTAIN_EVERY);
    let mut pulse = interval(PULSE_EVERY);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut workers = Workers::new(surroundings);
    let mut phase = *told.borrow_and_update();
    workers.employ(&shared.config().sinks, phase);
    shared.give_up_unknown_sinks(&workers);
    while phase == Phase::Running || !workers.are_done() {
        tokio::select! {
            Some(()) = workers.ended() => {
                if phase == Phase::Running {
                    shared.give_up_unknown_sinks(&workers);
                }
            }
            Ok(()) = told.changed() => {
                phase = *told.borrow_and_update();
                workers.tell(phase);
            }
            Ok(()) = reconfigured.changed() => {
                workers.employ(&shared.config().sinks, phase);
                shared.give_up_unknown_sinks(&workers);
            }
            _ = pulse.tick() => shared.pulse(),
            _ = maintain.tick() => {
                shared.maintain();
                // By those who went by the configuration before.
                shared.give_up_unknown_sinks(&workers);
            }
        }
    }
    shared.maintain();
}

/// Tells the metrics of what gave way, and the workers that something may be due.
fn put_in(put: &Put, wake: &watch::Sender<()>) {
    for (sink, alerts) in &put.gave_way {
        SinkMetrics::new(sink).gave_way(*alerts);
    }
    wake.send_replace(());
}

#[cfg(test)]
mod tests;
