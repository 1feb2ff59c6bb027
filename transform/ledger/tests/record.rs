//! What is remembered for people: how often errors came, incidents, silences, and what
//! became of each alert, in a state directory and in memory.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

use std::{borrow::Cow, path::Path, thread, time::Duration};

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use signatures_alerts::{Alert, AlertStatus, Escalation, MuteTime};
use signatures_engine::{
    Fingerprint, GENERIC, Observation, Policy, Severity,
    aggregate::{Decision, EventTime, Hold, Raised, Reason, Undo},
};
use signatures_ledger::{
    DATABASE, FollowUp, HeldAt, HeldBy, Ledger, LedgerError, NewAlert, Outbox, Outcome, Rules,
    Ruling,
    record::{
        Acted, AlertFilter, AlertKind, AlertState, Audited, DecisionState, ErrorFilter, Incident,
        IncidentState, Message, NewSilence, SamplesOf, Totals, Window,
    },
};

/// On the minute.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_767_268_800 + seconds).unwrap()
}

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

fn window(minutes: i64, second: i64) -> Window {
    Window::last(SignedDuration::from_mins(minutes), at(second))
}

fn open(folder: Option<&Path>, second: i64) -> Outbox {
    let outbox = Outbox::open(folder, at(second)).unwrap();
    outbox.counter().configure(true, None);
    outbox
}

/// An error of a signature, or of none.
fn error<'a>(signature: Option<&'a str>, subject: &'a str) -> Observation<'a> {
    let category = if signature.is_some() { "network" } else { GENERIC };
    let fingerprint = Fingerprint::of(category, subject);
    Observation {
        fingerprint,
        group: fingerprint.into(),
        joined: None,
        category: category.into(),
        signature: signature.map(Cow::Borrowed),
        policy: Policy::Retry,
        severity: Cow::Owned(Severity::new("high")),
        summary: None,
        subject: subject.into(),
        exception: None,
        level: None,
        distinct: Vec::new(),
        host: None,
        service: Some("billing".into()),
        time: None,
        request_id: None,
    }
}

fn observe(outbox: &Outbox, error: &Observation<'_>, second: i64) {
    let held = Decision::Held(Hold::BelowThreshold);
    outbox.counter().observe(error, EventTime::on_arrival(at(second)), &held);
}

/// Waits until all that was asked before is written.
fn settle(outbox: &Outbox, second: i64) {
    outbox.pulse(at(second));
    let _ = outbox.submit(vec![], vec![], |_| u64::MAX, at(second)).wait();
}

/// The alert that an error raises.
fn alert(error: &Observation<'_>, ordinal: u32, second: i64) -> Alert {
    let raised = Raised {
        reason: Reason::Threshold { count: 3, window: SignedDuration::from_mins(5) },
        ordinal,
        count: 3,
        suppressed: 0,
        first_seen: at(second),
        last_seen: at(second),
        decided_at: at(second),
        cooldown_until: at(second + 600),
        samples: vec!["a sample".to_owned()],
        joined: None,
        undo: Undo::default(),
    };
    Alert::new(raised, error, None, false)
}

/// What the settings say.
#[derive(Default)]
struct Given {
    mute_times: Vec<MuteTime>,
    escalation: Vec<Escalation>,
}

impl Given {
    fn read(operations: &str) -> Self {
        use signatures_document::{Sections, yaml::Source};
        let source = Source::new("a.yml", format!("operations: {operations}"));
        let reading = Sections::read(&source, "a.yml", signatures_alerts::Settings::read);
        let operations = reading.into_result(&source).unwrap().operations;
        Self { mute_times: operations.mute_times, escalation: operations.escalation }
    }

