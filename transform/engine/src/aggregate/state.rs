//! What is kept of a group across a restart.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{group::Group, undo::GroupUndo};
use crate::grouping::GroupId;

/// What is known of one group, to be kept across a restart.
///
/// How it serialises is a contract with the files of earlier versions: whoever
/// changes that adds a migration to `signatures_ledger`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupState {
    #[serde(rename = "group")]
    id: GroupId,
    #[serde(flatten)]
    pub(super) group: Group,
}

impl GroupState {
    pub(super) fn of(id: GroupId, group: &Group) -> Self {
        Self { id, group: group.state() }
    }

    pub(super) fn of_memory(id: GroupId, group: Group) -> Self {
        Self { id, group }
    }

    /// Whose state it is.
    #[must_use]
    pub fn id(&self) -> GroupId {
        self.id
    }

    /// As it is without some alerts of its own.
    pub(super) fn without(id: GroupId, group: &Group, alerts: &[&GroupUndo]) -> Self {
        let mut group = group.state();
        for alert in alerts {
            group.take_back(alert);
        }
        Self::of(id, &group)
    }

    /// As it is by a clock that was ahead before: its last event came no later
    /// than now.
    #[must_use]
    pub fn by_clock(mut self, now: Timestamp) -> Self {
        self.group.last_arrival = self.group.last_arrival.min(now);
        self
    }

    /// From when on it is worth nothing, unless another event comes; on the clock
    /// of whoever counts, whatever time the events tell.
    #[must_use]
    pub fn idle_from(&self) -> Timestamp {
        let kept = self.group.idle.max(self.group.remembered);
        self.group.last_arrival.checked_add(kept).unwrap_or(Timestamp::MAX)
    }
}
