//! The errors of all requests in one aggregation.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use signatures_delivery::SinkStatus;
use signatures_engine::{Observation, aggregate::Stats};

use crate::{
    alerts::Alerts,
    reload::{CurrentRules, RulesHandle},
};

/// Alerts that requests share.
pub(super) struct Aggregation {
    /// None when aggregation is off.
    shared: Option<Mutex<Shared>>,
    /// What is on, for people.
    pub(super) mode: &'static str,
}

struct Shared {
    rules: RulesHandle,
    alerts: Alerts,
}

impl Aggregation {
    pub(super) fn new(
        current: &Arc<CurrentRules>,
        alerts: Option<Alerts>,
        mode: &'static str,
    ) -> Self {
        let shared = alerts.map(|alerts| Mutex::new(Shared { rules: current.handle(), alerts }));
        Self { shared, mode }
    }

    pub(super) fn is_on(&self) -> bool {
        self.shared.is_some()
    }

    /// Takes note of the errors of one request. What becomes an alert is in the
    /// outbox when this returns.
    pub(super) fn observe(&self, errors: &[Observation<'_>]) {
        let (Some(mut shared), false) = (self.lock(), errors.is_empty()) else { return };
        shared.refresh();
        for error in errors {
            shared.alerts.observe(error);
        }
        shared.alerts.deliver();
    }

    /// Keeps now and then what is to outlive a restart, and takes over new rules.
    pub(super) fn tick(&self) {
        if let Some(mut shared) = self.lock() {
            shared.refresh();
            shared.alerts.deliver();
        }
    }

    pub(super) fn stats(&self) -> Stats {
        self.lock().map(|shared| shared.alerts.stats()).unwrap_or_default()
    }

    /// How each sink is doing.
    pub(super) fn sinks(&self) -> Vec<SinkStatus> {
        self.lock().map(|shared| shared.alerts.sinks()).unwrap_or_default()
    }

    /// The most frequent errors that no signature knows, as JSON.
    pub(super) fn generic(&self, most: usize) -> Vec<serde_json::Value> {
        let Some(shared) = self.lock() else { return Vec::new() };
        let groups = shared.alerts.generic(most).into_iter().map(|group| {
            serde_json::json!({
                "fingerprint": group.fingerprint,
                "canonical": group.canonical,
                "count": group.count,
            })
        });
        groups.collect()
    }

    /// Delivers what can be delivered before the deadline.
    pub(super) fn shut_down(&self, deadline: Duration) {
        if let Some(mut shared) = self.lock() {
            shared.alerts.shut_down(deadline);
        }
    }

    fn lock(&self) -> Option<MutexGuard<'_, Shared>> {
        Some(self.shared.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shared {
    fn refresh(&mut self) {
        if self.rules.refresh() {
            self.alerts.reconfigure(self.rules.rules());
        }
    }
}
