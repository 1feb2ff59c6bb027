//! What a silence would hold, before it is made.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use signatures_alerts::Matchers;
use signatures_engine::GENERIC;

use super::{
    errors, incidents,
    rows::{ErrorCount, ErrorFilter, Reach},
    time::Minute,
    window::Window,
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What matchers hold now, and what they would have held the day before.
pub(crate) fn of(
    connection: &Connection,
    matchers: &Matchers,
    now: Timestamp,
) -> rusqlite::Result<Reach> {
    let holds = |error: &ErrorCount| matchers.matches(&error.matched());
    let all = ErrorFilter::default();
    let hour = errors::list(connection, &all, Window::last(HOUR, now), usize::MAX, now)?;
    let events = hour.errors.iter().filter(|error| holds(error)).map(|error| error.events).sum();
    let yesterday = yesterday(now);
    let day = errors::list(connection, &all, yesterday, usize::MAX, now)?;
    let mut signatures: BTreeMap<&str, bool> = BTreeMap::new();
    for error in &day.errors {
        let name = error.signature.as_deref().unwrap_or(GENERIC);
        *signatures.entry(name).or_default() |= holds(error);
    }
    let mut incidents = incidents::open(connection)?;
    incidents.retain(|incident| matchers.matches(&incident.matched()));
    Ok(Reach {
        incidents,
        events,
        signatures: signatures.values().filter(|held| **held).count() as u64,
        of_signatures: signatures.len() as u64,
    })
}

/// The day of UTC before today.
fn yesterday(now: Timestamp) -> Window {
    let today = Minute::of(now).day().first();
    let day = super::time::Day(Minute::of(now).day().0 - 1);
    Window { first: day.first(), last: Minute(today.0 - 1) }
}
