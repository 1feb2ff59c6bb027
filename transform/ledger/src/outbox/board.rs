//! What the process knows of all that waits, for everybody who asks: held for
//! moments, never over a wait for a disk.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use super::{line::Bound, memory::Memory, queue::Queue};
use crate::{
    metrics,
    store::{Counts, Delivery, NewAlert, Outcome, Put, ReadQueue, Standing, State, Waiting},
};

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

/// How many bytes may wait on disk for one sink.
const MOST_BYTES: u64 = 64 << 20;

const SINK_IS_GONE: &str = "its sink is gone";

/// The board, while nobody else has it.
pub(super) fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    // What a panic may leave half done is counted wrong at most.
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What waits, on disk and in memory.
#[derive(Debug, Default)]
pub(super) struct Board {
    /// Whether there is a disk.
    pub(super) durable: bool,
    /// Why the disk that was named cannot be used now.
    pub(super) fault: Option<String>,
    pub(super) disk: Queue,
    pub(super) memory: Memory,
    /// What the disk was not told yet, the latest of each delivery, with its sink.
    unrecorded: HashMap<i64, (Arc<str>, Standing)>,
    /// Alerts on disk whose events are to be read.
    to_read: BTreeSet<i64>,
}

/// What a transaction changed of the queue.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// What the disk was told.
    pub(super) recorded: Vec<(i64, Standing)>,
    /// What is queued now, with its events.
    pub(super) queued: Vec<(Waiting, Arc<str>)>,
    /// What gave way.
    pub(super) gone: Vec<i64>,
}

impl Board {
    /// Up to `limit` deliveries that may be sent now; on disk those whose events are
    /// at hand.
    pub(super) fn due(&mut self, sink: &str, now: Timestamp, limit: usize) -> Vec<DeliveryId> {
        let (on_disk, to_read) = self.disk.due(sink, now, limit);
        self.to_read.extend(to_read);
        let (in_memory, _) = self.memory.queue.due(sink, now, limit - on_disk.len());
        let id = |place| move |seq| DeliveryId { place, seq };
        let on_disk = on_disk.into_iter().map(id(Place::Disk));
        on_disk.chain(in_memory.into_iter().map(id(Place::Memory))).collect()
    }

    pub(super) fn take(&mut self, id: DeliveryId) -> Option<Delivery> {
        self.queue(id.place).take(id.seq)
    }

    pub(super) fn give_back(&mut self, id: DeliveryId) {
        self.queue(id.place).give_back(id.seq);
    }

    pub(super) fn settle(&mut self, outcomes: Vec<(DeliveryId, Outcome)>, now: Timestamp) {
        for (DeliveryId { place, seq }, outcome) in outcomes {
            match place {
                Place::Memory => self.memory.settle(seq, outcome, now, self.durable),
                Place::Disk => {
                    self.go_on(seq, |disk| disk.settle(seq, outcome, now));
                }
            }
        }
    }

    pub(super) fn count(&self, sink: &str, state: State) -> u64 {
        self.disk.count(sink, state) + self.memory.queue.count(sink, state)
    }

    /// Whether something of that fingerprint waits for a sink.
    pub(super) fn is_waiting(&self, sink: &str, fingerprint: &str) -> bool {
        self.disk.is_waiting(sink, fingerprint) || self.memory.queue.is_waiting(sink, fingerprint)
    }

    pub(super) fn count_in_memory(&self, sink: &str) -> u64 {
        self.memory.queue.count(sink, State::Queued)
    }

    pub(super) fn give_up_unknown_sinks(
        &mut self,
        known: &[&str],
        now: Timestamp,
    ) -> BTreeMap<String, u64> {
        let mut given_up = BTreeMap::new();
        let mut count = |waiting: Option<&Waiting>| {
            let sink = waiting.map(|waiting| waiting.sink.to_string());
            sink.into_iter().for_each(|sink| *given_up.entry(sink).or_default() += 1);
        };
        for seq in self.disk.of_other_sinks(known) {
            count(self.disk.get(seq));
            self.go_on(seq, |disk| disk.give_up(seq, SINK_IS_GONE, now));
        }
        for seq in self.memory.queue.of_other_sinks(known) {
            count(self.memory.queue.get(seq));
            self.memory.give_up(seq, SINK_IS_GONE, now, self.durable);
        }
        given_up
    }

    /// Goes by a time of day that was set by so much.
    pub(super) fn move_along(&mut self, by: SignedDuration) {
        self.memory.move_along(by);
        self.disk.move_along(by);
        // The disk is to be told when each is due now.
        for (seq, standing) in self.disk.standings() {
            self.unrecorded.insert(seq, standing);
        }
    }

