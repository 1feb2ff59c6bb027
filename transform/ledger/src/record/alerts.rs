//! Alerts, and what became of each at every sink.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::Value;
use signatures_alerts::Alert;

use super::{
    columns::{time, time_if_any},
    incidents,
    rows::{
        AlertFilter, AlertKind, AlertState, DecidedAlert, Decision, DecisionState, IncidentState,
        Moment, TimeLine,
    },
};

/// The newest alerts first, at most so many.
pub(crate) fn list(
    connection: &Connection,
    filter: &AlertFilter,
    limit: usize,
) -> rusqlite::Result<Vec<DecidedAlert>> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, id, kind, raised_at, incident, event FROM alerts
         WHERE kind = 'alert' ORDER BY raised_at DESC, seq DESC",
    )?;
    let mut rows = statement.query([])?;
    let mut alerts = Vec::new();
    while alerts.len() < limit
        && let Some(row) = rows.next()?
    {
        let alert = decided(connection, row)?;
        if alert.passes(filter) {
            alerts.push(alert);
        }
    }
    Ok(alerts)
}

/// The alert of that id, with all that came of its incident.
pub(crate) fn time_line(connection: &Connection, id: &str) -> rusqlite::Result<Option<TimeLine>> {
    let mut statement = connection.prepare_cached(
        "SELECT seq, id, kind, raised_at, incident, event FROM alerts WHERE id = ?",
    )?;
    let alert = statement.query_row([id], |row| decided(connection, row)).optional()?;
    let Some(alert) = alert else { return Ok(None) };
    let mut moments = moments_of(&alert);
    if let Some(incident) = &alert.incident {
        moments.push(moment(incident.opened_at, format!("incident {} opened", incident.id)));
        if let Some(ack) = &incident.ack {
            let note = ack.note.as_deref().map_or_else(String::new, |note| format!(": {note}"));
            moments.push(moment(ack.at, format!("acked by {}{note}", ack.by)));
        }
        if let Some(resolved) = &incident.resolved {
            let by = resolved.by.as_deref().map_or_else(
                || format!("resolved: no event since {}", incident.last_event_at),
                |by| format!("resolved by {by}"),
            );
            moments.push(moment(resolved.at, by));
        }
        for other in of_incident(connection, &incident.id)? {
            if other.id != alert.id {
                moments.extend(moments_of(&other));
            }
        }
    }
    moments.sort_by_key(|moment| moment.at);
    Ok(Some(TimeLine { alert, moments }))
}

/// How many events of one incident are told of at most.
const MOST_OF_INCIDENT: usize = 100;