    fn with<T>(&self, work: impl FnOnce(&Rules<'_>) -> T) -> T {
        work(&Rules {
            resolve_after: &|_| SignedDuration::from_mins(10),
            mute_times: &self.mute_times,
            escalation: &self.escalation,
            forgets: &|sink| sink == "alertmanager",
        })
    }

    fn rule(&self, outbox: &Outbox, alert: &Alert, second: i64) -> Ruling {
        self.with(|rules| outbox.rule(alert, rules, at(second)))
    }

    fn follow_ups(&self, outbox: &Outbox, second: i64) -> Vec<FollowUp> {
        self.with(|rules| outbox.follow_ups(rules, at(second)))
    }

    /// Decides about an alert, and keeps it for the sink `a`; `b` is for others.
    fn decide(&self, outbox: &Outbox, alert: &Alert, second: i64) -> Ruling {
        let ruling = self.rule(outbox, alert, second);
        let alert = Alert { incident: ruling.incident.clone(), ..alert.clone() };
        let (sinks, by) = match ruling.held {
            Some(_) => (vec![], HeldBy::Silence),
            None => (vec!["a".to_owned()], HeldBy::Routes),
        };
        outbox.told(&alert, &sinks);
        let stays = ["a", "b"].iter().filter(|sink| !sinks.contains(&(**sink).to_owned()));
        let held =
            stays.map(|sink| HeldAt { sink: (*sink).to_owned(), by, reason: ruling.held.clone() });
        let new = NewAlert {
            id: alert.id.clone(),
            fingerprint: alert.group_id().to_string(),
            urgency: 4,
            event: alert.to_json(),
            held: held.collect(),
            sinks,
            incident: alert.incident,
            ..NewAlert::default()
        };
        outbox.submit(vec![new], vec![], |_| u64::MAX, at(second)).wait().unwrap();
        ruling
    }
}

/// Where it is kept: in a state directory, and in memory.
fn everywhere(test: impl Fn(Option<&Path>)) {
    let folder = tempfile::tempdir().unwrap();
    test(Some(folder.path()));
    test(None);
}

fn all(ledger: &Ledger, minutes: i64, second: i64) -> Vec<(Option<String>, u64, u64)> {
    let errors = ledger.errors(&ErrorFilter::default(), window(minutes, second), 10, at(second));
    let errors = errors.unwrap().errors.into_iter();
    errors.map(|error| (error.signature, error.events, error.before)).collect()
}

/// What CodeBot's team asks for: 12 times the network, 7 times a TypeError, and one that
/// nobody knows.
#[test]
fn the_errors_of_half_an_hour_are_counted_with_their_samples_busiest_first() {
    everywhere(|folder| {
        let outbox = open(folder, 0);
        let texts: Vec<_> = (0..12)
            .map(|n| format!("connect ECONNREFUSED 10.0.0.1:{}, password=hunter2222", 5000 + n))
            .collect();
        for (n, text) in texts.iter().enumerate() {
            let network =
                Observation { request_id: Some("r-1".into()), ..error(Some("NET"), text) };
            observe(&outbox, &network, n as i64 * 2 * MINUTE);
        }
        for n in 0..7 {
            observe(&outbox, &error(Some("TYPE"), "TypeError: x is undefined"), n * MINUTE);
        }
        observe(&outbox, &error(None, "widget sideways"), 29 * MINUTE);
        outbox.counter().add_totals(
            Totals { events: 100, matched: 19, noise: 50, unknown: 1 },
            at(29 * MINUTE),
        );
        let now = 29 * MINUTE + 59;
        settle(&outbox, now);
        let ledger = outbox.ledger();
        let of = |signature: &str| Some(signature.to_owned());
        assert_eq!(all(&ledger, 30, now), [(of("NET"), 12, 0), (of("TYPE"), 7, 0), (None, 1, 0)]);
        let errors = ledger.errors(&ErrorFilter::default(), window(30, now), 2, at(now)).unwrap();
        assert_eq!((errors.errors.len(), errors.more_errors, errors.more_events), (2, 1, 1));
        assert_eq!(errors.totals, Totals { events: 100, matched: 19, noise: 50, unknown: 1 });
        assert!(errors.since.is_some() && errors.errors[0].is_new);
        assert_eq!(
            (errors.errors[0].policy, errors.errors[0].severity.as_str()),
            (Policy::Retry, "high")
        );
        // The window is exact to the minute.
        assert_eq!(all(&ledger, 10, now), [(of("NET"), 2, 6), (None, 1, 0)]);

        let samples = ledger.samples(&SamplesOf::Signature("NET".to_owned()), 9).unwrap();
        let told: Vec<_> = samples.iter().map(|sample| (sample.at, sample.text.as_str())).collect();
        let expected: Vec<_> = (0..5)
            .map(|n| {
                (
                    at((11 - n) * 2 * MINUTE),
                    texts[11 - n as usize].replace("hunter2222", "[REDACTED]"),
                )
            })
            .collect();
        assert_eq!(
            told,
            expected.iter().map(|(at, text)| (*at, text.as_str())).collect::<Vec<_>>()
        );
        assert_eq!(samples[0].request_id.as_deref(), Some("r-1"));
        let group = errors.errors[1].group;
        assert_eq!(ledger.samples(&SamplesOf::Group(group), 9).unwrap().len(), 5);
        assert_eq!(ledger.samples(&SamplesOf::Signature(GENERIC.to_owned()), 9).unwrap().len(), 1);

        drop(outbox);
        if folder.is_some() {
            // A restart keeps all.
            let outbox = open(folder, now);
            assert_eq!(all(&outbox.ledger(), 30, now).len(), 3);
        }
    });
}

#[test]
fn errors_are_found_by_what_is_asked_for() {
    let outbox = open(None, 0);
    observe(&outbox, &error(Some("NET"), "reset"), 0);
    let other = Observation {
        service: Some("checkout".into()),
        severity: Cow::Owned(Severity::new("low")),
        ..error(Some("DISK"), "disk full")
    };
    observe(&outbox, &other, 0);
    observe(&outbox, &error(None, "odd"), 0);
    settle(&outbox, 1);
    let found = |filter: ErrorFilter| -> Vec<String> {
        let errors = outbox.ledger().errors(&filter, window(1, 1), 9, at(1)).unwrap().errors;
        errors.into_iter().map(|error| error.canonical).collect()
    };
    let all = ErrorFilter::default;
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(found(ErrorFilter { signature: text("NET"), ..all() }), ["reset"]);
    assert_eq!(found(ErrorFilter { category: text("network"), ..all() }), ["reset", "disk full"]);
    assert_eq!(found(ErrorFilter { service: text("checkout"), ..all() }), ["disk full"]);
    assert_eq!(found(ErrorFilter { unknown: true, ..all() }), ["odd"]);
    let high = Some(Severity::new("high"));
    assert_eq!(found(ErrorFilter { min: high, ..all() }), ["reset", "odd"]);
    assert_eq!(found(ErrorFilter { host: text("x"), ..all() }), Vec::<String>::new());
    let group = Some(other.group);
    assert_eq!(found(ErrorFilter { group, policy: Some(Policy::Retry), ..all() }), ["disk full"]);
}

#[test]
fn minutes_that_are_packed_count_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = open(Some(folder.path()), 0);
    for hour in 0..72 {
        observe(&outbox, &error(Some("NET"), "reset"), hour * 60 * MINUTE + 17);
    }
    let now = 3 * DAY;
    settle(&outbox, now);
    let count = |minutes| all(&outbox.ledger(), minutes, now).first().map_or(0, |error| error.1);
    let counts = || [60, 90, 24 * 60, 30 * 60, 47 * 60 + 30, 3 * 24 * 60, 7 * 24 * 60].map(count);
    let before = counts();
    assert_eq!(before, [1, 1, 24, 30, 47, 72, 72]);
    // An hour that is a day old at a time.
    for _ in 0..60 {
        outbox.maintain(at(now));
    }
    settle(&outbox, now);
    let rows = |table: &str| -> i64 {
        let connection = Connection::open(folder.path().join(DATABASE)).unwrap();
        connection
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
            .unwrap()
    };
    // It began at noon: that is a part of three days.
    assert_eq!((rows("minutes"), rows("days")), (24, 3));
    assert_eq!(counts(), before);
    // What comes late is added, and packed with the rest.
    observe(&outbox, &error(Some("NET"), "reset"), 17);
    settle(&outbox, now);
    assert_eq!(count(3 * 24 * 60), 73);
    outbox.maintain(at(now));
    settle(&outbox, now);
    assert_eq!((rows("minutes"), count(3 * 24 * 60)), (24, 73));
    // After seven days nothing is left.
    outbox.maintain(at(now + 8 * DAY));
    settle(&outbox, now + 8 * DAY);
    assert_eq!((rows("minutes"), rows("days"), rows("totals")), (0, 0, 0));
}

