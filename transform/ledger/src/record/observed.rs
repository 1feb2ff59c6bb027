//! What was decided, held against what each sink did.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    columns::time_if_any,
    counts,
    rows::{DecisionState, Moment, Observed, SinkDecisions},
    window::Window,
};
use crate::store::time::{from_millis, millis};

pub(crate) fn observed(
    connection: &Connection,
    window: Window,
    now: Timestamp,
) -> rusqlite::Result<Observed> {
    let span = [millis(window.begins()), millis(now)];
    let decided = connection
        .prepare_cached(
            "SELECT count(*) FROM alerts WHERE kind = 'alert' AND raised_at BETWEEN ? AND ?",
        )?
        .query_row(span, |row| row.get(0))?;
    let mut sinks = states(connection, span)?;
    let mut waiting = connection.prepare_cached(
        "SELECT sink, min(queued_at) FROM deliveries WHERE state = 'queued' GROUP BY sink",
    )?;
    let mut rows = waiting.query([])?;
    while let Some(row) = rows.next()? {
        let sink: String = row.get(0)?;
        of(&mut sinks, &sink).oldest_waiting = from_millis(row.get(1)?);
    }
    for sink in sinks.values_mut() {
        sink.last_error = last_error(connection, &sink.sink)?;
    }
    Ok(Observed {
        decided,
        sinks: sinks.into_values().collect(),
        minutes: counts::totals_by_minute(connection, window)?,
        bounded: counts::fact(connection, counts::BOUNDED)?.unwrap_or(0).unsigned_abs(),
        since: counts::since(connection)?.filter(|since| *since > window.begins()),
    })
}

fn of<'a>(sinks: &'a mut BTreeMap<String, SinkDecisions>, sink: &str) -> &'a mut SinkDecisions {
    sinks.entry(sink.to_owned()).or_insert_with(|| SinkDecisions {
        sink: sink.to_owned(),
        decided: 0,
        sent: 0,
        queued: 0,
        dead: 0,
        dropped: 0,
        silenced: 0,
        shadow: 0,
        unrouted: 0,
        missing: 0,
        oldest_waiting: None,
        last_error: None,
    })
}

/// Where the alerts of a span stand, by sink. Of alerts that an earlier version
/// decided only the deliveries are known.
fn states(
    connection: &Connection,
    span: [i64; 2],
) -> rusqlite::Result<BTreeMap<String, SinkDecisions>> {
    let mut sinks = BTreeMap::new();
    let mut statement = connection.prepare_cached(
        "SELECT d.sink, d.decision, x.state, count(*)
         FROM alerts AS a JOIN decisions AS d ON d.alert = a.seq
         LEFT JOIN deliveries AS x ON x.alert = a.seq AND x.sink = d.sink
         WHERE a.kind = 'alert' AND a.raised_at BETWEEN ?1 AND ?2 GROUP BY 1, 2, 3
         UNION ALL
         SELECT x.sink, 'routed', x.state, count(*)
         FROM alerts AS a JOIN deliveries AS x ON x.alert = a.seq
         WHERE a.kind = 'alert' AND a.raised_at BETWEEN ?1 AND ?2 AND NOT EXISTS (
             SELECT 1 FROM decisions AS d WHERE d.alert = a.seq AND d.sink = x.sink
         ) GROUP BY 1, 2, 3",
    )?;
    let mut rows = statement.query(span)?;
    while let Some(row) = rows.next()? {
        let sink: String = row.get(0)?;
        let delivery: Option<String> = row.get(2)?;
        let state = DecisionState::of(&row.get::<_, String>(1)?, delivery.as_deref());
        of(&mut sinks, &sink).count(state, row.get(3)?);
    }
    Ok(sinks)
}

/// What went wrong last: with what waits, or else with what was given up.
fn last_error(connection: &Connection, sink: &str) -> rusqlite::Result<Option<Moment>> {
    let moment = |row: &rusqlite::Row<'_>| {
        let at = time_if_any(row, "at")?.unwrap_or_default();
        Ok(Moment { at, what: row.get("reason")? })
    };
    let waiting = connection
        .prepare_cached(
            "SELECT reason, queued_at AS at FROM deliveries
             WHERE sink = ? AND state = 'queued' AND reason IS NOT NULL ORDER BY seq LIMIT 1",
        )?
        .query_row(params![sink], moment)
        .optional()?;
    if waiting.is_some() {
        return Ok(waiting);
    }
    connection
        .prepare_cached(
            "SELECT reason, settled_at AS at FROM deliveries
             WHERE sink = ? AND state = 'dead' AND reason IS NOT NULL ORDER BY seq DESC LIMIT 1",
        )?
        .query_row(params![sink], moment)
        .optional()
}

impl SinkDecisions {
    fn count(&mut self, state: DecisionState, alerts: u64) {
        self.decided += alerts;
        let counted = match state {
            DecisionState::Sent => &mut self.sent,
            DecisionState::Queued => &mut self.queued,
            DecisionState::Dead => &mut self.dead,
            DecisionState::Dropped => &mut self.dropped,
            DecisionState::Silenced => &mut self.silenced,
            DecisionState::Shadow => &mut self.shadow,
            DecisionState::Unrouted => &mut self.unrouted,
            DecisionState::Missing => &mut self.missing,
        };
        *counted += alerts;
    }
}
