//! Taking back an alert that was raised and did not arrive.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{decision::Raised, joined::Joined, reason::Reason};
use crate::grouping::GroupId;

/// What a group has to tell that nobody was told: its next event that no cooldown
/// holds raises it again, however few there are by then.
///
/// The event that raised it is not counted, since whoever sent it sends it again; where
/// nobody does, one too few is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Owed {
    /// Why; none where an earlier version kept it.
    pub(super) reason: Option<Reason>,
    pub(super) count: u64,
    pub(super) suppressed: u64,
    pub(super) first_seen: Timestamp,
    pub(super) samples: Vec<String>,
}

/// What makes as if an alert had not been raised.
///
/// Known to whoever decides, for as long as it is not known whether the alert arrived,
/// and written nowhere: what is saved meanwhile is the state of groups
/// [as if it had not](super::GroupTable::states_without).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Undo(pub(super) Vec<GroupUndo>);

/// What it is for one of the groups that took part.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct GroupUndo {
    pub(super) group: GroupId,
    /// Which alert of the group it was: nothing is undone that another one followed.
    pub(super) ordinal: u32,
    /// When its cooldown began, and until when it was to hold.
    pub(super) alert: Timestamp,
    pub(super) until: Timestamp,
    pub(super) owed: Owed,
    /// What the groups of its error had alerted, where it stands for all of them.
    pub(super) joined: Option<Box<Joined>>,
}

impl Owed {
    pub(super) fn of(raised: &Raised) -> Self {
        Self {
            reason: Some(raised.reason.clone()),
            count: raised.count.saturating_sub(1),
            suppressed: raised.suppressed,
            first_seen: raised.first_seen,
            samples: raised.samples.clone(),
        }
    }

    /// What is raised now together with what was owed.
    pub(super) fn told_by(self, raised: Raised) -> Raised {
        let mut samples = self.samples;
        let new = raised.samples.into_iter().filter(|sample| !samples.contains(sample));
        let new: Vec<_> = new.collect();
        samples.extend(new);
        Raised {
            count: raised.count + self.count,
            suppressed: raised.suppressed + self.suppressed,
            first_seen: raised.first_seen.min(self.first_seen),
            samples,
            ..raised
        }
    }
}
