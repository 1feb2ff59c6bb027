//! How an incident stands, as the process that decides knows it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use signatures_alerts::Alert;
use signatures_engine::GroupId;

use super::{
    counter::CountedError,
    rows::{Incident, IncidentState},
};
use crate::store::moved;

/// How long the id of an incident is, in hex digits.
const ID_LENGTH: usize = 10;

/// An incident, and what is decided by.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) incident: Incident,
    /// Its last alert, as sinks were told it; none where it is not kept any more.
    pub(crate) alert: Option<Arc<Alert>>,
    pub(crate) resolve_after: SignedDuration,
    /// The longest of the escalations that were made.
    pub(crate) escalated_after: SignedDuration,
    /// When those who forget are to be told again.
    pub(crate) repeat_at: Option<Timestamp>,
    /// Whether all were told that it is over.
    pub(crate) is_settled: bool,
    /// Whether it was opened since events were last counted: its alert has told of those
    /// before it.
    pub(crate) is_fresh: bool,
}

/// What held the alerts of an error since its last that was delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) by: String,
    pub(crate) until: Option<Timestamp>,
    pub(crate) reason: String,
    pub(crate) since: Timestamp,
    pub(crate) alerts: u64,
    pub(crate) events: u64,
}

impl Standing {
    /// The incident that an alert opens.
    pub(crate) fn opened_by(alert: &Alert, now: Timestamp) -> Self {
        let incident = Incident {
            id: incident_id(alert),
            group: alert.group_id(),
            name: alert.name.clone(),
            category: alert.category.clone(),
            signature: alert.signature.clone(),
            policy: alert.policy,
            severity: alert.severity_hint.clone(),
            service: alert.service.clone(),
            host: alert.host.clone(),
            state: IncidentState::Open,
            opened_at: now,
            last_alert: alert.id.clone(),
            last_alert_at: now,
            last_event_at: now,
            alerts: 0,
            events: alert.count.saturating_add(alert.suppressed),
            sinks: Vec::new(),
            silenced_by: None,
            muted_by: None,
            ack: None,
            resolved: None,
        };
        Self {
            incident,
            alert: None,
            resolve_after: SignedDuration::ZERO,
            escalated_after: SignedDuration::ZERO,
            repeat_at: None,
            is_settled: false,
            is_fresh: true,
        }
    }

    /// Goes on by an alert.
    pub(crate) fn goes_on_by(
        &mut self,
        alert: &Alert,
        resolve_after: SignedDuration,
        now: Timestamp,
    ) {
        let incident = &mut self.incident;
        incident.name.clone_from(&alert.name);
        incident.severity.clone_from(&alert.severity_hint);
        incident.service.clone_from(&alert.service);
        incident.host.clone_from(&alert.host);
        incident.last_alert.clone_from(&alert.id);
        incident.last_alert_at = now;
        incident.last_event_at = incident.last_event_at.max(now);
        incident.alerts += 1;
        self.resolve_after = resolve_after;
        self.alert = Some(Arc::new(alert.clone()));
    }

    /// Counts events that came.
    pub(crate) fn touch(&mut self, error: &CountedError) {
        let events = match (self.is_fresh, error.after_alert) {
            (true, Some(after)) => after,
            _ => error.events(),
        };
        self.incident.events = self.incident.events.saturating_add(events);
        self.incident.last_event_at = self.incident.last_event_at.max(error.last_arrival);
    }

    /// Whether nothing came for so long that it is over.
    pub(crate) fn is_quiet(&self, now: Timestamp) -> bool {
        now.duration_since(self.incident.last_event_at) >= self.resolve_after
    }

    /// Notes until when those who forget remember it.
    pub(crate) fn remembered_until(&mut self, until: Timestamp, early: SignedDuration) {
        self.repeat_at = Some(moved(until, -early));
    }

    /// Goes by a time of day that was set by so much.
    pub(crate) fn move_along(&mut self, by: SignedDuration) {
        let Incident { opened_at, last_alert_at, last_event_at, ack, .. } = &mut self.incident;
        for time in [opened_at, last_alert_at, last_event_at] {
            *time = moved(*time, by);
        }
        if let Some(ack) = ack {
            ack.at = moved(ack.at, by);
        }
        self.repeat_at = self.repeat_at.map(|at| moved(at, by));
    }
}

/// The same for the same alert, so that it is known whatever becomes of the database;
/// short enough to be typed, and of another length than the name of a group.
fn incident_id(alert: &Alert) -> String {
    let mut id = GroupId::new("incident", &alert.id, "", [""; 0]).to_string();
    id.truncate(ID_LENGTH);
    id
}