    /// Goes on by what became of a delivery on disk, which the disk is to be told.
    fn go_on(&mut self, seq: i64, change: impl FnOnce(&mut Queue) -> Option<Standing>) {
        let sink = self.disk.get(seq).map(|waiting| Arc::clone(&waiting.sink));
        if let (Some(sink), Some(standing)) = (sink, change(&mut self.disk)) {
            self.unrecorded.insert(seq, (sink, standing));
        }
    }

    /// What the disk was not told yet.
    pub(super) fn unrecorded(&self) -> Vec<(i64, Standing)> {
        self.unrecorded.iter().map(|(seq, (_, standing))| (*seq, standing.clone())).collect()
    }

    pub(super) fn has_unrecorded(&self) -> bool {
        !self.unrecorded.is_empty()
    }

    /// Whether the disk has something to do that nobody submitted.
    pub(super) fn is_behind(&self) -> bool {
        !self.unrecorded.is_empty() || (self.durable && !self.memory.is_empty())
    }

    pub(super) fn wants_to_read(&self) -> bool {
        !self.to_read.is_empty()
    }

    /// The alerts whose events are to be read.
    pub(super) fn take_to_read(&mut self) -> BTreeSet<i64> {
        mem::take(&mut self.to_read)
    }

    /// What gives way on disk to what is new.
    pub(super) fn give_way(
        &self,
        new: &[Waiting],
        bounds: &HashMap<String, u64>,
    ) -> Vec<(Arc<str>, i64)> {
        let mut by_sink: HashMap<&Arc<str>, Vec<Waiting>> = HashMap::new();
        for waiting in new {
            by_sink.entry(&waiting.sink).or_default().push(waiting.clone());
        }
        let gone = by_sink.into_iter().flat_map(|(sink, new)| {
            let number = bounds.get(&**sink).copied().unwrap_or(u64::MAX);
            let gone = self.disk.give_way(sink, &new, Bound { number, bytes: MOST_BYTES });
            gone.into_iter().map(|seq| (Arc::clone(sink), seq))
        });
        gone.collect()
    }

    /// Goes on by what was written.
    pub(super) fn wrote(&mut self, written: Written) {
        for (seq, standing) in written.recorded {
            // It may have been settled again meanwhile.
            if self.unrecorded.get(&seq).is_some_and(|(_, latest)| *latest == standing) {
                self.unrecorded.remove(&seq);
            }
        }
        for (waiting, event) in written.queued {
            self.disk.insert(waiting, Some(event));
        }
        for seq in written.gone {
            self.disk.leave(seq, State::Dropped);
        }
    }

    /// Goes on by what was read, over which goes what the disk was not told yet.
    pub(super) fn read(&mut self, read: ReadQueue) {
        self.disk = Queue::read(read.waiting, read.counts, &self.disk);
        for (seq, (_, standing)) in &self.unrecorded {
            self.disk.stands(*seq, standing);
        }
    }

    /// Wants the first events to be read that fit; says whether there are any.
    pub(super) fn read_ahead(&mut self) -> bool {
        self.to_read.extend(self.disk.not_at_hand());
        !self.to_read.is_empty()
    }

    /// An alert on disk lies with the dead letters, because it cannot be read.
    pub(super) fn set_aside(&mut self, alert: i64) {
        for seq in self.disk.of_alert(alert) {
            self.disk.leave(seq, State::Dead);
        }
    }

    /// Goes on by how many deliveries stand where on disk.
    pub(super) fn set_counts(&mut self, counts: Counts) {
        self.disk.set_counts(counts);
        // What the disk was not told yet waits there still, and is not counted.
        for (sink, standing) in self.unrecorded.values() {
            self.disk.counted(sink, standing.state);
        }
    }

    /// Notes why the disk that was named cannot be used, or that it can; says whether
    /// it can be used again.
    pub(super) fn note_fault(&mut self, fault: Option<String>) -> bool {
        metrics::state_directory_usable(fault.is_none());
        let was = mem::replace(&mut self.fault, fault);
        was.is_some() && self.fault.is_none()
    }

    /// Goes on without the disk.
    pub(super) fn give_disk_up(&mut self, fault: String) {
        self.durable = false;
        self.note_fault(Some(fault));
        self.disk = Queue::default();
        self.unrecorded.clear();
        self.to_read.clear();
    }

    /// Queues alerts in memory.
    pub(super) fn put_in_memory(
        &mut self,
        alerts: Vec<NewAlert>,
        bounds: &HashMap<String, u64>,
        now: Timestamp,
    ) -> Put {
        self.memory.put(alerts, bounds, now)
    }

    fn queue(&mut self, place: Place) -> &mut Queue {
        match place {
            Place::Disk => &mut self.disk,
            Place::Memory => &mut self.memory.queue,
        }
    }
}
