//! One group of the same error: what is known of it, and what that decides.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    cooldowns::{Cooldowns, span},
    decision::{Hold, Raised},
    event_time::EventTime,
    joined::Joined,
    reason::Reason,
    samples::{SAMPLE_ATTEMPTS, sample},
    settings::Conditions,
    times::{Reached, Times},
    triggers::{Baseline, Candidates},
    undo::{GroupUndo, Owed, Undo},
};
use crate::{
    canonical::redacted_canonical,
    fingerprint::Fingerprint,
    grouping::{GroupId, JoinedError},
    observation::Observation,
};

/// What is known of one group. As it is written it is part of the state on disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Group {
    times: Times,
    cooldowns: Cooldowns,
    /// The latest event, by the time at which it counts.
    last_seen: Timestamp,
    /// When the last event came.
    pub(super) last_arrival: Timestamp,
    /// Idle for so long it is forgotten; none at all where it already is, and only
    /// that it was seen is kept.
    pub(super) idle: SignedDuration,
    /// For so long it is kept on disk that it was seen.
    pub(super) remembered: SignedDuration,
    /// Alerts raised.
    alerts: u32,
    samples: Vec<String>,
    sample_attempts: u8,
    pub(super) generic: Option<Box<GenericCount>>,
    /// What the groups of an error have alerted, where it stands for all of them.
    pub(super) joined: Option<Box<Joined>>,
    /// How many events are usual, where a spike is to be told.
    baseline: Option<Box<Baseline>>,
    /// What an alert told that did not arrive.
    owed: Option<Box<Owed>>,
    /// Whether it changed since it was last taken to be saved.
    #[serde(skip)]
    pub(super) unsaved: bool,
    /// Whether it may be among the most frequent.
    #[serde(skip)]
    pub(super) is_candidate: bool,
}

/// How often an error came that no signature knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct GenericCount {
    pub(super) fingerprint: Fingerprint,
    pub(super) canonical: Box<str>,
    pub(super) count: u64,
}

impl Group {
    pub(super) fn new(observation: &Observation<'_>, time: EventTime) -> Self {
        let generic = observation.signature.is_none().then(|| {
            let canonical = redacted_canonical(&observation.subject).into();
            Box::new(GenericCount { fingerprint: observation.fingerprint, canonical, count: 0 })
        });
        Self { generic, ..Self::of_joined(time) }
    }

    /// One that stands for all groups of an error.
    pub(super) fn of_joined(time: EventTime) -> Self {
        Self {
            times: Times::default(),
            cooldowns: Cooldowns::default(),
            last_seen: time.at,
            last_arrival: time.arrived,
            idle: SignedDuration::ZERO,
            remembered: SignedDuration::ZERO,
            alerts: 0,
            samples: Vec::new(),
            sample_attempts: 0,
            generic: None,
            joined: None,
            baseline: None,
            owed: None,
            unsaved: true,
            is_candidate: false,
        }
    }

    /// One of which only that is kept that it was seen, and when last.
    pub(super) fn of_memory(last: Timestamp, remembered: SignedDuration) -> Self {
        Self { remembered, ..Self::of_joined(EventTime::on_arrival(last)) }
    }

    /// The same with an alert that it raised, and the end of its cooldown.
    pub(super) fn alerted(self, alert: Timestamp, until: Timestamp) -> Self {
        Self { cooldowns: Cooldowns::of_alert(alert, until), ..self }
    }

    /// Whether only that is known that it was seen.
    pub(super) fn is_memory(&self) -> bool {
        self.idle.is_zero()
    }

    /// Its latest event, by the time at which that counts.
    pub(super) fn last_seen(&self) -> Timestamp {
        self.last_seen
    }

    /// Its latest alert, and the end of that one's cooldown.
    pub(super) fn latest_alert(&self) -> Option<(Timestamp, Timestamp)> {
        self.cooldowns.latest()
    }

    /// With the cooldowns of another one, as of one that nothing came of yet: it
    /// does not tell again at once what that has told.
    pub(super) fn cooled_by(mut self, other: &Self) -> Self {
        self.cooldowns = other.cooldowns.without_counts();
        self
    }

    /// What is kept of it.
    pub(super) fn state(&self) -> Self {
        let baseline = self.baseline.as_ref().map(|baseline| Box::new(baseline.state()));
        Self { unsaved: false, is_candidate: false, baseline, ..self.clone() }
    }