#[test]
fn past_the_errors_of_a_day_the_rest_is_summed_by_signature() {
    let outbox = open(None, 0);
    // In memory the bound is 2,000; it is kept once there are twice as many.
    let texts: Vec<_> = (0..4001).map(|n| format!("{}x{}", words(n), words(n / 26))).collect();
    for (n, text) in texts.iter().enumerate() {
        for _ in 0..if n < 10 { 2 } else { 1 } {
            observe(&outbox, &error(Some("NET"), text), 0);
        }
    }
    settle(&outbox, 1);
    let errors = outbox.ledger().errors(&ErrorFilter::default(), window(1, 1), 5, at(1)).unwrap();
    let listed: u64 = errors.errors.iter().map(|error| error.events).sum();
    assert!(errors.errors.iter().all(|error| error.events == 2));
    let rest: u64 = errors.rest.iter().map(|rest| rest.events).sum();
    assert_eq!(errors.more_errors, 1995);
    assert_eq!(listed + errors.more_events + rest, 4011);
    assert_eq!(outbox.ledger().observed(window(1, 1), at(1)).unwrap().bounded, 2001);
}

/// A number that canonical texts do not fold.
fn words(n: usize) -> String {
    let mut text = String::new();
    let mut n = n;
    loop {
        text.push(char::from(b'a' + (n % 26) as u8));
        n /= 26;
        if n == 0 {
            return text;
        }
    }
}

