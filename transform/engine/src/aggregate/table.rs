//! The groups that are followed: a bounded table in memory.

use std::collections::HashMap;

use hashlink::{LinkedHashMap, linked_hash_map::RawEntryMut};
use jiff::{SignedDuration, Timestamp};

use super::{
    decision::{Aggregate, Decision, Hold, Raised, Timed},
    event_time::EventTime,
    frequent::{Frequent, MOST_FREQUENT},
    group::{GenericCount, Group},
    reason::{Reason, Trigger},
    settings::{AggregationSettings, Conditions},
    state::GroupState,
    triggers::{Candidates, Crowds, KeptSilence, Novel, Novelty, Silences, Told},
    undo::{GroupUndo, Undo},
};
use crate::{
    fingerprint::Fingerprint, grouping::GroupId, observation::Observation, presence::Present,
};

/// A clock that is set back by more than this is one that was wrong before.
const CLOCK_SET_BACK: SignedDuration = SignedDuration::from_mins(1);

/// For so long is kept what is no error.
const FOREVER: SignedDuration = SignedDuration::from_hours(100 * 366 * 24);

/// Follows a bounded number of groups; the least recently seen gives way.
#[derive(Clone, Debug)]
pub struct GroupTable {
    settings: AggregationSettings,
    groups: LinkedHashMap<GroupId, Group>,
    /// Of those that no signature knows.
    frequent: Frequent,
    /// When the last event of any group came.
    last_arrival: Timestamp,
    /// Which errors were seen, and which of them are new.
    novelty: Novelty,
    /// What is not heard of.
    silences: Silences,
    /// What comes with many values.
    crowds: Crowds,
    /// What is left to be kept of groups that were forgotten.
    left: Vec<GroupState>,
    /// Whether somebody keeps states.
    is_kept: bool,
    stats: Stats,
}

/// What the table has done since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Groups that are followed now.
    pub live: usize,
    /// Alerts decided.
    pub alerts: u64,
    /// Events suppressed by a cooldown.
    pub suppressed: u64,
    /// Events that no signature knows.
    pub generic: u64,
    /// Groups that gave way to others before they were idle.
    pub evicted: u64,
    /// Groups forgotten because they were idle.
    pub forgotten: u64,
    /// Groups of which it is remembered that they were seen.
    pub remembered: usize,
    /// Of those, how many gave way to others.
    pub unremembered: u64,
}

/// Errors of one group that no signature knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenericGroup<'a> {
    /// Their group.
    pub id: GroupId,
    /// The fingerprint of the first of them.
    pub fingerprint: Fingerprint,
    /// Their text without its accidents and secrets.
    pub canonical: &'a str,
    /// How many there were.
    pub count: u64,
}

impl GroupTable {
    /// An empty table.
    #[must_use]
    pub fn new(settings: AggregationSettings) -> Self {
        let mut silences = Silences::default();
        silences.reconfigure(&settings.triggers.absent);
        Self {
            settings,
            groups: LinkedHashMap::new(),
            frequent: Frequent::default(),
            last_arrival: Timestamp::MIN,
            novelty: Novelty::default(),
            silences,
            crowds: Crowds::default(),
            left: Vec::new(),
            is_kept: false,
            stats: Stats::default(),
        }
    }

    /// Goes on with other settings; what is known of each group stays.
    pub fn reconfigure(&mut self, settings: AggregationSettings) {
        if settings.triggers.distinct != self.settings.triggers.distinct {
            self.crowds.clear();
        }
        self.silences.reconfigure(&settings.triggers.absent);
        self.settings = settings;
        self.enforce_bound();
    }

