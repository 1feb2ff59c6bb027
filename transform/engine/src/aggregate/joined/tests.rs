use std::{borrow::Cow, collections::BTreeMap};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{MAX_LISTED_VALUES, MOST_VALUES};
use crate::{
    aggregate::{
        Aggregate, AggregationSettings, Decision, EventTime, GroupTable, Hold, JoinedValues,
        Raised, Thresholds, ToldBefore,
    },
    fingerprint::Fingerprint,
    grouping::{GroupId, JoinedError},
    observation::Observation,
    policy::Policy,
    severity::Severity,
};

fn observation(service: &str) -> Observation<'static> {
    let group = |value: &str| GroupId::new("g1", "db", "read econnreset", [value]);
    Observation {
        fingerprint: Fingerprint::new("db", "econnreset"),
        group: group(service),
        joined: Some(Cow::Owned(JoinedError {
            group: group("*"),
            by: vec!["service".to_owned()],
            value: service.to_owned(),
        })),
        category: "db".into(),
        signature: Some("RESET".into()),
        policy: Policy::Retry,
        severity: Cow::Owned(Severity::default()),
        summary: None,
        subject: "read ECONNRESET".into(),
        exception: None,
        level: None,
        distinct: Vec::new(),
        host: None,
        service: Some(service.to_owned().into()),
        time: None,
        request_id: None,
    }
}

fn at(seconds: i64) -> EventTime {
    EventTime::on_arrival(Timestamp::from_second(1_700_000_000 + seconds).unwrap())
}

fn settings(collapse_above: Option<u64>) -> AggregationSettings {
    AggregationSettings { collapse_above, ..AggregationSettings::default() }
}

/// Three events of each service at a second: enough for an alert.
fn three_of(table: &mut GroupTable, service: &str, second: i64) -> Decision {
    let observation = observation(service);
    table.observe(&observation, at(second));
    table.observe(&observation, at(second));
    table.observe(&observation, at(second))
}

fn raised(decision: Decision) -> Raised {
    let Decision::Raised(raised) = decision else { panic!("{decision:?}") };
    *raised
}

/// The values that an alert lists, or `alone`.
fn told(decision: &Decision) -> String {
    let Decision::Raised(raised) = decision else { return format!("{decision:?}") };
    let Some(joined) = &raised.joined else {
        return format!("alone {}+{}", raised.count, raised.suppressed);
    };
    let JoinedValues { values, more_values, more_count, .. } = &**joined;
    let values: Vec<_> = values.iter().map(|v| format!("{} {}", v.value, v.count)).collect();
    let (count, suppressed) = (raised.count, raised.suppressed);
    format!("{} / {more_values} {more_count} / {count}+{suppressed}", values.join(", "))
}

const HELD: &str = "Held(Cooldown)";

#[test]
fn more_than_so_many_values_are_one_alert_and_its_cooldown_holds_all() {
    let mut table = GroupTable::new(settings(Some(2)));
    let mut three = |service, second| told(&three_of(&mut table, service, second));
    assert_eq!(three("a", 0), "alone 3+0");
    assert_eq!(three("b", 1), "alone 3+0");
    assert_eq!(three("c", 2), "a 3, b 3, c 3 / 0 0 / 9+0");
    assert_eq!([three("d", 3), three("e", 4)], [HELD; 2]);
    // Their own cooldowns run as ever; what they hold is told when they are over.
    assert_eq!(three("a", 300), HELD);
    // That of all is over at 602: `d` and `e` were told to nobody yet.
    assert_eq!([three("a", 600), three("b", 601)], [HELD; 2]);
    assert_eq!(three("c", 602), "a 6, b 3, c 3, d 3, e 3 / 0 0 / 15+3");
    assert_eq!(table.stats().alerts, 4);
}