fn incident(ledger: &Ledger, id: &str) -> Incident {
    ledger.incident(id).unwrap().unwrap()
}

#[test]
fn an_incident_goes_from_its_first_alert_until_nothing_comes_any_more() {
    everywhere(|folder| {
        let (outbox, given) = (open(folder, 0), Given::default());
        let net = error(Some("NET"), "reset");
        let id = given.decide(&outbox, &alert(&net, 1, 0), 0).incident.unwrap();
        // A second alert belongs to it, and so do events.
        observe(&outbox, &net, 500);
        settle(&outbox, 500);
        assert_eq!(given.follow_ups(&outbox, 501), []);
        assert_eq!(given.decide(&outbox, &alert(&net, 2, 600), 600).incident.unwrap(), id);
        observe(&outbox, &net, 700);
        settle(&outbox, 700);
        let of = incident(&outbox.ledger(), &id);
        assert_eq!((of.state, of.alerts, of.events), (IncidentState::Open, 2, 5));
        assert_eq!(
            (of.opened_at, of.last_event_at, of.sinks),
            (at(0), at(700), vec!["a".to_owned()])
        );
        assert_eq!(outbox.ledger().incidents(Some(IncidentState::Open), 9).unwrap().len(), 1);

        assert_eq!(given.follow_ups(&outbox, 1299), []);
        let [FollowUp::Resolved(told, sinks)] = &given.follow_ups(&outbox, 1300)[..] else {
            panic!()
        };
        assert_eq!((told.status, sinks), (AlertStatus::Resolved, &vec!["a".to_owned()]));
        assert_eq!(told.id, format!("{id}-resolved"));
        assert_eq!(told.resolution.as_ref().unwrap().in_words(), "lasted 21 m, 5 events");
        assert_eq!(given.follow_ups(&outbox, 1400), []);
        settle(&outbox, 1400);
        let resolved = incident(&outbox.ledger(), &id);
        assert_eq!(resolved.state, IncidentState::Resolved);
        assert_eq!(resolved.resolved.unwrap().at, at(1300));
        // The next alert opens another.
        assert_ne!(given.decide(&outbox, &alert(&net, 3, 1500), 1500).incident.unwrap(), id);
    });
}

/// Waits until what people did is in force.
fn in_force(outbox: &Outbox, second: i64, is: impl Fn() -> bool) {
    for _ in 0..600 {
        if is() {
            return;
        }
        settle(outbox, second);
        thread::sleep(Duration::from_millis(20));
    }
    panic!("it is not in force");
}

#[test]
fn an_ack_ends_with_its_incident_and_holds_escalation() {
    everywhere(|folder| {
        let outbox = open(folder, 0);
        let given = Given::read("{escalation: [{after_minutes: 5, sinks: [phone]}]}");
        let [net, disk] = ["reset", "disk full"].map(|text| error(Some("NET"), text));
        let acked = given.decide(&outbox, &alert(&net, 1, 0), 0).incident.unwrap();
        let open = given.decide(&outbox, &alert(&disk, 1, 0), 0).incident.unwrap();
        settle(&outbox, 1);
        let ledger = outbox.ledger();
        let Acted::Done(done) = ledger.ack(&acked, "dana", Some("on it"), at(1)).unwrap() else {
            panic!()
        };
        assert_eq!((done.state, done.ack.unwrap().by), (IncidentState::Acked, "dana".to_owned()));
        assert!(matches!(ledger.ack(&acked, "eve", None, at(2)).unwrap(), Acted::Already(_)));
        assert!(matches!(ledger.ack("none", "eve", None, at(2)).unwrap(), Acted::Unknown));
        // People may name it by its alert, and by its error while it lasts.
        let meant = |name: &str| ledger.incident_meant(name).unwrap();
        let of_alert = alert(&net, 1, 0).id;
        for name in [&acked, &of_alert, &net.group.to_string()] {
            assert_eq!(meant(name).as_ref(), Some(&acked), "{name}");
        }
        assert_eq!(meant("none"), None);
        // Whoever decides has seen it.
        thread::sleep(Duration::from_millis(if folder.is_some() { 1500 } else { 0 }));
        settle(&outbox, 299);
        assert_eq!(given.follow_ups(&outbox, 299), []);
        let follow_ups = given.follow_ups(&outbox, 300);
        let [FollowUp::Escalated(told, sinks)] = &follow_ups[..] else { panic!("{follow_ups:?}") };
        assert_eq!((told.incident.as_ref(), sinks), (Some(&open), &vec!["phone".to_owned()]));
        assert_eq!(told.escalated_after_minutes, Some(5));
        assert_eq!(given.follow_ups(&outbox, 301), []);
        // The sink that it was escalated to is told that it is over, too.
        assert_eq!(given.follow_ups(&outbox, 600).len(), 2);
        settle(&outbox, 600);
        let of = incident(&ledger, &acked);
        assert_eq!((of.state, of.ack.unwrap().by), (IncidentState::Resolved, "dana".to_owned()));
        assert!(matches!(ledger.ack(&acked, "eve", None, at(601)).unwrap(), Acted::Already(_)));
        assert_eq!(
            (meant(&of_alert).as_ref(), meant(&net.group.to_string())),
            (Some(&acked), None)
        );
        assert_eq!(incident(&ledger, &open).sinks, ["a", "phone"]);
        let next = given.decide(&outbox, &alert(&net, 2, 700), 700).incident.unwrap();
        settle(&outbox, 700);
        assert_eq!(incident(&ledger, &next).ack, None);
    });
}

