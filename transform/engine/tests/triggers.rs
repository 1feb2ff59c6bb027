//! Each trigger against a model that remembers everything, and their order.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::{borrow::Cow, collections::HashMap};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use signatures_engine::{
    Fingerprint, GENERIC, Observation, Policy, Severity, ValueHash,
    aggregate::{
        Aggregate, AggregationSettings, CooldownBackoff, Decision, DistinctTrigger, EventTime,
        GroupTable, NewTrigger, Raised, Reason, SpikeTrigger, Thresholds, Trigger, Triggers,
    },
};
use signatures_event::Level;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

fn relative(time: Timestamp) -> i64 {
    time.as_second() - 1_700_000_000
}

/// An error that some signature knows.
fn known(name: &str) -> Observation<'static> {
    let fingerprint = Fingerprint::new("db", name);
    Observation {
        fingerprint,
        group: fingerprint.into(),
        joined: None,
        category: "db".into(),
        signature: Some("SIG".into()),
        policy: Policy::Retry,
        severity: Cow::Owned(Severity::default()),
        summary: None,
        subject: name.to_owned().into(),
        exception: None,
        level: None,
        distinct: Vec::new(),
        host: None,
        service: None,
        time: None,
        request_id: None,
    }
}

/// One that none knows, of a level.
fn unknown(name: &str, level: Level) -> Observation<'static> {
    let fingerprint = Fingerprint::new(GENERIC, name);
    Observation {
        fingerprint,
        group: fingerprint.into(),
        category: GENERIC.into(),
        signature: None,
        level: Some(level),
        ..known(name)
    }
}

/// Thresholds that are never reached, and no cooldown, so that only triggers speak.
fn only(triggers: Triggers) -> AggregationSettings {
    let minute = SignedDuration::from_mins(1);
    let thresholds =
        Thresholds { window: 5 * minute, min_count: 10_000, cooldown: SignedDuration::ZERO };
    AggregationSettings { thresholds, triggers, ..AggregationSettings::default() }
}

fn all_new() -> NewTrigger {
    NewTrigger { learn: SignedDuration::ZERO, per_hour: 1_000, ..NewTrigger::default() }
}

/// A tick and an event, as a replay does it.
fn step(table: &mut GroupTable, error: &Observation<'_>, second: i64) -> Option<Raised> {
    table.tick(at(second));
    match table.observe(error, EventTime::on_arrival(at(second))) {
        Decision::Raised(raised) => Some(*raised),
        Decision::Held(_) => None,
    }
}

fn trigger(raised: Option<Raised>) -> Option<Trigger> {
    raised.map(|raised| raised.reason.trigger())
}

/// The settings with every trigger that an event can set off.
fn everything() -> AggregationSettings {
    let minute = SignedDuration::from_mins(1);
    let distinct = DistinctTrigger {
        matches: signatures_engine::Selector::default(),
        field: "user".into(),
        count: 2,
        window: minute,
    };
    let spike = SpikeTrigger { factor: 2.0, baseline: SignedDuration::from_hours(1), min_count: 4 };
    let triggers = Triggers {
        new: Some(all_new()),
        returned: Some(SignedDuration::from_hours(2)),
        spike: Some(spike),
        distinct: vec![distinct],
        ..Triggers::default()
    };
    let thresholds = Thresholds { window: 5 * minute, min_count: 3, cooldown: minute };
    AggregationSettings { thresholds, triggers, ..AggregationSettings::default() }
}

#[test]
fn one_event_raises_one_alert_in_the_order_of_the_triggers() {
    let mut table = GroupTable::new(everything());
    let critical = Observation {
        severity: Cow::Owned(Severity::new("critical")),
        ..known("critical and new")
    };
    assert_eq!(trigger(step(&mut table, &critical, 0)), Some(Trigger::Immediate));
    let user =
        |name: &str| Observation { distinct: vec![ValueHash::of(name)], ..known("the same") };
    assert_eq!(trigger(step(&mut table, &user("a"), 1)), Some(Trigger::New));
    // Within the cooldown nothing speaks, whatever its trigger.
    assert_eq!(trigger(step(&mut table, &user("b"), 2)), None);
    // Of the threshold only two events, and enough users.
    assert_eq!(trigger(step(&mut table, &user("a"), 70)), None);
    assert_eq!(trigger(step(&mut table, &user("b"), 71)), Some(Trigger::Distinct));
    // Enough of both: the threshold goes first.
    for (user_name, second) in [("c", 140), ("c", 141)] {
        assert_eq!(trigger(step(&mut table, &user(user_name), second)), None);
    }
    assert_eq!(trigger(step(&mut table, &user("d"), 142)), Some(Trigger::Threshold));
    // Enough for a spike, too, which goes before it.
    for second in [2000, 2001] {
        assert_eq!(trigger(step(&mut table, &user("c"), second)), None);
    }
    let raised = step(&mut table, &user("c"), 2002);
    assert_eq!(trigger(raised), Some(Trigger::Threshold));
    for second in 2063..2066 {
        step(&mut table, &user("c"), second);
    }
    let mut raised = None;
    for second in 2066..2200 {
        raised = raised.or(step(&mut table, &user("c"), second));
    }
    assert_eq!(trigger(raised), Some(Trigger::Spike));
    // Back, and enough users: that it is back goes first.
    assert_eq!(trigger(step(&mut table, &user("e"), 4 * HOUR)), Some(Trigger::Returned));
}

