//! The thread that writes, and what it writes to.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;

use super::{
    receipt::Answer,
    requests::{Request, Requests},
};
use crate::{
    complaints::Complaints,
    groups::KeptGroups,
    metrics,
    state_directory::OpenError,
    store::{Delivery, Outcome, Put, Selection, State, Store, StoreError, Submission},
};

/// How many settled alerts are kept as history.
const HISTORY: usize = 10_000;

/// How often it is looked after what nobody asked for.
const POLL: Duration = Duration::from_millis(500);

/// Whoever is told of what was put in.
pub(super) type Listener = Arc<dyn Fn(&Put) + Send + Sync>;

/// Keeps what is submitted.
pub(super) struct Keeper {
    stores: Mutex<Stores>,
    listener: Mutex<Option<Listener>>,
    /// Held as long as the process lives, and so by no other.
    _lock: Option<File>,
}

/// The disk, what waits beside it, and what is under way.
#[derive(Debug)]
pub(super) struct Stores {
    pub(super) disk: Option<Store>,
    pub(super) memory: Store,
    /// What is being sent.
    taken: HashSet<DeliveryId>,
    /// What the disk could not be told yet; it is not to be sent again.
    unrecorded: HashMap<DeliveryId, Outcome>,
    /// How many deliveries may wait for each sink, as was last said.
    bounds: HashMap<String, u64>,
    complaints: Complaints,
}

/// Where a delivery is kept, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId {
    pub(super) place: Place,
    pub(super) seq: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Place {
    Disk,
    Memory,
}

impl Keeper {
    pub(super) fn new(opened: Option<(Store, File)>) -> Result<Self, OpenError> {
        let (disk, lock) = opened.unzip();
        let memory = Store::in_memory()
            .map_err(|error| OpenError::Unusable { path: PathBuf::from(":memory:"), error })?;
        let (taken, unrecorded) = (HashSet::new(), HashMap::new());
        let (bounds, complaints) = (HashMap::new(), Complaints::default());
        let stores = Stores { disk, memory, taken, unrecorded, bounds, complaints };
        Ok(Self { stores: Mutex::new(stores), listener: Mutex::new(None), _lock: lock })
    }

    pub(super) fn listen(&self, listener: Listener) {
        *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(listener);
    }

    pub(super) fn is_durable(&self) -> bool {
        self.lock().disk.is_some()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Stores> {
        // Every change is one transaction, so a panic leaves none half done.
        self.stores.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does what is asked until nothing more will be.
    pub(super) fn serve(&self, requests: &Requests) {
        while let Some(requests) = requests.take(POLL) {
            let mut submitted = Vec::new();
            for request in requests {
                match request {
                    Request::Submit(submission, answer) => submitted.push((submission, answer)),
                    other => {
                        self.keep(std::mem::take(&mut submitted));
                        let asked = catch_unwind(AssertUnwindSafe(|| match other {
                            Request::Maintain(now) => self.lock().maintain(now),
                            Request::Groups(now, asker) => {
                                drop(asker.send(self.lock().groups(now)))
                            }
                            Request::Submit(..) => {}
                        }));
                        if asked.is_err() {
                            metrics::outbox_failure();
                        }
                    }
                }
            }
            self.keep(submitted);
        }
    }

    /// Keeps all of it with one wait for the disk.
    fn keep(&self, submitted: Vec<(Submission, Answer)>) {
        if submitted.is_empty() {
            return;
        }
        let (submissions, answers): (Vec<_>, Vec<_>) = submitted.into_iter().unzip();
        let kept = catch_unwind(AssertUnwindSafe(|| self.lock().keep(&submissions)));
        let kept = kept.unwrap_or_else(|_| {
            metrics::outbox_failure();
            Vec::new()
        });
        let listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (answer, kept) in answers.into_iter().zip(kept) {
            if let (Some(listener), Ok(put)) = (&listener, &kept) {
                listener(put);
            }
            answer.give(kept);
        }
    }
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keeper").field("stores", &self.stores).finish_non_exhaustive()
    }
}

impl Stores {
    fn keep(&mut self, submissions: &[Submission]) -> Vec<Result<Put, StoreError>> {
        self.bounds.extend(submissions.iter().flat_map(|submission| submission.bounds.clone()));
        if let Some(disk) = &mut self.disk {
            match disk.put_all(&submissions.iter().collect::<Vec<_>>()) {
                Ok(puts) => return puts.into_iter().map(Ok).collect(),
                // One bad row must not take the others with it.
                Err(error) if submissions.len() > 1 && error.may_be_about_the_row() => {}
                Err(error) => {
                    self.complaints.about("alerts are kept in memory until it works again", &error);
                    return submissions.iter().map(|each| self.memory.put(each)).collect();
                }
            }
        }
        submissions.iter().map(|submission| self.keep_one(submission)).collect()
    }

