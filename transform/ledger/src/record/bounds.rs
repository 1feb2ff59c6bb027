//! What is taken away: days past the seventh, errors past their number, and minutes
//! that are packed once they are a day old.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use signatures_engine::GENERIC;

use super::{
    counts::{BOUNDED, add_to_fact},
    packed::{Count, pack, unpack},
    time::{Day, MINUTES_OF_DAY, Minute},
    window::LONGEST_WINDOW,
    writing::ERRORS_KEPT,
};
use crate::store::time::millis;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordBound {
    /// Of a day so many errors are counted each for itself, the busiest.
    pub(crate) errors_of_day: usize,
    /// So many errors are known at all, those that came last.
    pub(crate) errors: u64,
    /// Past so many bytes of the database the oldest day gives way.
    pub(crate) bytes: u64,
}

impl RecordBound {
    /// That of a state directory.
    pub(crate) const DISK: Self = Self { errors_of_day: 10_000, errors: 20_000, bytes: 256 << 20 };
    /// That of memory.
    pub(crate) const MEMORY: Self = Self { errors_of_day: 2_000, errors: 4_000, bytes: 48 << 20 };
}

/// How old minutes are that are packed.
const PACKED_AFTER: i64 = MINUTES_OF_DAY;

/// How many minutes are packed at once: others may want to write.
const PACKED_AT_ONCE: i64 = 60;

/// The errors of each day, and how many events they had: by these the busiest are known.
#[derive(Debug, Default)]
pub(crate) struct Busy {
    days: BTreeMap<Day, HashMap<i64, u64>>,
}

impl Busy {
    pub(crate) fn add(&mut self, minute: Minute, error: i64, events: u64) {
        let events_of = self.days.entry(minute.day()).or_default().entry(error).or_default();
        *events_of = events_of.saturating_add(events);
    }

    /// Puts the errors of a day past their number with the rest: while the day goes on
    /// only once there are twice as many, so that it costs little.
    pub(crate) fn bound(
        &mut self,
        connection: &Connection,
        most: usize,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        let today = Minute::of(now).day();
        let over = |day: Day, errors: usize| errors > if day < today { most } else { 2 * most };
        let days: Vec<_> = self.days.iter().map(|(day, errors)| (*day, errors.len())).collect();
        for (day, errors) in days {
            let Some(events) = self.days.get_mut(&day).filter(|_| over(day, errors)) else {
                continue;
            };
            let mut busiest: Vec<_> = events.iter().map(|(no, events)| (*events, *no)).collect();
            busiest.sort_unstable_by(|a, b| b.cmp(a));
            let gone: Vec<_> = busiest.drain(most..).map(|(_, no)| no).collect();
            put_with_rest(connection, day, &gone)?;
            for no in &gone {
                events.remove(no);
            }
        }
        // What comes late for a day is counted from there on.
        self.days.retain(|day, _| *day >= today);
        Ok(())
    }

    /// Goes on from what is in the database, of yesterday and today.
    pub(crate) fn read(connection: &Connection, now: Timestamp) -> rusqlite::Result<Self> {
        let today = Minute::of(now).day();
        let mut busy = Self::default();
        for day in [Day(today.0 - 1), today] {
            let mut statement = connection.prepare_cached(
                "SELECT error, sum(events) FROM minutes WHERE minute BETWEEN ? AND ?
                 GROUP BY error",
            )?;
            let mut rows = statement.query([day.first().0, day.last().0])?;
            while let Some(row) = rows.next()? {
                busy.add(day.first(), row.get(0)?, row.get(1)?);
            }
        }
        Ok(busy)
    }
}

