//! The memory of all requests together.
//!
//! A request reserves what its message needs before it reads it. What waits
//! holds nothing, but for requests that turn out larger while they are
//! decompressed. So that these cannot wait for each other for ever, memory for
//! one request of the greatest length is set aside: the *spare*. Who waits gets
//! whatever comes first, room or the spare, and with the spare never waits
//! again.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::metrics;
use crate::net::Sender;

/// How many requests may wait for memory. What has come of each lies in the
/// windows of HTTP/2, so this bounds that.
const MOST_WAITING: usize = 256;

/// A sender gets no more than this many times what it leaves free, so that there
/// always is room for another one: two thirds when it is alone.
const GREED: Option<i64> = Some(2);

/// What requests may take, in bytes.
#[derive(Debug)]
pub(super) struct Budget {
    /// Below zero when something was charged that could not wait.
    free: Mutex<i64>,
    freed: Notify,
    spare: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// Too many requests wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crowded;

/// What one request holds; given back when dropped.
#[derive(Debug)]
pub(super) struct Share<'a> {
    budget: &'a Budget,
    sender: &'a Sender,
    held: u64,
    /// With it nothing more is taken from the budget.
    spare: Option<OwnedSemaphorePermit>,
    waits: bool,
}

impl Budget {
    /// A budget in bytes beside the spare.
    pub(super) fn new(bytes: u64) -> Self {
        Self {
            free: Mutex::new(i64::try_from(bytes).unwrap_or(i64::MAX)),
            freed: Notify::new(),
            spare: Arc::new(Semaphore::new(1)),
            waiting: AtomicUsize::new(0),
        }
    }

