//! Alerts that are hard to show, for the tests of every message.

use signatures_alerts::{Alert, AlertJoined};
use signatures_engine::{
    Policy, Severity,
    aggregate::{JoinedValues, MAX_LISTED_VALUES, Trigger, ValueCount},
};

/// An alert with everything in it that a service may stumble over.
pub(crate) fn awkward() -> Alert {
    let now = "2026-01-02T03:04:05Z".parse().unwrap();
    Alert {
        signature: Some("NET_RESET".into()),
        category: "network_db".into(),
        policy: Policy::Retry,
        severity_hint: Severity::new("high"),
        name: "NET_RESET: Resets (50%) & <timeouts> *now*!".into(),
        count: 3,
        suppressed: 2,
        samples: vec!["a `b` ``` c \\ _d_ & <e>".into(), "é\u{1b}[31m\nnext → 🚀".into()],
        host: Some("db-1.example".into()),
        request_id: Some("r_1`".into()),
        sentry_url: Some("https://s.example/?q={a|b}>)".into()),
        cooldown_until: "2026-01-02T03:14:05Z".parse().unwrap(),
        ..Alert::test(now)
    }
}

/// An alert of a spike.
pub(crate) fn spike() -> Alert {
    let reason = "41 in 5 minutes, usually 3".to_owned();
    Alert { trigger: Some(Trigger::Spike), reason: Some(reason), count: 41, ..awkward() }
}

/// One of many values of a field that has an awkward name.
pub(crate) fn many_values() -> Alert {
    let reason = "20 different values of <!channel> in 5 minutes".to_owned();
    Alert { trigger: Some(Trigger::Distinct), reason: Some(reason), ..awkward() }
}

/// The alert of all groups of an error.
pub(crate) fn joined(values: Vec<ValueCount>) -> Alert {
    let told = JoinedValues { values, more_values: 37, more_count: 111, ..JoinedValues::default() };
    let joined = Some(AlertJoined { by: vec!["service".into()], told });
    Alert { joined, service: None, ..awkward() }
}

/// Two values that are awkward, and one that is blank.
pub(crate) fn few_values() -> Vec<ValueCount> {
    let values = [("check_out<1>", 12), ("billing", 9), ("", 1)];
    values.map(|(value, count)| ValueCount { value: value.into(), count }).to_vec()
}

/// The longest alert that the engine could raise, and longer.
pub(crate) fn huge() -> Alert {
    let long = "&_`<é🚀".repeat(2000);
    Alert {
        name: long.clone(),
        summary: long.clone(),
        category: long.clone(),
        signature: Some(long.clone()),
        samples: vec![long.clone(); 3],
        trigger: Some(Trigger::Distinct),
        reason: Some(long.clone()),
        joined: Some(AlertJoined {
            by: vec![long.clone(); 16],
            told: JoinedValues {
                values: vec![ValueCount { value: long.clone(), count: 1 }; MAX_LISTED_VALUES],
                more_values: 1,
                more_count: 1,
                ..JoinedValues::default()
            },
        }),
        host: Some(long.clone()),
        service: Some(long.clone()),
        request_id: Some(long.clone()),
        sentry_url: Some(format!("https://s.example/{long}")),
        ..awkward()
    }
}

/// What a log says that wants to be more than text, as an expression of `proptest`.
pub(crate) const HOSTILE: &str =
    r"[<>!@#$U|&`*_/.:~()\[\]\\\na-c\x{202e}\x{9b}\x{200b}\x{1b}]{1,60}";

/// An alert that says so wherever a log has a say.
pub(crate) fn saying(hostile: &str) -> Alert {
    Alert {
        name: hostile.to_owned(),
        category: hostile.into(),
        service: Some(hostile.to_owned()),
        host: Some(hostile.to_owned()),
        request_id: Some(hostile.to_owned()),
        trigger: Some(Trigger::Distinct),
        reason: Some(hostile.to_owned()),
        samples: vec![hostile.to_owned()],
        sentry_url: None,
        ..awkward()
    }
}