/// Sums what some errors had in a day by signature.
fn put_with_rest(connection: &Connection, day: Day, errors: &[i64]) -> rusqlite::Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    connection.execute_batch(
        "CREATE TEMP TABLE IF NOT EXISTS gone (no INTEGER PRIMARY KEY); DELETE FROM gone",
    )?;
    let mut put = connection.prepare_cached("INSERT OR IGNORE INTO gone VALUES (?)")?;
    for no in errors {
        put.execute([no])?;
    }
    let span = [day.first().0, day.last().0];
    connection
        .prepare_cached(
            "INSERT INTO rest
             SELECT m.minute, coalesce(e.category, ?3), coalesce(e.signature, ?3),
                 sum(m.events), sum(m.suppressed)
             FROM minutes AS m LEFT JOIN errors AS e ON e.no = m.error
             WHERE m.minute BETWEEN ?1 AND ?2 AND m.error IN (SELECT no FROM gone)
             GROUP BY 1, 2, 3
             ON CONFLICT (minute, category, signature) DO UPDATE SET
                 events = events + excluded.events,
                 suppressed = suppressed + excluded.suppressed",
        )?
        .execute(params![span[0], span[1], GENERIC])?;
    connection
        .prepare_cached(
            "DELETE FROM minutes WHERE minute BETWEEN ? AND ?
             AND error IN (SELECT no FROM gone)",
        )?
        .execute(span)?;
    add_to_fact(connection, BOUNDED, i64::try_from(errors.len()).unwrap_or(i64::MAX))
}

/// Packs minutes that are a day old, some at a time. Says whether there are more.
pub(crate) fn pack_minutes(connection: &Connection, now: Timestamp) -> rusqlite::Result<bool> {
    let upto = Minute::of(now).0 - PACKED_AFTER;
    let oldest: Option<i64> = connection
        .prepare_cached("SELECT min(minute) FROM minutes")?
        .query_row([], |row| row.get(0))?;
    let Some(oldest) = oldest.filter(|oldest| *oldest < upto) else { return Ok(false) };
    let day = Minute(oldest).day();
    let last = (oldest + PACKED_AT_ONCE - 1).min(upto - 1).min(day.last().0);
    let mut by_error: HashMap<i64, BTreeMap<u16, Count>> = HashMap::new();
    let mut minutes = connection.prepare_cached(
        "SELECT minute, error, events, suppressed FROM minutes WHERE minute BETWEEN ? AND ?",
    )?;
    let mut rows = minutes.query([oldest, last])?;
    while let Some(row) = rows.next()? {
        let minute = u16::try_from(row.get::<_, i64>(0)? - day.first().0).unwrap_or_default();
        let count = Count { events: row.get(2)?, suppressed: row.get(3)? };
        by_error.entry(row.get(1)?).or_default().entry(minute).or_default().add(count);
    }
    for (error, counts) in by_error {
        add_to_day(connection, day, error, counts)?;
    }
    connection
        .prepare_cached("DELETE FROM minutes WHERE minute BETWEEN ? AND ?")?
        .execute([oldest, last])?;
    Ok(true)
}

fn add_to_day(
    connection: &Connection,
    day: Day,
    error: i64,
    mut counts: BTreeMap<u16, Count>,
) -> rusqlite::Result<()> {
    let mut packed =
        connection.prepare_cached("SELECT minutes FROM days WHERE day = ? AND error = ?")?;
    let mut rows = packed.query([day.0, error])?;
    if let Some(row) = rows.next()? {
        for (minute, count) in unpack(row.get_ref(0)?.as_blob().unwrap_or_default()) {
            counts.entry(minute).or_default().add(count);
        }
    }
    let mut sum = Count::default();
    counts.values().for_each(|count| sum.add(*count));
    connection
        .prepare_cached("INSERT OR REPLACE INTO days VALUES (?, ?, ?, ?, ?)")?
        .execute(params![day.0, error, sum.events, sum.suppressed, pack(counts)])?;
    Ok(())
}