    fn keep_one(&mut self, submission: &Submission) -> Result<Put, StoreError> {
        if let Some(disk) = &mut self.disk {
            match disk.put(submission) {
                Ok(put) => return Ok(put),
                Err(error) => {
                    self.complaints.about("alerts are kept in memory until it works again", &error);
                }
            }
        }
        self.memory.put(submission)
    }

    /// The states of groups that were kept.
    fn groups(&mut self, now: Timestamp) -> KeptGroups {
        let kept = self.disk.as_mut().map_or(Ok(KeptGroups::default()), |disk| disk.groups(now));
        kept.unwrap_or_else(|error| {
            self.complaints.about("counts and cooldowns of the last run are lost", &error);
            KeptGroups::default()
        })
    }

    /// Up to `limit` deliveries that may be sent now and are not being sent,
    /// oldest first.
    pub(super) fn due(&mut self, sink: &str, now: Timestamp, limit: usize) -> Vec<DeliveryId> {
        self.record(now);
        let mut due = Vec::new();
        for place in [Place::Disk, Place::Memory] {
            let busy = self.taken.len() + self.unrecorded.len();
            let Some(store) = self.store(place) else { continue };
            match store.due(sink, now, limit + busy) {
                Ok(seqs) => due.extend(seqs.into_iter().map(|seq| DeliveryId { place, seq })),
                Err(error) => self.complaints.about("what waits there is not sent", &error),
            }
        }
        due.retain(|id| !self.taken.contains(id) && !self.unrecorded.contains_key(id));
        due.truncate(limit);
        due
    }

    /// Takes a delivery to be sent; none when it is not queued any more. It is
    /// not due again before it is [settled](Self::settle).
    pub(super) fn take(&mut self, id: DeliveryId) -> Option<Delivery> {
        let delivery = self.store(id.place)?.delivery(id.seq);
        match delivery {
            Ok(delivery) => {
                let delivery = delivery?;
                self.taken.insert(id);
                Some(delivery)
            }
            Err(error) => {
                self.complaints.about("what waits there is not sent", &error);
                None
            }
        }
    }

    /// Leaves a delivery that was taken to a later message.
    pub(super) fn give_back(&mut self, id: DeliveryId) {
        self.taken.remove(&id);
    }

    /// Records what became of deliveries that were taken.
    pub(super) fn settle(&mut self, outcomes: Vec<(DeliveryId, Outcome)>, now: Timestamp) {
        for (id, outcome) in outcomes {
            self.taken.remove(&id);
            self.unrecorded.insert(id, outcome);
        }
        self.record(now);
    }

    /// How many deliveries of a sink stand there, on disk and in memory.
    pub(super) fn count(&mut self, sink: &str, state: State) -> u64 {
        [Place::Disk, Place::Memory]
            .into_iter()
            .filter_map(|place| self.store(place).and_then(|s| s.count(sink, state).ok()))
            .sum()
    }

    /// Gives up what is queued for sinks that are not there any more, and says
    /// how many deliveries those were.
    pub(super) fn give_up_unknown_sinks(&mut self, known: &[&str], now: Timestamp) -> usize {
        let given_up = self.disk.as_mut().map(|disk| disk.give_up_unknown_sinks(known, now));
        match given_up.unwrap_or(Ok(0)) {
            Ok(count) => count,
            Err(error) => {
                self.complaints.about("deliveries to sinks that are gone stay queued", &error);
                0
            }
        }
    }

    /// Takes away old history, and brings to the disk what waits in memory since
    /// the disk refused.
    fn maintain(&mut self, now: Timestamp) {
        self.record(now);
        self.bring_to_disk(now);
        let Self { disk, memory, complaints, .. } = self;
        for store in disk.iter_mut().chain([memory]) {
            if let Err(error) = store.prune(HISTORY, now) {
                complaints.about("old history stays", &error);
            }
        }
    }

    pub(super) fn store(&mut self, place: Place) -> Option<&mut Store> {
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

    fn bring_to_disk(&mut self, now: Timestamp) {
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
            let (groups, bounds) = (Vec::new(), self.bounds.clone());
            let moved = Submission { alerts: vec![alert], groups, bounds, now };
            if let Err(error) = disk.put(&moved) {
                return self.complaints.about("alerts stay in memory", &error);
            }
            let moved = Selection { seqs, ..Selection::default() };
            if let Err(error) = self.memory.drop_(&moved, now) {
                self.complaints.about("an alert may be sent twice", &error);
            }
        }
    }
}
