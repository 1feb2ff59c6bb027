//! What is read from the disk: at the start, when another process changed it, and
//! events whose time has come.

use jiff::Timestamp;
use tracing::error;

use super::{board::lock, keeper::Keeper};
use crate::{
    groups::KeptGroups,
    metrics,
    store::{Put, Store},
};

impl Keeper {
    /// The states of groups that were kept.
    pub(super) fn groups(&mut self, now: Timestamp) -> KeptGroups {
        self.now = now;
        let Some(disk) = &mut self.disk else { return KeptGroups::default() };
        let most = disk.most_groups;
        let kept = disk.attempt(|store| store.groups(most, now)).unwrap_or_else(|error| {
            self.complaints.about("counts and cooldowns of the last run are lost", &error);
            KeptGroups::default()
        });
        disk.counted_groups(kept.states.len());
        if let Err(error) = disk.attempt(Store::make_shrinkable) {
            self.complaints.about("the file stays as large as it is", &error);
        }
        kept
    }

    /// Reads what waits, if another process changed it.
    /// Says whether the disk could be read.
    pub(super) fn read_changes(&mut self) -> bool {
        let Some(disk) = &mut self.disk else { return false };
        let changes = disk.read_changes(self.now);
        let reachable = changes.is_ok();
        self.faults.unread = changes.as_ref().err().map(ToString::to_string);
        match changes {
            Ok(None) => {}
            Ok(Some(read)) => {
                tell_unreadable(&read.unreadable);
                let events = {
                    let mut board = lock(&self.board);
                    board.read(read);
                    board.read_ahead()
                };
                if events {
                    self.read_events();
                }
                self.read_desk();
                self.tell_of(&Put::default());
            }
            Err(error) => {
                self.complaints.about("what other processes changed is not seen", &error);
                self.give_up_where_it_fails();
            }
        }
        self.show_faults();
        reachable
    }

    pub(super) fn read_again(&mut self) {
        if let Some(disk) = &mut self.disk {
            disk.forget_version();
        }
        self.read_changes();
    }

    /// Reads the events that are wanted, so that what waits for that may be sent.
    pub(super) fn read_events(&mut self) {
        let Some(disk) = &mut self.disk else { return };
        let wanted = lock(&self.board).take_to_read();
        let any = !wanted.is_empty();
        for alert in wanted {
            match disk.attempt(|store| store.event(alert)) {
                Ok(Ok(event)) => lock(&self.board).disk.keep_event(alert, event.into()),
                Ok(Err(reason)) => {
                    let now = self.now;
                    let aside = disk.attempt(|store| {
                        store.write(|writing| writing.set_aside(alert, &reason, now))
                    });
                    if let Err(error) = aside {
                        return self.complaints.about("what waits there is not sent", &error);
                    }
                    lock(&self.board).set_aside(alert);
                    tell_unreadable(&[reason]);
                }
                Err(error) => {
                    return self.complaints.about("what waits there is not sent", &error);
                }
            }
        }
        if any {
            self.tell_of(&Put::default());
        }
    }
}

/// Of alerts that cannot be read the log is told why.
fn tell_unreadable(reasons: &[String]) {
    let Some(first) = reasons.first() else { return };
    metrics::unreadable_alerts(reasons.len());
    error!(
        event = "signatures.alerts_unreadable",
        deliveries = reasons.len(),
        first,
        "some alerts that waited cannot be read: they lie with the dead letters"
    );
}