#[test]
fn a_joined_alert_that_did_not_arrive_is_raised_by_the_next_event_of_any_group() {
    let mut table = GroupTable::new(settings(Some(2)));
    for (service, second) in [("a", 0), ("b", 1)] {
        three_of(&mut table, service, second);
    }
    let all = raised(three_of(&mut table, "c", 2));
    assert_eq!(told(&three_of(&mut table, "d", 3)), HELD);
    table.take_back(&all.undo);
    let again = table.observe(&observation("c"), at(4));
    assert_eq!(told(&again), "a 3, b 3, c 3, d 3 / 0 0 / 12+0");
    // Of `c` its own next event tells, which is the one that raised it.
    table.take_back(&raised(again).undo);
    assert_eq!(told(&three_of(&mut table, "e", 5)), "a 3, b 3, d 3, e 3 / 0 0 / 12+0");
    assert_eq!(told(&table.observe(&observation("c"), at(6))), HELD);
}

#[test]
fn a_joined_alert_knows_what_of_it_was_told_before() {
    let mut table = GroupTable::new(settings(Some(2)));
    for (service, second) in [("a", 0), ("b", 1)] {
        three_of(&mut table, service, second);
    }
    let before = |decision| raised(decision).joined.unwrap().before;
    let told = ToldBefore { values: 2, count: 6, suppressed: 0 };
    assert_eq!(before(three_of(&mut table, "c", 2)), told);
    for (service, second) in [("a", 600), ("b", 601)] {
        three_of(&mut table, service, second);
    }
    assert_eq!(before(three_of(&mut table, "c", 602)), ToldBefore::default());
}

#[test]
fn a_few_values_alert_each_by_itself_with_what_was_held_back_of_them() {
    let mut table = GroupTable::new(settings(Some(2)));
    for (service, second) in [("a", 0), ("b", 1), ("c", 2), ("d", 3)] {
        three_of(&mut table, service, second);
    }
    // `d` was held; nobody else is heard of any more.
    assert_eq!(told(&three_of(&mut table, "d", 700)), "alone 3+3");
    // What lies a window apart is not together.
    let mut table = GroupTable::new(settings(Some(2)));
    for (service, second) in [("a", 0), ("b", 200), ("c", 400), ("d", 600)] {
        assert_eq!(told(&three_of(&mut table, service, second)), "alone 3+0");
    }
    // What was before a long silence is another story.
    let mut table = GroupTable::new(settings(Some(1)));
    for (service, second) in [("a", 0), ("b", 1), ("c", 2)] {
        three_of(&mut table, service, second);
    }
    assert_eq!(told(&three_of(&mut table, "c", 2000)), "alone 3+0");
}

#[test]
fn the_alert_of_all_is_that_of_one_error() {
    let mut table = GroupTable::new(settings(Some(1)));
    three_of(&mut table, "a", 0);
    let alert = raised(three_of(&mut table, "b", 5));
    let time = |second| at(second).at;
    assert_eq!((alert.first_seen, alert.last_seen), (time(0), time(5)));
    assert_eq!((alert.ordinal, alert.cooldown_until), (1, time(605)));
    three_of(&mut table, "a", 605);
    let again = raised(three_of(&mut table, "b", 606));
    assert_eq!((again.ordinal, again.joined.is_some()), (2, true));
}

#[test]
fn without_the_setting_or_with_one_field_less_nothing_is_joined() {
    let mut table = GroupTable::new(settings(None));
    for service in ["a", "b", "c"] {
        assert_eq!(told(&three_of(&mut table, service, 0)), "alone 3+0");
    }
    let mut table = GroupTable::new(settings(Some(1)));
    for service in ["a", "b", "c"] {
        let bare = Observation { joined: None, ..observation(service) };
        (0..2).for_each(|_| drop(table.observe(&bare, at(0))));
        assert_eq!(told(&table.observe(&bare, at(0))), "alone 3+0");
    }
}

#[test]
fn memory_is_bounded_and_all_counts_are_told() {
    let mut table = GroupTable::new(settings(Some(2)));
    let services: Vec<String> = (0..1000).map(|number| format!("service-{number:04}")).collect();
    for service in &services {
        three_of(&mut table, service, 0);
    }
    let rest = services.len() - 3;
    let alert = raised(three_of(&mut table, "service-0000", 600));
    let joined = alert.joined.unwrap();
    assert_eq!(joined.values.len(), MAX_LISTED_VALUES);
    let values = MAX_LISTED_VALUES as u64 + joined.more_values;
    assert_eq!(values, rest as u64 + 1);
    let listed: u64 = joined.values.iter().map(|value| value.count).sum();
    assert_eq!(listed + joined.more_count, alert.count + alert.suppressed);
    assert_eq!(alert.count + alert.suppressed, 3 * values);
    let state = table.state_of(observation("*").group).unwrap();
    let length = serde_json::to_string(&state).unwrap().len();
    assert!(length < 256 * MOST_VALUES, "{length}");
}