    /// Whether it has so many events that it may be among the most frequent, and
    /// did not before.
    pub(super) fn becomes_candidate(&mut self, least: u64) -> bool {
        let is_frequent = self.generic.as_ref().is_some_and(|generic| generic.count > least);
        is_frequent && !std::mem::replace(&mut self.is_candidate, is_frequent)
    }

    /// By when its events came: what they tell of other times says nothing about
    /// how long ago that is.
    pub(super) fn is_idle(&self, arrived: Timestamp) -> bool {
        arrived.duration_since(self.last_arrival) > self.idle
    }

    /// Takes note of an error, and raises what speaks: of these that were found outside
    /// of it, or what it finds itself.
    pub(super) fn observe(
        &mut self,
        observation: &Observation<'_>,
        EventTime { at, arrived }: EventTime,
        conditions: &Conditions,
        mut found: Candidates,
    ) -> Result<Raised, Hold> {
        let Conditions { thresholds, immediate, counts, samples, .. } = *conditions;
        self.unsaved = true;
        self.last_arrival = arrived;
        (self.idle, self.remembered) = (conditions.forgotten_after(), conditions.remembered);
        if let Some(generic) = &mut self.generic {
            generic.count += 1;
        }
        if let Some(spike) = &conditions.spike {
            Baseline::add(&mut self.baseline, spike, thresholds.window, at);
        }
        if !counts && conditions.spike.is_none() && found.is_none() && self.owed.is_none() {
            if !conditions.remembered.is_zero() {
                self.last_seen = self.last_seen.max(at);
            }
            return Err(Hold::Generic);
        }
        let idle = conditions.idle();
        self.take_sample(&observation.subject, at, samples, idle);
        if self.cooldowns.hold(at, &thresholds, conditions.longest_cooldown(), idle) {
            return Err(Hold::Cooldown);
        }
        let is_due = immediate || self.owed.is_some();
        let min_count = if is_due { 1 } else { thresholds.min_count };
        let reached = self.times.add(at, min_count as usize, thresholds.window);
        if let (Some(spike), Some(baseline)) = (&conditions.spike, &mut self.baseline) {
            found.spike = baseline.spike(spike, thresholds.window, at);
        }
        if counts && reached.is_some() {
            let (count, window) = (thresholds.min_count.into(), thresholds.window);
            match immediate {
                true => found.immediate = Some(Reason::Immediate),
                false => found.threshold = Some(Reason::Threshold { count, window }),
            }
        }
        if let Some(owed) = &self.owed {
            let (count, window) = (thresholds.min_count.into(), thresholds.window);
            let reason = || Reason::Threshold { count, window };
            found.owed = Some(owed.reason.clone().unwrap_or_else(reason));
        }
        let held = if counts { Hold::BelowThreshold } else { Hold::Generic };
        let reason = found.first().ok_or(held)?;
        let (reached, count) = match (&reason, reached) {
            (Reason::Spike { count, window, .. } | Reason::Distinct { count, window, .. }, _)
                if !is_due =>
            {
                (self.times.around(at, *window), *count)
            }
            (Reason::New { .. } | Reason::Returned { .. }, _) | (_, None) => {
                (Reached { first: at, last: at }, 1)
            }
            (_, Some(reached)) => (reached, min_count.into()),
        };
        let raised = self.raise(reason, reached, count, arrived, conditions);
        Ok(with_undo(raised, observation.group, reached.last, None))
    }

    /// Raises an alert of so many events, and begins its cooldown.
    fn raise(
        &mut self,
        reason: Reason,
        Reached { first, last }: Reached,
        count: u64,
        decided_at: Timestamp,
        conditions: &Conditions,
    ) -> Raised {
        let (thresholds, idle) = (&conditions.thresholds, conditions.idle());
        let length = self.cooldowns.length(last, thresholds.cooldown, conditions.backoff);
        let cooldown_until = last.checked_add(length).unwrap_or(Timestamp::MAX);
        // What it answers for counts no more; what lies after it was suppressed by
        // it, had all come in order.
        let answers_for = span(last, thresholds, length);
        let answered = self.times.take(|time| answers_for.contains(&time) || time == last);
        let after = answered.into_iter().filter(|time| *time > last);
        let suppressed = self.cooldowns.begin(last, cooldown_until, after, idle);
        self.alerts = self.alerts.wrapping_add(1);
        self.sample_attempts = 0;
        let raised = Raised {
            reason,
            ordinal: self.alerts,
            count,
            suppressed: suppressed.count,
            first_seen: suppressed.first.map_or(first, |suppressed| suppressed.min(first)),
            last_seen: last,
            decided_at,
            cooldown_until,
            samples: std::mem::take(&mut self.samples),
            joined: None,
            undo: Undo::default(),
        };
        match self.owed.take() {
            Some(owed) => owed.told_by(raised),
            None => raised,
        }
    }

