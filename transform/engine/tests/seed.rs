//! With the seed's four keys everything is decided as it was before there were triggers.

#![allow(clippy::unwrap_used)] // a test may stop at once

use std::{borrow::Cow, fmt::Write};

use jiff::{SignedDuration, Timestamp};
use signatures_engine::{
    Fingerprint, GENERIC, Observation, Policy, Severity,
    aggregate::{Aggregate, AggregationSettings, Decision, EventTime, GroupTable, Thresholds},
};

/// A row of numbers that is always the same.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

fn error(number: u64) -> Observation<'static> {
    let category = ["db", "critical", GENERIC, "app"][number as usize % 4];
    let fingerprint = Fingerprint::new(category, &number.to_string());
    Observation {
        fingerprint,
        group: fingerprint.into(),
        joined: None,
        category: category.into(),
        signature: Some("SIG".into()).filter(|_| category != GENERIC),
        policy: Policy::Retry,
        severity: Cow::Owned(Severity::new(["anomaly", "critical", "low"][number as usize % 3])),
        summary: None,
        subject: format!("text {number}").into(),
        exception: None,
        level: None,
        distinct: Vec::new(),
        host: None,
        service: None,
        time: None,
        request_id: None,
    }
}

/// What becomes of many errors, some late, by settings with those thresholds.
fn decisions(window: i64, min_count: u32, cooldown: i64, generic_alert: bool) -> String {
    let thresholds = Thresholds {
        window: SignedDuration::from_secs(window),
        min_count,
        cooldown: SignedDuration::from_secs(cooldown),
    };
    let settings =
        AggregationSettings { thresholds, generic_alert, max_groups: 20, ..Default::default() };
    let mut table = GroupTable::new(settings);
    let (mut numbers, mut arrived, mut text) = (Numbers(7), 1_700_000_000, String::new());
    for _ in 0..20_000 {
        let gap = if numbers.below(100) == 0 { 5_000 } else { 60 };
        arrived += numbers.below(gap) as i64;
        let late = if numbers.below(10) == 0 { numbers.below(2_000) as i64 } else { 0 };
        let at = Timestamp::from_second(arrived - late).unwrap();
        let time = EventTime { at, arrived: Timestamp::from_second(arrived).unwrap() };
        match table.observe(&error(numbers.below(24)), time) {
            Decision::Held(hold) => write!(text, "{} ", hold.as_str()).unwrap(),
            Decision::Raised(raised) => write!(
                text,
                "{} {} {} {} {} {} {} {:?} ",
                raised.ordinal,
                raised.count,
                raised.suppressed,
                raised.first_seen,
                raised.last_seen,
                raised.decided_at,
                raised.cooldown_until,
                raised.samples
            )
            .unwrap(),
        }
    }
    let stats = table.stats();
    write!(
        text,
        "{} {} {} {} {} {}",
        stats.live, stats.alerts, stats.suppressed, stats.generic, stats.evicted, stats.forgotten
    )
    .unwrap();
    text
}

#[test]
fn the_seeds_four_keys_decide_as_they_always_did() {
    // Of the version before the triggers.
    for (settings, digest) in [
        ((300, 3, 600, false), "7a4013c0a675"),
        ((300, 3, 600, true), "b35f701d697e"),
        ((30, 1, 0, true), "6779c93424d8"),
        ((1_000, 10, 100, false), "2080ee9194f0"),
    ] {
        let (window, min_count, cooldown, generic_alert) = settings;
        let text = decisions(window, min_count, cooldown, generic_alert);
        assert_eq!(Fingerprint::new("decisions", &text).to_string(), digest, "{settings:?}");
    }
}
