//! The database, and what is known of it: who else writes it, how large it is, and
//! whether it is still where it was.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;

use crate::{
    metrics,
    state_directory::{Owned, StateDirectory},
    store::{Counts, HistoryBound, ReadQueue, Store, StoreError},
};

/// How much of what is settled is kept as history.
const HISTORY: HistoryBound = HistoryBound { alerts: 10_000, bytes: 64 << 20 };

/// How many groups are kept unless told otherwise.
const MOST_GROUPS: usize = 100_000;

/// After so many faults of this program in a row the disk is left alone.
const MOST_FAULTS: u32 = 5;

/// The database of a state directory.
#[derive(Debug)]
pub(super) struct Disk {
    store: Store,
    directory: StateDirectory,
    /// Changes when another process writes.
    version: Option<i64>,
    /// The alerts that are kept, and their size.
    alerts: (u64, u64),
    pub(super) most_groups: usize,
    /// Not more groups than that are kept.
    groups: usize,
    faults: u32,
    /// How often the next attempts are to panic.
    #[cfg(test)]
    pub(super) panics: u32,
}

impl Disk {
    pub(super) fn new((store, directory): (Store, StateDirectory)) -> Self {
        let (version, alerts) = (None, (0, 0));
        let (most_groups, groups, faults) = (MOST_GROUPS, 0, 0);
        Self {
            store,
            directory,
            version,
            alerts,
            most_groups,
            groups,
            faults,
            #[cfg(test)]
            panics: 0,
        }
    }

    /// Does something with the database. A panic in it is a fault that is told as one.
    ///
    /// # Errors
    /// Those of the work.
    pub(super) fn attempt<T>(
        &mut self,
        work: impl FnOnce(&mut Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let store = &mut self.store;
        #[cfg(test)]
        let panics = &mut self.panics;
        let attempt = || {
            #[cfg(test)]
            if let Some(left) = panics.checked_sub(1) {
                *panics = left;
                panic!("as a test");
            }
            work(store)
        };
        // A transaction that was under way is undone when it is dropped.
        match catch_unwind(AssertUnwindSafe(attempt)) {
            Ok(result) => {
                self.faults = 0;
                result
            }
            Err(panic) => {
                metrics::outbox_failure();
                self.faults += 1;
                Err(StoreError::Internal(told(&*panic)))
            }
        }
    }

    /// Whether it failed too often by a fault of this program.
    pub(super) fn is_given_up(&self) -> bool {
        self.faults >= MOST_FAULTS
    }

    /// All that waits, if another process wrote since it was last read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) fn read_changes(&mut self, now: Timestamp) -> Result<Option<ReadQueue>, StoreError> {
        let version = self.attempt(|store| store.version())?;
        if self.version == Some(version) {
            return Ok(None);
        }
        let read = self.attempt(|store| store.read_queue(now))?;
        (self.version, self.alerts) = (Some(version), read.alerts);
        Ok(Some(read))
    }

    /// Has all that waits read again.
    pub(super) fn forget_version(&mut self) {
        self.version = None;
    }

    /// Notes that alerts of that size were added.
    pub(super) fn added(&mut self, alerts: u64, bytes: u64) {
        self.alerts = (self.alerts.0 + alerts, self.alerts.1 + bytes);
    }

    /// Notes that so many states of groups were written; says how many may stay, when
    /// there may be too many.
    pub(super) fn wrote_groups(&mut self, groups: usize) -> Option<usize> {
        self.groups = self.groups.saturating_add(groups);
        // Counting costs: a few too many stay a while.
        (self.groups > self.most_groups + self.most_groups / 8).then_some(self.most_groups)
    }

    /// Notes how many groups there are.
    pub(super) fn counted_groups(&mut self, groups: usize) {
        self.groups = groups;
    }

    /// Takes old history away when there is a tenth too much of it, given what waits.
    /// What stands where then, if that changed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn prune(&mut self, waiting: (u64, u64)) -> Result<Option<Counts>, StoreError> {
        let [alerts, bytes] =
            [self.alerts.0.saturating_sub(waiting.0), self.alerts.1.saturating_sub(waiting.1)];
        let over = |is: u64, bound: u64| is > bound + bound / 10;
        if !over(alerts, HISTORY.alerts) && !over(bytes, HISTORY.bytes) {
            return Ok(None);
        }
        if !self.attempt(|store| store.prune_history(HISTORY))? {
            return Ok(None);
        }
        self.count_again().map(Some)
    }

    /// Counts anew what is kept: how many deliveries stand where.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) fn count_again(&mut self) -> Result<Counts, StoreError> {
        self.alerts = self.attempt(|store| store.size())?;
        self.attempt(|store| store.counts())
    }

    /// Whether it is still ours, and where it was.
    pub(super) fn check(&mut self) -> Owned {
        self.directory.check()
    }

    /// Puts a database where it was, with all that was in it.
    ///
    /// # Errors
    /// When that cannot be written, or another process owns the directory.
    pub(super) fn recover(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if let Some(store) = self.directory.recover(&self.store, now)? {
            self.store = store;
            self.version = None;
        }
        Ok(())
    }

    /// Where it is, for people.
    pub(super) fn path(&self) -> std::path::Display<'_> {
        self.directory.path().display()
    }

    #[cfg(test)]
    pub(super) fn store(&self) -> &Store {
        &self.store
    }
}

fn told(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("the thread that writes alerts panicked: {}", text.unwrap_or("for no known reason"))
}