/// All that went to sinks of an incident, oldest first.
fn of_incident(connection: &Connection, incident: &str) -> rusqlite::Result<Vec<DecidedAlert>> {
    let sql = format!(
        "SELECT seq, id, kind, raised_at, incident, event FROM alerts
         WHERE incident = ? ORDER BY seq LIMIT {MOST_OF_INCIDENT}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let alerts = statement.query_map([incident], |row| decided(connection, row))?;
    alerts.collect()
}

fn moment(at: Timestamp, what: String) -> Moment {
    Moment { at, what }
}

fn moments_of(alert: &DecidedAlert) -> Vec<Moment> {
    let name = alert.alert.get("name").and_then(Value::as_str).unwrap_or_default();
    let kind = match alert.kind {
        AlertKind::Alert => "alert",
        AlertKind::Resolved => "resolved notice",
        AlertKind::Escalated => "escalation",
        AlertKind::Repeated => "repeat",
    };
    let decided = moment(alert.decided_at, format!("{kind} {} decided: {name}", alert.id));
    let became = alert.decisions.iter().map(|decision| {
        let reason = decision.reason.as_deref();
        let why = reason.map_or_else(String::new, |reason| format!(": {reason}"));
        let what = format!("{kind} {} at {}{why}", decision.state.as_str(), decision.sink);
        moment(decision.at.unwrap_or(alert.decided_at), what)
    });
    [decided].into_iter().chain(became).collect()
}

fn decided(connection: &Connection, row: &Row<'_>) -> rusqlite::Result<DecidedAlert> {
    let seq: i64 = row.get("seq")?;
    let incident: Option<String> = row.get("incident")?;
    let incident = match incident {
        Some(id) => incidents::get(connection, &id)?,
        None => None,
    };
    let event: String = row.get("event").unwrap_or_default();
    Ok(DecidedAlert {
        id: row.get("id")?,
        kind: AlertKind::read(&row.get::<_, String>("kind")?),
        decided_at: time(row, "raised_at")?,
        incident,
        alert: serde_json::from_str(&event).unwrap_or_default(),
        decisions: decisions(connection, seq)?,
    })
}

/// What became of an alert, by sink: each in exactly one state.
fn decisions(connection: &Connection, alert: i64) -> rusqlite::Result<Vec<Decision>> {
    let mut decisions: BTreeMap<String, Decision> = BTreeMap::new();
    let mut decided = connection
        .prepare_cached("SELECT sink, decision, reason FROM decisions WHERE alert = ?")?;
    let mut rows = decided.query([alert])?;
    while let Some(row) = rows.next()? {
        let sink: String = row.get(0)?;
        let state = DecisionState::of(&row.get::<_, String>(1)?, None);
        let decision =
            Decision { sink: sink.clone(), state, reason: row.get(2)?, attempts: 0, at: None };
        decisions.insert(sink, decision);
    }
    let mut delivered = connection.prepare_cached(
        "SELECT sink, state, reason, attempts, settled_at FROM deliveries WHERE alert = ?",
    )?;
    let mut rows = delivered.query([alert])?;
    while let Some(row) = rows.next()? {
        let sink: String = row.get("sink")?;
        let decision = Decision {
            sink: sink.clone(),
            state: DecisionState::of("routed", Some(&row.get::<_, String>("state")?)),
            reason: row.get("reason")?,
            attempts: row.get("attempts")?,
            at: time_if_any(row, "settled_at")?,
        };
        decisions.insert(sink, decision);
    }
    Ok(decisions.into_values().collect())
}

impl DecidedAlert {
    /// Where it stands, to people.
    #[must_use]
    pub fn state(&self) -> AlertState {
        let held = |decision: &Decision| decision.state == DecisionState::Silenced;
        if !self.decisions.is_empty() && self.decisions.iter().all(held) {
            return AlertState::Silenced;
        }
        match self.incident.as_ref().map(|incident| incident.state) {
            Some(IncidentState::Open) => AlertState::Open,
            Some(IncidentState::Acked) => AlertState::Acked,
            Some(IncidentState::Resolved) | None => AlertState::Resolved,
        }
    }

    fn passes(&self, filter: &AlertFilter) -> bool {
        let reaches = || {
            let Some(min) = &filter.min else { return true };
            serde_json::from_value::<Alert>(self.alert.clone())
                .is_ok_and(|alert| alert.reaches(min))
        };
        filter.state.is_none_or(|state| state == self.state()) && reaches()
    }
}

impl DecisionState {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Sent,
        Self::Queued,
        Self::Dead,
        Self::Dropped,
        Self::Silenced,
        Self::Shadow,
        Self::Unrouted,
        Self::Missing,
    ];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Queued => "queued",
            Self::Dead => "dead",
            Self::Dropped => "dropped",
            Self::Silenced => "silenced",
            Self::Shadow => "shadow",
            Self::Unrouted => "unrouted",
            Self::Missing => "missing",
        }
    }

    /// By what was decided, and where the delivery stands if there is one.
    pub(crate) fn of(decision: &str, delivery: Option<&str>) -> Self {
        let name = if decision == "routed" { delivery.unwrap_or("missing") } else { decision };
        Self::ALL.into_iter().find(|state| state.as_str() == name).unwrap_or(Self::Missing)
    }
}
