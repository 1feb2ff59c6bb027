//! The durable queue between deciding an alert and delivering it.
//!
//! An alert is on the disk before it is sent, and leaves the queue when its
//! sink has taken it, so a crash loses none; it may repeat one. While the disk
//! refuses, alerts wait in memory instead, which is said loudly.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use signatures_alerts::ALERT_EVENT;
use signatures_engine::aggregate::GroupState;
use tracing::{error, warn};

use crate::{
    complaints::Complaints,
    groups::{KeptGroups, UnreadableGroup},
    metrics,
    state_directory::{self, OpenError},
    store::{Delivery, NewAlert, Outcome, Put, Selection, State, Store, StoreError},
};

/// How many settled alerts are kept as history.
const HISTORY: usize = 10_000;

/// The queue of all sinks.
#[derive(Debug)]
pub struct Outbox {
    inner: Mutex<Inner>,
    /// Held as long as the process lives, and so by no other.
    _lock: Option<File>,
}

#[derive(Debug)]
struct Inner {
    disk: Option<Store>,
    memory: Store,
    /// What is being sent.
    taken: HashSet<DeliveryId>,
    /// What the disk could not be told yet; it is not to be sent again.
    unrecorded: HashMap<DeliveryId, Outcome>,
    complaints: Complaints,
}

/// Where a delivery is kept, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId {
    place: Place,
    seq: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Place {
    Disk,
    Memory,
}

impl Outbox {
    /// Opens the outbox of a state directory, or one in memory without.
    ///
    /// A damaged database is moved aside, and a folder that cannot be written
    /// makes it run in memory; both are said loudly.
    ///
    /// # Errors
    /// When another process uses the folder, or a later version wrote it.
    pub fn open(folder: Option<&Path>, now: Timestamp) -> Result<Self, OpenError> {
        metrics::describe();
        let opened = match folder {
            Some(folder) => state_directory::open(folder, now)?,
            None => {
                warn!(
                    event = ALERT_EVENT,
                    "no state directory: alerts and cooldowns are kept in memory only, and a \
                     restart forgets them"
                );
                None
            }
        };
        let (disk, lock) = opened.unzip();
        let memory = Store::in_memory()
            .map_err(|error| OpenError::Unusable { path: PathBuf::from(":memory:"), error })?;
        let (taken, unrecorded) = (HashSet::new(), HashMap::new());
        let complaints = Complaints::default();
        let inner = Mutex::new(Inner { disk, memory, taken, unrecorded, complaints });
        Ok(Self { inner, _lock: lock })
    }

