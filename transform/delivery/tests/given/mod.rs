//! What the tests start from.

// Each test binary uses a part of it.
#![allow(dead_code)]

use std::{path::Path, time::Duration};

use jiff::{SignedDuration, Timestamp};
use signatures_alerts::{Alert, AlertSeverity, AlertStatus};
use signatures_delivery::{Clock, Config, Dispatcher, SendError, Settings, Tasks, notify_test};
use signatures_document::yaml::Source;
use signatures_engine::{Fingerprint, Policy, Severity};

/// The sinks of a file, with retries that a test can wait for.
pub(crate) fn config(yaml: &str, variables: &[(&str, &str)]) -> Config {
    let source = Source::new("alerts.yml", yaml);
    let settings = Settings::read(&source).into_result(&source).unwrap();
    let variable = |name: &str| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let mut config = Config::resolve(&settings, &source, &variable).unwrap();
    for sink in &mut config.sinks {
        sink.pace.retry.base = Duration::from_millis(20);
        sink.pace.retry.cap = Duration::from_millis(200);
    }
    config
}

/// What sends to these sinks, by the clock of this machine.
pub(crate) fn open(config: Config, folder: Option<&Path>) -> Dispatcher {
    Dispatcher::open(config, folder, Clock::system(), Tasks::default()).unwrap()
}

/// What the only sink of a configuration says to the test alert.
pub(crate) fn send(yaml: &str, variables: &[(&str, &str)]) -> Result<String, SendError> {
    let answers = notify_test(&config(yaml, variables), None, Timestamp::now()).unwrap();
    let [(_, answer)] = answers.try_into().unwrap();
    answer.map(|accepted| accepted.answer)
}

/// The n-th of many alerts, which differ in fingerprint and id.
pub(crate) fn alert(n: i64) -> Alert {
    let at = Timestamp::from_second(1_700_000_000 + n).unwrap();
    let fingerprint = Fingerprint::new("db", &n.to_string());
    Alert {
        id: format!("{fingerprint}-{}-1", at.as_nanosecond()),
        name: format!("NET_RESET: error {n}"),
        severity: AlertSeverity::Anomaly,
        summary: "3 events: a sample".to_owned(),
        fingerprint,
        group: Some(fingerprint.into()),
        category: "db".to_owned(),
        signature: Some("NET_RESET".to_owned()),
        policy: Policy::Retry,
        severity_hint: Severity::new("medium"),
        trigger: None,
        reason: None,
        numbers: None,
        count: 3,
        suppressed: 0,
        first_seen: at,
        last_seen: at,
        decided_at: Some(at),
        cooldown_until: at + SignedDuration::from_mins(10),
        samples: vec!["a sample".to_owned()],
        joined: None,
        exception: None,
        shadow: false,
        host: None,
        service: None,
        request_id: None,
        sentry_url: None,
        incident: None,
        status: AlertStatus::Firing,
        resolution: None,
        silenced_before: None,
        escalated_after_minutes: None,
    }
}
