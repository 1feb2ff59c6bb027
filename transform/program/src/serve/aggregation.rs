//! The errors of all requests in one aggregation.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use signatures_engine::{
    Observation,
    aggregate::{EventTime, Stats},
};

use crate::alerts::Alerts;

/// Alerts that requests share.
pub(super) struct Aggregation {
    /// None when aggregation is off.
    alerts: Option<Mutex<Alerts>>,
}

impl Aggregation {
    pub(super) fn new(alerts: Option<Alerts>) -> Self {
        Self { alerts: alerts.map(Mutex::new) }
    }

    pub(super) fn is_on(&self) -> bool {
        self.alerts.is_some()
    }

    /// Takes note of the errors of one request. What becomes an alert is in the
    /// outbox when this returns.
    pub(super) fn observe(&self, errors: &[Observation<'_>]) {
        let (Some(mut alerts), false) = (self.lock(), errors.is_empty()) else { return };
        alerts.refresh();
        let now = Timestamp::now();
        for error in errors {
            alerts.observe(error, EventTime::of_event(error.time, now));
        }
        alerts.deliver();
    }

    /// Keeps now and then what is to outlive a restart, and goes on by a new
    /// configuration.
    pub(super) fn tick(&self) {
        if let Some(mut alerts) = self.lock() {
            alerts.refresh();
            alerts.deliver();
        }
    }

    pub(super) fn stats(&self) -> Stats {
        self.lock().map(|alerts| alerts.stats()).unwrap_or_default()
    }

    /// Delivers what can be delivered in a while.
    pub(super) fn shut_down(&self) {
        if let Some(mut alerts) = self.lock() {
            alerts.shut_down();
        }
    }

    /// The alerts, while nobody else has them; none when aggregation is off.
    pub(super) fn lock(&self) -> Option<MutexGuard<'_, Alerts>> {
        Some(self.alerts.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
