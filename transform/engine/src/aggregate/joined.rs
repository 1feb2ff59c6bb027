//! One error in many places: the alerts of its groups, joined into one where too many
//! of them alert within a window.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    decision::{JoinedValues, Raised, ToldBefore, ValueCount},
    samples::sample,
};
use crate::grouping::{GroupId, JoinedError};

/// How many values of one error are told apart. Of more the oldest give way that have
/// been told, and where none has each that alerts counts as one more.
const MOST_VALUES: usize = 256;

/// How many values an alert lists, the most frequent first.
pub const MAX_LISTED_VALUES: usize = 50;

/// What the groups of one error have alerted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Joined {
    /// In the order in which they first alerted.
    values: Vec<Alerted>,
    /// Of values that are told apart no more.
    beyond: Beyond,
}

/// What one group has alerted since the last joined alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Alerted {
    group: GroupId,
    /// What its events say that tells it from the others; without secrets.
    value: Box<str>,
    count: u64,
    suppressed: u64,
    first_seen: Timestamp,
    last_seen: Timestamp,
    /// Whether an alert of its own has told it.
    told: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Beyond {
    values: u64,
    count: u64,
    suppressed: u64,
}

impl Joined {
    /// Takes what a group would alert by itself.
    pub(super) fn take(
        &mut self,
        raised: &Raised,
        group: GroupId,
        error: &JoinedError,
        idle: SignedDuration,
    ) {
        let is_near = |seen: Timestamp| raised.last_seen.duration_since(seen).abs() <= idle;
        self.values.retain(|alerted| !alerted.told || is_near(alerted.last_seen));
        let new = Alerted {
            group,
            value: sample(&error.value).into(),
            count: raised.count,
            suppressed: raised.suppressed,
            first_seen: raised.first_seen,
            last_seen: raised.last_seen,
            told: false,
        };
        self.put(new);
    }

    fn put(&mut self, new: Alerted) {
        match self.values.iter_mut().find(|alerted| alerted.group == new.group) {
            Some(alerted) if alerted.told => *alerted = new,
            Some(alerted) => alerted.add(&new),
            None => self.push(new),
        }
    }

    fn push(&mut self, new: Alerted) {
        if self.values.len() >= MOST_VALUES {
            let Some(told) = self.values.iter().position(|alerted| alerted.told) else {
                self.beyond.values += 1;
                self.beyond.count += new.count;
                self.beyond.suppressed += new.suppressed;
                return;
            };
            self.values.remove(told);
        }
        self.values.push(new);
    }

    /// How many values alert together with one at this time: those that did within a
    /// window of it, and those of which nobody was told yet.
    pub(super) fn together(&self, at: Timestamp, window: SignedDuration) -> u64 {
        let counts = |alerted: &&Alerted| {
            !alerted.told || at.duration_since(alerted.last_seen).abs() <= window
        };
        self.values.iter().filter(counts).count() as u64 + self.beyond.values
    }

    /// Adds what groups have alerted since.
    pub(super) fn add(&mut self, since: Self) {
        for alerted in since.values {
            self.put(alerted);
        }
        self.beyond.values += since.beyond.values;
        self.beyond.count += since.beyond.count;
        self.beyond.suppressed += since.beyond.suppressed;
    }

    /// The alert of a group by itself, with what was held back of it.
    pub(super) fn alone(&mut self, raised: Raised, group: GroupId) -> Raised {
        let found = self.values.iter_mut().find(|alerted| alerted.group == group);
        let Some(alerted) = found else { return raised };
        alerted.told = true;
        Raised {
            suppressed: alerted.suppressed + (alerted.count - raised.count),
            first_seen: alerted.first_seen.min(raised.first_seen),
            ..raised
        }
    }

    /// The alert of all of them together, by the last that alerted; they begin anew.
    pub(super) fn all(&mut self, last: Raised, window: SignedDuration) -> Raised {
        let Self { mut values, beyond } = std::mem::take(self);
        values.retain(|alerted| {
            !alerted.told || last.last_seen.duration_since(alerted.last_seen).abs() <= window
        });
        let sum = |of: fn(&Alerted) -> u64| values.iter().map(of).sum::<u64>();
        let (count, suppressed) = (sum(|a| a.count), sum(|a| a.suppressed));
        let first_seen = values.iter().map(|a| a.first_seen).min().unwrap_or(last.first_seen);
        let last_seen = values.iter().map(|a| a.last_seen).max().unwrap_or(last.last_seen);
        Raised {
            count: count + beyond.count,
            suppressed: suppressed + beyond.suppressed,
            first_seen: first_seen.min(last.first_seen),
            last_seen: last_seen.max(last.last_seen),
            joined: Some(Box::new(listed(values, beyond))),
            ..last
        }
    }

    /// What nobody was told yet, by value.
    #[cfg(test)]
    pub(super) fn untold(&self) -> impl Iterator<Item = (&str, u64)> {
        let untold = self.values.iter().filter(|alerted| !alerted.told);
        untold.map(|alerted| (&*alerted.value, alerted.count + alerted.suppressed))
    }

    /// What an alert of its own has told, by value.
    #[cfg(test)]
    pub(super) fn told(&self) -> impl Iterator<Item = (&str, u64)> {
        let told = self.values.iter().filter(|alerted| alerted.told);
        told.map(|alerted| (&*alerted.value, alerted.count + alerted.suppressed))
    }
}

impl Alerted {
    fn add(&mut self, later: &Self) {
        self.count += later.count;
        self.suppressed += later.suppressed;
        self.first_seen = self.first_seen.min(later.first_seen);
        self.last_seen = self.last_seen.max(later.last_seen);
    }
}

fn listed(values: Vec<Alerted>, beyond: Beyond) -> JoinedValues {
    let mut before = ToldBefore::default();
    for alerted in values.iter().filter(|alerted| alerted.told) {
        before.values += 1;
        before.count += alerted.count;
        before.suppressed += alerted.suppressed;
    }
    let counted = values.into_iter().map(|alerted| ValueCount {
        count: alerted.count + alerted.suppressed,
        value: alerted.value.into(),
    });
    let mut values: Vec<ValueCount> = counted.collect();
    values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    let more = values.split_off(values.len().min(MAX_LISTED_VALUES));
    JoinedValues {
        values,
        more_values: more.len() as u64 + beyond.values,
        more_count: more.iter().map(|value| value.count).sum::<u64>()
            + beyond.count
            + beyond.suppressed,
        before,
    }
}

#[cfg(test)]
mod tests;
