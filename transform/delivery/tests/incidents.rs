//! What sinks are told of an incident beside its alerts, and what a silence keeps from
//! them.

// Helpers of tests are tests.
#![allow(clippy::unwrap_used)]

mod given;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use given::{alert, config};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use signatures_alerts::Alert;
use signatures_delivery::{Clock, Dispatcher, Now, Tasks};
use signatures_ledger::record::{Acted, AlertFilter, DecisionState, NewSilence};
use signatures_peers::{receiver::Receiver, waiting::wait_until};

/// A clock that a test sets ahead; the time that passes is that of the machine.
#[derive(Clone)]
struct Ahead(Arc<Mutex<SignedDuration>>);

impl Ahead {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(SignedDuration::ZERO)))
    }

    /// Lets time pass, on both clocks.
    fn pass(&self, minutes: i64) {
        *self.0.lock().unwrap() += SignedDuration::from_mins(minutes);
    }

    fn clock(&self) -> Clock {
        let ahead = self.clone();
        Clock::new(move || {
            let ahead = *ahead.0.lock().unwrap();
            let passed = Duration::try_from(ahead).unwrap();
            Now { time: Timestamp::now() + ahead, instant: Instant::now() + passed }
        })
    }
}

fn open(yaml: &str, clock: &Ahead) -> Dispatcher {
    Dispatcher::open(config(yaml, &[]), None, clock.clock(), Tasks::default()).unwrap()
}

/// The events that a webhook was sent.
fn events(receiver: &Receiver) -> Vec<Value> {
    receiver.requests().iter().map(|request| request.json()).collect()
}

/// An alert of one error: the n-th.
fn of_one_error(n: i64) -> Alert {
    let first = alert(0);
    Alert { fingerprint: first.fingerprint, group: first.group, ..alert(n) }
}

fn submit(dispatcher: &Dispatcher, alert: &Alert) {
    dispatcher.submit(std::slice::from_ref(alert), vec![]).wait().unwrap();
}

#[test]
fn those_who_were_told_are_told_that_it_is_over_and_further_ones_when_nobody_acts() {
    let (hook, phone, am) =
        (Receiver::answering(200, ""), Receiver::answering(200, ""), Receiver::answering(200, ""));
    let clock = Ahead::new();
    let dispatcher = open(
        &format!(
            "operations:\n  resolve_after_minutes: 30\n  escalation: [{{after_minutes: 15, sinks: phone}}]\n\
             routes: [{{sinks: [hook, am]}}]\nsinks:\n  hook: {{type: webhook, url: 'http://{}'}}\n  \
             phone: {{type: webhook, url: 'http://{}'}}\n  am: {{type: alertmanager, url: 'http://{}'}}\n",
            hook.address, phone.address, am.address
        ),
        &clock,
    );
    submit(&dispatcher, &of_one_error(1));
    wait_until(|| events(&hook).len() == 1 && events(&am).len() == 1);
    let incident = events(&hook)[0]["incident"].clone();
    assert!(incident.is_string() && events(&hook)[0].get("status").is_none());
    assert!(phone.requests().is_empty());

    clock.pass(15);
    wait_until(|| events(&phone).len() == 1);
    let escalated = &events(&phone)[0];
    assert_eq!(
        (&escalated["escalated_after_minutes"], &escalated["incident"]),
        (&15.into(), &incident)
    );
    // It goes on, and Alertmanager is told so.
    wait_until(|| events(&am).len() >= 2);
    let ends = |event: &Value| event[0]["endsAt"].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(events(&am).iter().all(|event| event[0]["labels"] == events(&am)[0][0]["labels"]));
    let told = events(&am);
    assert!(ends(told.last().unwrap()) > clock.clock().now().time);

    clock.pass(15);
    wait_until(|| events(&hook).len() == 2 && events(&phone).len() == 2);
    for event in [&events(&hook)[1], &events(&phone)[1]] {
        assert_eq!((event["status"].as_str(), &event["incident"]), (Some("resolved"), &incident));
        assert_eq!(event["resolution"]["alerts"], 1);
    }
    wait_until(|| ends(events(&am).last().unwrap()) <= clock.clock().now().time);
    let alerts = dispatcher.ledger().alerts(&AlertFilter::default(), 9).unwrap();
    let states: Vec<_> = alerts[0]
        .decisions
        .iter()
        .map(|decision| (decision.sink.as_str(), decision.state))
        .collect();
    assert_eq!(
        states,
        [
            ("am", DecisionState::Sent),
            ("hook", DecisionState::Sent),
            ("phone", DecisionState::Unrouted)
        ]
    );

    // Whoever decides when an error is back hears of what people ended, once.
    assert_eq!(dispatcher.resolved().take(), []);
    submit(&dispatcher, &of_one_error(2));
    wait_until(|| events(&hook).len() == 3);
    let incident = events(&hook)[2]["incident"].as_str().unwrap().to_owned();
    dispatcher.ledger().resolve(&incident, "dana", clock.clock().now().time).unwrap();
    wait_until(|| events(&hook).len() == 4);
    assert_eq!(events(&hook)[3]["resolution"]["by"], "dana");
    assert_eq!(dispatcher.resolved().take(), [of_one_error(2).group_id()]);
    assert_eq!(dispatcher.resolved().take(), []);
    let _ = dispatcher.shutdown(Duration::from_secs(10));
}

#[test]
fn what_a_silence_holds_goes_nowhere_and_the_next_alert_says_so() {
    let hook = Receiver::answering(200, "");
    let clock = Ahead::new();
    let dispatcher = open(
        &format!("sinks: {{hook: {{type: webhook, url: 'http://{}'}}}}", hook.address),
        &clock,
    );
    let (ledger, now) = (dispatcher.ledger(), || clock.clock().now().time);
    let silence = NewSilence {
        matchers: of_one_error(0).group_id().to_string().parse().unwrap(),
        by: "dana".to_owned(),
        until: now() + SignedDuration::from_hours(1),
        reason: "deploy".to_owned(),
    };
    let made = ledger.silence(&silence, now()).unwrap();
    submit(&dispatcher, &of_one_error(1));
    submit(&dispatcher, &of_one_error(2));
    submit(&dispatcher, &alert(3));
    wait_until(|| events(&hook).len() == 1);
    assert_eq!(events(&hook)[0]["id"], alert(3).id);
    let [silence] = &ledger.silences(now()).unwrap()[..] else { panic!() };
    assert_eq!(silence.id, made.id);
    let alerts = ledger.alerts(&AlertFilter::default(), 9).unwrap();
    let held =
        &alerts.iter().find(|decided| decided.id == of_one_error(1).id).unwrap().decisions[0];
    assert_eq!(held.state, DecisionState::Silenced);
    assert!(held.reason.as_ref().unwrap().contains("by dana"), "{held:?}");

    assert!(matches!(ledger.unsilence(made.id, "eve", now()).unwrap(), Acted::Done(_)));
    submit(&dispatcher, &of_one_error(4));
    wait_until(|| events(&hook).len() == 2);
    let told = &events(&hook)[1]["silenced_before"];
    assert_eq!((told["by"].as_str(), told["reason"].as_str()), (Some("dana"), Some("deploy")));
    assert_eq!(told["alerts"], 2);
    let _ = dispatcher.shutdown(Duration::from_secs(10));
}