/// Takes away what is too old, what a clock that was ahead left, and errors past their
/// number.
pub(crate) fn prune(
    connection: &Connection,
    bound: RecordBound,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let from = now.checked_sub(LONGEST_WINDOW).unwrap_or(Timestamp::MIN);
    take_away_before(connection, Minute::of(from))?;
    let ahead = Minute::of(now).0 + MINUTES_OF_DAY;
    for table in ["minutes", "rest", "totals"] {
        connection.execute(&format!("DELETE FROM {table} WHERE minute > ?"), [ahead])?;
    }
    let kept_from = now.checked_sub(ERRORS_KEPT).unwrap_or(Timestamp::MIN);
    connection.execute("DELETE FROM errors WHERE last_seen < ?", [millis(kept_from)])?;
    bound_errors(connection, bound.errors)?;
    bound_bytes(connection, bound.bytes)
}

fn take_away_before(connection: &Connection, minute: Minute) -> rusqlite::Result<()> {
    for table in ["minutes", "rest", "totals"] {
        connection.execute(&format!("DELETE FROM {table} WHERE minute < ?"), [minute.0])?;
    }
    connection.execute("DELETE FROM days WHERE day < ?", [minute.day().0])?;
    Ok(())
}

/// Forgets the errors past a number that came last the longest ago.
pub(crate) fn bound_errors(connection: &Connection, most: u64) -> rusqlite::Result<()> {
    let errors: u64 = connection
        .prepare_cached("SELECT count(*) FROM errors")?
        .query_row([], |row| row.get(0))?;
    // Counting costs, and so does every look for the oldest.
    if errors <= most + most / 10 {
        return Ok(());
    }
    let mut statement =
        connection.prepare_cached("SELECT no FROM errors ORDER BY last_seen LIMIT ?")?;
    let gone = statement.query_map([errors - most], |row| row.get(0))?;
    let gone: Vec<i64> = gone.collect::<Result<_, _>>()?;
    let mut days = connection.prepare_cached("SELECT DISTINCT minute / ?1 FROM minutes")?;
    let days = days.query_map([MINUTES_OF_DAY], |row| row.get(0))?;
    for day in days.collect::<Result<Vec<i64>, _>>()? {
        put_with_rest(connection, Day(day), &gone)?;
    }
    for no in gone {
        connection.prepare_cached("DELETE FROM errors WHERE no = ?")?.execute([no])?;
    }
    Ok(())
}

/// Takes away the oldest day while the database is too large.
fn bound_bytes(connection: &Connection, most: u64) -> rusqlite::Result<()> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
    let used = (pragma("page_count")? - pragma("freelist_count")?) * pragma("page_size")?;
    if used <= most {
        return Ok(());
    }
    let oldest: Option<i64> = connection.query_row(
        "SELECT min(day) FROM (
             SELECT min(day) AS day FROM days UNION ALL SELECT min(minute) / ?1 FROM minutes
             UNION ALL SELECT min(minute) / ?1 FROM rest
         )",
        [MINUTES_OF_DAY],
        |row| row.get(0),
    )?;
    match oldest {
        Some(oldest) => take_away_before(connection, Day(oldest + 1).first()),
        None => Ok(()),
    }
}

/// How long an incident, a silence and a message are kept after they are over.
const HISTORY_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How many incidents are kept that are over.
const MOST_INCIDENTS: i64 = 50_000;

/// Takes away incidents, silences and messages that are long over.
pub(crate) fn prune_incidents(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let from = millis(now.checked_sub(HISTORY_KEPT).unwrap_or(Timestamp::MIN));
    connection.execute("DELETE FROM incidents WHERE settled = 1 AND opened_at < ?", [from])?;
    connection.execute(
        "DELETE FROM incidents WHERE settled = 1 AND opened_at < (
             SELECT opened_at FROM incidents ORDER BY opened_at DESC LIMIT 1 OFFSET ?
         )",
        [MOST_INCIDENTS],
    )?;
    connection.execute("DELETE FROM silences WHERE until < ?", [from])?;
    connection.execute("DELETE FROM held WHERE since < ?", [from])?;
    connection.execute(
        "DELETE FROM messages WHERE NOT EXISTS (
             SELECT 1 FROM incidents WHERE id = messages.incident
         )",
        [],
    )?;
    Ok(())
}
