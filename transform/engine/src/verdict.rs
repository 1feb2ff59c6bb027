//! What an event is, and what is known of it.

use std::borrow::Cow;

use signatures_event::{Event, Exception, Level, Skip, Subject};

use crate::{
    fingerprint::Fingerprint,
    grouping::{GroupId, JoinedError},
    peculiar::Peculiar,
    presence::Present,
};

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A known error: the index of its signature in the taxonomy.
    Match(usize),
    /// Known noise: the index of its allowlist entry in the taxonomy.
    Noise(usize),
    /// Nothing known.
    Unmatched,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome<'a> {
    /// It passes untouched, not looked at.
    Skipped(Skip),
    /// It was looked at.
    Classified(Classification<'a>),
}

/// All that is known of a classified event.
#[derive(Clone, Debug, PartialEq)]
pub struct Classification<'a> {
    /// What it is.
    pub verdict: Verdict,
    /// What it was judged by.
    pub subject: Subject<'a>,
    /// The level that its event says.
    pub level: Option<Level>,
    /// Which errors it is the same as; none for noise, and for what nothing
    /// matches and is not said to be an error.
    pub fingerprint: Option<Fingerprint>,
    /// The group that it counts for, where it has a fingerprint.
    pub group: Option<GroupId>,
    /// The whole error, where the alerts of its groups may be joined.
    pub joined: Option<Box<JoinedError>>,
    /// The service that its event names, where it has a fingerprint.
    pub service: Option<Cow<'a, str>>,
    /// The exception that it is, where groups are made of those.
    pub exception: Option<Box<Exception>>,
    /// How many patterns gave up at their step limit.
    pub step_limit_hits: u32,
}

impl Verdict {
    /// Whether it is known noise, which is dropped.
    #[must_use]
    pub const fn is_noise(self) -> bool {
        matches!(self, Self::Noise(_))
    }
}

/// What became of events, by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Known errors.
    pub matched: u64,
    /// Known noise, which is dropped.
    pub noise: u64,
    /// Looked at, and neither.
    pub unmatched: u64,
    /// Passed without a look.
    pub skipped: u64,
    /// Of the others, those of which only the beginning was looked at.
    pub cut: u64,
    /// Of those that nothing matches, those in which there was nothing to look at.
    pub empty: u64,
    /// Fields of an event's own that stand in the place of a tag, and are left.
    pub foreign: u64,
    /// Searches that gave up at their step limit.
    pub step_limit_hits: u64,
    /// Of what should not be counted, the first of each kind.
    pub peculiar: Peculiar,
    /// Of what is to be heard of, what was.
    pub present: Present,
}

impl Tally {
    /// All events.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.matched + self.noise + self.unmatched + self.skipped
    }

    /// Counts an event.
    pub fn count(&mut self, event: &impl Event, outcome: &Outcome<'_>) {
        let Outcome::Classified(classification) = outcome else {
            self.skipped += 1;
            return;
        };
        self.cut += u64::from(classification.subject.cut);
        if !classification.subject.is_found() {
            self.empty += 1;
            self.peculiar.see_empty(event);
        }
        self.step_limit_hits += u64::from(classification.step_limit_hits);
        match classification.verdict {
            Verdict::Match(_) => self.matched += 1,
            Verdict::Noise(_) => self.noise += 1,
            Verdict::Unmatched => self.unmatched += 1,
        }
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.matched += other.matched;
        self.noise += other.noise;
        self.unmatched += other.unmatched;
        self.skipped += other.skipped;
        self.cut += other.cut;
        self.empty += other.empty;
        self.foreign += other.foreign;
        self.step_limit_hits += other.step_limit_hits;
        self.peculiar.add(other.peculiar);
        self.present |= other.present;
    }
}
