//! A connection as those see it who share something out among connections.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::Waker,
    time::Duration,
};

use tokio::{sync::Semaphore, time::Instant};

/// A connection that requests come by.
#[derive(Debug)]
pub(crate) struct Sender {
    /// Held by the one request of this sender that waits for memory: who sends
    /// many requests waits no less than who sends one.
    pub(crate) memory_turn: Semaphore,
    /// The same, of those that wait to be worked on.
    pub(crate) work_turn: Semaphore,
    /// Bytes of the budget that its requests hold; written under its lock only.
    held: AtomicU64,
    life: Mutex<Life>,
}

#[derive(Debug)]
struct Life {
    open_requests: usize,
    /// Requests that came so far.
    requests: u64,
    /// When it ended, and not in good order.
    broke: Option<Instant>,
    /// When the last request ended, or the connection began.
    since: Instant,
    was_used: bool,
    has_to_go: bool,
    /// Wakes who reads from the connection.
    waker: Option<Waker>,
}

/// How long a connection may have nothing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Patience {
    /// From its beginning to the head of its first request, TLS included.
    pub(crate) first_request: Duration,
    /// From the end of a request to the next.
    pub(crate) idle: Duration,
}

/// An answer that went out, and how many requests had come before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered {
    at: Instant,
    requests: u64,
}

/// So long before a connection breaks its last answer may have been lost with it.
const LOST_WITHIN: Duration = Duration::from_secs(10);

/// A request that has not been answered, for as long as it lives.
#[derive(Debug)]
pub(crate) struct OpenRequest<'a>(&'a Sender);

impl Sender {
    pub(crate) fn new() -> Self {
        Self {
            memory_turn: Semaphore::new(1),
            work_turn: Semaphore::new(1),
            held: AtomicU64::new(0),
            life: Mutex::new(Life {
                open_requests: 0,
                requests: 0,
                broke: None,
                since: Instant::now(),
                was_used: false,
                has_to_go: false,
                waker: None,
            }),
        }
    }

    pub(crate) fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    pub(crate) fn set_held(&self, bytes: u64) {
        self.held.store(bytes, Ordering::Relaxed);
    }

    /// Counts a request until what is returned is dropped.
    pub(crate) fn begin_request(&self) -> OpenRequest<'_> {
        let mut life = self.life();
        life.open_requests += 1;
        life.requests += 1;
        life.was_used = true;
        OpenRequest(self)
    }

    /// An answer goes out now.
    pub(crate) fn answers(&self, now: Instant) -> Answered {
        Answered { at: now, requests: self.life().requests }
    }

    /// Notes that the connection broke, and so the last answers may not have come.
    pub(crate) fn broke(&self, now: Instant) {
        self.life().broke = Some(now);
    }

    /// Whether an answer may have been lost. Who sends another request after it has
    /// got it.
    pub(crate) fn has_lost(&self, answered: &Answered) -> bool {
        let life = self.life();
        let is_soon = |broke: Instant| broke.duration_since(answered.at) < LOST_WITHIN;
        life.broke.is_some_and(is_soon) && life.requests == answered.requests
    }

    /// When the connection is to be closed, should nothing happen; none while it
    /// has work. The waker is woken when that changes.
    pub(crate) fn deadline(&self, patience: Patience, waker: &Waker) -> Option<Instant> {
        let mut life = self.life();
        match &mut life.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
        let Life { open_requests, since, was_used, has_to_go, .. } = *life;
        match (has_to_go, open_requests) {
            (true, _) => Some(since),
            (false, 0) => {
                Some(since + if was_used { patience.idle } else { patience.first_request })
            }
            (false, _) => None,
        }
    }

    /// How far it is from being of use, the least first: never used goes before
    /// idle, the longest before others. None while it has work.
    pub(crate) fn uselessness(&self) -> Option<(bool, Instant)> {
        let life = self.life();
        (life.open_requests == 0).then_some((life.was_used, life.since))
    }

    /// Has the connection closed at once.
    pub(crate) fn dismiss(&self) {
        let mut life = self.life();
        life.has_to_go = true;
        wake(life);
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenRequest<'_> {
    fn drop(&mut self) {
        let mut life = self.0.life();
        life.open_requests -= 1;
        life.since = Instant::now();
        wake(life);
    }
}

fn wake(mut life: MutexGuard<'_, Life>) {
    let waker = life.waker.take();
    drop(life);
    if let Some(waker) = waker {
        waker.wake();
    }
}
