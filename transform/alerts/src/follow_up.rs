//! What is told of an alert after it: that its incident is over, that it goes on, or
//! that nobody acts.

use jiff::Timestamp;

use crate::{
    alert::Alert,
    notice::{AlertStatus, Resolution, SilenceTold},
};

impl Alert {
    /// The event that says that the incident of this alert is over.
    #[must_use]
    pub fn resolved(&self, resolution: Resolution) -> Self {
        let incident = self.incident.as_deref().unwrap_or(&self.id);
        Self {
            id: format!("{incident}-resolved"),
            summary: format!("resolved: {}", resolution.in_words()),
            status: AlertStatus::Resolved,
            resolution: Some(resolution),
            silenced_before: None,
            escalated_after_minutes: None,
            ..self.clone()
        }
    }

    /// The event that tells further sinks of this alert, which nobody acted on for so
    /// many minutes.
    #[must_use]
    pub fn escalated(&self, minutes: u64) -> Self {
        Self {
            id: format!("{}-escalated-{minutes}", self.id),
            summary: format!("nobody acted on it for {minutes} m: {}", self.summary),
            escalated_after_minutes: Some(minutes),
            ..self.clone()
        }
    }

    /// The event that says again that the incident of this alert goes on.
    #[must_use]
    pub fn repeated(&self, now: Timestamp) -> Self {
        Self { id: format!("{}-at-{}", self.id, now.as_second()), ..self.clone() }
    }

    /// What people are told beside the alert itself, a line each: for how long nobody
    /// acted on it, and by what it was held until now.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let minutes = self.escalated_after_minutes;
        let escalated = minutes.map(|minutes| format!("nobody acted on it for {minutes} m"));
        let silenced = self.silenced_before.as_ref().map(SilenceTold::in_words);
        escalated.into_iter().chain(silenced).collect()
    }

    /// `resolved: NET_RESET: Resets, lasted 12 m, 41 events`, of an alert event that
    /// says so.
    #[must_use]
    pub fn resolved_line(&self) -> Option<String> {
        let resolution = self.resolution.as_ref()?;
        Some(format!("resolved: {}, {}", self.name, resolution.in_words()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_767_268_800 + seconds).unwrap()
    }

    #[test]
    fn what_is_told_of_an_incident_has_an_id_of_its_own_and_is_read_again() {
        let alert = Alert { incident: Some("0123456789".into()), ..Alert::test(at(0)) };
        let resolution =
            Resolution { opened_at: at(0), resolved_at: at(720), by: None, alerts: 2, events: 41 };
        let resolved = alert.resolved(resolution);
        assert_eq!(resolved.id, "0123456789-resolved");
        assert_eq!(
            resolved.resolved_line().unwrap(),
            format!("resolved: {}, lasted 12 m, 41 events", alert.name)
        );
        let escalated = alert.escalated(15);
        assert_eq!(escalated.id, format!("{}-escalated-15", alert.id));
        let silenced = SilenceTold {
            by: "Dana".into(),
            until: Some(at(60)),
            reason: "deploy".into(),
            alerts: 1,
            events: 41,
        };
        assert_eq!(
            silenced.in_words(),
            "silenced by Dana until 2026-01-01T12:01:00Z (deploy): 1 alert, 41 events"
        );
        let told = Alert { silenced_before: Some(silenced), ..alert.repeated(at(1)) };
        for event in [resolved, escalated, told] {
            assert_eq!(Alert::from_json(&event.to_json()).unwrap(), event);
        }
        assert_eq!(alert.resolved_line(), None);
    }
}