#[test]
fn an_incident_that_somebody_ends_is_told_as_that() {
    everywhere(|folder| {
        let (outbox, given) = (open(folder, 0), Given::default());
        let net = error(Some("NET"), "reset");
        let id = given.decide(&outbox, &alert(&net, 1, 0), 0).incident.unwrap();
        let ledger = outbox.ledger();
        assert!(matches!(ledger.resolve(&id, "dana", at(60)).unwrap(), Acted::Done(_)));
        assert!(matches!(ledger.resolve(&id, "eve", at(61)).unwrap(), Acted::Already(_)));
        let told = std::cell::RefCell::new(Vec::new());
        in_force(&outbox, 61, || {
            told.borrow_mut().extend(given.follow_ups(&outbox, 61));
            !told.borrow().is_empty()
        });
        let [FollowUp::Resolved(told, _)] = &told.borrow()[..] else { panic!() };
        assert_eq!(told.resolution.as_ref().unwrap().in_words(), "lasted 1 m, 3 events, by dana");
        let next = given.decide(&outbox, &alert(&net, 2, 62), 62).incident.unwrap();
        assert_ne!(next, id);
    });
}

fn silence(matchers: &str, until: i64) -> NewSilence {
    NewSilence {
        matchers: matchers.parse().unwrap(),
        by: "dana".to_owned(),
        until: at(until),
        reason: "deploy".to_owned(),
    }
}

#[test]
fn a_silence_holds_until_it_ends_and_the_next_alert_says_who_made_it() {
    everywhere(|folder| {
        let (outbox, given) = (open(folder, 0), Given::default());
        let [net, disk] = ["reset", "disk full"].map(|text| error(Some("NET"), text));
        let ledger = outbox.ledger();
        let made = ledger.silence(&silence("service=bill*", 3600), at(0)).unwrap();
        let held = |second| {
            let ruling = given.rule(&outbox, &alert(&disk, 1, second), second);
            ruling.held.is_some()
        };
        in_force(&outbox, 1, || held(1));
        for (ordinal, second) in [(1, 100), (2, 800)] {
            let ruling = given.decide(&outbox, &alert(&net, ordinal, second), second);
            assert_eq!(
                ruling.held.unwrap(),
                format!("silence {} by dana until {}: deploy", made.id, at(3600))
            );
        }
        settle(&outbox, 801);
        let [active] = &ledger.silences(at(801)).unwrap()[..] else { panic!() };
        assert_eq!((active.hits >= 3, active.last_hit), (true, Some(at(800))));
        let alerts = ledger.alerts(&AlertFilter::default(), 9).unwrap();
        assert_eq!(alerts[0].state(), AlertState::Silenced);
        let states: Vec<_> = alerts[0]
            .decisions
            .iter()
            .map(|decision| (decision.sink.as_str(), decision.state))
            .collect();
        assert_eq!(states, [("a", DecisionState::Silenced), ("b", DecisionState::Silenced)]);

        // It is over on time.
        let ruling = given.decide(&outbox, &alert(&net, 3, 3600), 3600);
        let told = ruling.silenced_before.unwrap();
        assert_eq!((told.by.as_str(), told.reason.as_str()), ("dana", "deploy"));
        assert_eq!((told.until, told.alerts, told.events), (Some(at(3600)), 2, 6));
        assert_eq!(given.rule(&outbox, &alert(&net, 4, 3700), 3700).silenced_before, None);
        assert_eq!(ledger.silences(at(3600)).unwrap(), []);
    });
}