    /// Takes note of what a group of its error would alert, and says what becomes of
    /// it: that alert, one of all groups where more than so many alert together, or
    /// none within the cooldown of such a one.
    pub(super) fn join(
        &mut self,
        raised: Raised,
        group: GroupId,
        error: &JoinedError,
        conditions: &Conditions,
        above: u64,
    ) -> Result<Raised, Hold> {
        self.unsaved = true;
        self.last_arrival = raised.decided_at;
        let Conditions { thresholds, .. } = conditions;
        let idle = conditions.idle();
        self.idle = idle;
        let (at, window) = (raised.last_seen, thresholds.window);
        let before = self.joined.clone();
        let joined = self.joined.get_or_insert_default();
        if at.duration_since(self.last_seen) > idle {
            // What was before so long a silence is another story.
            **joined = Joined::default();
        }
        self.last_seen = self.last_seen.max(at);
        joined.take(&raised, group, error, idle);
        if self.cooldowns.hold(at, thresholds, conditions.longest_cooldown(), idle) {
            return Err(Hold::Cooldown);
        }
        if self.owed.is_none() && joined.together(at, window) <= above {
            return Ok(joined.alone(raised, group));
        }
        let length = self.cooldowns.length(at, thresholds.cooldown, conditions.backoff);
        let cooldown_until = at.checked_add(length).unwrap_or(Timestamp::MAX);
        self.cooldowns.begin(at, cooldown_until, [], idle);
        self.alerts = self.alerts.wrapping_add(1);
        self.owed = None;
        let all = joined.all(raised, window);
        let all = Raised { ordinal: self.alerts, cooldown_until, ..all };
        Ok(with_undo(all, error.group, at, before))
    }

    /// Makes as if it had not raised an alert, unless another one followed: what that
    /// alert has told, and its cooldown has suppressed, is told by the next.
    pub(super) fn take_back(&mut self, undo: &GroupUndo) {
        if self.alerts != undo.ordinal || self.owed.is_some() {
            return;
        }
        let meanwhile = self.cooldowns.revoke(undo.alert, undo.until);
        let mut owed = undo.owed.clone();
        owed.suppressed += meanwhile.count;
        self.owed = Some(Box::new(owed));
        if let Some(before) = &undo.joined {
            let since = self.joined.replace(before.clone());
            if let (Some(joined), Some(since)) = (&mut self.joined, since) {
                joined.add(*since);
            }
        }
        self.unsaved = true;
    }

    fn take_sample(&mut self, subject: &str, at: Timestamp, most: usize, idle: SignedDuration) {
        if at.duration_since(self.last_seen) > idle {
            // What was before so long a silence is another story.
            self.samples.clear();
            self.sample_attempts = 0;
        }
        self.last_seen = self.last_seen.max(at);
        // Whoever wants fewer from now on wants none of those that were kept.
        self.samples.truncate(most);
        if self.samples.len() < most && self.sample_attempts < SAMPLE_ATTEMPTS {
            self.sample_attempts += 1;
            let sample = sample(subject);
            if !self.samples.contains(&sample) {
                self.samples.push(sample);
            }
        }
    }
}

/// With what takes it back from one more group, whose cooldown began at that time.
fn with_undo(
    mut raised: Raised,
    group: GroupId,
    alert: Timestamp,
    joined: Option<Box<Joined>>,
) -> Raised {
    let (ordinal, until) = (raised.ordinal, raised.cooldown_until);
    let owed = Owed::of(&raised);
    raised.undo.0.push(GroupUndo { group, ordinal, alert, until, owed, joined });
    raised
}
