//! The errors of all requests in one aggregation, and their way to the disk.
//!
//! Requests share a commit: while one is under way, the next gathers what changes
//! meanwhile. Nobody waits for a disk with the aggregation in hand.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use signatures_delivery::{Counter, SinkStatus, SinkWatch};
use signatures_engine::{Observation, Present, aggregate::EventTime};
use signatures_ledger::{Ledger, record::Totals};
use signatures_operations::Aggregated;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use crate::{
    alerts::Alerts,
    delivery::{Delivery, Ended, KEEP_EVERY, Submitted},
    tasks::TASKS,
};

/// After so many errors of a request others get their turn.
const TURN: usize = 256;

/// How old what is shown may be while the aggregation has no time to be asked.
const SHOWN_FOR: Duration = Duration::from_millis(250);

/// How long who asks waits for a moment in which nobody aggregates.
const ASKING: Duration = Duration::from_millis(10);

/// How often who waits for the disk looks whether there is anybody to wait for.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// An aggregation that requests share.
pub(super) struct Aggregation {
    /// None when aggregation is off.
    shared: Option<Shared>,
}

struct Shared {
    /// Counts events, for people who ask.
    counter: Counter,
    alerts: Mutex<Alerts>,
    /// None once shut down. Held while what changed is handed over, which may wait for
    /// the disk.
    delivery: Mutex<Option<Delivery>>,
    /// For those who ask how it is, and are not to wait for that; none once shut down.
    sinks: Mutex<Option<SinkWatch>>,
    /// How often something was observed, and up to which time it is kept.
    observed: watch::Sender<u64>,
    kept: watch::Sender<u64>,
    shown: Mutex<Shown>,
    /// For people; none once shut down, so that it can be.
    ledger: Mutex<Option<Ledger>>,
}

/// What the aggregation had done at a time.
struct Shown {
    aggregated: Arc<Aggregated>,
    since: Instant,
}

/// What its task is called.
pub(super) const KEEP: &str = "keep";

impl Aggregation {
    pub(super) fn new(raising: Option<(Alerts, Delivery)>) -> Self {
        let shared = raising.map(|(alerts, delivery)| Shared {
            counter: delivery.counter(),
            shown: Mutex::new(Shown {
                aggregated: Arc::new(alerts.aggregated()),
                since: Instant::now(),
            }),
            alerts: Mutex::new(alerts),
            sinks: Mutex::new(Some(delivery.watch())),
            ledger: Mutex::new(Some(delivery.ledger())),
            delivery: Mutex::new(Some(delivery)),
            observed: watch::Sender::new(0),
            kept: watch::Sender::new(0),
        });
        Self { shared }
    }

    pub(super) fn is_on(&self) -> bool {
        self.shared.is_some()
    }

    /// Takes note of the errors of one request. When this returns they are counted
    /// on the disk, if there is one, and what became an alert is in the outbox.
    pub(super) async fn observe(&self, errors: Vec<Observation<'static>>) {
        let Some(shared) = &self.shared else { return };
        let mut errors = errors.iter();
        let mut last = None;
        while !errors.as_slice().is_empty() {
            let (turn, is_full) = shared.observe(&mut errors);
            // A later one that changed nothing is no less to be waited for.
            last = turn.or(last);
            match turn {
                Some(turn) if is_full => shared.is_kept(turn).await,
                _ => tokio::task::yield_now().await,
            }
        }
        if let Some(turn) = last {
            shared.is_kept(turn).await;
        }
    }

    /// Takes note of the events of one request of which it is to be told where none come.
    pub(super) fn present(&self, present: Present) {
        if let Some(shared) = self.shared.as_ref().filter(|_| !present.is_none()) {
            lock(&shared.alerts).present(present, Timestamp::now());
        }
    }

    /// Takes note of how many events a request had.
    pub(super) fn count(&self, totals: Totals) {
        if let Some(shared) = &self.shared {
            shared.counter.add_totals(totals, Timestamp::now());
        }
    }

    /// Keeps what requests observe, again and again.
    pub(super) async fn keep(self: Arc<Self>) {
        let Some(shared) = &self.shared else { return };
        let mut observed = shared.observed.subscribe();
        loop {
            let upto = *observed.borrow_and_update();
            if let Some(submitted) = tokio::task::block_in_place(|| shared.submit()) {
                submitted.await;
            }
            shared.kept.send_replace(upto);
            // Also while no events come a new configuration takes effect.
            if let Ok(Err(_)) = timeout(KEEP_EVERY, observed.changed()).await {
                return;
            }
        }
    }

    /// What the aggregation has done, as it is now or was a moment ago.
    pub(super) async fn aggregated(&self) -> Arc<Aggregated> {
        let Some(shared) = &self.shared else { return Arc::default() };
        let start = Instant::now();
        while start.elapsed() < ASKING {
            if let Ok(alerts) = shared.alerts.try_lock() {
                shared.show(&alerts, Duration::ZERO);
                break;
            }
            sleep(Duration::from_millis(1)).await;
        }
        Arc::clone(&lock(&shared.shown).aggregated)
    }

