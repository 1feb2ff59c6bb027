//! What is remembered for people, between those who decide and the thread that writes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool};

use crate::{
    record::{Busy, Changes, Counted, Desk},
    store::{NewAlert, Store},
};

/// What those who decide and the thread that writes have in common.
#[derive(Debug, Default)]
pub(super) struct Shared {
    desk: Mutex<Desk>,
    /// What was counted and is not written yet.
    counted: Mutex<Counted>,
    /// Whether the thread was asked to write it.
    pub(super) asked: AtomicBool,
}

/// What the thread that writes knows of it.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) shared: Arc<Shared>,
    /// Where there is no disk.
    pub(super) memory: Option<Store>,
    /// How busy each error was; none before that is known.
    pub(super) busy: Option<Busy>,
    /// Whether the desk goes on from what the database has.
    pub(super) is_read: bool,
    /// Alerts that go nowhere and that the disk refused.
    pub(super) unwritten: Vec<NewAlert>,
}

impl Shared {
    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        // What a panic leaves half done is decided anew by the next alert.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds what was counted to what is to be written.
    pub(super) fn add(&self, counted: Counted) {
        self.counted().merge(counted);
    }

    pub(super) fn take_changes(&self) -> Changes {
        self.desk().take_changes()
    }

    pub(super) fn give_back(&self, changes: Changes) {
        self.desk().give_back(changes);
    }

    pub(super) fn counted(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    pub(super) fn new(shared: Arc<Shared>, in_memory: bool) -> Self {
        let memory = if in_memory { Store::in_memory().ok() } else { None };
        Self { shared, memory, busy: None, is_read: false, unwritten: Vec::new() }
    }
}
