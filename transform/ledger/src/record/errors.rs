//! The busiest errors of a window.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use signatures_alerts::Matched;
use signatures_engine::{GroupId, Severity};

use super::{
    columns::{parsed, time},
    counts, incidents,
    packed::Count,
    rows::{ActiveSilence, ErrorCount, ErrorFilter, Errors, MinuteCount, SignatureCount, Silence},
    silences,
    window::Window,
};

/// The errors of a window that pass a filter, the busiest first.
pub(crate) fn list(
    connection: &Connection,
    filter: &ErrorFilter,
    window: Window,
    limit: usize,
    now: Timestamp,
) -> rusqlite::Result<Errors> {
    let counts = counts::by_error(connection, window)?;
    let before = counts::by_error(connection, window.before())?;
    let mut busiest: Vec<_> = counts.into_iter().collect();
    // Of those that came as often the one that is known the longest is first.
    busiest.sort_unstable_by_key(|(no, count)| (std::cmp::Reverse(count.events), *no));
    let silences = silences::active(connection, now)?;
    let (mut errors, mut more_errors, mut more_events) = (Vec::new(), 0, 0);
    for (no, count) in busiest {
        if errors.len() >= limit {
            if filter.is_all() || passes(connection, no, filter)? {
                (more_errors, more_events) = (more_errors + 1, more_events + count.events);
            }
            continue;
        }
        if !filter.is_all() && !passes(connection, no, filter)? {
            continue;
        }
        let before = before.get(&no).copied().unwrap_or_default();
        errors.extend(error(connection, no, (count, before), window, &silences)?);
    }
    let since = counts::since(connection)?.filter(|since| *since > window.begins());
    Ok(Errors {
        errors,
        more_errors,
        more_events,
        rest: counts::rest(connection, window)?,
        totals: counts::totals(connection, window)?,
        totals_before: counts::totals(connection, window.before())?,
        since,
    })
}

/// How often each signature came, the busiest first.
pub(crate) fn signatures(
    connection: &Connection,
    window: Window,
) -> rusqlite::Result<Vec<SignatureCount>> {
    let mut by_signature: HashMap<Option<String>, u64> = HashMap::new();
    for (no, count) in counts::by_error(connection, window)? {
        let mut statement =
            connection.prepare_cached("SELECT signature FROM errors WHERE no = ?")?;
        let signature: Option<Option<String>> =
            statement.query_row([no], |row| row.get(0)).optional()?;
        if let Some(signature) = signature {
            *by_signature.entry(signature).or_default() += count.events;
        }
    }
    for rest in counts::rest(connection, window)? {
        *by_signature.entry(rest.signature).or_default() += rest.events;
    }
    let mut statement = connection.prepare_cached(
        "SELECT last_seen FROM errors WHERE signature IS ? ORDER BY last_seen DESC LIMIT 1",
    )?;
    let mut signatures = Vec::new();
    for (signature, events) in by_signature {
        let last_seen = statement.query_row([&signature], |row| time(row, "last_seen"));
        let last_seen = last_seen.optional()?;
        signatures.push(SignatureCount { signature, events, last_seen });
    }
    signatures.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.signature.cmp(&b.signature)));
    Ok(signatures)
}

/// The events of errors, minute by minute, by their groups.
pub(crate) fn minutes(
    connection: &Connection,
    groups: &[GroupId],
    window: Window,
) -> rusqlite::Result<Vec<(GroupId, Vec<MinuteCount>)>> {
    let mut numbers = Vec::new();
    for group in groups {
        numbers.extend(number(connection, &group.to_string())?.map(|no| (no, *group)));
    }
    let by_no: Vec<_> = numbers.iter().map(|(no, _)| *no).collect();
    let mut counts = counts::by_minute(connection, &by_no, window)?;
    let of = |(no, group)| (group, counts.remove(&no).unwrap_or_default());
    Ok(numbers.into_iter().map(of).collect())
}

/// The number of an error.
pub(crate) fn number(connection: &Connection, group: &str) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT no FROM errors WHERE id = ?")?;
    statement.query_row([group], |row| row.get(0)).optional()
}

