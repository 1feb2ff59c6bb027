//! What all automata of this process may take together.
//!
//! An automaton is built when a text needs it, and grows with what it reads: how many
//! there are is chosen by who writes patterns, how large each grows by who writes
//! logs, and how often each is there by the threads. So all of them have one bound.
//! Past it those are discarded that were not needed since the last time, and then
//! others; what is discarded is built again when it is needed.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use crate::limits::AUTOMATA_LIMIT;

/// What the automata of this process take that are built when a text needs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Automata {
    /// How much memory, in bytes, that which their searches need included.
    pub bytes: usize,
    /// How many were discarded since [`AUTOMATA_LIMIT`] was reached for the first
    /// time. When it grows with each text, matching is slow: the patterns are too
    /// many or too large for the limit.
    pub discarded: u64,
}

/// What the automata of this process take, and how often that was too much.
#[must_use]
pub fn automata() -> Automata {
    let bytes = BUDGET.bytes.load(Ordering::Relaxed);
    Automata { bytes, discarded: BUDGET.discarded.load(Ordering::Relaxed) }
}

/// Whatever it is of which a process has one.
pub(crate) static BUDGET: Budget = Budget::new(AUTOMATA_LIMIT);

/// A bound in bytes, and what may be discarded to keep to it.
pub(crate) struct Budget {
    limit: usize,
    bytes: AtomicUsize,
    discarded: AtomicU64,
    /// In the order in which they are looked at next.
    built: Mutex<Built>,
    /// Held by who makes room.
    making_room: Mutex<()>,
}

struct Built {
    slots: VecDeque<Weak<dyn Discard>>,
    /// At how many the ones that are gone are looked for.
    prune_at: usize,
}

/// Something that can be built again.
pub(crate) trait Discard: Send + Sync {
    /// Discards it all, unless it was needed since this was asked last, or is
    /// needed now. Says whether it is gone.
    fn discard(&self) -> bool;
}

/// Something that takes memory of the budget as long as it is there.
pub(crate) struct Counted<T> {
    pub(crate) value: T,
    bytes: usize,
}

impl Budget {
    const fn new(limit: usize) -> Self {
        Self {
            limit,
            bytes: AtomicUsize::new(0),
            discarded: AtomicU64::new(0),
            built: Mutex::new(Built { slots: VecDeque::new(), prune_at: 64 }),
            making_room: Mutex::new(()),
        }
    }

    /// Takes note of something that has been built, and was not known.
    pub(crate) fn register(&self, slot: Weak<dyn Discard>) {
        let mut built = lock(&self.built);
        if built.slots.len() >= built.prune_at {
            built.slots.retain(|slot| slot.strong_count() > 0);
            built.prune_at = 2 * built.slots.len().max(32);
        }
        built.slots.push_back(slot);
    }

    /// Makes room when too much is taken. Whoever calls holds nothing of what may be
    /// discarded.
    #[inline]
    pub(crate) fn keep(&self) {
        if self.bytes.load(Ordering::Relaxed) > self.limit {
            self.make_room();
        }
    }

    /// Discards until a quarter is free, so that this is seldom needed.
    #[cold]
    fn make_room(&self) {
        let Ok(_alone) = self.making_room.try_lock() else { return };
        // What was needed since is spared once.
        let mut left = 2 * lock(&self.built).slots.len();
        while left > 0 && self.bytes.load(Ordering::Relaxed) > self.limit / 4 * 3 {
            left -= 1;
            let Some(next) = lock(&self.built).slots.pop_front() else { return };
            let Some(slot) = next.upgrade() else { continue };
            match slot.discard() {
                true => drop(self.discarded.fetch_add(1, Ordering::Relaxed)),
                false => lock(&self.built).slots.push_back(next),
            }
        }
    }
}

impl<T> Counted<T> {
    pub(crate) fn new(value: T, bytes: usize) -> Self {
        BUDGET.bytes.fetch_add(bytes, Ordering::Relaxed);
        Self { value, bytes }
    }

    /// Takes note of how much it takes now.
    #[inline]
    pub(crate) fn recount(&mut self, bytes: usize) {
        if bytes != self.bytes {
            // Wraps where it is less.
            BUDGET.bytes.fetch_add(bytes.wrapping_sub(self.bytes), Ordering::Relaxed);
            self.bytes = bytes;
        }
    }
}

impl<T> Drop for Counted<T> {
    fn drop(&mut self) {
        BUDGET.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// No change is left half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
