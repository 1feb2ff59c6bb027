//! What is remembered for people, as the thread that writes keeps it: on the disk, or
//! where there is none in a database in memory.

use std::{
    mem,
    sync::{Arc, atomic::Ordering},
};

use jiff::Timestamp;
use rusqlite::Connection;

use super::{board::lock, keeper::Keeper, requests::Submission, shared::Record};
use crate::{
    record::{
        Busy, Changes, Counted, RecordBound, Task, add_counted, bound_errors, pack_minutes, prune,
        prune_audit, prune_incidents, read_desk, write_changes,
    },
    store::{HistoryBound, Store, StoreError},
};

/// How much of what is settled is kept as history in memory.
const HISTORY_IN_MEMORY: HistoryBound = HistoryBound { alerts: 2000, bytes: 16 << 20 };

/// How many alerts that go nowhere wait for a disk that refuses.
const MOST_UNWRITTEN: usize = 10_000;

impl Keeper {
    /// Does something with the database in memory.
    pub(super) fn ask(&mut self, task: Task) {
        let now = self.now;
        let Some(store) = &mut self.record.memory else { return };
        task(store);
        if let Ok(read) = read_desk(&store.connection, now) {
            self.record.shared.desk().read(read, false, now);
        }
    }

    /// Goes on by what people changed of incidents and silences; at the start by what
    /// the last run left.
    pub(super) fn read_desk(&mut self) {
        let now = self.now;
        let Some(disk) = &mut self.disk else { return };
        match disk.attempt(|store| Ok(read_desk(&store.connection, now)?)) {
            Ok(read) => {
                let is_start = !mem::replace(&mut self.record.is_read, true);
                self.record.shared.desk().read(read, is_start, now);
            }
            Err(error) => {
                self.complaints.about("silences and acks of people are not seen", &error);
            }
        }
    }

    /// Writes what was counted, and what changed of incidents and silences.
    pub(super) fn pulse(&mut self, now: Timestamp) {
        self.now = now;
        let shared = Arc::clone(&self.record.shared);
        shared.asked.store(false, Ordering::Relaxed);
        if self.disk.is_some() && (!self.reachable || self.faults.is_resting()) {
            return;
        }
        let counted = mem::take(&mut *shared.counted());
        let changes = shared.take_changes();
        if counted.is_empty() && changes.is_empty() {
            return;
        }
        let Record { memory, busy, .. } = &mut self.record;
        let written = match (&mut self.disk, memory) {
            (Some(disk), _) => disk.attempt(|store| {
                let bound = RecordBound::DISK;
                store.write(|writing| {
                    Ok(remember(writing.connection(), (&counted, &changes), busy, bound, now)?)
                })
            }),
            (None, Some(store)) => {
                let bound = RecordBound::MEMORY;
                store.write(|writing| {
                    Ok(remember(writing.connection(), (&counted, &changes), busy, bound, now)?)
                })
            }
            (None, None) => Ok(()),
        };
        if self.disk.is_some() {
            self.note(&written);
        }
        if let Err(error) = written {
            self.record.busy = None;
            let later = mem::replace(&mut *shared.counted(), counted);
            shared.add(later);
            shared.give_back(changes);
            self.complaints.about("counts wait in memory until it works again", &error);
        }
    }

    /// Remembers alerts for people that are queued in memory: in the database there,
    /// and those that go nowhere until the disk takes them.
    pub(super) fn remember_in_memory(&mut self, submission: &Submission) {
        if self.disk.is_some() {
            let room = MOST_UNWRITTEN.saturating_sub(self.record.unwritten.len());
            let nowhere = submission.alerts.iter().filter(|alert| alert.sinks.is_empty());
            self.record.unwritten.extend(nowhere.take(room).cloned());
            return;
        }
        let Some(store) = &mut self.record.memory else { return };
        let changes = self.record.shared.take_changes();
        let written = store.write(|writing| {
            write_changes(writing.connection(), &changes)?;
            submission
                .alerts
                .iter()
                .try_for_each(|alert| writing.queue(alert, submission.now).map(drop))
        });
        if let Err(error) = written {
            self.complaints.about("commands do not see some alerts", &error);
        }
    }

    /// Remembers what became of deliveries that wait in memory.
    pub(super) fn mirror(&mut self) {
        let mirrored = lock(&self.board).memory.take_mirrored();
        let Some(store) = self.record.memory.as_mut().filter(|_| !mirrored.is_empty()) else {
            return;
        };
        let written = store.write(|writing| {
            mirrored
                .iter()
                .try_for_each(|(alert, sink, standing)| writing.mirror((alert, sink), standing))
        });
        if let Err(error) = written {
            self.complaints.about("commands do not see what became of some alerts", &error);
        }
    }

    /// Takes away what is too old or too much, and packs what is a day old.
    pub(super) fn prune_record(&mut self, now: Timestamp) {
        let pruned = match (&mut self.disk, &mut self.record.memory) {
            (Some(disk), _) => disk.attempt(|store| prune_store(store, RecordBound::DISK, now)),
            (None, Some(store)) => prune_store(store, RecordBound::MEMORY, now)
                .and_then(|()| store.prune_history(HISTORY_IN_MEMORY).map(drop)),
            (None, None) => Ok(()),
        };
        if let Err(error) = pruned {
            self.complaints.about("old history stays", &error);
        }
    }
}

fn prune_store(store: &mut Store, bound: RecordBound, now: Timestamp) -> Result<(), StoreError> {
    // Each by itself: others may want to write.
    store.write(|writing| Ok(prune(writing.connection(), bound, now)?))?;
    store.write(|writing| Ok(prune_incidents(writing.connection(), now)?))?;
    store.write(|writing| Ok(prune_audit(writing.connection(), now)?))?;
    store.write(|writing| Ok(pack_minutes(writing.connection(), now)?))?;
    Ok(())
}

fn remember(
    connection: &Connection,
    (counted, changes): (&Counted, &Changes),
    busy: &mut Option<Busy>,
    bound: RecordBound,
    now: Timestamp,
) -> rusqlite::Result<()> {
    write_changes(connection, changes)?;
    let known = match busy {
        Some(busy) => busy,
        None => busy.insert(Busy::read(connection, now)?),
    };
    add_counted(connection, counted, known, now)?;
    known.bound(connection, bound.errors_of_day, now)?;
    bound_errors(connection, bound.errors)
}
