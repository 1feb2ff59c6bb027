//! The state of each `signature_alerts`: shared while Vector puts a new one in
//! the place of an old one, and kept in the data directory for a restart.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use signatures_engine::aggregate::{AggregationSettings, GroupTable, Undo};
use signatures_ledger::{GroupsFileError, UnreadableGroup, read_groups, write_groups};
use tracing::Instrument;
use vector::{config::TransformContext, extra_context::ExtraContext};
use vector_lib::{
    event::{BatchStatus, BatchStatusReceiver},
    internal_event::InternalEvent,
};

use crate::internal_events::{AlertNotDelivered, StateNotSaved};

/// What the file is called, within a directory of the component's own.
const FILE: &str = "groups.json";

/// Every aggregation that this process has had, by the name of its state.
///
/// While a component is replaced the old one still drains, so both work on the
/// same.
#[derive(Debug, Default)]
pub(crate) struct Aggregations(Mutex<HashMap<String, Arc<Aggregation>>>);

/// What the transforms need of the process that they run in: without it
/// `signature_alerts` keeps no state beyond its own life, as under `vector test`.
#[must_use]
pub fn extra_context() -> ExtraContext {
    ExtraContext::single_value(Aggregations::default())
}

/// Whether anything may be kept beyond the life of a component: neither `vector
/// validate` nor `vector test` may touch what a running Vector keeps, and they come
/// without.
pub(crate) fn is_kept(context: &TransformContext) -> bool {
    context.extra_context.get::<Aggregations>().is_some()
}

/// What is known of each group.
#[derive(Debug)]
pub(crate) struct Aggregation {
    table: Mutex<GroupTable>,
    /// The alerts of which it is not known yet whether they arrive. Locked after the
    /// table, by whoever locks both.
    under_way: Mutex<UnderWay>,
    /// Transforms that observe events for it, and save it now and then.
    observers: AtomicUsize,
    /// Whether the fate of an alert is not saved yet.
    settled: AtomicBool,
    /// None where it is not kept.
    file: Option<PathBuf>,
    /// Held while the file is written.
    writing: Mutex<()>,
}

impl std::fmt::Debug for UnderWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnderWay").field("alerts", &self.alerts.len()).finish_non_exhaustive()
    }
}

/// The alerts that are under way, by a number of their own.
#[derive(Default)]
struct UnderWay {
    last: u64,
    alerts: BTreeMap<u64, (Undo, BatchStatusReceiver)>,
}

impl Aggregations {
    /// The aggregation of that name, by these settings from now on. One that
    /// this process does not know goes on where the file in the directory stops.
    pub(crate) fn open(
        &self,
        state: &str,
        settings: AggregationSettings,
        directory: impl FnOnce() -> Option<PathBuf>,
    ) -> Arc<Aggregation> {
        let mut known = lock(&self.0);
        if let Some(aggregation) = known.get(state) {
            aggregation.table().reconfigure(settings);
            return Arc::clone(aggregation);
        }
        let file = directory().map(|directory| directory.join(FILE));
        let aggregation = Arc::new(Aggregation::new(settings, file));
        known.insert(state.to_owned(), Arc::clone(&aggregation));
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
        Self {
            table: Mutex::new(table),
            under_way: Mutex::default(),
            observers: AtomicUsize::new(0),
            settled: AtomicBool::new(false),
            file,
            writing: Mutex::new(()),
        }
    }

    /// Somebody observes events for it from now on.
    pub(crate) fn observed(self: &Arc<Self>) -> Observing {
        self.observers.fetch_add(1, Relaxed);
        Observing(Arc::clone(self))
    }

    /// Takes note of an alert that leaves, and takes it back when it does not arrive.
    ///
    /// To be called while the table is locked that raised it: until its fate is known,
    /// what is saved is as if it had not been raised, so that after a crash the event
    /// that comes again raises it again. Its fate is told twice: to whoever looks, and
    /// to one who waits for it.
    pub(crate) fn follow(
        self: &Arc<Self>,
        _raised_by: &MutexGuard<'_, GroupTable>,
        undo: Undo,
        [looked_at, awaited]: [BatchStatusReceiver; 2],
    ) {
        let number = {
            let mut under_way = lock(&self.under_way);
            under_way.last += 1;
            let number = under_way.last;
            under_way.alerts.insert(number, (undo, looked_at));
            number
        };
        let aggregation = Arc::clone(self);
        let settled = async move {
            let status = awaited.await;
            aggregation.settle(&mut aggregation.table(), number, status);
            // Nobody else comes to save it any more.
            if aggregation.observers.load(Relaxed) == 0 && aggregation.settled() {
                aggregation.save();
            }
        };
        tokio::spawn(settled.in_current_span());
    }

    /// Takes back what is known not to have arrived: whoever was told sends its events
    /// again at once, and they are not to be held by a cooldown that is about to end.
    pub(crate) fn settle_known(&self, table: &mut GroupTable) {
        let known: Vec<_> = {
            let mut under_way = lock(&self.under_way);
            let alerts = under_way.alerts.iter_mut();
            alerts
                .filter_map(|(number, (_, fate))| Some((*number, fate.try_recv().ok()?)))
                .collect()
        };
        for (number, status) in known {
            self.settle(table, number, status);
        }
    }

    /// Does what follows from the fate of an alert, once.
    fn settle(&self, table: &mut GroupTable, number: u64, status: BatchStatus) {
        let Some((undo, _)) = lock(&self.under_way).alerts.remove(&number) else { return };
        if status != BatchStatus::Delivered {
            table.take_back(&undo);
            AlertNotDelivered { status }.emit();
        }
        self.settled.store(true, Relaxed);
    }

    /// Whether there are alerts of which nothing is known yet.
    #[cfg(test)]
    pub(crate) fn is_under_way(&self) -> bool {
        !lock(&self.under_way).alerts.is_empty()
    }

    /// Whether fates of alerts have become known since it was asked last.
    pub(crate) fn settled(&self) -> bool {
        self.settled.swap(false, Relaxed)
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
        let groups: Vec<_> = {
            let table = self.table();
            let under_way = lock(&self.under_way);
            table.states_without(under_way.alerts.values().map(|(undo, _)| undo)).collect()
        };
        if let Err(error) = write_groups(path, &groups) {
            StateNotSaved { path, error: error.to_string() }.emit();
        }
    }
}

/// Somebody who observes events for an aggregation, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Observing(Arc<Aggregation>);

impl Drop for Observing {
    fn drop(&mut self) {
        self.0.observers.fetch_sub(1, Relaxed);
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
