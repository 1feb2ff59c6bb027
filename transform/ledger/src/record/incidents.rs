//! The table of incidents.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use signatures_alerts::Matched;
use signatures_engine::{GroupId, Severity};

use super::{
    columns::{parsed, time, time_if_any},
    rows::{Ack, Acted, Incident, IncidentState, OpenIncident, Resolved},
};
use crate::store::time::millis;

/// All incidents, newest first, at most so many; of one state where that is asked for.
pub(crate) fn list(
    connection: &Connection,
    state: Option<IncidentState>,
    limit: usize,
) -> rusqlite::Result<Vec<Incident>> {
    let condition = match state {
        None => "1",
        Some(IncidentState::Open) => "resolved_at IS NULL AND acked_at IS NULL",
        Some(IncidentState::Acked) => "resolved_at IS NULL AND acked_at IS NOT NULL",
        Some(IncidentState::Resolved) => "resolved_at IS NOT NULL",
    };
    let sql =
        format!("SELECT * FROM incidents WHERE {condition} ORDER BY opened_at DESC LIMIT {limit}");
    let mut statement = connection.prepare_cached(&sql)?;
    let incidents = statement.query_map([], incident)?;
    incidents.collect()
}

/// Those that are not over.
pub(crate) fn open(connection: &Connection) -> rusqlite::Result<Vec<Incident>> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM incidents WHERE settled = 0 AND resolved_at IS NULL ORDER BY opened_at",
    )?;
    let incidents = statement.query_map([], incident)?;
    incidents.collect()
}

/// The incident of that id.
pub(crate) fn get(connection: &Connection, id: &str) -> rusqlite::Result<Option<Incident>> {
    let mut statement = connection.prepare_cached("SELECT * FROM incidents WHERE id = ?")?;
    statement.query_row([id], incident).optional()
}

/// The id of the incident of that id, or of the alert of that id, or of that error
/// while it is not over.
pub(crate) fn meant(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    for sql in [
        "SELECT id FROM incidents WHERE id = ?",
        "SELECT incident FROM alerts WHERE id = ? AND incident IS NOT NULL",
    ] {
        let mut statement = connection.prepare_cached(sql)?;
        let found: Option<String> = statement.query_row([name], |row| row.get(0)).optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(open_of(connection, name)?.map(|open| open.id))
}

/// The incident of an error that is not over.
pub(crate) fn open_of(
    connection: &Connection,
    group: &str,
) -> rusqlite::Result<Option<OpenIncident>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, acked_by FROM incidents WHERE error = ? AND resolved_at IS NULL
         ORDER BY opened_at DESC LIMIT 1",
    )?;
    statement
        .query_row([group], |row| Ok(OpenIncident { id: row.get(0)?, acked_by: row.get(1)? }))
        .optional()
}

/// Notes that somebody is on it.
pub(crate) fn ack(
    connection: &Connection,
    id: &str,
    (by, note): (&str, Option<&str>),
    now: Timestamp,
) -> rusqlite::Result<Acted<Incident>> {
    let changed = connection.execute(
        "UPDATE incidents SET acked_at = ?2, acked_by = ?3, ack_note = ?4
         WHERE id = ?1 AND acked_at IS NULL AND resolved_at IS NULL",
        params![id, millis(now), by, note],
    )?;
    acted(connection, id, changed)
}

/// Notes that nobody is on it any more.
pub(crate) fn unack(connection: &Connection, id: &str) -> rusqlite::Result<Acted<Incident>> {
    let changed = connection.execute(
        "UPDATE incidents SET acked_at = NULL, acked_by = NULL, ack_note = NULL
         WHERE id = ?1 AND acked_at IS NOT NULL AND resolved_at IS NULL",
        [id],
    )?;
    acted(connection, id, changed)
}

/// Notes that somebody ended it.
pub(crate) fn resolve(
    connection: &Connection,
    id: &str,
    by: &str,
    now: Timestamp,
) -> rusqlite::Result<Acted<Incident>> {
    let changed = connection.execute(
        "UPDATE incidents SET resolved_at = ?2, resolved_by = ?3
         WHERE id = ?1 AND resolved_at IS NULL",
        params![id, millis(now), by],
    )?;
    acted(connection, id, changed)
}

fn acted(connection: &Connection, id: &str, changed: usize) -> rusqlite::Result<Acted<Incident>> {
    Ok(match get(connection, id)? {
        None => Acted::Unknown,
        Some(incident) if changed == 0 => Acted::Already(incident),
        Some(incident) => Acted::Done(incident),
    })
}

pub(crate) fn incident(row: &Row<'_>) -> rusqlite::Result<Incident> {
    let acked_at = time_if_any(row, "acked_at")?;
    let resolved_at = time_if_any(row, "resolved_at")?;
    let ack = match acked_at {
        Some(at) => Some(Ack {
            by: row.get::<_, Option<String>>("acked_by")?.unwrap_or_default(),
            at,
            note: row.get("ack_note")?,
        }),
        None => None,
    };
    let resolved = match resolved_at {
        Some(at) => Some(Resolved { at, by: row.get("resolved_by")? }),
        None => None,
    };
    let state = match (&resolved, &ack) {
        (Some(_), _) => IncidentState::Resolved,
        (None, Some(_)) => IncidentState::Acked,
        (None, None) => IncidentState::Open,
    };
    Ok(Incident {
        id: row.get("id")?,
        group: parsed(row, "error", |text| text.parse::<GroupId>().ok())?,
        name: row.get("name")?,
        category: row.get("category")?,
        signature: row.get("signature")?,
        policy: parsed(row, "policy", |text| text.parse().ok())?,
        severity: Severity::new(&row.get::<_, String>("severity")?),
        service: row.get("service")?,
        host: row.get("host")?,
        state,
        opened_at: time(row, "opened_at")?,
        last_alert: row.get("last_alert")?,
        last_alert_at: time(row, "last_alert_at")?,
        last_event_at: time(row, "last_event_at")?,
        alerts: row.get("alerts")?,
        events: row.get("events")?,
        sinks: parsed(row, "sinks", |text| serde_json::from_str(text).ok())?,
        silenced_by: row.get("silenced_by")?,
        muted_by: row.get("muted_by")?,
        ack,
        resolved,
    })
}

impl Incident {
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