#[test]
fn without_triggers_ticks_and_presence_change_nothing() {
    let error = unknown("x", Level::Critical);
    let mut table = GroupTable::new(AggregationSettings::default());
    for second in 0..100 {
        assert_eq!(step(&mut table, &error, second * 60), None);
    }
    assert_eq!(table.tick(at(10 * DAY)), []);
    assert_eq!(table.stats().remembered, 0);
}

#[test]
fn what_is_fatal_by_its_own_level_counts_where_others_are_only_counted() {
    let triggers = Triggers { fatal: true, ..Triggers::default() };
    let settings = AggregationSettings { triggers, ..AggregationSettings::default() };
    for (level, alerts) in [
        (Level::Error, None),
        (Level::Critical, Some(Trigger::Threshold)),
        (Level::Emergency, Some(Trigger::Threshold)),
    ] {
        let mut table = GroupTable::new(settings.clone());
        let error = unknown("x", level);
        assert_eq!(trigger(step(&mut table, &error, 0)), None);
        assert_eq!(trigger(step(&mut table, &error, 1)), None);
        assert_eq!(trigger(step(&mut table, &error, 2)), alerts, "{level:?}");
    }
}

#[test]
fn new_errors_are_told_from_a_level_and_a_severity_on() {
    let of_severity =
        |name: &str| Observation { severity: Cow::Owned(Severity::new(name)), ..known(name) };
    let triggers = Triggers { new: Some(all_new()), ..Triggers::default() };
    for (error, told) in [
        (unknown("a", Level::Warning), None),
        (unknown("b", Level::Error), Some(Trigger::New)),
        (Observation { level: None, ..unknown("c", Level::Error) }, None),
        (of_severity("medium"), None),
        (of_severity("anomaly"), Some(Trigger::New)),
        (of_severity("high"), Some(Trigger::New)),
    ] {
        let mut table = GroupTable::new(only(triggers.clone()));
        assert_eq!(trigger(step(&mut table, &error, 0)), told, "{}", error.subject);
        // It is known from now on.
        assert_eq!(trigger(step(&mut table, &error, 1)), None);
    }
}

#[test]
fn while_it_learns_everything_is_only_remembered() {
    let learn = SignedDuration::from_mins(60);
    let new = NewTrigger { learn, ..all_new() };
    let settings = only(Triggers { new: Some(new), ..Triggers::default() });
    let mut table = GroupTable::new(settings.clone());
    assert_eq!(step(&mut table, &known("a"), 0), None);
    assert_eq!(step(&mut table, &known("b"), HOUR - 1), None);
    assert_eq!(step(&mut table, &known("a"), HOUR), None);
    assert_eq!(trigger(step(&mut table, &known("c"), HOUR)), Some(Trigger::New));
    // A restart goes on with what is kept.
    for states in [table.states().collect::<Vec<_>>(), table.take_unsaved()] {
        let mut table = GroupTable::new(settings.clone());
        table.restore(states);
        assert_eq!(step(&mut table, &known("a"), HOUR + 1), None);
        assert_eq!(trigger(step(&mut table, &known("d"), HOUR + 2)), Some(Trigger::New));
    }
    // And without it learns again.
    let mut table = GroupTable::new(settings);
    assert_eq!(step(&mut table, &known("a"), HOUR + 1), None);
    assert_eq!(step(&mut table, &known("d"), HOUR + 2), None);
}

