//! Writes what was counted.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use signatures_engine::{GENERIC, GroupId, aggregate::sample, canonical::redacted_canonical};

use super::{
    bounds::Busy,
    counter::{Counted, CountedError, Identity, RawSample},
    counts::{SINCE, add_to_fact, fact},
    packed::Count,
    samples,
    time::Minute,
    window::LONGEST_WINDOW,
};
use crate::store::time::millis;

/// What is kept of a text that names where an event came from.
const MOST_ORIGIN: usize = 256;

/// Adds what was counted; what lies further back than anything is remembered is passed
/// by.
pub(crate) fn add(
    connection: &Connection,
    counted: &Counted,
    busy: &mut Busy,
    now: Timestamp,
) -> rusqlite::Result<()> {
    if fact(connection, SINCE)?.is_none() {
        add_to_fact(connection, SINCE, millis(now))?;
    }
    let from = now.checked_sub(LONGEST_WINDOW).map_or(Minute(i64::MIN), Minute::of);
    for (group, error) in &counted.errors {
        let no = put_error(connection, *group, error)?;
        for (minute, count) in &error.minutes {
            if *minute >= from {
                add_to_minute(connection, *minute, no, *count)?;
                busy.add(*minute, no, count.events);
            }
        }
        put_samples(connection, no, &error.samples)?;
    }
    for ((minute, category, signature), count) in &counted.rest {
        add_to_rest(connection, (*minute, category, signature), *count)?;
    }
    let mut totals = connection.prepare_cached(
        "INSERT INTO totals VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (minute) DO UPDATE SET events = events + ?2, matched = matched + ?3,
             noise = noise + ?4, unknown = unknown + ?5",
    )?;
    for (minute, of) in &counted.totals {
        totals.execute(params![minute.0, of.events, of.matched, of.noise, of.unknown])?;
    }
    Ok(())
}

/// Its number, whether it was known or is new.
fn put_error(
    connection: &Connection,
    group: GroupId,
    error: &CountedError,
) -> rusqlite::Result<i64> {
    let id = group.to_string();
    let [first_seen, last_seen] = [error.first_seen, error.last_seen].map(millis);
    let last = error.samples.back();
    let [service, host] =
        [last.and_then(|s| s.service.as_deref()), last.and_then(|s| s.host.as_deref())]
            .map(|text| text.map(|text| origin(text)));
    let Identity { category, signature, policy, severity, .. } = &*error.identity;
    let link = link(group, error);
    let no = connection
        .prepare_cached(
            "UPDATE errors SET last_seen = max(last_seen, ?2), first_seen = min(first_seen, ?3),
                 total = total + ?4, category = ?5, signature = ?6, policy = ?7, severity = ?8,
                 service = coalesce(?9, service), host = coalesce(?10, host),
                 link = coalesce(?11, link)
             WHERE id = ?1 RETURNING no",
        )?
        .query_row(
            params![
                id,
                last_seen,
                first_seen,
                error.events(),
                category,
                signature,
                policy.as_str(),
                severity.as_str(),
                service,
                host,
                link
            ],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(no) = no {
        return Ok(no);
    }
    let Identity { fingerprint, joined, subject, .. } = &*error.identity;
    connection
        .prepare_cached(
            "INSERT INTO errors (id, fingerprint, category, signature, policy, severity,
                 canonical, joined, service, host, link, first_seen, last_seen, total)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            id,
            fingerprint,
            category,
            signature,
            policy.as_str(),
            severity.as_str(),
            redacted_canonical(subject),
            joined.map(|joined| joined.to_string()),
            service,
            host,
            link,
            first_seen,
            last_seen,
            error.events()
        ])?;
    Ok(connection.last_insert_rowid())
}

/// Where to read on about its last event.
fn link(group: GroupId, error: &CountedError) -> Option<String> {
    let Identity { fingerprint, category, signature, policy, severity, link, .. } =
        &*error.identity;
    let last = error.samples.back();
    let origin = |of: fn(&RawSample) -> &Option<String>| last.and_then(|last| of(last).as_deref());
    link.as_ref().map(|link| {
        link.of_error(&signatures_alerts::LinkedError {
            fingerprint: fingerprint.clone(),
            group: group.to_string(),
            category,
            signature: signature.as_deref().unwrap_or(GENERIC),
            policy: policy.as_str(),
            severity: severity.as_str(),
            host: origin(|last| &last.host),
            service: origin(|last| &last.service),
            request_id: origin(|last| &last.request_id),
        })
    })
}

fn origin(text: &str) -> String {
    sample(text).chars().take(MOST_ORIGIN).collect()
}

fn add_to_minute(
    connection: &Connection,
    minute: Minute,
    error: i64,
    count: Count,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO minutes VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (minute, error) DO UPDATE SET events = events + ?3,
                 suppressed = suppressed + ?4",
        )?
        .execute(params![minute.0, error, count.events, count.suppressed])?;
    Ok(())
}

fn add_to_rest(
    connection: &Connection,
    (minute, category, signature): (Minute, &str, &str),
    count: Count,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO rest VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (minute, category, signature) DO UPDATE SET events = events + ?4,
                 suppressed = suppressed + ?5",
        )?
        .execute(params![minute.0, category, signature, count.events, count.suppressed])?;
    Ok(())
}

/// Keeps the newest, without secrets.
fn put_samples<'a>(
    connection: &Connection,
    error: i64,
    raw: impl IntoIterator<Item = &'a RawSample>,
) -> rusqlite::Result<()> {
    let mut any = false;
    for RawSample { at, text, service, host, request_id } in raw {
        any = true;
        let [service, host, request_id] =
            [service, host, request_id].map(|text| text.as_deref().map(origin));
        connection
            .prepare_cached(
                "INSERT INTO samples (error, at, text, service, host, request_id)
                 VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![error, millis(*at), sample(text), service, host, request_id])?;
    }
    if any {
        connection
            .prepare_cached(
                "DELETE FROM samples WHERE error = ?1 AND rowid NOT IN (
                     SELECT rowid FROM samples WHERE error = ?1
                     ORDER BY at DESC, rowid DESC LIMIT ?2
                 )",
            )?
            .execute(params![error, samples::KEPT as i64])?;
    }
    Ok(())
}

/// For how long an error is remembered that does not come any more.
pub(crate) const ERRORS_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
