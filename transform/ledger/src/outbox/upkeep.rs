//! What is done now and then: old things go, and the directory is looked after.

use std::{mem, time::Instant};

use jiff::{SignedDuration, Timestamp};
use tracing::error;

use super::{board::lock, keeper::Keeper, recovery::Recovery};
use crate::{metrics, state_directory::Owned};

impl Keeper {
    /// Takes away old history, idle groups, and what they took of the disk.
    pub(super) fn maintain(&mut self, now: Timestamp) {
        let set_back = now < mem::replace(&mut self.now, now);
        self.catch_up();
        self.prune_record(now);
        let Some(disk) = &mut self.disk else { return };
        let most_groups = disk.most_groups;
        let done = disk.attempt(|store| {
            if set_back {
                // Those that came later than now would be kept until then.
                store.groups(most_groups, now)?;
            }
            store.prune_groups(now)?;
            let repeats = store.prune_repeats()?;
            store.leave_write_ahead()?;
            store.shrink()?;
            Ok(repeats)
        });
        match done {
            Ok(0) => {}
            Ok(_) => self.count_again(),
            Err(error) => self.complaints.about("old history stays", &error),
        }
        self.prune();
    }

    /// Counts anew how many deliveries stand where.
    fn count_again(&mut self) {
        let Some(disk) = &mut self.disk else { return };
        match disk.count_again() {
            Ok(counts) => lock(&self.board).set_counts(counts),
            Err(error) => self.complaints.about("some deliveries are counted wrong", &error),
        }
    }

    /// Moves what waits along with the wall clock.
    pub(super) fn move_along(&mut self, by: SignedDuration) {
        let Some(disk) = &mut self.disk else { return };
        let moved = disk.attempt(|store| store.write(|writing| writing.move_along(by)));
        if let Err(error) = moved {
            self.complaints.about("alerts may be given up early or late", &error);
        }
    }

    pub(super) fn prune(&mut self) {
        let Some(disk) = &mut self.disk else { return };
        let waiting = lock(&self.board).disk.size();
        match disk.prune(waiting) {
            Ok(None) => {}
            Ok(Some(counts)) => lock(&self.board).set_counts(counts),
            Err(error) => self.complaints.about("old history stays", &error),
        }
    }

    /// Sees to it that no other process owns the directory.
    pub(super) fn look_after_the_directory(&mut self) {
        let Some(disk) = &mut self.disk else { return };
        let owned = disk.check();
        if owned != Owned::Lost {
            self.faults.lost = None;
        }
        match owned {
            Owned::Yes => {}
            Owned::LockFileMadeAgain => {
                metrics::state_directory_lost();
                error!(event = "signatures.lock_lost", path = %disk.path(),
                    "the lock file of the state directory was deleted: it is there again");
            }
            Owned::Shared => {
                metrics::state_directory_lost();
                let error = "another process holds its lock";
                self.complaints.about("the state directory is used by two processes", &error);
            }
            Owned::Lost => self.recover(),
        }
    }

    /// Puts the database back where it was.
    fn recover(&mut self) {
        let Some(disk) = self.disk.as_mut().filter(|_| self.recovery.is_due(Instant::now())) else {
            return;
        };
        if self.recovery.is_new() {
            metrics::state_directory_lost();
        }
        match disk.recover(self.now) {
            Ok(()) => {
                self.recovery = Recovery::default();
                self.faults.lost = None;
                error!(event = "signatures.database_lost", path = %disk.path(),
                    "the database of alerts was deleted or replaced while it was in use: it is \
                     there again, with all that was in it");
            }
            Err(error) => {
                self.recovery.failed(Instant::now());
                self.faults.lost = Some(error.to_string());
                self.complaints.about(
                    "it was deleted or replaced while it was in use, and cannot be put back",
                    &error,
                );
            }
        }
        self.show_faults();
    }
}
