//! What waits for the store's thread: a queue with a bound in bytes.

use std::{
    collections::VecDeque,
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    time::Duration,
};

use jiff::Timestamp;

use super::receipt::Answer;
use crate::{
    groups::KeptGroups,
    store::{NewAlert, Submission},
};

/// How many bytes may wait for the disk. Past that whoever submits waits for
/// room: alerts that were decided are never dropped in silence.
const MOST_BYTES: usize = 16 << 20;

/// What is asked of the store's thread.
#[derive(Debug)]
pub(super) enum Request {
    /// Keep this, and answer when it is kept.
    Submit(Submission, Answer),
    /// Take away what is old, and try again what was refused.
    Maintain(Timestamp),
    /// Read the states of groups.
    Groups(Timestamp, mpsc::Sender<KeptGroups>),
}

/// Requests on their way to the thread.
#[derive(Debug, Default)]
pub(super) struct Requests {
    waiting: Mutex<Waiting>,
    /// There is something to do.
    some: Condvar,
    /// There is room again.
    room: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    requests: VecDeque<Request>,
    bytes: usize,
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

    /// All that waits, as soon as there is something, or after that time; none
    /// when it was closed and nothing is left.
    pub(super) fn take(&self, patience: Duration) -> Option<Vec<Request>> {
        let idle = |waiting: &mut Waiting| waiting.requests.is_empty() && !waiting.closed;
        let waited = self.some.wait_timeout_while(self.lock(), patience, idle);
        let (mut waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if waiting.requests.is_empty() && waiting.closed {
            return None;
        }
        waiting.bytes = 0;
        let requests = mem::take(&mut waiting.requests);
        drop(waiting);
        self.room.notify_all();
        Some(requests.into())
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
            Self::Maintain(_) | Self::Groups(..) => 0,
        }
    }
}
