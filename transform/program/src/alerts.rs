//! From errors to alerts.

use std::{mem, path::Path, sync::Arc};

use jiff::Timestamp;
use signatures_alerts::Alert;
use signatures_delivery::{Counter, OpenError, ResolvedByHand};
use signatures_engine::{
    Observation, Present,
    aggregate::{Aggregate, Decision, EventTime, GroupTable, Stats, Timed},
};
use signatures_ledger::record::Totals;
use signatures_operations::Aggregated;

use crate::{
    alert_settings::{Current, Handle},
    changes::Changes,
    delivery::Delivery,
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
    /// Counts what is observed, for people who ask.
    counter: Counter,
    resolved: ResolvedByHand,
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
        let (durable, decided) = (delivery.is_durable(), Vec::new());
        if durable {
            table.keep_forgotten();
        }
        let (counter, resolved) = (delivery.counter(), delivery.resolved());
        Ok((Self { configuration, table, shadow, durable, decided, counter, resolved }, delivery))
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
        let decision = self.table.observe(observation, time);
        self.counter.observe(observation, time, &decision);
        if let Decision::Raised(mut raised) = decision {
            // Many come at once, and no two alerts may be alike.
            raised.decided_at = Timestamp::now();
            let settings = &self.configuration.get().settings.alerts;
            let sentry_url = settings.sentry_url.as_ref();
            self.decided.push(Alert::new(*raised, observation, sentry_url, self.shadow));
        }
    }

    /// Takes note that events came of which it is to be told where none come.
    pub(crate) fn present(&mut self, present: Present, at: Timestamp) {
        self.table.present(present, at);
    }

    /// Decides what time alone decides. To be called before the events of that time, and
    /// every few seconds while none come.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        for group in self.resolved.take() {
            self.table.resolve(group);
        }
        for Timed { raised, observation } in self.table.tick(now) {
            let settings = &self.configuration.get().settings.alerts;
            let sentry_url = settings.sentry_url.as_ref();
            self.decided.push(Alert::new(raised, &observation, sentry_url, self.shadow));
        }
    }

    /// Takes note of how many events came.
    pub(crate) fn count(&self, totals: Totals, now: Timestamp) {
        self.counter.add_totals(totals, now);
    }

    /// Whether so many alerts were decided that they are to be handed over first.
    pub(crate) fn is_full(&self) -> bool {
        self.decided.len() >= MOST_AT_ONCE
    }

    /// Whether there is something to be kept.
    pub(crate) fn has_changes(&self) -> bool {
        !self.decided.is_empty() || self.durable && self.table.has_unsaved()
    }

    /// What came about since this was last asked.
    pub(crate) fn take_changes(&mut self) -> Changes {
        let groups = if self.durable { self.table.take_unsaved() } else { Vec::new() };
        Changes { alerts: mem::take(&mut self.decided), groups }
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
