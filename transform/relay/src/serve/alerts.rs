//! From what was seen to alerts.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use signatures_engine::{
    aggregate::{Aggregate, Decision, GroupTable, Stats},
    alert::Alert,
    fingerprint::Fingerprint,
};

use super::{judge::Sighting, metrics};
use crate::{
    console,
    reload::{CurrentRules, RulesHandle},
    rules::Rules,
};

/// Decides alerts over all requests, and hands them on.
#[derive(Debug)]
pub(super) struct Alerts {
    /// None when aggregation is off.
    aggregation: Option<Mutex<Aggregation>>,
    shadow: bool,
}

#[derive(Debug)]
struct Aggregation {
    rules: RulesHandle,
    table: GroupTable,
}

impl Alerts {
    pub(super) fn new(current: &Arc<CurrentRules>, aggregate: bool, shadow: bool) -> Self {
        let aggregation = aggregate.then(|| {
            let rules = current.handle();
            let table = GroupTable::new(rules.rules().settings.clone(), shadow);
            Mutex::new(Aggregation { rules, table })
        });
        Self { aggregation, shadow }
    }

    /// What is on, for the log.
    pub(super) fn mode(&self) -> &'static str {
        match (&self.aggregation, self.shadow) {
            (None, _) => "tagging only",
            (Some(_), true) => "shadow",
            (Some(_), false) => "alerting",
        }
    }

    pub(super) fn aggregates(&self) -> bool {
        self.aggregation.is_some()
    }

    /// Takes note of the errors of one request, judged by `rules`.
    pub(super) fn observe(&self, sightings: &[Sighting], rules: &Rules) {
        let (Some(mut aggregation), false) = (self.lock(), sightings.is_empty()) else { return };
        let Aggregation { rules: current, table } = &mut *aggregation;
        if current.refresh() {
            table.reconfigure(current.rules().settings.clone());
        }
        let now = Timestamp::now();
        let observations = sightings.iter().filter_map(|s| s.observation(&rules.classifier));
        let alerts: Vec<_> = observations
            .filter_map(|observation| match table.observe(&observation, now) {
                Decision::Alert(alert) => Some(alert),
                Decision::Held(_) => None,
            })
            .collect();
        drop(aggregation);
        alerts.iter().for_each(|alert| deliver(alert));
    }

    pub(super) fn stats(&self) -> Stats {
        self.lock().map(|aggregation| aggregation.table.stats()).unwrap_or_default()
    }

    /// The most frequent errors that no signature knows.
    pub(super) fn generic(&self, most: usize) -> Vec<(Fingerprint, String, u64)> {
        let Some(aggregation) = self.lock() else { return Vec::new() };
        let mut groups: Vec<_> = aggregation.table.generic_groups().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        let most = groups.iter().take(most);
        most.map(|g| (g.fingerprint, g.canonical.to_owned(), g.count)).collect()
    }

    fn lock(&self) -> Option<MutexGuard<'_, Aggregation>> {
        let aggregation = self.aggregation.as_ref()?;
        Some(aggregation.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn deliver(alert: &Alert) {
    metrics::alert(alert);
    if alert.shadow {
        tracing::info!(
            event = "log_aggregator_shadow_emit",
            alert = alert.name(),
            fingerprint = %alert.fingerprint,
            "would have alerted"
        );
    } else {
        console::print(alert);
    }
}
