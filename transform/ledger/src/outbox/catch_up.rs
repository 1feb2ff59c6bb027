//! What the disk was not told when it happened, it is told later.

use std::{collections::HashMap, mem};

use super::{board::lock, keeper::Keeper, requests::Submission};
use crate::store::{Put, Store, StoreError};

impl Keeper {
    /// Brings to the disk what it was not told yet: what became of deliveries, states
    /// of groups, and what waits in memory.
    pub(super) fn catch_up(&mut self) {
        let (behind, recorded) = {
            let board = lock(&self.board);
            let refused = !self.unsaved.is_empty() || !self.record.unwritten.is_empty();
            (board.is_behind() || refused, board.has_unrecorded())
        };
        if !self.reachable || !behind && !self.faults.is_refused() {
            return;
        }
        if !behind {
            return self.try_out();
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
        if !self.record.unwritten.is_empty() {
            let alerts = mem::take(&mut self.record.unwritten);
            let (groups, bounds, now) = (Vec::new(), HashMap::new(), self.now);
            let submission = [Submission { alerts, groups, bounds, now }];
            if let Err(error) = self.write(&submission) {
                let [Submission { alerts, .. }] = submission;
                self.record.unwritten = alerts;
                return self.complaints.about("commands do not see some alerts", &error);
            }
        }
        if let Err(error) = self.move_to_disk() {
            self.complaints.about("alerts stay in memory", &error);
        }
        self.prune();
    }

    /// Finds out whether a disk that refused takes something again, when there is
    /// nothing that it should take.
    fn try_out(&mut self) {
        let Some(disk) = &mut self.disk else { return };
        let tried = disk.attempt(Store::try_out);
        self.note(&tried);
        if let Err(error) = tried {
            self.complaints.about("alerts are kept in memory until it works again", &error);
        }
    }

    pub(super) fn move_to_disk(&mut self) -> Result<(), StoreError> {
        let Some(disk) = self.disk.as_mut() else { return Ok(()) };
        let movable = lock(&self.board).memory.take_movable();
        if movable.is_empty() {
            return Ok(());
        }
        self.moving = movable.iter().map(|(alert, _)| *alert).collect();
        let moved = disk.attempt(|store| {
            store.write(|writing| movable.iter().try_for_each(|(_, kept)| writing.take_over(kept)))
        });
        self.note(&moved);
        if let Err(error) = moved {
            self.move_no_more();
            return Err(error);
        }
        {
            let mut board = lock(&self.board);
            self.moving.drain(..).for_each(|alert| board.memory.let_go(alert));
        }
        self.read_again();
        Ok(())
    }

    /// What was on its way to the disk stays in memory, and may be sent from there.
    pub(super) fn move_no_more(&mut self) {
        if !self.moving.is_empty() {
            let mut board = lock(&self.board);
            self.moving.drain(..).for_each(|alert| board.memory.give_back(alert));
            drop(board);
            self.tell_of(&Put::default());
        }
    }
}