#[test]
fn a_silence_ends_on_time_across_a_restart_and_a_clock_set_back() {
    let folder = tempfile::tempdir().unwrap();
    let given = Given::default();
    let net = error(Some("NET"), "reset");
    let is_held = |outbox: &Outbox, second| {
        given.rule(outbox, &alert(&net, 1, second), second).held.is_some()
    };
    let outbox = open(Some(folder.path()), 0);
    outbox.ledger().silence(&silence("signature=NET", 3600), at(0)).unwrap();
    drop(outbox);

    let outbox = open(Some(folder.path()), 600);
    assert!(is_held(&outbox, 600));
    // The clock is set back by an hour while it runs: fifty minutes are left.
    outbox.move_along(SignedDuration::from_secs(-3600));
    let now = 600 - 3600;
    assert!(is_held(&outbox, now + 2999) && !is_held(&outbox, now + 3000));
    settle(&outbox, now);
    assert_eq!(outbox.ledger().silences(at(now)).unwrap()[0].until, at(now + 3000));
    drop(outbox);
    // And by a day while it does not: it lasts no longer than it was to.
    let outbox = open(Some(folder.path()), now - DAY);
    assert!(is_held(&outbox, now - DAY) && !is_held(&outbox, now - DAY + 3601));
}

#[test]
fn a_silence_that_is_taken_back_holds_nothing_any_more() {
    everywhere(|folder| {
        let (outbox, given) = (open(folder, 0), Given::default());
        let net = error(Some("NET"), "reset");
        let ledger = outbox.ledger();
        let group = net.group.to_string();
        let made = ledger.silence(&silence(&group, 3600), at(0)).unwrap();
        let is_held = || given.rule(&outbox, &alert(&net, 1, 1), 1).held.is_some();
        in_force(&outbox, 1, is_held);
        assert!(matches!(ledger.unsilence(made.id, "eve", at(2)).unwrap(), Acted::Done(_)));
        assert!(matches!(ledger.unsilence(made.id, "eve", at(3)).unwrap(), Acted::Already(_)));
        assert!(matches!(ledger.unsilence(99, "eve", at(3)).unwrap(), Acted::Unknown));
        in_force(&outbox, 3, || !is_held());
    });
}

#[test]
fn a_mute_time_holds_as_a_silence_does() {
    let (outbox, given) =
        (open(None, 0), Given::read("{mute_times: [{from: '12:00', to: '13:00'}]}"));
    let net = error(Some("NET"), "reset");
    // It is noon.
    let ruling = given.decide(&outbox, &alert(&net, 1, 0), 0);
    let reason = "mute time daily 12:00–13:00 UTC, until 2026-01-01T13:00:00Z";
    assert_eq!(ruling.held.as_deref(), Some(reason));
    settle(&outbox, 1);
    let of = incident(&outbox.ledger(), &ruling.incident.unwrap());
    assert_eq!(of.muted_by.as_deref(), Some("daily 12:00–13:00 UTC"));
    let told = given.decide(&outbox, &alert(&net, 2, 3600), 3600).silenced_before.unwrap();
    assert_eq!((told.by.as_str(), told.events), ("settings", 3));
}

#[test]
fn what_is_open_is_said_again_to_those_who_forget() {
    let (outbox, given) = (open(None, 0), Given::default());
    let net = error(Some("NET"), "reset");
    let ruling = given.rule(&outbox, &alert(&net, 1, 0), 0);
    let told = Alert { incident: ruling.incident, ..alert(&net, 1, 0) };
    outbox.told(&told, &["slack".to_owned(), "alertmanager".to_owned()]);
    // Until then it remembers for the cooldown, and then for five minutes.
    let mut said = Vec::new();
    for second in (0..1300).step_by(10) {
        observe(&outbox, &net, second);
        settle(&outbox, second);
        for follow_up in given.follow_ups(&outbox, second) {
            let FollowUp::Repeated(alert, sinks) = follow_up else { panic!() };
            assert_eq!(
                (sinks, alert.incident),
                (vec!["alertmanager".to_owned()], told.incident.clone())
            );
            said.push(second);
        }
    }
    assert_eq!(said, [510, 720, 930, 1140]);
}

#[test]
fn incidents_go_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let given = Given::default();
    let net = error(Some("NET"), "reset");
    let outbox = open(Some(folder.path()), 0);
    let id = given.decide(&outbox, &alert(&net, 1, 0), 0).incident.unwrap();
    outbox.ledger().silence(&silence("signature=X", 60), at(0)).unwrap();
    drop(outbox);
    let outbox = open(Some(folder.path()), 100);
    assert_eq!(given.decide(&outbox, &alert(&net, 2, 100), 100).incident.as_ref(), Some(&id));
    drop(outbox);
    // It was over long ago when it is started again.
    let outbox = open(Some(folder.path()), 10_000);
    let [FollowUp::Resolved(told, sinks)] = &given.follow_ups(&outbox, 10_000)[..] else {
        panic!()
    };
    assert_eq!((told.incident.as_ref(), sinks), (Some(&id), &vec!["a".to_owned()]));
    settle(&outbox, 10_000);
    drop(outbox);
    let outbox = open(Some(folder.path()), 10_001);
    assert_eq!(given.follow_ups(&outbox, 10_001), []);
}

