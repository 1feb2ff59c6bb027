//! The durable queue between deciding an alert and delivering it.
//!
//! An alert is on the disk before it is sent, and leaves the queue when its
//! sink has taken it, so a crash loses none; it may repeat one. While the disk
//! refuses, alerts wait in memory instead, which is said loudly.

mod store;

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use signatures_alerts::ALERT_EVENT;
use signatures_engine::aggregate::GroupState;
use tracing::{error, warn};

use crate::metrics;

pub use store::{Delivery, Entry, NewAlert, Outcome, Put, Selection, State, Store, StoreError};

/// The database in the state directory.
pub const DATABASE: &str = "alerts.db";

const LOCK: &str = "lock";

/// How often the log is told of the same trouble with the database.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

/// How many settled alerts are kept as history.
pub const HISTORY: usize = 10_000;

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

/// What the log was told of the database's errors: of each consequence when,
/// and how many times it came since.
#[derive(Debug, Default)]
struct Complaints(HashMap<&'static str, (Option<Instant>, u64)>);

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

/// Why an outbox cannot be opened. That its folder cannot be written is none:
/// then it runs in memory.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses the folder.
    #[error(
        "another process uses the state directory {}; give each its own, or stop the other",
        .0.display()
    )]
    InUse(PathBuf),
    /// The database cannot be used, and throwing it away would lose alerts.
    #[error("cannot use {}: {error}", path.display())]
    Unusable {
        /// The database.
        path: PathBuf,
        /// Why.
        error: StoreError,
    },
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
        let (disk, lock) = match folder {
            Some(folder) => on_disk(folder, now)?,
            None => {
                warn!(
                    event = ALERT_EVENT,
                    "no state directory: alerts and cooldowns are kept in memory only, and a \
                     restart forgets them"
                );
                (None, None)
            }
        };
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

    /// Queues alerts and keeps states of the aggregation with them: on the disk
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

    /// Keeps states of the aggregation.
    pub fn save(&self, groups: &[GroupState]) {
        let mut inner = self.lock();
        if let Some(disk) = &mut inner.disk
            && let Err(error) = disk.save(groups)
        {
            inner.complaints.about("a restart would forget recent counts", &error);
        }
    }

    /// The states of the aggregation that were kept.
    #[must_use]
    pub fn groups(&self, now: Timestamp) -> Vec<GroupState> {
        let mut inner = self.lock();
        match inner.disk.as_ref().map_or(Ok(Vec::new()), |disk| disk.groups(now)) {
            Ok(groups) => groups,
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
    pub fn tidy(&self, bound: impl Fn(&str) -> u64, now: Timestamp) {
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

fn on_disk(folder: &Path, now: Timestamp) -> Result<(Option<Store>, Option<File>), OpenError> {
    let lock = match lock(folder) {
        Ok(lock) => lock,
        Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(folder.to_owned())),
        Err(TryLockError::Error(error)) => {
            in_memory_only(folder, &error);
            return Ok((None, None));
        }
    };
    let path = folder.join(DATABASE);
    let opened = match Store::open(&path) {
        Err(error) if error.is_corruption() => {
            error!(event = ALERT_EVENT, path = %path.display(), %error,
                "the database of alerts is damaged: it is moved aside and a new one begun; alerts \
                 that waited in it are not sent");
            move_aside(&path, now)
                .map_err(|error| StoreError::Files { path: path.clone(), error })
                .and_then(|()| Store::open(&path))
        }
        opened => opened,
    };
    match opened {
        Ok(store) => Ok((Some(store), Some(lock))),
        Err(error @ StoreError::LaterVersion(_)) => Err(OpenError::Unusable { path, error }),
        Err(error) => {
            in_memory_only(folder, &error);
            Ok((None, None))
        }
    }
}

fn in_memory_only(folder: &Path, error: &dyn std::error::Error) {
    error!(event = ALERT_EVENT, folder = %folder.display(), %error,
        "the state directory cannot be written: alerts and cooldowns are kept in memory only, and \
         a restart forgets them");
}

fn lock(folder: &Path) -> Result<File, TryLockError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(TryLockError::Error)?;
    let file = File::options().create(true).append(true).open(folder.join(LOCK));
    let file = file.map_err(TryLockError::Error)?;
    file.try_lock()?;
    Ok(file)
}

/// The database and its journals, under a name that says since when.
fn move_aside(path: &Path, now: Timestamp) -> io::Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let mut from = path.as_os_str().to_owned();
        from.push(ending);
        let mut to = path.as_os_str().to_owned();
        to.push(format!(".damaged-{}{ending}", now.as_second()));
        match fs::rename(from, to) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

impl Complaints {
    /// Says what comes of an error, unless it was said a moment ago: a disk that
    /// fails does so at every attempt.
    fn about(&mut self, consequence: &'static str, error: &StoreError) {
        metrics::outbox_error();
        let now = Instant::now();
        if let Some(unsaid) = self.due(consequence, now) {
            error!(event = ALERT_EVENT, %error, unsaid, "the database of alerts failed: {consequence}");
        }
    }

    /// How many times it was not said since the last; none when it is not to be
    /// said now.
    fn due(&mut self, consequence: &'static str, now: Instant) -> Option<u64> {
        let (said, unsaid) = self.0.entry(consequence).or_insert((None, 0));
        if said.is_some_and(|said| now.duration_since(said) < COMPLAIN_EVERY) {
            *unsaid += 1;
            return None;
        }
        *said = Some(now);
        Some(std::mem::take(unsaid))
    }
}

#[cfg(test)]
mod tests;
