//! The groups that are followed: a bounded table in memory.

use hashlink::{LinkedHashMap, linked_hash_map::RawEntryMut};
use jiff::Timestamp;

use super::{
    decision::{Aggregate, Decision, Hold},
    group::{GenericCount, Group},
    settings::AggregationSettings,
    state::GroupState,
};
use crate::{fingerprint::Fingerprint, observation::Observation};

/// Follows a bounded number of groups; the least recently seen gives way.
#[derive(Debug)]
pub struct GroupTable {
    settings: AggregationSettings,
    groups: LinkedHashMap<Fingerprint, Group>,
    stats: Stats,
}

/// What the table has done since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Fingerprints that are followed now.
    pub live: usize,
    /// Alerts decided.
    pub alerts: u64,
    /// Events suppressed by a cooldown.
    pub suppressed: u64,
    /// Events that no signature knows.
    pub generic: u64,
    /// Fingerprints that gave way to others before they were idle.
    pub evicted: u64,
    /// Fingerprints forgotten because they were idle.
    pub forgotten: u64,
}

/// Errors of one fingerprint that no signature knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GenericGroup<'a> {
    /// Their fingerprint.
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
        Self { settings, groups: LinkedHashMap::new(), stats: Stats::default() }
    }

    /// Goes on with other settings; what is known of each fingerprint stays.
    pub fn reconfigure(&mut self, settings: AggregationSettings) {
        self.settings = settings;
        self.enforce_bound();
    }

    /// What the table has done so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats { live: self.groups.len(), ..self.stats }
    }

    /// The errors that no signature knows, least recently seen first.
    pub fn generic_groups(&self) -> impl Iterator<Item = GenericGroup<'_>> {
        self.groups.iter().filter_map(|(fingerprint, group)| {
            let GenericCount { canonical, count } = &**group.generic.as_ref()?;
            Some(GenericGroup { fingerprint: *fingerprint, canonical, count: *count })
        })
    }

    /// The state of one fingerprint.
    #[must_use]
    pub fn state_of(&self, fingerprint: Fingerprint) -> Option<GroupState> {
        Some(GroupState::of(fingerprint, self.groups.get(&fingerprint)?))
    }

    /// The states of all fingerprints, least recently seen first.
    pub fn states(&self) -> impl Iterator<Item = GroupState> + '_ {
        self.groups.iter().map(|(fingerprint, group)| GroupState::of(*fingerprint, group))
    }

    /// The states that changed since they were last taken.
    pub fn take_unsaved(&mut self) -> Vec<GroupState> {
        // Whatever changed has moved to the back.
        let unsaved = self.groups.iter_mut().rev().take_while(|(_, group)| group.unsaved);
        let take = |(fingerprint, group): (&Fingerprint, &mut Group)| {
            group.unsaved = false;
            GroupState::of(*fingerprint, group)
        };
        unsaved.map(take).collect()
    }

    /// Goes on from states that were kept, over what the table knows itself.
    pub fn restore(&mut self, states: impl IntoIterator<Item = GroupState>) {
        let mut states: Vec<_> = states.into_iter().collect();
        states.sort_by_key(|state| state.group.last_seen);
        for state in states {
            self.groups.insert(state.fingerprint(), state.group);
        }
        self.enforce_bound();
    }

    fn forget_idle(&mut self, at: Timestamp) {
        while let Some((_, group)) = self.groups.front() {
            if !group.is_idle(at) {
                break;
            }
            self.groups.pop_front();
            self.stats.forgotten += 1;
        }
    }

    fn enforce_bound(&mut self) {
        while self.groups.len() > self.settings.max_groups {
            self.groups.pop_front();
            self.stats.evicted += 1;
        }
    }

    /// The group of a fingerprint, now the most recently seen; a new one when
    /// there is none or it was idle for too long.
    fn touch(&mut self, observation: &Observation<'_>, at: Timestamp) -> &mut Group {
        match self.groups.raw_entry_mut().from_key(&observation.fingerprint) {
            RawEntryMut::Occupied(mut entry) => {
                entry.to_back();
                let group = entry.into_mut();
                if group.is_idle(at) {
                    self.stats.forgotten += 1;
                    *group = Group::new(observation, at);
                }
                group
            }
            RawEntryMut::Vacant(entry) => {
                entry.insert(observation.fingerprint, Group::new(observation, at)).1
            }
        }
    }
}