#[test]
fn a_secret_in_a_value_is_told_to_nobody() {
    let mut table = GroupTable::new(settings(Some(1)));
    three_of(&mut table, "a", 0);
    let alert = raised(three_of(&mut table, "https://bob:hunter2@x.io/", 0));
    let shown = format!("{alert:?}{:?}", table.states().collect::<Vec<_>>());
    assert!(alert.joined.is_some() && !shown.contains("hunter2"), "{shown}");
}

/// What a value has had, by where that is.
#[derive(Default, Debug, PartialEq)]
struct Account {
    /// In alerts of its own, where nothing is joined.
    without: u64,
    /// In alerts of its own or of all, each event once.
    with: u64,
}

proptest! {
    #[test]
    fn no_alert_is_added_and_no_count_is_lost(
        (window, min_count, cooldown, above) in (6i64..20, 1u32..4, 0i64..30, 1u64..5),
        events in prop::collection::vec((0usize..8, 0i64..3, any::<bool>()), 0..300),
    ) {
        let thresholds = Thresholds {
            window: SignedDuration::from_secs(window),
            min_count,
            cooldown: SignedDuration::from_secs(cooldown),
        };
        let by = |collapse_above| {
            GroupTable::new(AggregationSettings { thresholds, ..settings(collapse_above) })
        };
        let (mut with, mut without) = (by(Some(above)), by(None));
        let mut accounts: BTreeMap<String, Account> = BTreeMap::new();
        let (mut time, mut last) = (0, 0);
        for (service, step, restart) in events {
            time += step;
            if restart && step == 2 {
                // What is known is known after a restart.
                let states = with.take_unsaved().into_iter().chain(with.states());
                let states = serde_json::to_string(&states.collect::<Vec<_>>()).unwrap();
                with = by(Some(above));
                with.restore(serde_json::from_str::<Vec<_>>(&states).unwrap());
            }
            let service = format!("s{service}");
            let observation = observation(&service);
            let all = observation.joined.as_ref().unwrap().group;
            let held = |table: &GroupTable, told: bool| -> BTreeMap<String, u64> {
                let Some(joined) = table.joined(all) else { return BTreeMap::new() };
                let owned = |(value, count): (&str, u64)| (value.to_owned(), count);
                match told {
                    true => joined.told().map(owned).collect(),
                    false => joined.untold().map(owned).collect(),
                }
            };
            let told_before = held(&with, true);
            let alone = without.observe(&observation, at(time));
            let joined = with.observe(&observation, at(time));
            let Decision::Raised(alone) = alone else {
                prop_assert_eq!(joined, alone);
                continue;
            };
            if time - last > 2 * window.max(cooldown) && last > 0 {
                break; // What was before so long a silence is not told.
            }
            last = time;
            accounts.entry(service.clone()).or_default().without += alone.count + alone.suppressed;
            match joined {
                Decision::Held(hold) => prop_assert_eq!(hold, Hold::Cooldown),
                Decision::Raised(raised) => match &raised.joined {
                    None => {
                        let told = raised.count + raised.suppressed;
                        accounts.entry(service.clone()).or_default().with += told;
                    }
                    Some(values) => {
                        let sum: u64 = values.values.iter().map(|value| value.count).sum();
                        prop_assert_eq!(sum, raised.count + raised.suppressed);
                        prop_assert!(values.values.len() as u64 > above);
                        for value in &values.values {
                            // Where it alerts again it is told what came since.
                            let before = told_before.get(&value.value).filter(|_| value.value != service);
                            accounts.entry(value.value.clone()).or_default().with +=
                                value.count - before.unwrap_or(&0);
                        }
                    }
                },
            }
            let untold = held(&with, false);
            for (value, account) in &accounts {
                let told = account.with + untold.get(value).unwrap_or(&0);
                prop_assert_eq!(told, account.without, "{} {:?}", value, account);
            }
        }
        prop_assert!(with.stats().alerts <= without.stats().alerts);
    }
}