#[test]
fn groups_that_are_followed_no_more_are_remembered_across_a_restart() {
    let triggers = Triggers { new: Some(all_new()), ..Triggers::default() };
    let mut settings = only(triggers);
    settings.max_groups = 2;
    let mut table = GroupTable::new(settings.clone());
    table.keep_forgotten();
    let mut kept = HashMap::new();
    for number in 0..10 {
        let error = known(&number.to_string());
        assert_eq!(trigger(step(&mut table, &error, number)), Some(Trigger::New));
        kept.extend(table.take_unsaved().into_iter().map(|state| (state.id(), state)));
    }
    // All of them are idle, and one is forgotten after another.
    step(&mut table, &known("later"), DAY);
    kept.extend(table.take_unsaved().into_iter().map(|state| (state.id(), state)));
    for states in [kept.into_values().collect::<Vec<_>>(), table.states().collect()] {
        let text = serde_json::to_string(&states).unwrap();
        let mut table = GroupTable::new(settings.clone());
        table.restore(serde_json::from_str::<Vec<_>>(&text).unwrap());
        assert_eq!(table.stats().remembered, 11);
        for number in 0..10 {
            assert_eq!(step(&mut table, &known(&number.to_string()), DAY + 1), None, "{number}");
        }
    }
}

#[test]
fn past_so_many_an_hour_new_errors_are_one_alert() {
    let new = NewTrigger { per_hour: 2, ..all_new() };
    let mut table = GroupTable::new(only(Triggers { new: Some(new), ..Triggers::default() }));
    let told = (0..7).filter_map(|n| {
        step(&mut table, &known(&format!("e {}", ["a", "b", "c", "d", "e", "f", "g"][n])), n as i64)
    });
    assert_eq!(told.map(|raised| relative(raised.last_seen)).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(table.tick(at(HOUR - 1)), []);
    let [digest] = &table.tick(at(HOUR))[..] else { panic!() };
    assert_eq!(digest.raised.reason, Reason::MoreNew { errors: 5, per_hour: 2 });
    assert_eq!(digest.raised.samples.len(), 5);
    assert_eq!(digest.raised.samples[0], "SIG: e c");
    assert_eq!(table.tick(at(HOUR + 1)), []);
    assert_eq!(trigger(step(&mut table, &known("z"), HOUR)), Some(Trigger::New));
}

#[test]
fn what_somebody_resolved_is_back_with_its_next_event() {
    let triggers =
        Triggers { returned: Some(SignedDuration::from_hours(24)), ..Triggers::default() };
    let mut table = GroupTable::new(only(triggers));
    let error = known("a");
    assert_eq!(step(&mut table, &error, 0), None);
    table.resolve(error.group);
    let raised = step(&mut table, &error, 60).unwrap();
    let quiet = SignedDuration::from_secs(60);
    assert_eq!(raised.reason, Reason::Returned { quiet, resolved: true });
    assert_eq!(step(&mut table, &error, 61), None);
}

/// Once and again an hour: the cooldown grows while the error goes on, and is as at
/// first when it was quiet for as long as the last one took.
#[test]
fn an_error_that_goes_on_alerts_ever_more_rarely() {
    let backoff = CooldownBackoff { factor: 2.0, max: SignedDuration::from_mins(60) };
    let mut settings = everything();
    settings.thresholds.min_count = 1;
    settings.triggers = Triggers { cooldown_backoff: Some(backoff), ..Triggers::default() };
    settings.thresholds.cooldown = SignedDuration::from_mins(10);
    let mut table = GroupTable::new(settings);
    let minutes = |table: &mut GroupTable, from: i64, to: i64| {
        let raised = (from..to).filter(|minute| step(table, &known("a"), minute * 60).is_some());
        raised.collect::<Vec<_>>()
    };
    // 10, 20, 40, 60, 60.
    assert_eq!(minutes(&mut table, 0, 200), [0, 10, 30, 70, 130, 190]);
    // The last cooldown ends at 250; quiet for an hour more it begins anew.
    assert_eq!(minutes(&mut table, 311, 330), [311, 321]);
    // Within that hour it goes on.
    assert_eq!(minutes(&mut table, 341, 400), [341, 381]);
}

/// What `new` and `returned` say, with everything remembered.
fn model_of_novelty(last: Option<i64>, second: i64, quiet: i64, after: i64) -> Option<Trigger> {
    match last.map(|last| second - last) {
        None => Some(Trigger::New),
        Some(silent) if silent > quiet => Some(Trigger::New),
        Some(silent) if silent >= after => Some(Trigger::Returned),
        Some(_) => None,
    }
}

/// How many came in the last five slots of a fifth of the window, and how many
/// usually do in a window; none where too little is known.
fn model_of_spike(events: &[i64], window: i64, windows: i64) -> (u64, Option<u64>) {
    let base = 1_700_000_000;
    let slot_of = |second: i64| (base + second).div_euclid(window / 5);
    let window_of = |second: i64| (base + second).div_euclid(window);
    let now = *events.last().unwrap();
    let slots = slot_of(now) - 4..=slot_of(now);
    let count = events.iter().filter(|event| slots.contains(&slot_of(**event))).count() as u64;
    let since = window_of(events[0]);
    let first = since.max(window_of(now) - windows);
    let mut counts: Vec<_> = (first..window_of(now))
        .map(|index| events.iter().filter(|event| window_of(**event) == index).count() as u64)
        .collect();
    counts.sort_unstable();
    let is_known = counts.len() as i64 >= (windows / 8).max(1);
    (count, is_known.then(|| counts[counts.len() / 2]))
}

proptest! {
    #[test]
    fn new_and_returned_agree_with_a_model(
        events in prop::collection::vec((0usize..4, prop_oneof![
            0i64..3 * HOUR, 20 * HOUR..30 * HOUR, 6 * DAY..8 * DAY,
        ]), 0..80),
    ) {
        let new = NewTrigger { quiet: SignedDuration::from_hours(7 * 24), ..all_new() };
        let triggers = Triggers {
            new: Some(new),
            returned: Some(SignedDuration::from_hours(24)),
            ..Triggers::default()
        };
        let mut table = GroupTable::new(only(triggers));
        let mut last = HashMap::new();
        let mut second = 0;
        for (which, step_by) in events {
            second += step_by;
            let error = known(["a", "b", "c", "d"][which]);
            let expected =
                model_of_novelty(last.insert(which, second), second, 7 * DAY, DAY);
            prop_assert_eq!(trigger(step(&mut table, &error, second)), expected);
        }
    }

    #[test]
    fn spikes_agree_with_a_model(
        runs in prop::collection::vec((1usize..12, 0i64..200), 1..60),
    ) {
        let (window, windows) = (50, 24);
        let trigger = SpikeTrigger {
            factor: 3.0,
            baseline: SignedDuration::from_secs(window * windows),
            min_count: 5,
        };
        let mut settings = only(Triggers { spike: Some(trigger), ..Triggers::default() });
        settings.thresholds.window = SignedDuration::from_secs(window);
        let mut table = GroupTable::new(settings);
        let (mut events, mut second) = (Vec::new(), 0);
        for (count, gap) in runs {
            second += gap;
            for _ in 0..count {
                second += 1;
                events.push(second);
                let raised = step(&mut table, &known("a"), second);
                let (count, usual) = model_of_spike(&events, window, windows);
                let usual = usual.filter(|usual| count >= 5 && count as f64 >= 3.0 * *usual as f64);
                let window = SignedDuration::from_secs(window);
                let expected = usual.map(|usual| Reason::Spike { count, window, usual });
                prop_assert_eq!(raised.map(|raised| raised.reason), expected);
            }
        }
    }

    #[test]
    fn distinct_values_agree_with_a_model(
        events in prop::collection::vec((0u32..8, 0i64..15), 0..200),
        count in 2u32..6,
    ) {
        let window = 30;
        let trigger = DistinctTrigger {
            matches: signatures_engine::Selector::default(),
            field: "user".into(),
            count,
            window: SignedDuration::from_secs(window),
        };
        let mut settings = only(Triggers { distinct: vec![trigger], ..Triggers::default() });
        settings.thresholds.cooldown = SignedDuration::from_secs(40);
        let mut table = GroupTable::new(settings);
        let (mut past, mut second): (Vec<(i64, u32)>, i64) = (Vec::new(), 0);
        let mut until = i64::MIN;
        for (user, step_by) in events {
            second += step_by;
            // Each user is a group of its own: they count together.
            let error = Observation {
                distinct: vec![ValueHash::of(&user.to_string())],
                ..known(["a", "b", "c", "d", "e", "f", "g", "h"][user as usize])
            };
            let raised = step(&mut table, &error, second).is_some();
            let mut expected = false;
            if second >= until {
                past.push((second, user));
                let within = past.iter().filter(|(then, _)| second - then <= window);
                let users: std::collections::HashSet<_> = within.map(|(_, user)| user).collect();
                expected = users.len() >= count as usize;
                if expected {
                    (until, past) = (second + 40, Vec::new());
                }
            }
            prop_assert_eq!(raised, expected);
        }
    }

    /// Whatever triggers there are: a cooldown holds them all, and no event raises more
    /// than one alert, of those that have cause.
    #[test]
    fn a_cooldown_holds_whatever_the_trigger(
        events in prop::collection::vec((0usize..3, 0u32..4, 0i64..200), 0..200),
    ) {
        let mut table = GroupTable::new(everything());
        let mut until = [i64::MIN; 3];
        let mut second = 0;
        for (which, user, step_by) in events {
            second += step_by;
            let error = Observation {
                distinct: vec![ValueHash::of(&user.to_string())],
                ..known(["a", "b", "c"][which])
            };
            if let Some(raised) = step(&mut table, &error, second) {
                prop_assert!(second >= until[which]);
                until[which] = relative(raised.cooldown_until);
                prop_assert_eq!(until[which], second + 60);
            }
        }
    }
}
