//! How much memory a group takes, as docs/grouping.md says it.

#![allow(clippy::unwrap_used)] // a test may stop at once
// To count what is allocated.
#![allow(unsafe_code)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    borrow::Cow,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use jiff::Timestamp;
use signatures_engine::{
    Fingerprint, GENERIC, Observation, Policy, Severity,
    aggregate::{Aggregate, AggregationSettings, EventTime, GroupTable},
};

struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: it hands everything to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Relaxed);
        // SAFETY: as whoever calls promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as whoever calls promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn observe(table: &mut GroupTable, category: &'static str, group: usize, text: &str, at: i64) {
    let severity = Severity::default();
    let fingerprint = Fingerprint::new(category, &group.to_string());
    let observation = Observation {
        fingerprint,
        group: fingerprint.into(),
        joined: None,
        category: category.into(),
        signature: Some("RESET".into()).filter(|_| category != GENERIC),
        policy: Policy::Retry,
        severity: Cow::Borrowed(&severity),
        summary: None,
        subject: text.into(),
        exception: None,
        level: None,
        distinct: Vec::new(),
        host: None,
        service: None,
        time: None,
        request_id: None,
    };
    let at = Timestamp::from_second(1_700_000_000 + at).unwrap();
    // All come at once, so that none is forgotten.
    let arrived = Timestamp::from_second(1_800_000_000).unwrap();
    table.observe(&observation, EventTime { at, arrived });
}

/// The bytes that each of so many groups takes.
fn bytes_per_group(groups: usize, fill: impl Fn(&mut GroupTable, usize)) -> usize {
    let before = ALLOCATED.load(Relaxed);
    let settings = AggregationSettings { generic_alert: true, ..AggregationSettings::default() };
    let mut table = GroupTable::new(settings);
    (0..groups).for_each(|group| fill(&mut table, group));
    assert_eq!(table.stats().live, groups);
    (ALLOCATED.load(Relaxed) - before) / groups
}

/// One test, since others would allocate meanwhile.
#[test]
fn a_group_takes_no_more_than_documented() {
    // An error that came once, with a text of a hundred bytes.
    let text = "x".repeat(100);
    let once = bytes_per_group(100_000, |table, group| observe(table, "db", group, &text, 0));
    // The most: an unknown one with several cooldowns, as many times as are kept, and
    // samples of the greatest length.
    let long = |number: i64| format!("{number} {}", "x y ".repeat(200));
    let most = bytes_per_group(10_000, |table, group| {
        for alert in 0..6 {
            for second in 0..3 {
                observe(table, GENERIC, group, &long(second), alert * 100_000 + second);
            }
        }
        for number in 0..20 {
            observe(table, GENERIC, group, &long(number), 10_000_000 + number * 1_000);
        }
    });
    assert!(once <= 500 && most <= 3_700, "{once} bytes, {most} at most");
}
