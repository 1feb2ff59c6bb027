//! From errors to alerts.

use std::{collections::HashSet, path::Path, sync::Arc};

use jiff::Timestamp;
use signatures_alerts::Alert;
use signatures_delivery::OpenError;
use signatures_engine::{
    Observation,
    aggregate::{Aggregate, Decision, EventTime, GroupState, GroupTable, Stats},
};
use signatures_operations::Aggregated;

use crate::{
    alert_settings::{Current, Handle},
    changes::Changes,
    delivery::{Delivery, Unkept},
};

/// Alerts handed over at once, so that memory stays the same in a storm.
const MOST_AT_ONCE: usize = 1000;

/// The aggregation, and what it has come to.
pub(crate) struct Alerts {
    configuration: Handle,
    table: GroupTable,
    /// Whether alerts are decided and not delivered.
    shadow: bool,
    /// Whether there is a next start that goes on with the counts.
    durable: bool,
    decided: Vec<Alert>,
    unkept: Arc<Unkept>,
}

impl Alerts {
    /// Goes on where the last run in the state directory stopped.
    pub(crate) fn open(
        current: &Arc<Current>,
        shadow: bool,
        state_dir: Option<&Path>,
    ) -> Result<(Self, Delivery), OpenError> {
        let configuration = current.handle();
        let delivery = Delivery::open(current.handle(), state_dir)?;
        let mut table = GroupTable::new(configuration.get().settings.engine.aggregation.clone());
        table.restore(delivery.saved_groups());
        let (durable, unkept) = (delivery.is_durable(), delivery.unkept());
        let decided = Vec::new();
        Ok((Self { configuration, table, shadow, durable, decided, unkept }, delivery))
    }

    /// Goes on by a new configuration, if there is one.
    pub(crate) fn refresh(&mut self) {
        if self.configuration.refresh() {
            let settings = &self.configuration.get().settings;
            self.table.reconfigure(settings.engine.aggregation.clone());
        }
    }

    /// Takes note of an error at a time.
    pub(crate) fn observe(&mut self, observation: &Observation<'_>, time: EventTime) {
        if let Decision::Raised(mut raised) = self.table.observe(observation, time) {
            // Many come at once, and no two alerts may be alike.
            raised.decided_at = Timestamp::now();
            let settings = &self.configuration.get().settings.alerts;
            let sentry_url = settings.sentry_url.as_ref();
            self.decided.push(Alert::new(*raised, observation, sentry_url, self.shadow));
        }
    }

    /// Whether so many alerts were decided that they are to be handed over first.
    pub(crate) fn is_full(&self) -> bool {
        self.decided.len() >= MOST_AT_ONCE
    }

    /// Whether there is something to be kept.
    pub(crate) fn has_changes(&self) -> bool {
        !self.decided.is_empty() || self.durable && self.table.has_unsaved()
    }

    /// What came about since this was last asked, and what could not be kept then.
    pub(crate) fn take_changes(&mut self) -> Changes {
        let alerts = std::mem::take(&mut self.decided);
        if !self.durable {
            return Changes { alerts, groups: Vec::new() };
        }
        let mut groups = self.table.take_unsaved();
        let unkept = self.unkept.take();
        if !unkept.is_empty() {
            let taken: HashSet<_> = groups.iter().map(GroupState::fingerprint).collect();
            let unkept = unkept.into_iter().filter(|fingerprint| !taken.contains(fingerprint));
            groups.extend(unkept.filter_map(|fingerprint| self.table.state_of(fingerprint)));
        }
        Changes { alerts, groups }
    }

    /// How much the aggregation has done.
    pub(crate) fn stats(&self) -> Stats {
        self.table.stats()
    }

    /// What the aggregation has done.
    pub(crate) fn aggregated(&self) -> Aggregated {
        Aggregated::by(&self.table)
    }
}
