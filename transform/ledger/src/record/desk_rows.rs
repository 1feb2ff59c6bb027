//! What the desk has in the database.

use std::{collections::HashMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use signatures_alerts::Alert;
use signatures_engine::GroupId;

use super::{
    columns::{parsed, time, time_if_any},
    desk::{Changes, ReadDesk},
    incidents, silences,
    standing::{Held, Standing},
};
use crate::store::time::millis;

/// What is decided by, as the database has it.
pub(crate) fn read(connection: &Connection, now: Timestamp) -> rusqlite::Result<ReadDesk> {
    // A clock that was ahead has made those that seem to begin later.
    let silences = silences::active(connection, now)?;
    let mut statement = connection
        .prepare_cached("SELECT * FROM incidents WHERE settled = 0 ORDER BY opened_at")?;
    let incidents = statement.query_map([], |row| standing(connection, row))?;
    Ok(ReadDesk {
        silences,
        incidents: incidents.collect::<Result<_, _>>()?,
        held: held(connection)?,
    })
}

/// Writes what changed.
pub(crate) fn write(connection: &Connection, changes: &Changes) -> rusqlite::Result<()> {
    changes.incidents.values().try_for_each(|standing| write_incident(connection, standing))?;
    let mut hits = connection
        .prepare_cached("UPDATE silences SET hits = hits + ?2, last_hit = ?3 WHERE id = ?1")?;
    for (id, (alerts, last)) in &changes.hits {
        hits.execute(params![id, alerts, millis(*last)])?;
    }
    let mut moved =
        connection.prepare_cached("UPDATE silences SET at = ?2, until = ?3 WHERE id = ?1")?;
    for (id, (at, until)) in &changes.moved {
        moved.execute(params![id, millis(*at), millis(*until)])?;
    }
    for (group, held) in &changes.held {
        let group = group.to_string();
        let Some(Held { by, until, reason, since, alerts, events }) = held else {
            connection.prepare_cached("DELETE FROM held WHERE error = ?")?.execute([group])?;
            continue;
        };
        connection
            .prepare_cached("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?, ?, ?)")?
            .execute(params![
                group,
                by,
                until.map(millis),
                reason,
                millis(*since),
                alerts,
                events
            ])?;
    }
    Ok(())
}

/// What people do to it, an ack or an end, is theirs: it is not written over.
fn write_incident(connection: &Connection, standing: &Standing) -> rusqlite::Result<()> {
    let incident = &standing.incident;
    let sinks = serde_json::to_string(&incident.sinks).unwrap_or_else(|_| "[]".to_owned());
    let resolved_at = incident.resolved.as_ref().map(|resolved| millis(resolved.at));
    let resolved_by = incident.resolved.as_ref().and_then(|resolved| resolved.by.as_deref());
    let span = |span: SignedDuration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "INSERT INTO incidents (id, error, name, category, signature, policy, severity,
                 service, host, opened_at, last_alert, last_alert_at, last_event_at,
                 resolve_after, alerts, events, sinks, escalated_after, silenced_by, muted_by,
                 resolved_at, resolved_by, settled)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
                 ?17, ?18, ?19, ?20, ?21, ?22, ?23)
             ON CONFLICT (id) DO UPDATE SET name = ?3, severity = ?7, service = ?8, host = ?9,
                 opened_at = ?10, last_alert = ?11, last_alert_at = ?12, last_event_at = ?13,
                 resolve_after = ?14, alerts = ?15, events = ?16, sinks = ?17,
                 escalated_after = ?18, silenced_by = ?19, muted_by = ?20,
                 resolved_by = CASE WHEN resolved_at IS NULL THEN ?22 ELSE resolved_by END,
                 resolved_at = coalesce(resolved_at, ?21), settled = max(settled, ?23)",
        )?
        .execute(params![
            incident.id,
            incident.group.to_string(),
            incident.name,
            incident.category,
            incident.signature,
            incident.policy.as_str(),
            incident.severity.as_str(),
            incident.service,
            incident.host,
            millis(incident.opened_at),
            incident.last_alert,
            millis(incident.last_alert_at),
            millis(incident.last_event_at),
            span(standing.resolve_after),
            incident.alerts,
            incident.events,
            sinks,
            span(standing.escalated_after),
            incident.silenced_by,
            incident.muted_by,
            resolved_at,
            resolved_by,
            standing.is_settled
        ])?;
    Ok(())
}

fn standing(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<Standing> {
    let incident = incidents::incident(row)?;
    let event: Option<String> = connection
        .prepare_cached("SELECT event FROM alerts WHERE id = ?")?
        .query_row([&incident.last_alert], |row| row.get(0))
        .optional()?;
    let span = |column: &str| row.get::<_, i64>(column).map(SignedDuration::from_millis);
    Ok(Standing {
        alert: event.and_then(|event| Alert::from_json(&event).ok()).map(Arc::new),
        resolve_after: span("resolve_after")?,
        escalated_after: span("escalated_after")?,
        // Those who forget may have: they are told at once.
        repeat_at: Some(incident.last_alert_at),
        is_settled: false,
        is_fresh: false,
        incident,
    })
}

fn held(connection: &Connection) -> rusqlite::Result<HashMap<GroupId, Held>> {
    let mut statement = connection.prepare_cached("SELECT * FROM held")?;
    let rows = statement.query_map([], |row| {
        let held = Held {
            by: row.get("by")?,
            until: time_if_any(row, "until")?,
            reason: row.get("reason")?,
            since: time(row, "since")?,
            alerts: row.get("alerts")?,
            events: row.get("events")?,
        };
        Ok((parsed(row, "error", |text| text.parse().ok())?, held))
    })?;
    rows.collect()
}
