//! What the groups of one error have alerted, as it is kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::grouping::GroupId;

/// How many values of one error are told apart. Of more the oldest give way that have
/// been told, and where none has each that alerts counts as one more.
pub(super) const MOST_VALUES: usize = 256;

/// What the groups of one error have alerted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Joined {
    /// In the order in which they first alerted.
    pub(super) values: Vec<Alerted>,
    /// Of values that are told apart no more.
    pub(super) beyond: Beyond,
}

/// What one group has alerted since the last joined alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Alerted {
    pub(super) group: GroupId,
    /// What its events say that tells it from the others; without secrets.
    pub(super) value: Box<str>,
    pub(super) count: u64,
    pub(super) suppressed: u64,
    pub(super) first_seen: Timestamp,
    pub(super) last_seen: Timestamp,
    /// Whether an alert of its own has told it.
    pub(super) told: bool,
}

/// Values that are told apart no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Beyond {
    pub(super) values: u64,
    pub(super) count: u64,
    pub(super) suppressed: u64,
}

impl Joined {
    /// Takes what one group has alerted.
    pub(super) fn put(&mut self, new: Alerted) {
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

    /// Adds what groups have alerted since.
    pub(super) fn add(&mut self, since: Self) {
        for alerted in since.values {
            self.put(alerted);
        }
        self.beyond.values += since.beyond.values;
        self.beyond.count += since.beyond.count;
        self.beyond.suppressed += since.beyond.suppressed;
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