    /// What the table has done so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let (remembered, unremembered) = self.novelty.remembered();
        Stats { live: self.groups.len(), remembered, unremembered, ..self.stats }
    }

    /// The errors that no signature knows, least recently seen first.
    pub fn generic_groups(&self) -> impl Iterator<Item = GenericGroup<'_>> {
        self.groups.iter().filter_map(|(id, group)| {
            let GenericCount { fingerprint, canonical, count } = &**group.generic.as_ref()?;
            Some(GenericGroup { id: *id, fingerprint: *fingerprint, canonical, count: *count })
        })
    }

    /// The most frequent errors that no signature knows, at most [`MOST_FREQUENT`],
    /// the most frequent first. However many groups there are, few are looked at.
    ///
    /// Exact while none of them is forgotten; the next one takes its place when it
    /// is seen again.
    #[must_use]
    pub fn most_frequent(&self) -> Vec<GenericGroup<'_>> {
        let mut ranked = self.frequent.ranked(&self.groups);
        ranked.truncate(MOST_FREQUENT);
        let generic = |(count, id)| {
            let GenericCount { fingerprint, canonical, .. } =
                &**self.groups.get(&id)?.generic.as_ref()?;
            Some(GenericGroup { id, fingerprint: *fingerprint, canonical, count })
        };
        ranked.into_iter().filter_map(generic).collect()
    }

    /// The state of one group.
    #[must_use]
    pub fn state_of(&self, id: GroupId) -> Option<GroupState> {
        Some(GroupState::of(id, self.groups.get(&id)?))
    }

    /// All that is to be kept: the states of all groups, least recently seen first, and
    /// what is remembered of others.
    pub fn states(&self) -> impl Iterator<Item = GroupState> + '_ {
        self.states_without([])
    }

    /// Of a group, only that it was seen.
    fn memory(&self, id: GroupId, last: Timestamp) -> GroupState {
        let remembered = self.settings.triggers.novel().quiet;
        GroupState::of_memory(id, Group::of_memory(last, remembered))
    }

    /// Of something that is not heard of, that somebody was told.
    fn silence(&self, kept: KeptSilence) -> GroupState {
        let KeptSilence { name, last, told: Told { at, until } } = kept;
        GroupState::of_memory(name, Group::of_memory(last, FOREVER).alerted(at, until))
    }

    /// Since when it is remembered which errors were seen.
    fn beginning(&self, since: Timestamp) -> GroupState {
        GroupState::of_memory(Novelty::name(), Group::of_memory(since, FOREVER))
    }

    /// All that is to be kept as if some alerts had not been raised, of which it is not
    /// known yet whether they arrived: after a crash they are raised again.
    pub fn states_without<'a>(
        &'a self,
        undos: impl IntoIterator<Item = &'a Undo>,
    ) -> impl Iterator<Item = GroupState> + 'a {
        let mut of: HashMap<GroupId, Vec<&GroupUndo>> = HashMap::new();
        for part in undos.into_iter().flat_map(|undo| &undo.0) {
            of.entry(part.group).or_default().push(part);
        }
        let groups = self.groups.iter().map(move |(id, group)| match of.get(id) {
            Some(parts) => GroupState::without(*id, group, parts),
            None => GroupState::of(*id, group),
        });
        let forgotten = self.novelty.iter().filter(|(id, _)| !self.groups.contains_key(id));
        let forgotten = forgotten.map(|(id, last)| self.memory(id, last));
        let silences = self.silences.kept().map(|kept| self.silence(kept));
        let since = self.novelty.since().map(|since| self.beginning(since));
        forgotten.chain(silences).chain(since).chain(groups)
    }

    /// Takes back an alert that did not arrive: its cooldown ends, and the next event
    /// of its group raises it again. One that another alert of the group followed is
    /// told by that.
    pub fn take_back(&mut self, undo: &Undo) {
        for part in &undo.0 {
            if let Some(group) = self.groups.to_back(&part.group) {
                group.take_back(part);
            }
        }
    }

    /// What the groups of an error have alerted.
    #[cfg(test)]
    pub(super) fn joined(&self, all: GroupId) -> Option<&super::alerted::Joined> {
        self.groups.get(&all)?.joined.as_deref()
    }

    /// Whether a state changed since they were last taken.
    #[must_use]
    pub fn has_unsaved(&self) -> bool {
        self.groups.back().is_some_and(|(_, group)| group.unsaved)
            || !self.left.is_empty()
            || self.novelty.has_unsaved()
            || self.silences.has_unsaved()
    }

    /// The states that changed since they were last taken.
    pub fn take_unsaved(&mut self) -> Vec<GroupState> {
        let mut others = std::mem::take(&mut self.left);
        // One that is back is kept as it is now.
        others.retain(|state| !self.groups.contains_key(&state.id()));
        others.extend(self.novelty.take_unsaved().map(|since| self.beginning(since)));
        let silences = self.silences.take_unsaved();
        others.extend(silences.into_iter().map(|kept| self.silence(kept)));
        // Whatever changed has moved to the back.
        let unsaved = self.groups.iter_mut().rev().take_while(|(_, group)| group.unsaved);
        let take = |(id, group): (&GroupId, &mut Group)| {
            group.unsaved = false;
            GroupState::of(*id, group)
        };
        others.extend(unsaved.map(take));
        others
    }

    /// From now on what is left of groups that are forgotten is to be kept too: whoever
    /// says so [takes](Self::take_unsaved) it again and again.
    pub fn keep_forgotten(&mut self) {
        self.is_kept = true;
    }

    /// Goes on from states that were kept, over what the table knows itself.
    pub fn restore(&mut self, states: impl IntoIterator<Item = GroupState>) {
        let mut states: Vec<_> = states.into_iter().collect();
        states.sort_by_key(|state| state.group.last_arrival);
        for state in states {
            self.last_arrival = self.last_arrival.max(state.group.last_arrival);
            let (id, mut group) = (state.id(), state.group);
            if group.is_memory() {
                self.restore_memory(id, &group);
                continue;
            }
            if !group.remembered.is_zero() {
                self.novelty.restore(id, group.last_seen(), self.settings.max_remembered);
            }
            let is_candidate = group.becomes_candidate(self.frequent.least());
            self.groups.insert(id, group);
            if is_candidate {
                self.frequent.add(id, &mut self.groups);
            }
        }
        self.enforce_bound();
    }

    /// Goes on from what is no group that is followed.
    fn restore_memory(&mut self, id: GroupId, group: &Group) {
        let last = group.last_seen();
        if id == Novelty::name() {
            self.novelty.restore_since(last);
            return;
        }
        let Some((at, until)) = group.latest_alert() else {
            self.novelty.restore(id, last, self.settings.max_remembered);
            return;
        };
        self.silences.restore(KeptSilence { name: id, last, told: Told { at, until } });
    }

    /// Takes note that somebody called a group resolved: its next event says that it is
    /// back, where `returned` asks for that.
    pub fn resolve(&mut self, group: GroupId) {
        self.novelty.resolve(group);
    }

    /// Goes on from a clock that was set back: what is known came no later than
    /// now, or it would be remembered until that time comes again.
    fn follow_clock(&mut self, arrived: Timestamp) {
        if self.last_arrival.duration_since(arrived) > CLOCK_SET_BACK {
            for group in self.groups.values_mut() {
                group.last_arrival = group.last_arrival.min(arrived);
            }
        }
        self.last_arrival = arrived;
    }

    fn forget_idle(&mut self, arrived: Timestamp) {
        while let Some((_, group)) = self.groups.front() {
            if !group.is_idle(arrived) {
                break;
            }
            self.frequent.forget(group);
            if let Some((id, group)) = self.groups.pop_front() {
                self.keep_memory(id, &group);
            }
            self.stats.forgotten += 1;
        }
    }

    fn enforce_bound(&mut self) {
        while self.groups.len() > self.settings.max_groups {
            if let Some((id, group)) = self.groups.pop_front() {
                self.frequent.forget(&group);
                self.keep_memory(id, &group);
            }
            self.stats.evicted += 1;
        }
    }

    /// Keeps that a group was seen that is followed no more, in place of its state.
    fn keep_memory(&mut self, id: GroupId, group: &Group) {
        if self.is_kept && !group.remembered.is_zero() {
            self.left.push(self.memory(id, group.last_seen()));
        }
    }

    /// The group of an error, now the most recently seen; a new one when there is
    /// none or it was idle for too long.
    fn touch(
        &mut self,
        id: GroupId,
        arrived: Timestamp,
        new: impl FnOnce() -> Group,
    ) -> &mut Group {
        match self.groups.raw_entry_mut().from_key(&id) {
            RawEntryMut::Occupied(mut entry) => {
                entry.to_back();
                let group = entry.into_mut();
                if group.is_idle(arrived) {
                    self.stats.forgotten += 1;
                    self.frequent.forget(group);
                    *group = new();
                }
                group
            }
            RawEntryMut::Vacant(entry) => entry.insert(id, new()).1,
        }
    }

    /// What becomes of what a group would alert, where the groups of its error are
    /// joined.
    fn join(
        &mut self,
        raised: Raised,
        observation: &Observation<'_>,
        time: EventTime,
        conditions: &Conditions,
    ) -> Result<Raised, Hold> {
        let (Some(error), Some(above)) = (&observation.joined, self.settings.collapse_above) else {
            return Ok(raised);
        };
        let all = self.touch(error.group, time.arrived, || Group::of_joined(time));
        all.join(raised, observation.group, error, conditions, above)
    }

    /// Takes note of what a group decided of what was found outside of it.
    fn tell(
        &mut self,
        decision: &Result<Raised, Hold>,
        novel: Option<Novel>,
        crowd: Option<usize>,
        observation: &Observation<'_>,
        at: Timestamp,
    ) {
        let trigger = decision.as_ref().ok().map(|raised| raised.reason.trigger());
        match (trigger, novel) {
            (Some(Trigger::New | Trigger::Returned), _) => self.novelty.told(at),
            (None, Some(Novel::LeftOut)) => self.novelty.leave_out(observation, at),
            _ => {}
        }
        if let (Ok(Raised { reason: Reason::Distinct { .. }, cooldown_until, .. }), Some(index)) =
            (decision, crowd)
        {
            self.crowds.told(index, *cooldown_until);
        }
    }

    /// The group of an error that was followed by its fingerprint until errors came
    /// to be told apart otherwise: what cools goes on to cool.
    fn successor(&self, observation: &Observation<'_>, time: EventTime) -> Option<Group> {
        let before = GroupId::from(observation.fingerprint);
        if before == observation.group || self.groups.contains_key(&observation.group) {
            return None;
        }
        let before = self.groups.get(&before)?;
        Some(Group::new(observation, time).cooled_by(before))
    }
}

