//! What waits for the store's thread: a queue with a bound in bytes.

use std::{
    collections::{HashMap, VecDeque},
    fmt, mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use signatures_engine::aggregate::GroupState;

use super::receipt::Answer;
use crate::{
    groups::KeptGroups,
    record::Task,
    store::{NewAlert, Put},
};

/// How many bytes may wait for the disk. Past that whoever submits waits for
/// room: alerts that were decided are never dropped in silence.
const MOST_BYTES: usize = 16 << 20;

/// How long what became of deliveries waits for something to be written with: a crash
/// until then repeats them.
const SOON: Duration = Duration::from_millis(50);

/// What is to be kept together: all of it or none.
#[derive(Clone, Debug)]
pub(super) struct Submission {
    pub(super) alerts: Vec<NewAlert>,
    pub(super) groups: Vec<GroupState>,
    /// How many deliveries may wait for a sink.
    pub(super) bounds: HashMap<String, u64>,
    pub(super) now: Timestamp,
}

/// Whoever is told of what was put in.
pub(super) type Listener = Box<dyn Fn(&Put) + Send + Sync>;

#[cfg(test)]
pub(super) type Done = Box<dyn FnOnce(&mut Option<super::disk::Disk>) + Send>;

/// What is asked of the store's thread.
pub(super) enum Request {
    /// Keep this, and answer when it is kept.
    Submit(Submission, Answer),
    /// Take away what is old, and try again what was refused.
    Maintain(Timestamp),
    /// Write what was counted, and what changed of incidents and silences.
    Pulse(Timestamp),
    /// Move along since when what is on disk waits.
    MoveAlong(SignedDuration),
    /// Tell of what is put in.
    Listen(Listener),
    /// Keep no more groups than that.
    BoundGroups(usize),
    /// Read the states of groups.
    Groups(Timestamp, mpsc::Sender<KeptGroups>),
    /// Do something with the database, or with the one in memory where there is none.
    Ask(Task),
    /// What a test does to the disk.
    #[cfg(test)]
    Do(Done),
}

/// Requests on their way to the thread.
#[derive(Default)]
pub(super) struct Requests {
    waiting: Mutex<Waiting>,
    /// There is something to do.
    some: Condvar,
    /// There is room again.
    room: Condvar,
}

#[derive(Default)]
struct Waiting {
    requests: VecDeque<Request>,
    bytes: usize,
    /// When there is something to do that nobody submitted.
    due: Option<Instant>,
    closed: bool,
}

impl Requests {
    /// Adds a request; waits while there is no room for it. One that is larger
    /// than all room goes when nothing else waits.
    pub(super) fn push(&self, request: Request) {
        let bytes = request.bytes();
        let mut waiting = self.lock();
        while bytes > 0 && waiting.bytes > 0 && waiting.bytes.saturating_add(bytes) > MOST_BYTES {
            waiting = self.room.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.bytes += bytes;
        waiting.requests.push_back(request);
        drop(waiting);
        self.some.notify_one();
    }

    /// Adds a request, whatever waits.
    pub(super) fn push_now(&self, request: Request) {
        let mut waiting = self.lock();
        waiting.bytes += request.bytes();
        waiting.requests.push_back(request);
        drop(waiting);
        self.some.notify_one();
    }

    /// All that waits, as soon as there is something, or after that time; none
    /// when it was closed and nothing is left.
    pub(super) fn take(&self, patience: Duration) -> Option<Vec<Request>> {
        let until = Instant::now() + patience;
        let mut waiting = self.lock();
        while waiting.requests.is_empty() && !waiting.closed {
            let until = waiting.due.map_or(until, |due| due.min(until));
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.some.wait_timeout(waiting, left);
            (waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        if waiting.requests.is_empty() && waiting.closed {
            return None;
        }
        (waiting.bytes, waiting.due) = (0, None);
        let requests = mem::take(&mut waiting.requests);
        drop(waiting);
        self.room.notify_all();
        Some(requests.into())
    }

    /// Says that there is something to do at once that nobody submitted.
    pub(super) fn nudge(&self) {
        self.due_in(Duration::ZERO);
    }

    /// Says that there is something to be written soon, with what comes until then.
    pub(super) fn nudge_softly(&self) {
        self.due_in(SOON);
    }

    fn due_in(&self, wait: Duration) {
        let due = Instant::now() + wait;
        let mut waiting = self.lock();
        if waiting.due.is_none_or(|before| due < before) {
            waiting.due = Some(due);
            drop(waiting);
            self.some.notify_one();
        }
    }

    /// Says that nothing more will come.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.some.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // A panic between two changes leaves at most a wrong number of bytes.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests").field("waiting", &self.lock().requests.len()).finish()
    }
}

impl Request {
    /// About how much memory it takes.
    fn bytes(&self) -> usize {
        /// Of a group: its state is a few samples.
        const GROUP: usize = 1024;
        match self {
            Self::Submit(Submission { alerts, groups, .. }, _) => {
                let alerts: usize = alerts.iter().map(NewAlert::bytes).sum();
                alerts + groups.len() * GROUP
            }
            #[cfg(test)]
            Self::Do(_) => 0,
            Self::Listen(_)
            | Self::Maintain(_)
            | Self::MoveAlong(_)
            | Self::BoundGroups(_)
            | Self::Ask(_)
            | Self::Pulse(_)
            | Self::Groups(..) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use super::*;
    use crate::outbox::receipt;

    fn of(bytes: usize) -> Request {
        let alert = NewAlert {
            id: String::new(),
            fingerprint: String::new(),
            urgency: 0,
            event: "x".repeat(bytes),
            sinks: vec![],
            ..NewAlert::default()
        };
        let (groups, bounds) = (vec![], HashMap::new());
        let now = Timestamp::UNIX_EPOCH;
        Request::Submit(Submission { alerts: vec![alert], groups, bounds, now }, receipt::pair().0)
    }

    #[test]
    fn past_the_bound_whoever_submits_waits_until_the_thread_comes_round() {
        let requests = Arc::new(Requests::default());
        // One that is larger than all room has to go some time.
        requests.push(of(MOST_BYTES + 1));
        let theirs = Arc::clone(&requests);
        let waiting = thread::spawn(move || theirs.push(of(1)));
        // What needs no room never waits.
        requests.push(Request::Maintain(Timestamp::UNIX_EPOCH));
        assert!(!waiting.is_finished());
        let mut came = 0;
        while came < 3 {
            came += requests.take(Duration::from_secs(60)).unwrap().len();
        }
        waiting.join().unwrap();
        requests.close();
        assert!(requests.take(Duration::from_secs(60)).is_none());
    }
}