    /// Whether it is on disk.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.lock().disk.is_some()
    }

    /// Queues alerts and keeps states of groups with them: on the disk
    /// when this returns, or in memory when the disk refuses.
    ///
    /// # Errors
    /// When even the memory refuses.
    pub fn put(
        &self,
        alerts: &[NewAlert],
        groups: &[GroupState],
        bound: impl Fn(&str) -> u64,
        now: Timestamp,
    ) -> Result<Put, StoreError> {
        let mut inner = self.lock();
        if let Some(disk) = &mut inner.disk {
            match disk.put(alerts, groups, &bound, now) {
                Ok(put) => return Ok(put),
                Err(error) => {
                    inner.complaints.about("alerts are kept in memory until it works again", &error)
                }
            }
        }
        inner.memory.put(alerts, groups, bound, now)
    }

    /// Keeps states of groups.
    pub fn save(&self, groups: &[GroupState]) {
        let mut inner = self.lock();
        if let Some(disk) = &mut inner.disk
            && let Err(error) = disk.save(groups)
        {
            inner.complaints.about("a restart would forget recent counts", &error);
        }
    }

    /// The states of groups that were kept. Of those that cannot be read the log
    /// is told.
    #[must_use]
    pub fn groups(&self, now: Timestamp) -> Vec<GroupState> {
        let mut inner = self.lock();
        let kept = inner.disk.as_mut().map_or(Ok(KeptGroups::default()), |disk| disk.groups(now));
        match kept {
            Ok(kept) => {
                tell_unreadable(&kept.unreadable);
                kept.states
            }
            Err(error) => {
                inner.complaints.about("counts and cooldowns of the last run are lost", &error);
                Vec::new()
            }
        }
    }

    /// Up to `limit` deliveries that may be sent now and are not being sent,
    /// oldest first.
    #[must_use]
    pub fn due(&self, sink: &str, now: Timestamp, limit: usize) -> Vec<DeliveryId> {
        let mut inner = self.lock();
        inner.record(now);
        let mut due = Vec::new();
        for place in [Place::Disk, Place::Memory] {
            let busy = inner.taken.len() + inner.unrecorded.len();
            let Some(store) = inner.store(place) else { continue };
            match store.due(sink, now, limit + busy) {
                Ok(seqs) => due.extend(seqs.into_iter().map(|seq| DeliveryId { place, seq })),
                Err(error) => inner.complaints.about("what waits there is not sent", &error),
            }
        }
        due.retain(|id| !inner.taken.contains(id) && !inner.unrecorded.contains_key(id));
        due.truncate(limit);
        due
    }

    /// Takes a delivery to be sent; none when it is not queued any more. It is
    /// not due again before it is [settled](Self::settle).
    #[must_use]
    pub fn take(&self, id: DeliveryId) -> Option<Delivery> {
        let mut inner = self.lock();
        let delivery = inner.store(id.place)?.delivery(id.seq);
        match delivery {
            Ok(delivery) => {
                let delivery = delivery?;
                inner.taken.insert(id);
                Some(delivery)
            }
            Err(error) => {
                inner.complaints.about("what waits there is not sent", &error);
                None
            }
        }
    }

    /// Leaves a delivery that was taken to a later message.
    pub fn give_back(&self, id: DeliveryId) {
        self.lock().taken.remove(&id);
    }

    /// Records what became of deliveries that were taken.
    pub fn settle(&self, outcomes: Vec<(DeliveryId, Outcome)>, now: Timestamp) {
        let mut inner = self.lock();
        for (id, outcome) in outcomes {
            inner.taken.remove(&id);
            inner.unrecorded.insert(id, outcome);
        }
        inner.record(now);
    }

    /// How many deliveries of a sink stand there, on disk and in memory.
    #[must_use]
    pub fn count(&self, sink: &str, state: State) -> u64 {
        let mut inner = self.lock();
        [Place::Disk, Place::Memory]
            .into_iter()
            .filter_map(|place| inner.store(place).and_then(|s| s.count(sink, state).ok()))
            .sum()
    }

    /// Gives up what is queued for sinks that are not there any more, and says
    /// how many deliveries those were.
    pub fn give_up_unknown_sinks(&self, known: &[&str], now: Timestamp) -> usize {
        let mut inner = self.lock();
        let given_up = inner.disk.as_mut().map(|disk| disk.give_up_unknown_sinks(known, now));
        match given_up.unwrap_or(Ok(0)) {
            Ok(count) => count,
            Err(error) => {
                inner.complaints.about("deliveries to sinks that are gone stay queued", &error);
                0
            }
        }
    }

    /// Takes away old history, and brings to the disk what waits in memory since
    /// the disk refused.
    pub fn maintain(&self, bound: impl Fn(&str) -> u64, now: Timestamp) {
        let mut inner = self.lock();
        inner.record(now);
        inner.bring_to_disk(bound, now);
        let Inner { disk, memory, complaints, .. } = &mut *inner;
        for store in disk.iter_mut().chain([memory]) {
            if let Err(error) = store.prune(HISTORY, now) {
                complaints.about("old history stays", &error);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is one transaction, so a panic leaves none half done.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn store(&mut self, place: Place) -> Option<&mut Store> {
        match place {
            Place::Disk => self.disk.as_mut(),
            Place::Memory => Some(&mut self.memory),
        }
    }

    /// Tells the stores what became of deliveries; what they refuse is told
    /// them the next time.
    fn record(&mut self, now: Timestamp) {
        for place in [Place::Disk, Place::Memory] {
            let here = |id: &DeliveryId| id.place == place;
            let outcomes: Vec<_> = (self.unrecorded.iter())
                .filter(|(id, _)| here(id))
                .map(|(id, outcome)| (id.seq, outcome.clone()))
                .collect();
            if outcomes.is_empty() {
                continue;
            }
            match self.store(place).map(|store| store.settle(&outcomes, now)) {
                Some(Err(error)) => {
                    self.complaints.about("a restart would repeat recent alerts", &error);
                }
                _ => self.unrecorded.retain(|id, _| !here(id)),
            }
        }
    }

    fn bring_to_disk(&mut self, bound: impl Fn(&str) -> u64, now: Timestamp) {
        let Some(disk) = &mut self.disk else { return };
        let busy = |seq| {
            let id = DeliveryId { place: Place::Memory, seq };
            self.taken.contains(&id) || self.unrecorded.contains_key(&id)
        };
        let queued = Selection { states: vec![State::Queued], ..Selection::default() };
        let waiting = self.memory.new_alerts(&queued).unwrap_or_default();
        for (seqs, alert) in waiting {
            if seqs.iter().any(|seq| busy(*seq)) {
                continue;
            }
            if let Err(error) = disk.put(&[alert], &[], &bound, now) {
                return self.complaints.about("alerts stay in memory", &error);
            }
            let moved = Selection { seqs, ..Selection::default() };
            if let Err(error) = self.memory.drop_(&moved, now) {
                self.complaints.about("an alert may be sent twice", &error);
            }
        }
    }
}

fn tell_unreadable(groups: &[UnreadableGroup]) {
    let Some(first) = groups.first() else { return };
    metrics::unreadable_groups(groups.len());
    error!(
        event = ALERT_EVENT,
        groups = groups.len(),
        first = first.group,
        reason = first.reason,
        "some groups of the last run cannot be read: they count anew, and what was known of them \
         is put aside in the table `unreadable_groups`"
    );
}

#[cfg(test)]
mod tests;