impl Aggregate for GroupTable {
    fn observe(&mut self, observation: &Observation<'_>, time: EventTime) -> Decision {
        self.follow_clock(time.arrived);
        self.forget_idle(time.arrived);
        let conditions = self.settings.conditions(observation);
        let least = self.frequent.least();
        let successor = self.successor(observation, time);
        let new = || successor.unwrap_or_else(|| Group::new(observation, time));
        let AggregationSettings { triggers, max_remembered, .. } = &self.settings;
        let novel = self.novelty.see(triggers, *max_remembered, observation, time.at);
        let crowd = self.crowds.see(&triggers.distinct, observation, time.at);
        let mut found = Candidates::default();
        if let Some(Novel::Told(reason)) = &novel {
            found.novel = Some(reason.clone());
        }
        let crowd = crowd.map(|(index, reason)| {
            found.distinct = Some(reason);
            index
        });
        let group = self.touch(observation.group, time.arrived, new);
        let decision = group.observe(observation, time, &conditions, found);
        if group.becomes_candidate(least) {
            self.frequent.add(observation.group, &mut self.groups);
        }
        let decision =
            decision.and_then(|raised| self.join(raised, observation, time, &conditions));
        self.tell(&decision, novel, crowd, observation, time.at);
        self.enforce_bound();
        match decision {
            Ok(raised) => {
                self.stats.alerts += 1;
                Decision::Raised(Box::new(raised))
            }
            Err(hold) => {
                match hold {
                    Hold::Cooldown => self.stats.suppressed += 1,
                    Hold::Generic => self.stats.generic += 1,
                    Hold::BelowThreshold => {}
                }
                Decision::Held(hold)
            }
        }
    }

    fn present(&mut self, present: Present, at: Timestamp) {
        self.silences.present(present, at);
    }

