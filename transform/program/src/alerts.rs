//! From errors to alerts, and on to delivery.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use signatures_alerts::Alert;
use signatures_delivery::{Backlog, Dispatcher, SinkStatus};
use signatures_engine::{
    Observation, aggregate::Aggregate, aggregate::Decision, aggregate::GenericGroup,
    aggregate::GroupState, aggregate::GroupTable, aggregate::Stats,
};

use crate::{Failure, rules::Rules};

/// How often counts and cooldowns are kept for the next start.
pub(crate) const SAVE_EVERY: Duration = Duration::from_secs(5);

/// Alerts handed over at once, so that memory stays the same in a storm.
const MOST_AT_ONCE: usize = 1000;

/// The aggregation, and what becomes of its alerts.
pub(crate) struct Alerts {
    table: GroupTable,
    /// A link for each alert.
    sentry_url: Option<String>,
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
        rules: &Rules,
        shadow: bool,
        state_dir: Option<&Path>,
    ) -> Result<Self, Failure> {
        let clock = Arc::new(Timestamp::now);
        let delivery = Dispatcher::open(rules.delivery.clone(), state_dir, clock)?;
        let mut table = GroupTable::new(rules.settings.engine.aggregation.clone());
        table.restore(delivery.saved_groups());
        let decided = (Vec::new(), Vec::new());
        let sentry_url = rules.settings.alerts.sentry_url.clone();
        let saved = Instant::now();
        Ok(Self { table, sentry_url, shadow, delivery: Some(delivery), decided, saved })
    }

    /// Goes on by other rules.
    pub(crate) fn reconfigure(&mut self, rules: &Rules) {
        self.table.reconfigure(rules.settings.engine.aggregation.clone());
        self.sentry_url.clone_from(&rules.settings.alerts.sentry_url);
        if let Some(delivery) = &self.delivery {
            delivery.reconfigure(rules.delivery.clone());
        }
    }

    /// Takes note of an error.
    pub(crate) fn observe(&mut self, observation: &Observation<'_>) {
        if let Decision::Raised(raised) = self.table.observe(observation, Timestamp::now()) {
            let sentry_url = self.sentry_url.as_deref();
            let alert = Alert::new(*raised, observation, sentry_url, self.shadow);
            self.decided.1.extend(self.table.state_of(observation.fingerprint));
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

    /// How each sink is doing.
    pub(crate) fn sinks(&self) -> Vec<SinkStatus> {
        self.delivery.as_ref().map(Dispatcher::status).unwrap_or_default()
    }

    /// The most frequent errors that no signature knows.
    pub(crate) fn generic(&self, most: usize) -> Vec<GenericGroup<'_>> {
        let mut groups: Vec<_> = self.table.generic_groups().collect();
        groups.sort_unstable_by_key(|group| std::cmp::Reverse(group.count));
        groups.truncate(most);
        groups
    }

    /// Delivers what can be delivered before the deadline, and says what cannot.
    pub(crate) fn shut_down(&mut self, deadline: Duration) {
        self.hand_over();
        self.save();
        match self.delivery.take().map(|delivery| delivery.shutdown(deadline)) {
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