#[test]
fn what_became_of_each_alert_is_known_at_every_sink() {
    everywhere(|folder| {
        let (outbox, given) = (open(folder, 0), Given::default());
        let texts = ["sent", "dead", "waits"];
        for (n, text) in texts.iter().enumerate() {
            given.decide(&outbox, &alert(&error(Some("NET"), text), 1, n as i64), n as i64);
        }
        let due = outbox.due("a", at(5), 9);
        for id in &due {
            assert!(outbox.take(*id).is_some());
        }
        let dead = Outcome::Dead { reason: "refused".to_owned() };
        outbox.settle(vec![(due[0], Outcome::Sent), (due[1], dead)], at(6));
        settle(&outbox, 6);
        thread::sleep(Duration::from_millis(300));
        settle(&outbox, 6);
        let ledger = outbox.ledger();
        let alerts = ledger.alerts(&AlertFilter::default(), 9).unwrap();
        let states: Vec<_> = alerts.iter().map(|alert| alert.decisions[0].state).collect();
        assert_eq!(states, [DecisionState::Queued, DecisionState::Dead, DecisionState::Sent]);
        assert_eq!(alerts[1].decisions[0].reason.as_deref(), Some("refused"));
        assert!(alerts.iter().all(|alert| alert.decisions[1].state == DecisionState::Unrouted));
        assert_eq!(alerts[0].kind, AlertKind::Alert);

        let observed = ledger.observed(window(1, 6), at(6)).unwrap();
        let [a, b] = &observed.sinks[..] else { panic!() };
        assert_eq!((observed.decided, a.decided, b.decided), (3, 3, 3));
        assert_eq!((a.sent, a.dead, a.queued, a.missing), (1, 1, 1, 0));
        assert_eq!((b.unrouted, b.missing), (3, 0));
        assert_eq!(a.oldest_waiting, Some(at(2)));
        assert_eq!(a.last_error.as_ref().unwrap().what, "refused");

        let time_line = ledger.alert(&alerts[1].id).unwrap().unwrap();
        let told: Vec<_> = time_line.moments.iter().map(|moment| moment.what.as_str()).collect();
        assert!(told.iter().any(|what| what.contains("alert dead at a: refused")), "{told:?}");
        assert!(told.iter().any(|what| what.contains("opened")), "{told:?}");
        assert_eq!(ledger.alert("none").unwrap(), None);
    });
}

#[test]
fn what_a_delivery_lost_is_shown_as_missing() {
    let folder = tempfile::tempdir().unwrap();
    let (outbox, given) = (open(Some(folder.path()), 0), Given::default());
    given.decide(&outbox, &alert(&error(Some("NET"), "reset"), 1, 0), 0);
    drop(outbox);
    let connection = Connection::open(folder.path().join(DATABASE)).unwrap();
    connection.execute("DELETE FROM deliveries", []).unwrap();
    let observed = Ledger::at(folder.path()).observed(window(1, 1), at(1)).unwrap();
    assert_eq!((observed.sinks[0].missing, observed.sinks[0].decided), (1, 1));
}

#[test]
fn commands_and_messages_are_remembered() {
    everywhere(|folder| {
        let outbox = open(folder, 0);
        let ledger = outbox.ledger();
        let audited = |second, command: &str| Audited {
            at: at(second),
            who: "dana".to_owned(),
            place: "cli".to_owned(),
            command: command.to_owned(),
            result: "done".to_owned(),
        };
        for (second, command) in [(0, "ack 1"), (1, "resolve 1")] {
            ledger.audit(&audited(second, command)).unwrap();
        }
        assert_eq!(ledger.audited(9).unwrap(), [audited(1, "resolve 1"), audited(0, "ack 1")]);
        outbox.maintain(at(90 * DAY));
        settle(&outbox, 90 * DAY);
        assert_eq!(ledger.audited(9).unwrap(), [audited(1, "resolve 1"), audited(0, "ack 1")]);
        outbox.maintain(at(90 * DAY + 1));
        settle(&outbox, 90 * DAY + 1);
        assert_eq!(ledger.audited(9).unwrap(), [audited(1, "resolve 1")]);
        let message = |shown: &str| Message {
            incident: "i".to_owned(),
            sink: "phone".to_owned(),
            place: "-100".to_owned(),
            id: "7".to_owned(),
            shown: shown.to_owned(),
        };
        for shown in ["open", "acked"] {
            ledger.put_message(&message(shown)).unwrap();
        }
        assert_eq!(ledger.messages("i").unwrap(), [message("acked")]);
    });
}

