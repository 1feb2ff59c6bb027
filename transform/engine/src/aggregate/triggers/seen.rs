//! Which errors were ever seen, and when last.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use crate::grouping::GroupId;

/// Remembers a bounded number of groups, by the time that their events tell: ten bytes
/// each, and up to three times that as the map grows. When it is full, those go that
/// were seen longest ago, a sixteenth at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// In seconds since 1970.
    last: HashMap<GroupId, u32>,
    /// Of these, those that somebody has called resolved since.
    resolved: HashSet<GroupId>,
    /// How many gave way to others.
    pub(super) forgotten: u64,
}

/// What was known of a group when an event of it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sighting {
    Never,
    /// It was seen, so long before this event; zero where this one is late.
    Before {
        quiet: SignedDuration,
        resolved: bool,
    },
}

impl Seen {
    /// Takes note of an event, and says what was known before.
    pub(super) fn see(&mut self, group: GroupId, at: Timestamp, most: usize) -> Sighting {
        let now = seconds(at);
        match self.last.get_mut(&group) {
            Some(last) => {
                let quiet = SignedDuration::from_secs(now.saturating_sub(*last).into());
                *last = now.max(*last);
                let resolved = !self.resolved.is_empty() && self.resolved.remove(&group);
                Sighting::Before { quiet, resolved }
            }
            None => {
                self.insert(group, at, most);
                Sighting::Never
            }
        }
    }

    /// Takes note that a group was seen, without asking.
    pub(super) fn insert(&mut self, group: GroupId, at: Timestamp, most: usize) {
        let last = self.last.entry(group).or_default();
        *last = seconds(at).max(*last);
        if self.last.len() > most {
            self.make_room(most);
        }
    }

    /// Takes note that somebody called a group resolved.
    pub(super) fn resolve(&mut self, group: GroupId) {
        if self.last.contains_key(&group) {
            self.resolved.insert(group);
        }
    }

    pub(super) fn contains(&self, group: GroupId) -> bool {
        self.last.contains_key(&group)
    }

    /// When a group was last seen.
    pub(super) fn iter(&self) -> impl Iterator<Item = (GroupId, Timestamp)> + '_ {
        self.last.iter().map(|(group, last)| (*group, timestamp(*last)))
    }

    pub(super) fn len(&self) -> usize {
        self.last.len()
    }

    fn make_room(&mut self, most: usize) {
        let mut all: Vec<_> = self.last.iter().map(|(group, last)| (*last, *group)).collect();
        let surplus = (all.len() - most).max(most / 16).min(all.len() - 1);
        if surplus == 0 {
            return;
        }
        all.select_nth_unstable(surplus);
        for (_, group) in &all[..surplus] {
            self.last.remove(group);
            self.resolved.remove(group);
        }
        self.forgotten += surplus as u64;
    }
}

fn seconds(at: Timestamp) -> u32 {
    let seconds = at.as_second().max(0);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

fn timestamp(seconds: u32) -> Timestamp {
    Timestamp::from_second(seconds.into()).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::Fingerprint;

    fn group(number: u32) -> GroupId {
        Fingerprint::new("c", &number.to_string()).into()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn what_was_seen_is_known_with_how_long_ago() {
        let mut seen = Seen::default();
        let quiet = |seconds, resolved| {
            let quiet = SignedDuration::from_secs(seconds);
            Sighting::Before { quiet, resolved }
        };
        assert_eq!(seen.see(group(1), at(100), 10), Sighting::Never);
        assert_eq!(seen.see(group(1), at(160), 10), quiet(60, false));
        assert_eq!(seen.see(group(1), at(90), 10), quiet(0, false));
        seen.resolve(group(1));
        seen.resolve(group(2));
        assert_eq!(seen.see(group(1), at(161), 10), quiet(1, true));
        assert_eq!(seen.see(group(1), at(162), 10), quiet(1, false));
        assert_eq!(seen.see(group(2), at(162), 10), Sighting::Never);
    }

    #[test]
    fn those_seen_longest_ago_give_way_and_are_counted() {
        let mut seen = Seen::default();
        for number in 0..32 {
            seen.see(group(number), at(i64::from(number)), 32);
        }
        seen.see(group(0), at(100), 32);
        assert_eq!((seen.len(), seen.forgotten), (32, 0));
        seen.see(group(99), at(101), 32);
        assert_eq!((seen.len(), seen.forgotten), (31, 2));
        let left = [0, 1, 2, 3, 99].map(|number| seen.contains(group(number)));
        assert_eq!(left, [true, false, false, true, true]);
        let mut one = Seen::default();
        (0..5).for_each(|number| one.insert(group(number), at(i64::from(number)), 1));
        assert_eq!((one.len(), one.contains(group(4)), one.forgotten), (1, true, 4));
    }
}
