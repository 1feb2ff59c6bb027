//! The state of each `signature_alerts`: shared while Vector puts a new one in
//! the place of an old one, and kept in the data directory for a restart.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use signatures_engine::aggregate::{AggregationSettings, GroupTable};
use signatures_ledger::{GroupsFileError, UnreadableGroup, read_groups, write_groups};
use vector::{config::ComponentKey, extra_context::ExtraContext};

/// What the file is called, within a directory of the component's own.
const FILE: &str = "groups.json";

/// Every aggregation that this process has had, by component.
///
/// While a component is replaced the old one still drains, so both work on the
/// same.
#[derive(Debug, Default)]
pub(crate) struct Aggregations(Mutex<HashMap<ComponentKey, Arc<Aggregation>>>);

/// What the transforms need of the process that they run in: without it
/// `signature_alerts` keeps no state beyond its own life, as under `vector test`.
#[must_use]
pub fn extra_context() -> ExtraContext {
    ExtraContext::single_value(Aggregations::default())
}

/// What is known of each group.
#[derive(Debug)]
pub(crate) struct Aggregation {
    table: Mutex<GroupTable>,
    /// None where it is not kept.
    file: Option<PathBuf>,
    /// Held while the file is written.
    writing: Mutex<()>,
}

impl Aggregations {
    /// The aggregation of a component, by these settings from now on. One that
    /// this process does not know goes on where the file in the directory stops.
    pub(crate) fn open(
        &self,
        component: &ComponentKey,
        settings: AggregationSettings,
        directory: impl FnOnce() -> Option<PathBuf>,
    ) -> Arc<Aggregation> {
        let mut known = lock(&self.0);
        if let Some(aggregation) = known.get(component) {
            aggregation.table().reconfigure(settings);
            return Arc::clone(aggregation);
        }
        let file = directory().map(|directory| directory.join(FILE));
        let aggregation = Arc::new(Aggregation::new(settings, file));
        known.insert(component.clone(), Arc::clone(&aggregation));
        aggregation
    }
}

impl Aggregation {
    /// Goes on where the file stops, if there is one.
    pub(crate) fn new(settings: AggregationSettings, file: Option<PathBuf>) -> Self {
        let mut table = GroupTable::new(settings);
        let mut file = file;
        if let Some(path) = &file {
            match read_groups(path) {
                Ok(kept) => {
                    for UnreadableGroup { group, reason } in &kept.unreadable {
                        tracing::warn!(
                            message = "The counts and cooldown of a group are lost.",
                            path = %path.display(),
                            group,
                            reason
                        );
                    }
                    table.restore(kept.states);
                }
                Err(error) => {
                    tracing::warn!(
                        message = "Counts and cooldowns of the last run are lost.",
                        path = %path.display(),
                        %error
                    );
                    if let GroupsFileError::LaterVersion(_) = error {
                        // Whoever wrote it may come back.
                        file = None;
                    }
                }
            }
        }
        Self { table: Mutex::new(table), file, writing: Mutex::new(()) }
    }

    pub(crate) fn table(&self) -> MutexGuard<'_, GroupTable> {
        lock(&self.table)
    }

    /// Whether it is kept for a restart.
    pub(crate) fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    /// Writes what is known, whole or not at all.
    pub(crate) fn save(&self) {
        let Some(path) = &self.file else { return };
        let _one_at_a_time = lock(&self.writing);
        let groups: Vec<_> = self.table().states().collect();
        if let Err(error) = write_groups(path, &groups) {
            tracing::error!(
                message = "Counts and cooldowns are not kept for a restart.",
                path = %path.display(),
                %error
            );
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When to save: soon after an alert, since that is what must not come twice,
/// and now and then for the counts. Never so often that it takes more than a
/// twentieth of the time.
#[derive(Debug)]
pub(crate) struct Schedule {
    last: Instant,
    took: Duration,
    changed: bool,
    alerted: bool,
}

impl Schedule {
    /// How often to ask whether it is time.
    pub(crate) const TICK: Duration = Duration::from_secs(5);

    /// How long counts that raised no alert may wait.
    const COUNTS: Duration = Duration::from_secs(60);

    pub(crate) fn new() -> Self {
        Self { last: Instant::now(), took: Duration::ZERO, changed: false, alerted: false }
    }

    /// Takes note of events, and whether one of them raised an alert.
    pub(crate) fn observed(&mut self, alerted: bool) {
        self.changed = true;
        self.alerted |= alerted;
    }

    pub(crate) fn is_due(&self) -> bool {
        let since = self.last.elapsed();
        (self.alerted || self.changed && since >= Self::COUNTS) && since >= 20 * self.took
    }

    /// Takes note that all that was observed is saved.
    pub(crate) fn saved(&mut self, took: Duration) {
        *self = Self { took, ..Self::new() };
    }
}

#[cfg(test)]
mod tests;