fn passes(connection: &Connection, no: i64, filter: &ErrorFilter) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached(
        "SELECT id, category, signature, policy, severity, service, host FROM errors WHERE no = ?",
    )?;
    let is =
        |wanted: &Option<String>, column: Option<String>| wanted.is_none() || *wanted == column;
    let passed = statement.query_row([no], |row| {
        let text = |column: usize| row.get::<_, Option<String>>(column);
        let group = filter.group.map(|group| group.to_string());
        let policy = filter.policy.map(|policy| policy.as_str().to_owned());
        let severity = Severity::new(&text(4)?.unwrap_or_default());
        let origin = (text(5)?, text(6)?);
        Ok(is(&group, text(0)?)
            && is(&filter.category, text(1)?)
            && is(&filter.signature, text(2)?)
            && is(&policy, text(3)?)
            && !(filter.unknown && text(2)?.is_some())
            && filter.min.as_ref().is_none_or(|min| severity.rank() >= min.rank())
            && comes_from(connection, no, "service", &filter.service, origin.0.as_deref())?
            && comes_from(connection, no, "host", &filter.host, origin.1.as_deref())?)
    });
    Ok(passed.optional()?.unwrap_or(false))
}

/// Whether its last event or a sample names that service or host.
fn comes_from(
    connection: &Connection,
    no: i64,
    column: &str,
    wanted: &Option<String>,
    last: Option<&str>,
) -> rusqlite::Result<bool> {
    let Some(wanted) = wanted else { return Ok(true) };
    if last == Some(wanted) {
        return Ok(true);
    }
    let sql = format!("SELECT 1 FROM samples WHERE error = ? AND {column} = ? LIMIT 1");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.exists(rusqlite::params![no, wanted])?)
}

fn error(
    connection: &Connection,
    no: i64,
    (count, before): (Count, Count),
    window: Window,
    silences: &[Silence],
) -> rusqlite::Result<Option<ErrorCount>> {
    let mut statement = connection.prepare_cached("SELECT * FROM errors WHERE no = ?")?;
    let read = |row: &Row<'_>| counted(row, count, before.events, window);
    let Some(mut error) = statement.query_row([no], read).optional()? else { return Ok(None) };
    let joined: Option<String> =
        statement.query_row([no], |row| row.get("joined")).optional()?.flatten();
    error.incident = incidents::open_of(connection, &error.group.to_string())?;
    if let (None, Some(joined)) = (&error.incident, joined) {
        error.incident = incidents::open_of(connection, &joined)?;
    }
    let holds = silences.iter().find(|silence| silence.matchers.matches(&error.matched()));
    error.silence = holds.map(|silence| ActiveSilence {
        id: silence.id,
        by: silence.by.clone(),
        until: silence.until,
    });
    Ok(Some(error))
}

fn counted(
    row: &Row<'_>,
    count: Count,
    before: u64,
    window: Window,
) -> rusqlite::Result<ErrorCount> {
    let first_seen = time(row, "first_seen")?;
    Ok(ErrorCount {
        group: parsed(row, "id", |text| text.parse().ok())?,
        fingerprint: row.get("fingerprint")?,
        category: row.get("category")?,
        signature: row.get("signature")?,
        policy: parsed(row, "policy", |text| text.parse().ok())?,
        severity: Severity::new(&row.get::<_, String>("severity")?),
        canonical: row.get("canonical")?,
        service: row.get("service")?,
        host: row.get("host")?,
        sentry_url: row.get("link")?,
        events: count.events,
        suppressed: count.suppressed,
        before,
        total: row.get("total")?,
        first_seen,
        last_seen: time(row, "last_seen")?,
        is_new: first_seen >= window.begins(),
        incident: None,
        silence: None,
    })
}

impl ErrorFilter {
    fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

impl ErrorCount {
    /// What matchers are held against.
    #[must_use]
    pub fn matched(&self) -> Matched<'_> {
        Matched {
            group: self.group,
            signature: self.signature.as_deref(),
            category: &self.category,
            service: self.service.as_deref(),
            host: self.host.as_deref(),
            severity: &self.severity,
        }
    }
}