    fn tick(&mut self, now: Timestamp) -> Vec<Timed> {
        if !self.settings.triggers.are_timed() {
            return Vec::new();
        }
        let mut timed = self.silences.tick(now, self.settings.thresholds.cooldown);
        timed.extend(self.novelty.tick(&self.settings.triggers, now));
        self.stats.alerts += timed.len() as u64;
        timed
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        aggregate::settings::{Override, Thresholds},
        observation::GENERIC,
        policy::Policy,
        selector::Selector,
        severity::Severity,
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    /// An event that counts when it comes.
    fn now(seconds: i64) -> EventTime {
        EventTime::on_arrival(at(seconds))
    }

    /// An event that tells an earlier or later time than that at which it comes.
    fn told(seconds: i64, arrived: i64) -> EventTime {
        EventTime { at: at(seconds), arrived: at(arrived) }
    }

    fn relative(time: Timestamp) -> i64 {
        time.as_second() - at(0).as_second()
    }

    fn observation<'a>(
        category: &'a str,
        canonical: &'a str,
        severity: &'a Severity,
    ) -> Observation<'a> {
        Observation {
            fingerprint: Fingerprint::new(category, canonical),
            group: Fingerprint::new(category, canonical).into(),
            joined: None,
            category: category.into(),
            signature: Some("SIG".into()).filter(|_| category != GENERIC),
            policy: Policy::Retry,
            severity: Cow::Borrowed(severity),
            summary: Some("What it means".into()),
            subject: canonical.into(),
            exception: None,
            level: None,
            distinct: Vec::new(),
            host: None,
            service: Some("api".into()),
            time: None,
            request_id: None,
        }
    }

    /// Feeds events of one fingerprint and tells when alerts came: time, count,
    /// suppressed, first seen.
    fn alerts(settings: AggregationSettings, times: &[i64]) -> Vec<(i64, u64, u64, i64)> {
        let mut table = GroupTable::new(settings);
        let severity = Severity::default();
        let mut found = Vec::new();
        for time in times {
            if let Decision::Raised(alert) =
                table.observe(&observation("db", "x", &severity), now(*time))
            {
                assert_eq!(relative(alert.decided_at), *time);
                let times = (relative(alert.last_seen), relative(alert.first_seen));
                found.push((times.0, alert.count, alert.suppressed, times.1));
            }
        }
        found
    }

    #[test]
    fn the_third_event_within_the_window_alerts() {
        assert_eq!(alerts(AggregationSettings::default(), &[0, 100, 300]), [(300, 3, 0, 0)]);
        assert_eq!(alerts(AggregationSettings::default(), &[0, 100, 301]), []);
    }

    #[test]
    fn a_slow_drip_does_not_hide_the_burst_after_it() {
        let times = [0, 290, 580, 870, 871, 872];
        assert_eq!(alerts(AggregationSettings::default(), &times), [(871, 3, 0, 580)]);
    }

    #[test]
    fn cooldown_counts_suppressed_events_and_they_do_not_count_again() {
        let times = [0, 1, 2, 3, 601, 602, 603, 604];
        assert_eq!(alerts(AggregationSettings::default(), &times), [(2, 3, 0, 0), (604, 3, 2, 3)]);
    }

    #[test]
    fn without_a_cooldown_counting_starts_afresh_at_once() {
        let mut settings = AggregationSettings::default();
        settings.thresholds.cooldown = SignedDuration::ZERO;
        assert_eq!(alerts(settings, &[0, 1, 2, 3, 4, 5]), [(2, 3, 0, 0), (5, 3, 0, 3)]);
    }

    /// What an alert tells, without how it is taken back.
    fn told_of(decision: Decision) -> (u64, u64, i64, i64, Vec<String>) {
        let Decision::Raised(raised) = decision else { panic!("{decision:?}") };
        let seen = (relative(raised.first_seen), relative(raised.last_seen));
        (raised.count, raised.suppressed, seen.0, seen.1, raised.samples)
    }

    #[test]
    fn an_alert_that_did_not_arrive_is_raised_by_the_next_event() {
        let severity = Severity::default();
        let observation = observation("db", "x", &severity);
        let sample = || vec!["x".to_owned()];
        let mut table = GroupTable::new(AggregationSettings::default());
        let see = |table: &mut GroupTable, second| table.observe(&observation, now(second));
        for second in 0..2 {
            see(&mut table, second);
        }
        let Decision::Raised(first) = see(&mut table, 2) else { panic!() };
        see(&mut table, 3);
        table.take_back(&first.undo);
        // Once is enough.
        table.take_back(&first.undo);
        // The event that raised it comes again, long after the window.
        let Decision::Raised(again) = see(&mut table, 500) else { panic!() };
        assert_eq!(told_of(Decision::Raised(again.clone())), (3, 1, 0, 500, sample()));
        assert_eq!((again.ordinal, again.cooldown_until), (2, at(1100)));
        assert_eq!(see(&mut table, 501), Decision::Held(Hold::Cooldown));
        // Refused again, it has still the same to tell.
        table.take_back(&again.undo);
        assert_eq!(told_of(see(&mut table, 502)), (3, 2, 0, 502, sample()));
        // What another alert followed is told by that.
        table.take_back(&again.undo);
        assert_eq!(see(&mut table, 503), Decision::Held(Hold::Cooldown));
        // It arrived: after its cooldown all counts anew.
        let after: Vec<_> =
            [1102, 1103].map(|second| see(&mut table, second)).into_iter().collect();
        assert_eq!(after, vec![Decision::Held(Hold::BelowThreshold); 2]);
        assert_eq!(told_of(see(&mut table, 1104)), (3, 1, 503, 1104, sample()));
    }

    #[test]
    fn what_is_not_there_any_more_is_not_taken_back() {
        let severity = Severity::new("critical");
        let settings = AggregationSettings { max_groups: 1, ..AggregationSettings::default() };
        let mut table = GroupTable::new(settings);
        let Decision::Raised(alert) = table.observe(&observation("db", "x", &severity), now(0))
        else {
            panic!()
        };
        table.observe(&observation("db", "y", &severity), now(1));
        table.take_back(&alert.undo);
        assert_eq!((table.stats().live, table.stats().evicted), (1, 1));
    }

    #[test]
    fn alerts_at_the_same_moment_have_ordinals_of_their_own() {
        let mut settings = AggregationSettings::default();
        (settings.thresholds.cooldown, settings.thresholds.min_count) = (SignedDuration::ZERO, 1);
        let mut table = GroupTable::new(settings.clone());
        let severity = Severity::default();
        let mut ordinals = Vec::new();
        for restart in [false, false, true] {
            if restart {
                let states = table.take_unsaved();
                table = GroupTable::new(settings.clone());
                table.restore(states);
            }
            if let Decision::Raised(alert) =
                table.observe(&observation("db", "x", &severity), now(0))
            {
                ordinals.push(alert.ordinal);
            }
        }
        assert_eq!(ordinals, [1, 2, 3]);
    }

    #[test]
    fn a_clock_set_back_does_not_silence_what_comes_after() {
        let day = 86_400;
        assert_eq!(
            alerts(AggregationSettings::default(), &[9 * day, 9 * day + 1, 9 * day + 2, 0, 1, 2]),
            [(9 * day + 2, 3, 0, 9 * day), (2, 3, 0, 0)]
        );
    }

    #[test]
    fn a_signature_in_a_category_called_generic_is_like_any_other() {
        let mut table = GroupTable::new(AggregationSettings::default());
        let severity = Severity::new("critical");
        let mut observation = observation(GENERIC, "kaboom", &severity);
        observation.signature = Some("G".into());
        assert!(matches!(table.observe(&observation, now(0)), Decision::Raised(_)));
    }

    #[test]
    fn events_out_of_order_count_where_they_belong() {
        assert_eq!(alerts(AggregationSettings::default(), &[200, 0, 100]), [(200, 3, 0, 0)]);
        assert_eq!(
            alerts(AggregationSettings::default(), &[1000, 0, 1, 2, 1001, 1002]),
            [(2, 3, 0, 0), (1002, 3, 0, 1000)]
        );
    }

    #[test]
    fn critical_alerts_on_the_first_event_and_then_cools_down() {
        let severities = [Severity::new("CRITICAL"), Severity::default()];
        for (category, severity) in [("db", &severities[0]), ("critical", &severities[1])] {
            let mut table = GroupTable::new(AggregationSettings::default());
            let observation = observation(category, "x", severity);
            let Decision::Raised(alert) = table.observe(&observation, now(0)) else { panic!() };
            assert_eq!((&alert.reason, alert.count), (&Reason::Immediate, 1));
            assert_eq!(table.observe(&observation, now(1)), Decision::Held(Hold::Cooldown));
            assert_eq!((table.stats().alerts, table.stats().suppressed), (1, 1));
        }
    }

    #[test]
    fn the_first_override_that_matches_applies() {
        let for_ = |matches| Override { matches, ..Override::default() };
        let settings = AggregationSettings {
            overrides: vec![
                Override {
                    min_count: Some(9),
                    ..for_(Selector { category: vec!["other".into()], ..Default::default() })
                },
                Override {
                    min_count: Some(2),
                    window: Some(SignedDuration::from_secs(10)),
                    cooldown: Some(SignedDuration::from_secs(20)),
                    ..for_(Selector {
                        category: vec!["x".into(), "db".into()],
                        signature: vec!["SIG".into()],
                        policy: vec![Policy::Retry],
                        severity: vec![Severity::new("ANOMALY")],
                    })
                },
                Override { immediate: Some(true), ..for_(Selector::default()) },
            ],
            ..AggregationSettings::default()
        };
        assert_eq!(alerts(settings, &[0, 11, 21, 22, 41, 45]), [(21, 2, 0, 11), (45, 2, 1, 22)]);
    }

    /// The counts of the most frequent, found by looking at all.
    fn most_frequent_by_sorting(table: &GroupTable) -> Vec<u64> {
        let mut counts: Vec<_> = table.generic_groups().map(|group| group.count).collect();
        counts.sort_unstable_by(|a, b| b.cmp(a));
        counts.truncate(MOST_FREQUENT);
        counts
    }

    #[test]
    fn the_most_frequent_are_found_among_many() {
        let severity = Severity::default();
        let texts: Vec<String> = (0..3000_u64).map(|n| format!("boom {n:b}")).collect();
        let mut table = GroupTable::new(AggregationSettings::default());
        let mut state = 1_u64;
        for round in 0..40_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            // Some are frequent from the beginning, others only later on, most never.
            let random = usize::try_from(state >> 40).unwrap();
            let index = match random % 4 {
                0 => random % 70,
                1 => 1000 + random % (1 + round / 400),
                _ => random % 3000,
            };
            let text = format!("{}{}", texts[index].replace('0', "a").replace('1', "b"), index % 2);
            table.observe(&observation(GENERIC, &text, &severity), now(0));
            if round % 4001 == 0 {
                let found: Vec<_> = table.most_frequent().iter().map(|group| group.count).collect();
                assert_eq!(found, most_frequent_by_sorting(&table), "{round}");
            }
        }
        // As well after a restart.
        let mut restarted = GroupTable::new(AggregationSettings::default());
        restarted.restore(table.states());
        assert_eq!(restarted.most_frequent(), table.most_frequent());
        assert_eq!(restarted.most_frequent().len(), MOST_FREQUENT);
    }

    #[test]
    fn what_was_frequent_and_is_forgotten_makes_room() {
        let severity = Severity::default();
        let mut table = GroupTable::new(AggregationSettings::default());
        let text = |index: usize| {
            let letter = |shift: usize| char::from(b'a' + (index / shift % 26) as u8);
            format!("boom {}{}{}", letter(676), letter(26), letter(1))
        };
        for index in 0..2000 {
            for _ in 0..2 {
                table.observe(&observation(GENERIC, &text(index), &severity), now(0));
            }
        }
        assert_eq!(table.most_frequent().len(), MOST_FREQUENT);
        let later = 100_000;
        for index in 2000..2060 {
            table.observe(&observation(GENERIC, &text(index), &severity), now(later));
        }
        let found: Vec<_> = table.most_frequent().iter().map(|group| group.count).collect();
        assert_eq!((found, table.stats().live), (vec![1; MOST_FREQUENT], 60));
    }

    #[test]
    fn a_new_group_takes_over_the_cooldown_of_its_fingerprint_and_counts_anew() {
        let severity = Severity::default();
        let by_fingerprint = observation("db", "reset", &severity);
        let of = |service: &str| Observation {
            group: GroupId::new("g1", "db", "reset", [service]),
            ..by_fingerprint.clone()
        };
        let mut table = GroupTable::new(AggregationSettings::default());
        for second in 0..5 {
            table.observe(&by_fingerprint, now(second));
        }
        // Its cooldown is over at second 602.
        for service in ["checkout", "billing"] {
            let decisions: Vec<_> = [599, 600, 601, 602, 603, 604]
                .map(|second| table.observe(&of(service), now(second)))
                .into_iter()
                .collect();
            let [.., Decision::Raised(raised)] = &decisions[..] else { panic!("{decisions:?}") };
            let held = |hold, count| std::iter::repeat_n(Decision::Held(hold), count);
            let expected: Vec<_> =
                held(Hold::Cooldown, 3).chain(held(Hold::BelowThreshold, 2)).collect();
            assert_eq!(decisions[..5], expected);
            assert_eq!((raised.ordinal, raised.count, raised.suppressed), (1, 3, 3));
        }
        // What had no cooldown is not held.
        let other = Observation {
            group: GroupId::new("g1", "db", "other", ["checkout"]),
            fingerprint: Fingerprint::new("db", "other"),
            ..by_fingerprint.clone()
        };
        assert_eq!(table.observe(&other, now(605)), Decision::Held(Hold::BelowThreshold));
    }

    #[test]
    fn generic_errors_are_counted_and_alert_only_when_asked_to() {
        let severity = Severity::default();
        let observation = observation(GENERIC, "boom #", &severity);
        let mut table = GroupTable::new(AggregationSettings::default());
        for second in 0..5 {
            assert_eq!(table.observe(&observation, now(second)), Decision::Held(Hold::Generic));
        }
        assert_eq!(
            table.generic_groups().collect::<Vec<_>>(),
            [GenericGroup {
                id: observation.group,
                fingerprint: observation.fingerprint,
                canonical: "boom #",
                count: 5
            }]
        );

        let settings =
            AggregationSettings { generic_alert: true, ..AggregationSettings::default() };
        let mut table = GroupTable::new(settings);
        let decisions = [0, 1, 2].map(|second| table.observe(&observation, now(second)));
        let Decision::Raised(alert) = &decisions[2] else { panic!("{decisions:?}") };
        assert_eq!((alert.reason.trigger(), alert.count), (Trigger::Threshold, 3));
    }

    #[test]
    fn canonical_text_is_shown_without_secrets() {
        let severity = Severity::default();
        let observation = observation(GENERIC, "login with password=hunter refused", &severity);
        let mut table = GroupTable::new(AggregationSettings::default());
        table.observe(&observation, now(0));
        let shown = "login with password=[redacted] refused";
        assert_eq!(table.generic_groups().next().unwrap().canonical, shown);
    }

    #[test]
    fn past_the_limit_the_least_recently_seen_fingerprint_gives_way() {
        let settings = AggregationSettings { max_groups: 2, ..Default::default() };
        let mut table = GroupTable::new(settings);
        let severity = Severity::default();
        let mut see = |canonical, second| {
            table.observe(&observation("db", canonical, &severity), now(second));
            table.stats()
        };
        see("a", 0);
        see("b", 1);
        see("a", 2);
        let stats = see("c", 3);
        assert_eq!((stats.live, stats.evicted), (2, 1));
        // `a` is still known: this is its third event.
        assert_eq!(see("a", 4).alerts, 1);
    }

    #[test]
    fn an_idle_fingerprint_is_forgotten() {
        let mut table = GroupTable::new(AggregationSettings::default());
        let severity = Severity::default();
        table.observe(&observation("db", "a", &severity), now(0));
        table.observe(&observation("db", "b", &severity), now(1200));
        assert_eq!((table.stats().live, table.stats().forgotten), (2, 0));
        table.observe(&observation("db", "b", &severity), now(1201));
        assert_eq!((table.stats().live, table.stats().forgotten), (1, 1));
    }

    #[test]
    fn new_settings_keep_what_is_known() {
        let mut table = GroupTable::new(AggregationSettings::default());
        let severity = Severity::default();
        let observation = observation("db", "a", &severity);
        table.observe(&observation, now(0));
        let mut settings = AggregationSettings::default();
        settings.thresholds.min_count = 2;
        table.reconfigure(settings);
        assert!(matches!(table.observe(&observation, now(1)), Decision::Raised(_)));
    }

    #[test]
    fn a_shorter_cooldown_reaches_those_that_run_and_a_longer_one_the_next() {
        let severity = Severity::new("critical");
        let observation = observation("db", "a", &severity);
        for (minutes, end) in [(0, 0), (1, 60), (10, 600), (15, 600)] {
            let mut table = GroupTable::new(AggregationSettings::default());
            assert!(matches!(table.observe(&observation, now(0)), Decision::Raised(_)));
            let mut settings = AggregationSettings::default();
            settings.thresholds.cooldown = SignedDuration::from_mins(minutes);
            // A restart between makes no difference.
            let kept = serde_json::to_string(&table.take_unsaved()).unwrap();
            table.restore(serde_json::from_str::<Vec<GroupState>>(&kept).unwrap());
            table.reconfigure(settings);
            if end > 0 {
                let held = table.observe(&observation, now(end - 1));
                assert_eq!(held, Decision::Held(Hold::Cooldown), "{minutes}");
            }
            let decision = table.observe(&observation, now(end));
            assert!(matches!(decision, Decision::Raised(_)), "{minutes}: {decision:?}");
        }
    }

    #[test]
    fn a_restored_table_goes_on_where_the_other_stopped() {
        let severity = Severity::default();
        let observation = observation("db", "a", &severity);
        let stop_after = |events: usize| {
            let mut table = GroupTable::new(AggregationSettings::default());
            let mut decisions = Vec::new();
            for second in 0..events {
                decisions.push(table.observe(&observation, now(second as i64)));
            }
            let kept = serde_json::to_string(&table.take_unsaved()).unwrap();
            assert_eq!(table.take_unsaved(), []);
            let mut table = GroupTable::new(AggregationSettings::default());
            table.restore(serde_json::from_str::<Vec<GroupState>>(&kept).unwrap());
            for second in events..1000 {
                decisions.push(table.observe(&observation, now(second as i64)));
            }
            decisions
        };
        // Before the threshold, in the cooldown, after it.
        let expected = stop_after(1000);
        for events in [0, 1, 2, 3, 50, 602, 603] {
            assert_eq!(stop_after(events), expected, "{events}");
        }
    }

    #[test]
    fn only_what_changed_is_saved_again() {
        let severity = Severity::default();
        let mut table = GroupTable::new(AggregationSettings::default());
        let [a, b] = ["a", "b"].map(|canonical| observation("db", canonical, &severity));
        table.observe(&a, now(0));
        table.observe(&b, now(0));
        assert_eq!(table.take_unsaved().len(), 2);
        table.observe(&a, now(1));
        assert_eq!(table.state_of(a.group).unwrap().idle_from(), at(1201));
        let unsaved: Vec<_> = table.take_unsaved().iter().map(GroupState::id).collect();
        assert_eq!(unsaved, [a.group]);
    }

    #[test]
    fn samples_are_few_different_redacted_and_short() {
        let mut settings = AggregationSettings::default();
        settings.thresholds.min_count = 40;
        let mut table = GroupTable::new(settings);
        let severity = Severity::default();
        let long = "y".repeat(600);
        let texts = ["password=abc", "password=def", long.as_str(), "third", "fourth"];
        let mut alert = None;
        for second in 0..40 {
            let mut observation = observation("db", "a", &severity);
            observation.subject = texts[second as usize % texts.len()].into();
            if let Decision::Raised(raised) = table.observe(&observation, now(second)) {
                alert = Some(raised);
            }
        }
        assert_eq!(
            alert.unwrap().samples,
            ["password=[REDACTED]".to_owned(), "y".repeat(512), "third".to_owned()]
        );
    }

    #[test]
    fn a_backlog_decides_as_it_would_have_decided_then() {
        let settings = AggregationSettings::default();
        let times = [0, 1, 2, 3, 700, 701, 702, 5000];
        let mut live = GroupTable::new(settings.clone());
        let mut late = GroupTable::new(settings);
        let severity = Severity::default();
        let observation = observation("db", "x", &severity);
        for time in times {
            let mut expected = live.observe(&observation, now(time));
            let arrived = 100_000;
            if let Decision::Raised(alert) = &mut expected {
                alert.decided_at = at(arrived);
            }
            assert_eq!(late.observe(&observation, told(time, arrived)), expected, "{time}");
        }
    }

    #[test]
    fn one_event_from_another_time_forgets_nobody_and_ends_no_cooldown() {
        let severity = Severity::default();
        let [a, b] = ["a", "b"].map(|canonical| observation("db", canonical, &severity));
        for other in [-200_000_000, -3600, 3600, 2_000_000_000] {
            let mut table = GroupTable::new(AggregationSettings::default());
            for second in 0..3 {
                table.observe(&a, now(second));
            }
            table.observe(&b, now(3));
            for of in [&a, &b] {
                assert_eq!(table.observe(of, told(other, 4)), Decision::Held(Hold::BelowThreshold));
            }
            assert_eq!((table.stats().live, table.stats().forgotten), (2, 0));
            assert_eq!(table.observe(&a, now(5)), Decision::Held(Hold::Cooldown), "{other}");
            assert_eq!(table.observe(&b, now(6)), Decision::Held(Hold::BelowThreshold));
            let Decision::Raised(alert) = table.observe(&b, now(7)) else { panic!("{other}") };
            assert_eq!((relative(alert.first_seen), relative(alert.last_seen)), (3, 7));
        }
    }

    #[test]
    fn what_comes_late_from_around_an_alert_belongs_to_it() {
        let mut table = GroupTable::new(AggregationSettings::default());
        let severity = Severity::default();
        let observation = observation("db", "x", &severity);
        let mut decisions = [1000, 1001, 1002, 1001, 1601, 402, 401, 1602, 1603, 1604]
            .map(|time| table.observe(&observation, told(time, 9000)))
            .into_iter();
        assert_eq!(decisions.by_ref().take(2).filter(|d| *d == HELD).count(), 2);
        assert!(matches!(decisions.next(), Some(Decision::Raised(_))));
        let cooldown = Decision::Held(Hold::Cooldown);
        assert_eq!(decisions.by_ref().take(3).collect::<Vec<_>>(), vec![cooldown; 3]);
        assert_eq!(decisions.by_ref().take(3).collect::<Vec<_>>(), vec![HELD; 3]);
        let Some(Decision::Raised(alert)) = decisions.next() else { panic!() };
        assert_eq!((alert.count, alert.suppressed, relative(alert.first_seen)), (3, 3, 402));
    }

    const HELD: Decision = Decision::Held(Hold::BelowThreshold);

    #[test]
    fn a_clock_that_was_ahead_keeps_nobody_for_ever() {
        let mut table = GroupTable::new(AggregationSettings::default());
        let severity = Severity::default();
        let day = 86_400;
        table.observe(&observation("db", "a", &severity), now(9 * day));
        table.observe(&observation("db", "b", &severity), now(0));
        assert_eq!(table.stats().forgotten, 0);
        table.observe(&observation("db", "b", &severity), now(1201));
        assert_eq!((table.stats().live, table.stats().forgotten), (1, 2));
    }

    #[test]
    fn a_shortened_cooldown_reaches_those_that_run() {
        let mut settings = AggregationSettings::default();
        let mut table = GroupTable::new(settings.clone());
        let severity = Severity::new("critical");
        let observation = observation("db", "x", &severity);
        assert!(matches!(table.observe(&observation, now(0)), Decision::Raised(_)));
        settings.thresholds.cooldown = SignedDuration::from_secs(60);
        table.reconfigure(settings.clone());
        assert_eq!(table.observe(&observation, now(59)), Decision::Held(Hold::Cooldown));
        settings.thresholds.cooldown = SignedDuration::from_mins(30);
        table.reconfigure(settings.clone());
        assert_eq!(table.observe(&observation, now(61)), Decision::Held(Hold::Cooldown));
        settings.thresholds.cooldown = SignedDuration::from_secs(60);
        table.reconfigure(settings);
        let Decision::Raised(alert) = table.observe(&observation, now(62)) else { panic!() };
        assert_eq!(alert.suppressed, 2);
    }

    #[test]
    fn fewer_samples_are_fewer_of_those_that_were_kept() {
        for samples in [0, 1, 5] {
            let mut settings = AggregationSettings::default();
            let mut table = GroupTable::new(settings.clone());
            let severity = Severity::default();
            let observe = |table: &mut GroupTable, subject: &'static str, second| {
                let observation =
                    Observation { subject: subject.into(), ..observation("db", "x", &severity) };
                table.observe(&observation, now(second))
            };
            observe(&mut table, "a", 0);
            observe(&mut table, "b", 1);
            settings.samples = samples;
            table.reconfigure(settings);
            let Decision::Raised(alert) = observe(&mut table, "c", 2) else { panic!() };
            assert_eq!(alert.samples, ["a", "b", "c"][..samples.min(3)]);
        }
    }

    /// The rules of DESIGN §6, with everything remembered.
    #[derive(Default)]
    struct Model {
        /// What has raised no alert.
        loose: Vec<i64>,
        alerts: Vec<ModelAlert>,
    }

    struct ModelAlert {
        at: i64,
        suppressed: u64,
        /// The last event without a long silence before it.
        last_seen: i64,
    }

    type Rule = (i64, usize, i64);

    impl Model {
        fn observe(
            &mut self,
            at: i64,
            (window, min_count, cooldown): Rule,
        ) -> Option<(i64, u64, u64)> {
            let longer = window.max(cooldown);
            for alert in &mut self.alerts {
                let follows = (alert.last_seen..=alert.last_seen + 2 * longer).contains(&at);
                alert.last_seen = if follows { at } else { alert.last_seen };
            }
            let answers = |alert: i64, at: i64| (alert - longer..alert + cooldown).contains(&at);
            let answering = self.alerts.iter_mut().filter(|alert| answers(alert.at, at));
            if let Some(alert) = answering.max_by_key(|alert| alert.at) {
                alert.suppressed += 1;
                return None;
            }
            self.loose.push(at);
            self.loose.sort_unstable();
            let reached = |times: &&[i64]| {
                let (first, last) = (times[0], times[times.len() - 1]);
                last - first <= window && first <= at && at <= last
            };
            let last = *self.loose.windows(min_count).find(reached)?.last().unwrap();
            let reported =
                self.alerts.iter_mut().filter(|a| a.at <= last && last - a.last_seen <= 2 * longer);
            let reported = reported.map(|alert| std::mem::take(&mut alert.suppressed)).sum();
            let (answered, loose): (Vec<_>, _) =
                self.loose.iter().partition(|time| answers(last, **time) || **time == last);
            let after = answered.iter().filter(|time| **time > last);
            self.alerts.push(ModelAlert {
                at: last,
                suppressed: after.count() as u64,
                last_seen: answered.iter().copied().max().unwrap_or(last),
            });
            self.loose = loose;
            Some((last, min_count as u64, reported))
        }
    }

    fn by_rule((window, min_count, cooldown): Rule) -> AggregationSettings {
        AggregationSettings {
            thresholds: Thresholds {
                window: SignedDuration::from_secs(window),
                min_count: u32::try_from(min_count).unwrap(),
                cooldown: SignedDuration::from_secs(cooldown),
            },
            ..AggregationSettings::default()
        }
    }

    /// Time, count and suppressed of the alert, if there is one.
    fn alert(decision: &Decision) -> Option<(i64, u64, u64)> {
        match decision {
            Decision::Raised(alert) => {
                Some((relative(alert.last_seen), alert.count, alert.suppressed))
            }
            Decision::Held(_) => None,
        }
    }

    /// Feeds the same events to table and models, one model per fingerprint.
    fn compare(
        rule: Rule,
        events: impl IntoIterator<Item = (usize, EventTime)>,
    ) -> Result<(), TestCaseError> {
        let mut table = GroupTable::new(by_rule(rule));
        let mut models: [Model; 3] = Default::default();
        let severity = Severity::default();
        let mut alerted: [Vec<i64>; 3] = Default::default();
        for (which, time) in events {
            let canonical = ["a", "b", "c"][which];
            let decision = table.observe(&observation("db", canonical, &severity), time);
            let expected = models[which].observe(relative(time.at), rule);
            prop_assert_eq!(alert(&decision), expected);
            alerted[which].extend(expected.map(|(at, ..)| at));
        }
        for mut times in alerted {
            times.sort_unstable();
            prop_assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= rule.2), "{times:?}");
        }
        Ok(())
    }

    fn rule() -> impl Strategy<Value = Rule> {
        (1i64..20, 1usize..6, 0i64..30)
    }

    proptest! {
        #[test]
        fn the_table_agrees_with_a_model_that_remembers_everything(
            rule in rule(),
            events in prop::collection::vec((0usize..3, 0i64..12), 0..200),
        ) {
            let mut time = 0;
            compare(rule, events.into_iter().map(|(which, step)| {
                time += step;
                (which, now(time))
            }))?;
        }

        #[test]
        fn so_it_does_long_after(
            rule in rule(),
            events in prop::collection::vec((0usize..3, 0i64..90), 0..200),
        ) {
            let mut time = 0;
            compare(rule, events.into_iter().map(|(which, step)| {
                time += step;
                (which, told(time, 100_000))
            }))?;
        }

        /// As far as what is bounded remembers: no more alerts than cooldowns are
        /// kept, no more events than times are.
        #[test]
        fn so_it_does_when_events_come_late(
            (window, min_count, cooldown) in (1i64..20, 1usize..6, 1i64..30),
            events in prop::collection::vec((5i64..12, 0i64..4), 0..200),
        ) {
            let lateness = cooldown.min(5 * min_count as i64);
            let mut time = 0;
            compare((window, min_count, cooldown), events.into_iter().map(|(step, late)| {
                time += step;
                (0, told(time - late * lateness, 100_000))
            }))?;
        }

        #[test]
        fn backlogs_beside_a_stream_are_decided_each_as_if_it_were_alone(
            // No step is so long that what was before it is forgotten.
            rule in (6i64..20, 1usize..6, 0i64..30),
            streams in prop::collection::vec(prop::collection::vec(0i64..12, 40), 1..4),
        ) {
            let severity = Severity::default();
            let observation = observation("db", "x", &severity);
            let mut table = GroupTable::new(by_rule(rule));
            let mut alone = vec![GroupTable::new(by_rule(rule)); streams.len()];
            let mut times: Vec<i64> = (1..).map(|n| n * 1_000_000).take(streams.len()).collect();
            for index in 0..40 {
                for (stream, steps) in streams.iter().enumerate() {
                    times[stream] += steps[index];
                    let time = told(times[stream], 100_000_000);
                    let [together, expected] = [&mut table, &mut alone[stream]]
                        .map(|table| alert(&table.observe(&observation, time)));
                    prop_assert_eq!(together, expected);
                }
            }
        }

        #[test]
        fn no_time_that_events_tell_touches_another_group(
            rule in rule(),
            events in prop::collection::vec((any::<bool>(), -100_000i64..100_000, 0i64..12), 0..100),
        ) {
            let severity = Severity::default();
            let [wild, tame] = ["a", "b"].map(|canonical| observation("db", canonical, &severity));
            let (mut table, mut alone) =
                (GroupTable::new(by_rule(rule)), GroupTable::new(by_rule(rule)));
            let mut arrived = 0;
            for (is_wild, away, step) in events {
                arrived += step;
                if is_wild {
                    table.observe(&wild, told(arrived + away, arrived));
                } else {
                    let time = now(arrived);
                    prop_assert_eq!(table.observe(&tame, time), alone.observe(&tame, time));
                }
            }
        }
    }
}
