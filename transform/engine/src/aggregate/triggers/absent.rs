//! What was to be heard of, and was not.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};

use super::settings::AbsentTrigger;
use crate::{
    aggregate::{
        decision::{Raised, Timed},
        reason::{Reason, Spoken},
        undo::Undo,
    },
    fingerprint::Fingerprint,
    grouping::GroupId,
    observation::Observation,
    policy::Policy,
    presence::Present,
};

/// How long each entry of `absent:` has waited, by the ticks.
#[derive(Clone, Debug, Default)]
pub(in crate::aggregate) struct Silences(Vec<Silence>);

#[derive(Clone, Debug)]
struct Silence {
    trigger: AbsentTrigger,
    /// When it was last heard of, or else when the wait began.
    last: Option<Timestamp>,
    /// The alert of this silence.
    told: bool,
    /// The last alert.
    alert: Option<Told>,
    alerts: u32,
    unsaved: bool,
}

/// When somebody was told, and until when nothing follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aggregate) struct Told {
    pub(in crate::aggregate) at: Timestamp,
    pub(in crate::aggregate) until: Timestamp,
}

/// What is kept of one for a restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aggregate) struct KeptSilence {
    pub(in crate::aggregate) name: GroupId,
    pub(in crate::aggregate) last: Timestamp,
    pub(in crate::aggregate) told: Told,
}

impl Silences {
    /// Waits for these from now on; what is known of those that it waits for already
    /// stays.
    pub(in crate::aggregate) fn reconfigure(&mut self, triggers: &[AbsentTrigger]) {
        let mut before = std::mem::take(&mut self.0);
        let new = triggers.iter().map(|trigger| {
            let known = before.iter().position(|silence| silence.trigger == *trigger);
            known.map(|index| before.swap_remove(index)).unwrap_or_else(|| Silence {
                trigger: trigger.clone(),
                last: None,
                told: false,
                alert: None,
                alerts: 0,
                unsaved: false,
            })
        });
        self.0 = new.collect();
    }

    /// Takes note of who was heard of.
    pub(in crate::aggregate) fn present(&mut self, present: Present, at: Timestamp) {
        for (index, silence) in self.0.iter_mut().enumerate() {
            if present.has(index) {
                silence.last = silence.last.max(Some(at));
                silence.unsaved |= std::mem::take(&mut silence.told);
            }
        }
    }

    /// Goes on to a time; gives the alerts of what was not heard of for too long.
    pub(in crate::aggregate) fn tick(
        &mut self,
        now: Timestamp,
        cooldown: SignedDuration,
    ) -> Vec<Timed> {
        self.0.iter_mut().filter_map(|silence| silence.tick(now, cooldown)).collect()
    }

    /// Goes on from an earlier run, if the name is that of one of them.
    pub(in crate::aggregate) fn restore(&mut self, kept: KeptSilence) -> bool {
        let found = self.0.iter_mut().find(|silence| silence.name() == kept.name);
        let Some(silence) = found else { return false };
        silence.alert = Some(kept.told);
        silence.told = kept.told.at > kept.last;
        silence.last = silence.told.then_some(kept.last);
        true
    }

    pub(in crate::aggregate) fn has_unsaved(&self) -> bool {
        self.0.iter().any(|silence| silence.unsaved)
    }

    /// Those of which somebody was told, or was told before.
    pub(in crate::aggregate) fn kept(&self) -> impl Iterator<Item = KeptSilence> + '_ {
        self.0.iter().filter_map(Silence::kept)
    }

    /// Those that changed since this was last asked.
    pub(in crate::aggregate) fn take_unsaved(&mut self) -> Vec<KeptSilence> {
        let take = |silence: &mut Silence| {
            std::mem::take(&mut silence.unsaved).then(|| silence.kept()).flatten()
        };
        self.0.iter_mut().filter_map(take).collect()
    }
}

impl Silence {
    fn name(&self) -> GroupId {
        self.fingerprint().into()
    }

    fn fingerprint(&self) -> Fingerprint {
        let AbsentTrigger { watch, after, .. } = &self.trigger;
        Fingerprint::new("absent", &format!("{} {}", watch.describe(), after.as_secs()))
    }

    fn kept(&self) -> Option<KeptSilence> {
        let told = self.alert?;
        Some(KeptSilence { name: self.name(), last: self.last.unwrap_or(told.at), told })
    }

    fn tick(&mut self, now: Timestamp, cooldown: SignedDuration) -> Option<Timed> {
        // A clock that was ahead before would be waited for.
        let last = self.last.unwrap_or(now).min(now);
        self.last = Some(last);
        if self.told || now.duration_since(last) < self.trigger.after {
            return None;
        }
        let after = |at: Timestamp, span| at.checked_add(span).unwrap_or(Timestamp::MAX);
        let until = self.alert.map(|told| told.until).filter(|until| {
            // Neither may a cooldown of such a clock last longer than it would.
            until.duration_since(now) <= cooldown
        });
        if until.is_some_and(|until| now < until) {
            return None;
        }
        let due = after(last, self.trigger.after).max(until.unwrap_or(last)).min(now);
        let until = after(due, cooldown);
        self.alert = Some(Told { at: due, until });
        self.alerts = self.alerts.wrapping_add(1);
        (self.told, self.unsaved) = (true, true);
        Some(self.alert(last, due, until))
    }

    fn alert(&self, last: Timestamp, due: Timestamp, cooldown_until: Timestamp) -> Timed {
        let AbsentTrigger { watch, after, severity } = &self.trigger;
        let summary = format!("no {} for {}", watch.describe(), Spoken(*after));
        fn only(names: &[String]) -> Option<Cow<'static, str>> {
            match names {
                [name] => Some(name.clone().into()),
                _ => None,
            }
        }
        let fingerprint = self.fingerprint();
        let observation = Observation {
            fingerprint,
            group: fingerprint.into(),
            joined: None,
            category: only(&watch.matches.category).unwrap_or("absent".into()),
            signature: Some(only(&watch.matches.signature).unwrap_or("ABSENT".into())),
            policy: Policy::Notify,
            severity: Cow::Owned(severity.clone()),
            summary: Some(summary.clone().into()),
            subject: summary.into(),
            exception: None,
            level: None,
            distinct: Vec::new(),
            host: only(&watch.host),
            service: only(&watch.service),
            time: None,
            request_id: None,
        };
        let raised = Raised {
            reason: Reason::Absent { quiet: due.duration_since(last) },
            ordinal: self.alerts,
            count: 0,
            suppressed: 0,
            first_seen: last,
            last_seen: last,
            decided_at: due,
            cooldown_until,
            samples: Vec::new(),
            joined: None,
            undo: Undo::default(),
        };
        Timed { raised, observation }
    }
}