#[test]
fn what_a_silence_would_hold_is_known_before() {
    let outbox = open(None, 0);
    let given = Given::default();
    for (signature, text, second) in
        [("NET", "reset", 0), ("DISK", "full", 0), ("NET", "reset", DAY)]
    {
        observe(&outbox, &error(Some(signature), text), second);
    }
    let id = given.decide(&outbox, &alert(&error(Some("NET"), "reset"), 1, DAY), DAY).incident;
    settle(&outbox, DAY);
    let reach =
        |matchers: &str| outbox.ledger().reach(&matchers.parse().unwrap(), at(DAY)).unwrap();
    let net = reach("signature=N*");
    let incidents: Vec<_> = net.incidents.into_iter().map(|incident| incident.id).collect();
    assert_eq!((incidents, net.events), (id.into_iter().collect(), 1));
    assert_eq!((net.signatures, net.of_signatures), (1, 2));
    assert_eq!((reach("service=bil*").signatures, reach("host=*x").signatures), (2, 0));
}

#[test]
fn where_nothing_was_kept_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let error = Ledger::at(folder.path()).silences(at(0)).unwrap_err();
    assert!(matches!(error, LedgerError::Missing(_)), "{error}");
    assert!(!folder.path().join(DATABASE).exists());
}

/// What earlier layouts left is gone on with, and their alerts are known as far as they
/// were.
#[test]
fn the_databases_of_earlier_versions_remember_from_now_on() {
    for version in ["v1", "v2", "format2", "format3"] {
        let folder = tempfile::tempdir().unwrap();
        let left = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/state").join(version);
        std::fs::copy(left.join(DATABASE), folder.path().join(DATABASE)).unwrap();
        let outbox = open(Some(folder.path()), 60);
        let ledger = outbox.ledger();
        for alert in ledger.alerts(&AlertFilter::default(), 99).unwrap() {
            assert_eq!((alert.kind, alert.incident.as_ref()), (AlertKind::Alert, None));
            let missing = |state| state == DecisionState::Missing;
            assert!(!alert.decisions.iter().any(|decision| missing(decision.state)));
        }
        observe(&outbox, &error(Some("NET"), "reset"), 60);
        settle(&outbox, 61);
        assert_eq!(all(&ledger, 1, 61).len(), 1);
        assert_eq!(ledger.since().unwrap(), Some(at(61)));
    }
}

/// The plan of every query that is asked often, at a size at which none may look
/// through all of a table.
#[test]
fn no_query_of_people_looks_through_all_of_a_table() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(Some(folder.path()), 0));
    let connection = Connection::open(folder.path().join(DATABASE)).unwrap();
    for sql in [
        "SELECT error, sum(events) FROM minutes WHERE minute BETWEEN 1 AND 2 GROUP BY error",
        "SELECT error, sum(events) FROM days WHERE day BETWEEN 1 AND 2 GROUP BY error",
        "SELECT error, minutes FROM days WHERE day = 1",
        "SELECT category, signature, sum(events) FROM rest WHERE minute BETWEEN 1 AND 2
         GROUP BY 1, 2",
        "SELECT * FROM totals WHERE minute BETWEEN 1 AND 2 ORDER BY minute",
        "SELECT * FROM errors WHERE no = 1",
        "SELECT no FROM errors WHERE id = 'a'",
        "SELECT last_seen FROM errors WHERE signature IS 'a' ORDER BY last_seen DESC LIMIT 1",
        "SELECT * FROM samples WHERE error = 1",
        "SELECT * FROM incidents WHERE settled = 0 ORDER BY opened_at",
        "SELECT * FROM incidents WHERE error = 'a' AND resolved_at IS NULL
         ORDER BY opened_at DESC LIMIT 1",
        "SELECT * FROM silences WHERE until > 1 AND ended_at IS NULL",
        "SELECT * FROM decisions WHERE alert = 1",
        "SELECT * FROM deliveries WHERE alert = 1",
        "SELECT count(*) FROM alerts WHERE kind = 'alert' AND raised_at BETWEEN 1 AND 2",
        "SELECT seq FROM alerts WHERE incident = 'a' ORDER BY seq",
        "SELECT reason FROM deliveries WHERE sink = 'a' AND state = 'dead' ORDER BY seq DESC",
    ] {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = plan.query_map([], |row| row.get::<_, String>("detail")).unwrap();
        let steps: Vec<_> = steps.map(Result::unwrap).collect();
        let scans = steps.iter().any(|step| step.starts_with("SCAN"));
        let bounded = sql.contains("settled = 0");
        assert!(!scans || bounded, "{sql}: {steps:?}");
    }
}
