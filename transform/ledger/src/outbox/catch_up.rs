//! What the disk was not told when it happened, it is told later.

use std::collections::HashMap;

use super::{board::lock, keeper::Keeper, requests::Submission};
use crate::store::StoreError;

impl Keeper {
    /// Brings to the disk what it was not told yet: what became of deliveries, states
    /// of groups, and what waits in memory.
    pub(super) fn catch_up(&mut self) {
        let (behind, recorded) = {
            let board = lock(&self.board);
            (board.is_behind() || !self.unsaved.is_empty(), board.has_unrecorded())
        };
        if !self.reachable || !behind {
            return;
        }
        if recorded && let Err(error) = self.write(&[]) {
            return self.complaints.about("a restart would repeat recent alerts", &error);
        }
        if !self.unsaved.is_empty() {
            let groups = self.unsaved.values().cloned().collect();
            let (alerts, bounds, now) = (Vec::new(), HashMap::new(), self.now);
            if let Err(error) = self.write(&[Submission { alerts, groups, bounds, now }]) {
                return self.complaints.about("a restart would forget recent counts", &error);
            }
        }
        if let Err(error) = self.move_to_disk() {
            self.complaints.about("alerts stay in memory", &error);
        }
        self.prune();
    }

    pub(super) fn move_to_disk(&mut self) -> Result<(), StoreError> {
        let movable = lock(&self.board).memory.movable();
        let Some(disk) = self.disk.as_mut().filter(|_| !movable.is_empty()) else { return Ok(()) };
        let moved = disk.attempt(|store| {
            store.write(|writing| movable.iter().try_for_each(|(_, kept)| writing.take_over(kept)))
        });
        self.note(&moved);
        moved?;
        {
            let mut board = lock(&self.board);
            movable.iter().for_each(|(alert, _)| board.memory.let_go(*alert));
        }
        self.read_again();
        Ok(())
    }
}
