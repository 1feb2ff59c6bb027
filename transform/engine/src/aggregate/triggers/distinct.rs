//! As many different values of a field as are worth an alert.

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::settings::DistinctTrigger;
use crate::{aggregate::reason::Reason, observation::Observation, short_hash::ShortHash};

/// The values of each entry of `distinct:`, over all groups that it is for. They are
/// not kept across a restart.
#[derive(Clone, Debug, Default)]
pub(in crate::aggregate) struct Crowds(Vec<Crowd>);

/// The values that came within a window: exact, and no more than the count asks for.
#[derive(Clone, Debug, Default)]
struct Crowd {
    last: HashMap<ShortHash, Timestamp>,
    by_time: BTreeSet<(Timestamp, ShortHash)>,
    /// Until when nothing follows its last alert.
    until: Option<Timestamp>,
}

impl Crowds {
    /// Begins anew: other settings count other values.
    pub(in crate::aggregate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes note of an event, and says which entry it fills, and why.
    pub(in crate::aggregate) fn see(
        &mut self,
        triggers: &[DistinctTrigger],
        observation: &Observation<'_>,
        at: Timestamp,
    ) -> Option<(usize, Reason)> {
        self.0.resize_with(triggers.len(), Crowd::default);
        let mut full = None;
        for (index, (crowd, trigger)) in self.0.iter_mut().zip(triggers).enumerate() {
            let value = observation.distinct.get(index).copied().flatten();
            let Some(value) = value.filter(|_| trigger.is_for(observation)) else { continue };
            if crowd.add(value.0, at, trigger) && full.is_none() {
                let DistinctTrigger { field, count, window, .. } = trigger;
                let (field, count) = (field.clone(), u64::from(*count));
                full = Some((index, Reason::Distinct { field, count, window: *window }));
            }
        }
        full
    }

    /// Begins an entry anew after its alert, when its cooldown is over.
    pub(in crate::aggregate) fn told(&mut self, index: usize, until: Timestamp) {
        if let Some(crowd) = self.0.get_mut(index) {
            *crowd = Crowd { until: Some(until), ..Crowd::default() };
        }
    }
}

impl Crowd {
    /// Whether there are enough with this one.
    fn add(&mut self, value: ShortHash, at: Timestamp, trigger: &DistinctTrigger) -> bool {
        if self.until.is_some_and(|until| at < until) {
            return false;
        }
        let before = self.last.get(&value).copied();
        if before.is_none_or(|before| before < at) {
            if let Some(before) = before {
                self.by_time.remove(&(before, value));
            }
            self.last.insert(value, at);
            self.by_time.insert((at, value));
        }
        let most = trigger.count as usize;
        let is_past = |first: &Timestamp, last: &Timestamp, window: SignedDuration| {
            last.duration_since(*first) > window
        };
        while let (Some((first, value)), Some((last, _))) =
            (self.by_time.first().copied(), self.by_time.last())
        {
            if self.last.len() <= most && !is_past(&first, last, trigger.window) {
                break;
            }
            self.by_time.remove(&(first, value));
            self.last.remove(&value);
        }
        self.last.len() >= most
    }
}
