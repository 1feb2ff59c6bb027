//! Errors that are new, or back: which of them are told, and the rest as one.

use std::{borrow::Cow, collections::VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::{
    seen::{Seen, Sighting},
    settings::{NewTrigger, Triggers},
};
use crate::{
    aggregate::{
        decision::{Raised, Timed},
        reason::{Reason, Trigger},
        samples::MAX_SAMPLES,
        undo::Undo,
    },
    canonical::redacted_canonical,
    fingerprint::Fingerprint,
    grouping::GroupId,
    observation::{GENERIC, Observation},
    policy::Policy,
    severity::Severity,
};

/// In so long a time only so many are told by themselves.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What is remembered of errors, and who was told of new ones.
#[derive(Clone, Debug, Default)]
pub(in crate::aggregate) struct Novelty {
    seen: Seen,
    /// Since when it remembers, by the ticks; before the first it has not begun.
    since: Option<Timestamp>,
    /// By the last tick.
    now: Option<Timestamp>,
    /// When those were told that still count for the hour.
    told: VecDeque<Timestamp>,
    left_out: Option<LeftOut>,
    digests: u32,
    /// Whether a restart is still to be told when it began.
    unsaved: bool,
}

/// What is new of an error that was just seen.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::aggregate) enum Novel {
    /// It may be told by itself.
    Told(Reason),
    /// There were too many within the hour.
    LeftOut,
}

/// Errors that are to be told as one.
#[derive(Clone, Debug)]
struct LeftOut {
    errors: u64,
    /// What some of them are.
    texts: Vec<String>,
    first: Timestamp,
    last: Timestamp,
    /// When the first was left out.
    since: Timestamp,
}

impl Novelty {
    /// The name under which is kept when it began to remember.
    pub(in crate::aggregate) fn name() -> GroupId {
        Fingerprint::new("triggers", "remembers since").into()
    }

    /// Takes note of an error, and says whether it is new or back.
    pub(in crate::aggregate) fn see(
        &mut self,
        triggers: &Triggers,
        most: usize,
        observation: &Observation<'_>,
        at: Timestamp,
    ) -> Option<Novel> {
        if !triggers.remembers() {
            return None;
        }
        let NewTrigger { quiet: new_after, learn, per_hour, .. } = triggers.novel();
        let (new_after, learn, per_hour) = (*new_after, *learn, *per_hour);
        let is_first = self.seen.len() == 0;
        let sighting = self.seen.see(observation.group, at, most);
        let reason = match sighting {
            Sighting::Never if self.is_known_otherwise(observation) => None,
            Sighting::Never => triggers.new.is_some().then_some(Reason::New { quiet: None }),
            Sighting::Before { quiet, .. } if quiet > new_after => {
                let quiet = Some(quiet);
                triggers.new.is_some().then_some(Reason::New { quiet })
            }
            Sighting::Before { quiet, resolved } => {
                let is_back = |after: SignedDuration| resolved || quiet >= after;
                triggers.returned.filter(|after| is_back(*after))?;
                Some(Reason::Returned { quiet, resolved })
            }
        }?;
        let since = self.since?;
        // A log of long ago is learnt by its own time, as `replay` has it.
        let since = if is_first { since.min(at) } else { since };
        self.since = Some(since);
        // That one is back is known from what it was, also while others are learnt.
        let learns = reason.trigger() == Trigger::New && at.duration_since(since) < learn;
        if learns || !triggers.is_grave(observation) {
            return None;
        }
        while self.told.front().is_some_and(|told| at.duration_since(*told) >= HOUR) {
            self.told.pop_front();
        }
        Some(match (self.told.len() as u64) < per_hour {
            true => Novel::Told(reason),
            false => Novel::LeftOut,
        })
    }

    /// Whether it was followed by its fingerprint until errors came to be told apart
    /// otherwise.
    fn is_known_otherwise(&self, observation: &Observation<'_>) -> bool {
        let before = observation.fingerprint.into();
        before != observation.group && self.seen.contains(before)
    }

    /// Takes note that one was told by itself.
    pub(in crate::aggregate) fn told(&mut self, at: Timestamp) {
        self.told.push_back(at);
    }

