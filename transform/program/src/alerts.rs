//! From errors to alerts, and on to delivery.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use signatures_alerts::Alert;
use signatures_delivery::{Backlog, Dispatcher, OpenError};
use signatures_engine::{
    Observation,
    aggregate::{Aggregate, Decision, EventTime, GroupState, GroupTable, Stats},
};

use crate::alert_settings::Handle;

/// How often counts and cooldowns are kept for the next start.
pub(crate) const SAVE_EVERY: Duration = Duration::from_secs(5);

/// How long the end may wait for sinks to take what is queued.
const DRAIN: Duration = Duration::from_secs(10);

/// Alerts handed over at once, so that memory stays the same in a storm.
const MOST_AT_ONCE: usize = 1000;

/// The aggregation, and what becomes of its alerts.
pub(crate) struct Alerts {
    configuration: Handle,
    table: GroupTable,
    /// Whether alerts are decided and not delivered.
    shadow: bool,
    /// None once shut down.
    delivery: Option<Dispatcher>,
    /// Decided and not handed over yet, each with the state that it left.
    decided: (Vec<Alert>, Vec<GroupState>),
    saved: Instant,
}

impl Alerts {
    /// Goes on where the last run in the state directory stopped.
    pub(crate) fn open(
        configuration: Handle,
        shadow: bool,
        state_dir: Option<&Path>,
    ) -> Result<Self, OpenError> {
        let settings = &configuration.get().settings;
        let clock = Arc::new(Timestamp::now);
        let delivery = Dispatcher::open(settings.delivery.clone(), state_dir, clock)?;
        let mut table = GroupTable::new(settings.engine.aggregation.clone());
        table.restore(delivery.saved_groups());
        let (decided, saved) = ((Vec::new(), Vec::new()), Instant::now());
        Ok(Self { configuration, table, shadow, delivery: Some(delivery), decided, saved })
    }

    /// Goes on by a new configuration, if there is one.
    pub(crate) fn refresh(&mut self) {
        if !self.configuration.refresh() {
            return;
        }
        let settings = &self.configuration.get().settings;
        self.table.reconfigure(settings.engine.aggregation.clone());
        if let Some(delivery) = &self.delivery {
            delivery.reconfigure(settings.delivery.clone());
        }
    }

    /// Takes note of an error at a time.
    pub(crate) fn observe(&mut self, observation: &Observation<'_>, time: EventTime) {
        if let Decision::Raised(mut raised) = self.table.observe(observation, time) {
            // Many come at once, and no two alerts may be alike.
            raised.decided_at = Timestamp::now();
            let settings = &self.configuration.get().settings.alerts;
            let sentry_url = settings.sentry_url.as_ref();
            let alert = Alert::new(*raised, observation, sentry_url, self.shadow);
            self.decided.1.extend(self.table.state_of(observation.group));
            self.decided.0.push(alert);
            if self.decided.0.len() == MOST_AT_ONCE {
                self.hand_over();
            }
        }
    }

    /// Hands over what was decided; now and then, what is to outlive a restart.
    pub(crate) fn deliver(&mut self) {
        self.hand_over();
        if self.saved.elapsed() >= SAVE_EVERY {
            self.save();
        }
    }

    /// What the aggregation has done.
    pub(crate) fn stats(&self) -> Stats {
        self.table.stats()
    }

    /// What is known of each fingerprint.
    pub(crate) fn table(&self) -> &GroupTable {
        &self.table
    }

    /// What alerts are delivered with; none once shut down.
    pub(crate) fn delivery(&self) -> Option<&Dispatcher> {
        self.delivery.as_ref()
    }

    /// Delivers what can be delivered in a while, and says what cannot.
    pub(crate) fn shut_down(&mut self) {
        self.hand_over();
        self.save();
        match self.delivery.take().map(|delivery| delivery.shutdown(DRAIN)) {
            None | Some(Backlog { queued: 0, .. }) => {}
            Some(Backlog { queued, durable: true }) => {
                tracing::warn!(queued, "deliveries wait for the next start");
            }
            Some(Backlog { queued, durable: false }) => {
                tracing::error!(queued, "deliveries are lost: there is no state directory");
            }
        }
    }

    fn hand_over(&mut self) {
        let (alerts, states) = &mut self.decided;
        if alerts.is_empty() {
            return;
        }
        if let Some(delivery) = &self.delivery
            && let Err(error) = delivery.submit(alerts, states)
        {
            tracing::error!(alerts = alerts.len(), "alerts are lost: {error}");
        }
        alerts.clear();
        states.clear();
    }

    fn save(&mut self) {
        self.saved = Instant::now();
        let unsaved = self.table.take_unsaved();
        if let Some(delivery) = &self.delivery
            && !unsaved.is_empty()
        {
            delivery.save(&unsaved);
        }
    }
}