impl Aggregate for GroupTable {
    fn observe(&mut self, observation: &Observation<'_>, at: Timestamp) -> Decision {
        self.forget_idle(at);
        let conditions = self.settings.conditions(observation);
        let generic_only = !self.settings.generic_alert;
        let group = self.touch(observation, at);
        let decision = group.observe(observation, at, conditions, generic_only);
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
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::{
        aggregate::{
            decision::Cause,
            settings::{Override, Thresholds},
        },
        observation::GENERIC,
        policy::Policy,
        selector::Selector,
        severity::Severity,
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    fn observation<'a>(
        category: &'a str,
        canonical: &'a str,
        severity: &'a Severity,
    ) -> Observation<'a> {
        Observation {
            fingerprint: Fingerprint::new(category, canonical),
            category: category.into(),
            signature: Some("SIG".into()).filter(|_| category != GENERIC),
            policy: Policy::Retry,
            severity: Cow::Borrowed(severity),
            summary: Some("What it means".into()),
            subject: canonical.into(),
            host: None,
            service: Some("api".into()),
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
                table.observe(&observation("db", "x", &severity), at(*time))
            {
                let relative = |t: Timestamp| t.as_second() - at(0).as_second();
                assert_eq!(relative(alert.last_seen), *time);
                found.push((*time, alert.count, alert.suppressed, relative(alert.first_seen)));
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
                table.observe(&observation("db", "x", &severity), at(0))
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
        assert!(matches!(table.observe(&observation, at(0)), Decision::Raised(_)));
    }

    #[test]
    fn events_out_of_order_count_where_they_belong() {
        assert_eq!(alerts(AggregationSettings::default(), &[200, 0, 100]), [(100, 3, 0, 0)]);
        assert_eq!(alerts(AggregationSettings::default(), &[1000, 0, 1, 2]), []);
    }

    #[test]
    fn critical_alerts_on_the_first_event_and_then_cools_down() {
        let severities = [Severity::new("CRITICAL"), Severity::default()];
        for (category, severity) in [("db", &severities[0]), ("critical", &severities[1])] {
            let mut table = GroupTable::new(AggregationSettings::default());
            let observation = observation(category, "x", severity);
            let Decision::Raised(alert) = table.observe(&observation, at(0)) else { panic!() };
            assert_eq!((alert.cause, alert.count), (Cause::Immediate, 1));
            assert_eq!(table.observe(&observation, at(1)), Decision::Held(Hold::Cooldown));
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

    #[test]
    fn generic_errors_are_counted_and_alert_only_when_asked_to() {
        let severity = Severity::default();
        let observation = observation(GENERIC, "boom #", &severity);
        let mut table = GroupTable::new(AggregationSettings::default());
        for second in 0..5 {
            assert_eq!(table.observe(&observation, at(second)), Decision::Held(Hold::Generic));
        }
        assert_eq!(
            table.generic_groups().collect::<Vec<_>>(),
            [GenericGroup { fingerprint: observation.fingerprint, canonical: "boom #", count: 5 }]
        );

        let settings =
            AggregationSettings { generic_alert: true, ..AggregationSettings::default() };
        let mut table = GroupTable::new(settings);
        let decisions = [0, 1, 2].map(|second| table.observe(&observation, at(second)));
        let Decision::Raised(alert) = &decisions[2] else { panic!("{decisions:?}") };
        assert_eq!((alert.cause, alert.count), (Cause::Threshold, 3));
    }

    #[test]
    fn canonical_text_is_shown_without_secrets() {
        let severity = Severity::default();
        let observation = observation(GENERIC, "login with password=hunter refused", &severity);
        let mut table = GroupTable::new(AggregationSettings::default());
        table.observe(&observation, at(0));
        let shown = "login with password=[redacted] refused";
        assert_eq!(table.generic_groups().next().unwrap().canonical, shown);
    }

    #[test]
    fn past_the_limit_the_least_recently_seen_fingerprint_gives_way() {
        let settings = AggregationSettings { max_groups: 2, ..Default::default() };
        let mut table = GroupTable::new(settings);
        let severity = Severity::default();
        let mut see = |canonical, second| {
            table.observe(&observation("db", canonical, &severity), at(second));
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
        table.observe(&observation("db", "a", &severity), at(0));
        table.observe(&observation("db", "b", &severity), at(1200));
        assert_eq!((table.stats().live, table.stats().forgotten), (2, 0));
        table.observe(&observation("db", "b", &severity), at(1201));
        assert_eq!((table.stats().live, table.stats().forgotten), (1, 1));
    }

    #[test]
    fn new_settings_keep_what_is_known() {
        let mut table = GroupTable::new(AggregationSettings::default());
        let severity = Severity::default();
        let observation = observation("db", "a", &severity);
        table.observe(&observation, at(0));
        let mut settings = AggregationSettings::default();
        settings.thresholds.min_count = 2;
        table.reconfigure(settings);
        assert!(matches!(table.observe(&observation, at(1)), Decision::Raised(_)));
    }

    #[test]
    fn another_cooldown_reaches_those_that_run() {
        let severity = Severity::new("critical");
        let observation = observation("db", "a", &severity);
        for (minutes, end) in [(0, 0), (1, 60), (10, 600), (15, 900)] {
            let mut table = GroupTable::new(AggregationSettings::default());
            assert!(matches!(table.observe(&observation, at(0)), Decision::Raised(_)));
            let mut settings = AggregationSettings::default();
            settings.thresholds.cooldown = SignedDuration::from_mins(minutes);
            // A restart between makes no difference.
            let kept = serde_json::to_string(&table.take_unsaved()).unwrap();
            table.restore(serde_json::from_str::<Vec<GroupState>>(&kept).unwrap());
            table.reconfigure(settings);
            if end > 0 {
                let held = table.observe(&observation, at(end - 1));
                assert_eq!(held, Decision::Held(Hold::Cooldown), "{minutes}");
            }
            let decision = table.observe(&observation, at(end));
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
                decisions.push(table.observe(&observation, at(second as i64)));
            }
            let kept = serde_json::to_string(&table.take_unsaved()).unwrap();
            assert_eq!(table.take_unsaved(), []);
            let mut table = GroupTable::new(AggregationSettings::default());
            table.restore(serde_json::from_str::<Vec<GroupState>>(&kept).unwrap());
            for second in events..1000 {
                decisions.push(table.observe(&observation, at(second as i64)));
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
        table.observe(&a, at(0));
        table.observe(&b, at(0));
        assert_eq!(table.take_unsaved().len(), 2);
        table.observe(&a, at(1));
        assert_eq!(table.state_of(a.fingerprint).unwrap().idle_from(), at(1201));
        let unsaved: Vec<_> = table.take_unsaved().iter().map(GroupState::fingerprint).collect();
        assert_eq!(unsaved, [a.fingerprint]);
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
            if let Decision::Raised(raised) = table.observe(&observation, at(second)) {
                alert = Some(raised);
            }
        }
        assert_eq!(
            alert.unwrap().samples,
            ["password=[REDACTED]".to_owned(), "y".repeat(512), "third".to_owned()]
        );
    }

    /// The rules of DESIGN §6, with everything remembered.
    #[derive(Default)]
    struct Model {
        counted: Vec<i64>,
        cooldown_until: Option<i64>,
        suppressed: u64,
        last_seen: Option<i64>,
    }

    impl Model {
        fn observe(
            &mut self,
            now: i64,
            (window, min_count, cooldown): (i64, usize, i64),
        ) -> Option<(u64, u64)> {
            if self.last_seen.is_some_and(|last| (now - last).abs() > 2 * window.max(cooldown)) {
                *self = Self::default();
            }
            self.last_seen = Some(self.last_seen.map_or(now, |last| last.max(now)));
            if self.cooldown_until.is_some_and(|until| now < until) {
                self.suppressed += 1;
                return None;
            }
            self.counted.push(now);
            self.counted.sort_unstable();
            let last = self.counted.iter().rev().take(min_count).collect::<Vec<_>>();
            if last.len() < min_count || *last[0] - *last[min_count - 1] > window {
                return None;
            }
            let alert = (min_count as u64, std::mem::take(&mut self.suppressed));
            *self = Self {
                last_seen: self.last_seen,
                cooldown_until: Some(now + cooldown),
                ..Self::default()
            };
            Some(alert)
        }
    }

    /// Feeds the same events to table and models, one model per fingerprint.
    fn compare(
        (window, min_count, cooldown): (i64, usize, i64),
        events: impl IntoIterator<Item = (usize, i64)>,
    ) -> Result<(), TestCaseError> {
        let settings = AggregationSettings {
            thresholds: Thresholds {
                window: SignedDuration::from_secs(window),
                min_count: u32::try_from(min_count).unwrap(),
                cooldown: SignedDuration::from_secs(cooldown),
            },
            ..AggregationSettings::default()
        };
        let mut table = GroupTable::new(settings);
        let mut models: [Model; 3] = Default::default();
        let severity = Severity::default();
        let mut now = 0;
        for (which, step) in events {
            now += step;
            let canonical = ["a", "b", "c"][which];
            let alert = match table.observe(&observation("db", canonical, &severity), at(now)) {
                Decision::Raised(alert) => Some((alert.count, alert.suppressed)),
                Decision::Held(_) => None,
            };
            prop_assert_eq!(alert, models[which].observe(now, (window, min_count, cooldown)));
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn the_table_agrees_with_a_model_that_remembers_everything(
            rule in (1i64..20, 1usize..6, 0i64..30),
            events in prop::collection::vec((0usize..3, 0i64..12), 0..200),
        ) {
            compare(rule, events)?;
        }

        #[test]
        fn so_it_does_when_times_go_back(
            rule in (1i64..20, 1usize..6, 0i64..30),
            steps in prop::collection::vec(-6i64..12, 0..200),
        ) {
            compare(rule, steps.into_iter().map(|step| (0, step)))?;
        }
    }
}