    /// Takes note of one that is to be told with others.
    pub(in crate::aggregate) fn leave_out(&mut self, observation: &Observation<'_>, at: Timestamp) {
        let Some(now) = self.now else { return };
        let left_out = self.left_out.get_or_insert_with(|| LeftOut {
            errors: 0,
            texts: Vec::new(),
            first: at,
            last: at,
            since: now,
        });
        left_out.errors += 1;
        (left_out.first, left_out.last) = (left_out.first.min(at), left_out.last.max(at));
        if left_out.texts.len() < MAX_SAMPLES {
            let signature = observation.signature.as_deref().unwrap_or(GENERIC);
            let text = redacted_canonical(&observation.subject);
            left_out.texts.push(format!("{signature}: {text}"));
        }
    }

    /// Goes on to a time; gives the alert of those that were left out, when its hour is
    /// over.
    pub(in crate::aggregate) fn tick(
        &mut self,
        triggers: &Triggers,
        now: Timestamp,
    ) -> Option<Timed> {
        if !triggers.remembers() {
            return None;
        }
        // A clock that was ahead before tells nothing of how long this takes.
        let since = self.since.filter(|since| *since <= now);
        self.unsaved |= since.is_none();
        self.since = Some(since.unwrap_or(now));
        self.now = Some(now);
        self.told.retain(|told| *told <= now);
        let left_out = self.left_out.as_ref()?;
        let hour = self.told.front().copied().unwrap_or(left_out.since).min(left_out.since);
        if now.duration_since(hour) < HOUR {
            return None;
        }
        let left_out = self.left_out.take()?;
        self.digests = self.digests.wrapping_add(1);
        Some(left_out.alert(triggers.novel().per_hour, self.digests, now))
    }

    /// Takes note that somebody called a group resolved.
    pub(in crate::aggregate) fn resolve(&mut self, group: GroupId) {
        self.seen.resolve(group);
    }

    /// How many groups are remembered, and how many gave way to others.
    pub(in crate::aggregate) fn remembered(&self) -> (usize, u64) {
        (self.seen.len(), self.seen.forgotten)
    }

    /// The groups that are remembered, and when they were last seen.
    pub(in crate::aggregate) fn iter(&self) -> impl Iterator<Item = (GroupId, Timestamp)> + '_ {
        self.seen.iter()
    }

    /// Goes on from a group that was seen in an earlier run.
    pub(in crate::aggregate) fn restore(&mut self, group: GroupId, last: Timestamp, most: usize) {
        self.seen.insert(group, last, most);
    }

    /// Goes on from when it began in an earlier run.
    pub(in crate::aggregate) fn restore_since(&mut self, since: Timestamp) {
        self.since = Some(since);
    }

    /// When it began.
    pub(in crate::aggregate) fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// Whether it has begun, and a restart would not know.
    pub(in crate::aggregate) fn has_unsaved(&self) -> bool {
        self.unsaved
    }

    /// When it began, if a restart would not know.
    pub(in crate::aggregate) fn take_unsaved(&mut self) -> Option<Timestamp> {
        std::mem::take(&mut self.unsaved).then_some(self.since)?
    }
}

impl LeftOut {
    fn alert(self, per_hour: u64, ordinal: u32, now: Timestamp) -> Timed {
        let Self { errors, texts, first, last, .. } = self;
        let summary = format!("{errors} more errors that are new");
        let fingerprint = Fingerprint::new("triggers", "more new errors");
        let observation = Observation {
            fingerprint,
            group: fingerprint.into(),
            joined: None,
            category: "new".into(),
            signature: Some("MORE_NEW_ERRORS".into()),
            policy: Policy::Notify,
            severity: Cow::Owned(Severity::default()),
            summary: Some(summary.clone().into()),
            subject: summary.into(),
            exception: None,
            level: None,
            distinct: Vec::new(),
            host: None,
            service: None,
            time: None,
            request_id: None,
        };
        let raised = Raised {
            reason: Reason::MoreNew { errors, per_hour },
            ordinal,
            count: errors,
            suppressed: 0,
            first_seen: first,
            last_seen: last,
            decided_at: now,
            cooldown_until: now,
            samples: texts,
            joined: None,
            undo: Undo::default(),
        };
        Timed { raised, observation }
    }
}
