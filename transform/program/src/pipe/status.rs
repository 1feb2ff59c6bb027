//! How a pipe is, for people who look at its status address.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use signatures_delivery::SinkWatch;
use signatures_ledger::Ledger;
use signatures_operations::{Aggregated, Desk};

use crate::{
    alerts::Alerts,
    bootstrap::{Now, Running},
    delivery::Delivery,
    tasks::TASKS,
    web::{Asked, Host, KeyFiles, Keys},
};

/// How old what is shown may be.
const SHOWN_FOR: Duration = Duration::from_secs(1);

/// A pipe that is asked about.
pub(super) struct Status {
    running: Running,
    keys: Arc<KeyFiles>,
    /// None when aggregation is off, and once it has ended.
    memory: Mutex<Option<(Ledger, SinkWatch)>>,
    shown: Mutex<(Arc<Aggregated>, Instant)>,
}

impl Status {
    pub(super) fn new(
        running: Running,
        keys: Arc<KeyFiles>,
        raising: Option<&(Alerts, Delivery)>,
    ) -> Self {
        let memory = raising.map(|(_, delivery)| (delivery.ledger(), delivery.watch()));
        let aggregated = raising.map(|(alerts, _)| alerts.aggregated()).unwrap_or_default();
        let shown = Mutex::new((Arc::new(aggregated), Instant::now()));
        Self { running, keys, memory: Mutex::new(memory), shown }
    }

    /// Shows what was done, unless that is young.
    pub(super) fn show(&self, alerts: &Alerts) {
        let mut shown = lock(&self.shown);
        if shown.1.elapsed() >= SHOWN_FOR {
            *shown = (Arc::new(alerts.aggregated()), Instant::now());
        }
    }

    /// Lets go of what is remembered, so that it can be brought to its end.
    pub(super) fn end(&self) {
        *lock(&self.memory) = None;
    }
}

impl Host for Status {
    fn health(&self) -> Result<(), String> {
        let failed = |task| Err(format!("the task `{task}` failed, and was given up"));
        TASKS.given_up().map_or(Ok(()), failed)
    }

    /// Lines flow as long as it runs.
    fn readiness(&self) -> Asked<'_, Result<Option<String>, String>> {
        Box::pin(async {
            let memory = lock(&self.memory);
            Ok(memory.as_ref().and_then(|(_, watch)| watch.state_directory_fault()))
        })
    }

    fn metrics(&self) -> Asked<'_, Option<String>> {
        Box::pin(async { None })
    }

    fn desk(&self) -> Asked<'_, Desk> {
        Box::pin(async {
            let aggregated = Arc::clone(&lock(&self.shown).0);
            let memory = lock(&self.memory);
            let watch = memory.as_ref().map(|(_, watch)| watch);
            let ledger = memory.as_ref().map(|(ledger, _)| ledger.clone());
            self.running.desk(
                ledger,
                &Now {
                    aggregated: &aggregated,
                    sinks: watch.map(SinkWatch::status).unwrap_or_default(),
                    state_directory_fault: watch.and_then(SinkWatch::state_directory_fault),
                },
            )
        })
    }

    fn keys(&self) -> Arc<Keys> {
        self.keys.keys()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
