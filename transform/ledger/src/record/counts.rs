//! How often each error came within a window: the sum over minutes, those of late
//! days packed.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, params};
use signatures_engine::GENERIC;

use super::{
    packed::{Count, unpack},
    rows::{MinuteCount, MinuteTotals, RestCount, Totals},
    time::{Day, Minute},
    window::Window,
};

/// Of each error, by its number, how often it came.
pub(crate) fn by_error(
    connection: &Connection,
    window: Window,
) -> rusqlite::Result<HashMap<i64, Count>> {
    let mut counts: HashMap<i64, Count> = HashMap::new();
    let mut add = |error, count| counts.entry(error).or_default().add(count);
    let mut minutes = connection.prepare_cached(
        "SELECT error, sum(events), sum(suppressed) FROM minutes
         WHERE minute BETWEEN ? AND ? GROUP BY error",
    )?;
    let mut rows = minutes.query([window.first.0, window.last.0])?;
    while let Some(row) = rows.next()? {
        add(row.get(0)?, Count { events: row.get(1)?, suppressed: row.get(2)? });
    }
    let (first, last) = whole_days(window);
    let mut days = connection.prepare_cached(
        "SELECT error, sum(events), sum(suppressed) FROM days
         WHERE day BETWEEN ? AND ? GROUP BY error",
    )?;
    let mut rows = days.query([first.0, last.0])?;
    while let Some(row) = rows.next()? {
        add(row.get(0)?, Count { events: row.get(1)?, suppressed: row.get(2)? });
    }
    for day in cut_days(window) {
        let mut packed =
            connection.prepare_cached("SELECT error, minutes FROM days WHERE day = ?")?;
        let mut rows = packed.query([day.0])?;
        while let Some(row) = rows.next()? {
            let error = row.get(0)?;
            let within = unpack(row.get_ref(1)?.as_blob().unwrap_or_default())
                .filter(|(minute, _)| holds(window, day, *minute));
            within.for_each(|(_, count)| add(error, count));
        }
    }
    Ok(counts)
}

/// The events of some errors, minute by minute.
pub(crate) fn by_minute(
    connection: &Connection,
    errors: &[i64],
    window: Window,
) -> rusqlite::Result<HashMap<i64, Vec<MinuteCount>>> {
    let mut counts: HashMap<i64, Vec<MinuteCount>> =
        errors.iter().map(|error| (*error, Vec::new())).collect();
    let mut minutes = connection
        .prepare_cached("SELECT minute, error, events FROM minutes WHERE minute BETWEEN ? AND ?")?;
    let mut rows = minutes.query([window.first.0, window.last.0])?;
    while let Some(row) = rows.next()? {
        if let Some(counts) = counts.get_mut(&row.get(1)?) {
            let minute = Minute(row.get(0)?).begins();
            counts.push(MinuteCount { minute, events: row.get(2)? });
        }
    }
    Ok(counts)
}

/// What is kept by signature alone.
pub(crate) fn rest(connection: &Connection, window: Window) -> rusqlite::Result<Vec<RestCount>> {
    let mut statement = connection.prepare_cached(
        "SELECT category, signature, sum(events) FROM rest
         WHERE minute BETWEEN ? AND ? GROUP BY 1, 2 ORDER BY 3 DESC",
    )?;
    let rows = statement.query_map([window.first.0, window.last.0], |row| {
        let signature = Some(row.get::<_, String>(1)?).filter(|name| name != GENERIC);
        Ok(RestCount { category: row.get(0)?, signature, events: row.get(2)? })
    })?;
    rows.collect()
}

/// All events of a window.
pub(crate) fn totals(connection: &Connection, window: Window) -> rusqlite::Result<Totals> {
    let mut totals = Totals::default();
    for MinuteTotals { totals: of, .. } in totals_by_minute(connection, window)? {
        totals.add(of);
    }
    Ok(totals)
}

/// All events of a window, minute by minute.
pub(crate) fn totals_by_minute(
    connection: &Connection,
    window: Window,
) -> rusqlite::Result<Vec<MinuteTotals>> {
    let mut statement = connection.prepare_cached(
        "SELECT minute, events, matched, noise, unknown FROM totals
         WHERE minute BETWEEN ? AND ? ORDER BY minute",
    )?;
    let rows = statement.query_map([window.first.0, window.last.0], |row| {
        let [events, matched, noise, unknown] =
            [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?];
        let totals = Totals { events, matched, noise, unknown };
        Ok(MinuteTotals { minute: Minute(row.get(0)?).begins(), totals })
    })?;
    rows.collect()
}

/// A number that is kept beside.
pub(crate) fn fact(connection: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT value FROM facts WHERE name = ?")?;
    let mut rows = statement.query([name])?;
    rows.next()?.map(|row| row.get(0)).transpose()
}

/// Adds to such a number.
pub(crate) fn add_to_fact(connection: &Connection, name: &str, by: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO facts VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = value + ?2",
        )?
        .execute(params![name, by])?;
    Ok(())
}

/// Since when anything is remembered.
pub(crate) fn since(connection: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    Ok(fact(connection, SINCE)?.and_then(|millis| Timestamp::from_millisecond(millis).ok()))
}

/// The fact that says since when anything is remembered.
pub(crate) const SINCE: &str = "since";

/// The fact that says how many errors the bound of a day put with the rest.
pub(crate) const BOUNDED: &str = "bounded";

/// The days that lie in a window wholly.
fn whole_days(window: Window) -> (Day, Day) {
    let first = if window.first.day().first() == window.first {
        window.first.day()
    } else {
        Day(window.first.day().0 + 1)
    };
    let last = if window.last.day().last() == window.last {
        window.last.day()
    } else {
        Day(window.last.day().0 - 1)
    };
    (first, last)
}

/// The days that lie in it in part.
fn cut_days(window: Window) -> impl Iterator<Item = Day> {
    let (first, last) = whole_days(window);
    let ends = [window.first.day(), window.last.day()];
    let same = ends[0] == ends[1];
    let ends = ends.into_iter().take(if same { 1 } else { 2 });
    ends.filter(move |day| *day < first || *day > last)
}

fn holds(window: Window, day: Day, minute: u16) -> bool {
    let minute = Minute(day.first().0 + i64::from(minute));
    (window.first..=window.last).contains(&minute)
}

impl Totals {
    pub(crate) fn add(&mut self, other: Self) {
        let add = |to: &mut u64, by: u64| *to = to.saturating_add(by);
        add(&mut self.events, other.events);
        add(&mut self.matched, other.matched);
        add(&mut self.noise, other.noise);
        add(&mut self.unknown, other.unknown);
    }
}
