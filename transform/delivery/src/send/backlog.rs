//! What is left when delivery ends.

use std::collections::BTreeMap;

use signatures_alerts::Alert;
use signatures_ledger::{Lost, Outbox};

/// What is left when delivery ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Deliveries that wait on disk: the next start goes on with them.
    pub queued: u64,
    /// By sink, what is lost: there is no state directory, or it refused to the last.
    pub lost: BTreeMap<String, LostAlerts>,
    /// Why the state directory that was named could not be used to the last.
    pub state_directory_fault: Option<String>,
}

/// Alerts that one sink never took and nothing keeps: they waited in memory, or were
/// given up there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LostAlerts {
    /// How many.
    pub alerts: u64,
    /// The titles of the first of them.
    pub titles: Vec<String>,
}

impl Backlog {
    pub(super) fn of(outbox: &Outbox) -> Self {
        let lost = outbox.lost().into_iter().map(|(sink, lost)| (sink, lost.into()));
        Self {
            queued: outbox.count_on_disk(),
            lost: lost.collect(),
            state_directory_fault: outbox.state_directory_fault(),
        }
    }
}

impl From<Lost> for LostAlerts {
    fn from(lost: Lost) -> Self {
        let Lost { deliveries, first } = lost;
        let titles = first.iter().filter_map(|event| Some(Alert::from_json(event).ok()?.name));
        Self { alerts: deliveries, titles: titles.collect() }
    }
}