    /// How each sink is doing.
    pub(super) fn sinks(&self) -> Vec<SinkStatus> {
        let sinks = self.shared.as_ref().map(|shared| lock(&shared.sinks));
        let status = sinks.as_ref().and_then(|sinks| Some(sinks.as_ref()?.status()));
        status.unwrap_or_default()
    }

    /// What is remembered, for people.
    pub(super) fn ledger(&self) -> Option<Ledger> {
        self.shared.as_ref().and_then(|shared| lock(&shared.ledger).clone())
    }

    /// Why the state directory that was named cannot be used now.
    pub(super) fn state_directory_fault(&self) -> Option<String> {
        let watch = self.shared.as_ref().map(|shared| lock(&shared.sinks));
        watch.as_ref().and_then(|watch| watch.as_ref()?.state_directory_fault())
    }

    /// Keeps what is left, delivers what can be delivered in a while, and says what
    /// cannot.
    pub(super) fn shut_down(&self) -> Ended {
        let Some(shared) = &self.shared else { return Ended::default() };
        if let Some(submitted) = shared.submit() {
            submitted.wait();
        }
        *lock(&shared.sinks) = None;
        *lock(&shared.ledger) = None;
        let delivery = lock(&shared.delivery).take();
        delivery.map_or_else(Ended::default, Delivery::shut_down)
    }
}

impl Shared {
    /// Observes some of the errors. Says as what, unless there is nothing to keep,
    /// and whether that has to be kept before there are more.
    fn observe(&self, errors: &mut std::slice::Iter<'_, Observation<'_>>) -> (Option<u64>, bool) {
        let mut alerts = lock(&self.alerts);
        alerts.refresh();
        let now = Timestamp::now();
        alerts.tick(now);
        for error in errors.take(TURN) {
            alerts.observe(error, EventTime::of_event(error.time, now));
            if alerts.is_full() {
                break;
            }
        }
        self.show(&alerts, SHOWN_FOR);
        let turn = alerts.has_changes().then(|| {
            self.observed.send_modify(|observed| *observed += 1);
            *self.observed.borrow()
        });
        (turn, alerts.is_full())
    }

    /// Hands over what changed.
    fn submit(&self) -> Option<Submitted> {
        let changes = {
            let mut alerts = lock(&self.alerts);
            alerts.refresh();
            alerts.tick(Timestamp::now());
            alerts.take_changes()
        };
        let mut delivery = lock(&self.delivery);
        let delivery = delivery.as_mut()?;
        delivery.refresh();
        (!changes.is_empty()).then(|| delivery.submit(changes))
    }

    /// Waits until what was observed then is kept.
    async fn is_kept(&self, turn: u64) {
        let mut kept = self.kept.subscribe();
        while timeout(LOOK_EVERY, kept.wait_for(|kept| *kept >= turn)).await.is_err() {
            // Nobody keeps anything any more, as /healthz says: events go on.
            if TASKS.is_given_up(KEEP) {
                return;
            }
        }
    }

    /// Shows what was done, unless that is younger.
    fn show(&self, alerts: &Alerts, older_than: Duration) {
        let mut shown = lock(&self.shown);
        if shown.since.elapsed() >= older_than {
            let aggregated = Arc::new(alerts.aggregated());
            let since = Instant::now();
            let before = mem::replace(&mut *shown, Shown { aggregated, since });
            drop(shown);
            drop(before);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::{bootstrap::Bootstrap, delivery_args::DeliveryArgs, engine_args::EngineArgs};

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        engine: EngineArgs,
        #[command(flatten)]
        delivery: DeliveryArgs,
    }

    #[test]
    fn who_asks_how_it_is_waits_for_nobody_who_waits_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let taxonomy = folder.path().join("taxonomy.yml");
        std::fs::write(&taxonomy, "{critical: [boom]}").unwrap();
        let flags = Flags::parse_from(["serve", "--taxonomy", taxonomy.to_str().unwrap()]);
        let bootstrap = Bootstrap::read(&flags.engine, &flags.delivery.sinks).unwrap();
        let raising = Alerts::open(bootstrap.current(), false, None).unwrap();
        let aggregation = Aggregation::new(Some(raising));
        let shared = aggregation.shared.as_ref().unwrap();
        // Somebody hands over what changed, and there is no room for it; and somebody
        // aggregates a large request.
        let (delivery, alerts) = (lock(&shared.delivery), lock(&shared.alerts));
        let names: Vec<_> = aggregation.sinks().into_iter().map(|sink| sink.name).collect();
        assert_eq!(names, ["console"]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        assert_eq!(runtime.block_on(aggregation.aggregated()).stats.alerts, 0);
        drop((delivery, alerts));
        assert!(aggregation.shut_down().given_up.is_nothing());
        assert_eq!(aggregation.sinks(), []);
    }
}
