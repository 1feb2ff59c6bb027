//! The most frequent of many groups, found without looking at all of them.
//!
//! Candidates are those that have more events than the least of the most frequent
//! had when that was last looked at. So an event costs one comparison, and only
//! when there are many candidates their counts are looked up, to let go of those
//! that are not among the most frequent after all.

use hashlink::LinkedHashMap;

use super::group::Group;
use crate::grouping::GroupId;

/// How many are known as the most frequent.
pub const MOST_FREQUENT: usize = 50;

/// How many candidates there may be. The more, the seldomer they are looked up.
const MOST_CANDIDATES: usize = 1024;

/// The groups that may be among the most frequent.
#[derive(Clone, Debug, Default)]
pub(super) struct Frequent {
    /// Each is marked in its group, so that none is taken twice.
    candidates: Vec<GroupId>,
    /// No other group has more events than this.
    least: u64,
}

impl Frequent {
    /// How many events a group must have had more than.
    pub(super) fn least(&self) -> u64 {
        self.least
    }

    /// Makes room when a group is no more: whatever comes is a candidate.
    pub(super) fn forget(&mut self, group: &Group) {
        if group.is_candidate {
            self.least = 0;
        }
    }

    /// Takes a group that became a candidate.
    pub(super) fn add(&mut self, id: GroupId, groups: &mut LinkedHashMap<GroupId, Group>) {
        self.candidates.push(id);
        if self.candidates.len() >= MOST_CANDIDATES {
            self.let_go_of_most(groups);
        }
    }

    /// Keeps the most frequent of the candidates.
    fn let_go_of_most(&mut self, groups: &mut LinkedHashMap<GroupId, Group>) {
        let mut ranked = self.ranked(groups);
        let others = ranked.split_off(ranked.len().min(MOST_FREQUENT));
        for (_, id) in others {
            if let Some(group) = groups.get_mut(&id) {
                group.is_candidate = false;
            }
        }
        // Where there is room, whatever comes is taken.
        let is_full = ranked.len() == MOST_FREQUENT;
        self.least = ranked.last().filter(|_| is_full).map_or(0, |(count, _)| *count);
        self.candidates = ranked.into_iter().map(|(_, id)| id).collect();
    }

    /// The candidates that are still followed, the most frequent first.
    pub(super) fn ranked(&self, groups: &LinkedHashMap<GroupId, Group>) -> Vec<(u64, GroupId)> {
        let counted = |id: &GroupId| {
            let generic = groups.get(id)?.generic.as_ref()?;
            Some((generic.count, *id))
        };
        let mut ranked: Vec<_> = self.candidates.iter().filter_map(counted).collect();
        ranked.sort_unstable_by(|a, b| b.cmp(a));
        // One that was forgotten and came again stands there twice.
        ranked.dedup();
        ranked
    }
}