    fn free(&self) -> MutexGuard<'_, i64> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Share<'a> {
    pub(super) fn new(budget: &'a Budget, sender: &'a Sender) -> Self {
        Self { budget, sender, held: 0, spare: None, waits: false }
    }

    /// Whether it waited when whoever called it gave up.
    pub(super) fn waits(&self) -> bool {
        self.waits
    }

    /// Whether others wait for what this holds.
    pub(super) fn is_wanted(&self) -> bool {
        let nobody_grows = self.budget.spare.available_permits() > 0;
        self.budget.waiting.load(Ordering::Relaxed) > 0 || !nobody_grows
    }

    /// Takes what a request begins with, as soon as there is so much. Requests
    /// of one sender wait one behind the other.
    pub(super) async fn reserve(&mut self, bytes: usize) -> Result<(), Crowded> {
        let sender = self.sender;
        // Closed never: without a turn it would only be less fair.
        if let Ok(_turn) = sender.memory_turn.try_acquire()
            && self.try_take(bytes, GREED)
        {
            return Ok(());
        }
        let _waiting = Waiting::begin(&self.budget.waiting)?;
        self.waits = true;
        let _turn = sender.memory_turn.acquire().await;
        self.wait_for(bytes, GREED).await;
        Ok(())
    }

    /// Takes more, as soon as there is more.
    pub(super) async fn grow(&mut self, bytes: usize) {
        // No turn is waited for: who has the turn may wait for what this holds.
        if self.spare.is_none() && !self.try_take(bytes, None) {
            self.wait_for(bytes, None).await;
        }
    }

    /// Takes more of what is in memory already.
    pub(super) fn charge(&mut self, bytes: usize) {
        if self.spare.is_none() {
            let mut free = self.budget.free();
            self.take(&mut free, bytes as i64);
        }
    }

    /// Gives some back.
    pub(super) fn shrink(&mut self, bytes: usize) {
        if self.spare.is_none() {
            self.give_back((bytes as u64).min(self.held));
        }
    }

    async fn wait_for(&mut self, bytes: usize, greed: Option<i64>) {
        self.waits = true;
        let budget = self.budget;
        let mut spare = pin!(Arc::clone(&budget.spare).acquire_owned());
        loop {
            let mut freed = pin!(budget.freed.notified());
            freed.as_mut().enable();
            if self.try_take(bytes, greed) {
                break;
            }
            tokio::select! {
                () = freed => {}
                permit = &mut spare => {
                    self.spare = permit.ok();
                    break;
                }
            }
        }
        self.waits = false;
    }

    fn try_take(&mut self, bytes: usize, greed: Option<i64>) -> bool {
        let bytes = bytes as i64;
        let mut free = self.budget.free();
        let (left, held) = (*free - bytes, self.sender.held() as i64 + bytes);
        let fits = left >= 0 && greed.is_none_or(|greed| held <= left.saturating_mul(greed));
        if fits {
            self.take(&mut free, bytes);
        }
        fits
    }

    fn take(&mut self, free: &mut i64, bytes: i64) {
        *free -= bytes;
        self.held += bytes as u64;
        self.sender.set_held(self.sender.held() + bytes as u64);
        metrics::memory(bytes as f64);
    }

    fn give_back(&mut self, bytes: u64) {
        if bytes == 0 {
            return;
        }
        self.held -= bytes;
        let mut free = self.budget.free();
        *free += bytes as i64;
        self.sender.set_held(self.sender.held().saturating_sub(bytes));
        drop(free);
        metrics::memory(-(bytes as f64));
        self.budget.freed.notify_waiters();
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.give_back(self.held);
    }
}

/// Counts one that waits.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Result<Self, Crowded> {
        let waiting = Self(count);
        match count.fetch_add(1, Ordering::Relaxed) {
            before if before >= MOST_WAITING => Err(Crowded),
            _ => Ok(waiting),
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::{future::Future, task::Poll};

    use super::*;

    /// Whether a future is ready when it is asked once more.
    async fn is_ready(future: std::pin::Pin<&mut impl Future>) -> bool {
        let mut future = future;
        std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready())).await
    }

    #[tokio::test]
    async fn a_sender_leaves_room_for_another() {
        let budget = Budget::new(900);
        let (greedy, modest) = (Sender::new(), Sender::new());
        let mut shares: Vec<Share<'_>> = Vec::new();
        for _ in 0..7 {
            let mut share = Share::new(&budget, &greedy);
            assert_eq!(share.reserve(100).await, Ok(()));
            shares.push(share);
        }
        // Six are two thirds, and the seventh has the spare.
        assert_eq!((greedy.held(), shares[6].spare.is_some()), (600, true));
        let mut waits = Share::new(&budget, &greedy);
        let mut waits = pin!(waits.reserve(100));
        assert!(!is_ready(waits.as_mut()).await);
        let mut other = Share::new(&budget, &modest);
        assert_eq!(other.reserve(200).await, Ok(()));
        drop((shares.remove(0), other));
        assert!(is_ready(waits.as_mut()).await);
    }

    #[tokio::test]
    async fn those_that_grow_never_wait_for_each_other_for_ever() {
        let budget = Budget::new(300);
        let sender = Sender::new();
        let mut shares: Vec<_> = (0..3).map(|_| Share::new(&budget, &sender)).collect();
        for share in &mut shares {
            share.grow(100).await;
        }
        let mut first = shares.remove(0);
        let mut second = shares.remove(0);
        first.grow(1000).await;
        assert!(first.spare.is_some());
        {
            let mut growing = pin!(second.grow(1000));
            assert!(!is_ready(growing.as_mut()).await);
            drop(first);
            assert!(is_ready(growing.as_mut()).await);
        }
        drop((second, shares));
        assert_eq!((*budget.free(), sender.held()), (300, 0));
    }

    #[tokio::test]
    async fn only_so_many_wait() {
        let budget = Budget::new(0);
        let sender = Sender::new();
        let mut first = Share::new(&budget, &sender);
        assert_eq!(first.reserve(1).await, Ok(()));
        let mut shares: Vec<_> = (0..=MOST_WAITING).map(|_| Share::new(&budget, &sender)).collect();
        let mut waiting: Vec<_> =
            shares.iter_mut().map(|share| Box::pin(share.reserve(1))).collect();
        for (index, future) in waiting.iter_mut().enumerate() {
            assert_eq!(is_ready(future.as_mut()).await, index == MOST_WAITING);
        }
    }
}
