//! The alert event: what people and sinks are told.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use signatures_engine::{
    Fingerprint, GENERIC, GroupId, Observation, Policy, Severity,
    aggregate::{Raised, Reason, Trigger, Undo},
    canonical::redacted_canonical,
};

use crate::{
    exception::AlertException,
    joined::AlertJoined,
    link::{LinkTemplate, LinkedError},
    matchers::Matched,
    notice::{AlertStatus, Resolution, SilenceTold},
    numbers::Numbers,
    severity::AlertSeverity,
};

/// Events that lie further back than this are told as such.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// The value of `event` by which an alert is known, and passed by.
pub const ALERT_EVENT: &str = "internal_alert";

/// An alert. It serialises to, and is read from, the event of
/// `schemas/alert_event.schema.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename = "internal_alert")]
pub struct Alert {
    /// The same for every delivery of this alert, and for no other: by it a
    /// receiver can tell a repeat.
    pub id: String,
    /// The title: which error, and what it means.
    pub name: String,
    /// How urgent it is.
    pub severity: AlertSeverity,
    /// The body: how often, for how long, and a sample.
    pub summary: String,
    /// What an application that computes it calls the same error.
    pub fingerprint: Fingerprint,
    /// What counts as the same error; none where an earlier version wrote it, to
    /// which that was the fingerprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupId>,
    /// The name of the category.
    pub category: String,
    /// The signature that matched; none for an error nobody knows.
    pub signature: Option<String>,
    /// What is to be done about it.
    pub policy: Policy,
    /// How bad the signature says it is.
    pub severity_hint: Severity,
    /// What raised it; none where an earlier version wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
    /// Why, in words: `41 in 5 minutes, usually 3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The numbers that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<Numbers>,
    /// How many events raised it.
    pub count: u64,
    /// How many more came during the cooldown before it.
    pub suppressed: u64,
    /// The earliest event that it reports, counted or suppressed.
    pub first_seen: Timestamp,
    /// The latest event that it counts.
    pub last_seen: Timestamp,
    /// When it was decided. Events that came late were long ago then; none where
    /// an earlier version wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// Until when, as events tell the time, nothing follows it.
    pub cooldown_until: Timestamp,
    /// Some of the texts, redacted and cut.
    pub samples: Vec<String>,
    /// The groups that it tells of, where it stands for all of one error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<AlertJoined>,
    /// The exception that the last event was, where groups are made of those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<AlertException>,
    /// Whether it is not to be delivered.
    #[serde(default)]
    pub shadow: bool,
    /// The host that the last event named; none where it tells of several.
    pub host: Option<String>,
    /// The service that the last event named; none where it tells of several.
    pub service: Option<String>,
    /// The request that the last event belongs to, where it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Where to read on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentry_url: Option<String>,
    /// The incident that it opened or belongs to, by which commands name it; none where
    /// an earlier version wrote it, and where there are too many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    /// Whether that goes on.
    #[serde(default, skip_serializing_if = "AlertStatus::is_firing")]
    pub status: AlertStatus,
    /// How it went, where it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// By what alerts of the same error were held before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silenced_before: Option<SilenceTold>,
    /// For how long nobody acted on it, where it is for that that it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_after_minutes: Option<u64>,
}

impl Alert {
    /// The alert that a group raised by an observation, with the link that
    /// `sentry_url` makes of it.
    #[must_use]
    pub fn new(
        raised: Raised,
        observation: &Observation<'_>,
        sentry_url: Option<&LinkTemplate>,
        shadow: bool,
    ) -> Self {
        let owned = |text: &Option<Cow<'_, str>>| text.as_deref().map(str::to_owned);
        let joined = raised.joined.as_deref().zip(observation.joined.as_deref());
        let group = joined.map_or(observation.group, |(_, error)| error.group);
        let joined =
            joined.map(|(told, error)| AlertJoined { by: error.by.clone(), told: told.clone() });
        let is_one = |field| joined.as_ref().is_none_or(|joined| !joined.is_by(field));
        let host = observation.host.as_deref().filter(|_| is_one("host"));
        let service = observation.service.as_deref().filter(|_| is_one("service"));
        let fingerprint = observation.fingerprint;
        let signature = observation.signature.as_deref().unwrap_or(GENERIC);
        let last_seen = raised.last_seen;
        let is_critical = match raised.reason.trigger() {
            Trigger::Immediate => true,
            // As its setting says.
            Trigger::Absent => observation.severity.is_critical(),
            _ => false,
        };
        let severity = if is_critical { AlertSeverity::Critical } else { AlertSeverity::Anomaly };
        let values = LinkedError {
            fingerprint: fingerprint.to_string(),
            group: group.to_string(),
            category: &observation.category,
            signature,
            policy: observation.policy.as_str(),
            severity: severity.as_str(),
            host,
            service,
            request_id: observation.request_id.as_deref(),
        };
        let text = || Cow::Owned(redacted_canonical(&observation.subject));
        let meaning = observation.summary.as_deref().map_or_else(text, Cow::Borrowed);
        Self {
            // The time alone would not do: without a cooldown several may come at once.
            id: format!("{group}-{}-{}", raised.decided_at.as_nanosecond(), raised.ordinal),
            name: match &joined {
                Some(joined) => format!("{signature} in {}: {meaning}", joined.how_many()),
                None => format!("{signature}: {meaning}"),
            },
            severity,
            summary: summary(&raised, joined.as_ref()),
            fingerprint,
            group: Some(group),
            category: observation.category.clone().into_owned(),
            signature: owned(&observation.signature),
            policy: observation.policy,
            severity_hint: observation.severity.clone().into_owned(),
            trigger: Some(raised.reason.trigger()),
            reason: Some(raised.reason.to_string()),
            numbers: Some(Numbers::of(&raised.reason)),
            count: raised.count,
            suppressed: raised.suppressed,
            first_seen: raised.first_seen,
            last_seen,
            decided_at: Some(raised.decided_at),
            cooldown_until: raised.cooldown_until,
            samples: raised.samples,
            joined,
            exception: observation.exception.as_deref().map(AlertException::of),
            shadow,
            host: host.map(str::to_owned),
            service: service.map(str::to_owned),
            request_id: owned(&observation.request_id),
            sentry_url: sentry_url.map(|template| template.of_error(&values)),
            incident: None,
            status: AlertStatus::Firing,
            resolution: None,
            silenced_before: None,
            escalated_after_minutes: None,
        }
    }

    /// One that says of itself that it is a test.
    #[must_use]
    pub fn test(now: Timestamp) -> Self {
        let severity = Severity::new("info");
        let fingerprint = Fingerprint::new("test", "notify-test");
        let observation = Observation {
            fingerprint,
            group: fingerprint.into(),
            joined: None,
            category: "test".into(),
            signature: Some("NOTIFY_TEST".into()),
            policy: Policy::Notify,
            severity: Cow::Borrowed(&severity),
            summary: Some("a test of vector-signatures, nothing is wrong".into()),
            subject: "notify-test".into(),
            exception: None,
            level: None,
            distinct: Vec::new(),
            host: None,
            service: Some("vector-signatures".into()),
            time: None,
            request_id: None,
        };
        let raised = Raised {
            reason: Reason::Immediate,
            ordinal: 1,
            count: 1,
            suppressed: 0,
            first_seen: now,
            last_seen: now,
            decided_at: now,
            cooldown_until: now,
            samples: vec!["This is a test alert; no event raised it.".to_owned()],
            joined: None,
            undo: Undo::default(),
        };
        Self::new(raised, &observation, None, false)
    }

    /// Reads an alert event.
    ///
    /// # Errors
    /// When the text is none.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The alert event, on one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("an alert has string keys and no fallible parts")
    }

    /// How much it matters that it arrives, from 0 up: what gives way first when
    /// a queue is full has the lowest.
    #[must_use]
    pub fn urgency(&self) -> u8 {
        match self.severity {
            AlertSeverity::Critical => Severity::new("critical").rank(),
            AlertSeverity::Anomaly => self.severity_hint.rank(),
        }
    }

    /// Whether it is for those who want none that is milder than `least`: held
    /// against that is its own severity, or the signature's where that is higher.
    #[must_use]
    pub fn reaches(&self, least: &Severity) -> bool {
        self.urgency().max(Severity::default().rank()) >= least.rank()
    }

    /// What matchers are held against.
    #[must_use]
    pub fn matched(&self) -> Matched<'_> {
        Matched {
            group: self.group_id(),
            signature: self.signature.as_deref(),
            category: &self.category,
            service: self.service.as_deref(),
            host: self.host.as_deref(),
            severity: &self.severity_hint,
        }
    }

    /// What identifies the error to people: the signature, or `generic`.
    #[must_use]
    pub fn signature_or_generic(&self) -> &str {
        self.signature.as_deref().unwrap_or(GENERIC)
    }

    /// What counts as the same error.
    #[must_use]
    pub fn group_id(&self) -> GroupId {
        self.group.unwrap_or_else(|| self.fingerprint.into())
    }

    /// Its group, where that is another than its fingerprint.
    #[must_use]
    pub fn own_group(&self) -> Option<GroupId> {
        self.group.filter(|group| *group != self.fingerprint.into())
    }

    /// Group and fingerprint, each with what people call it; one where they are the
    /// same.
    #[must_use]
    pub fn names_of_error(&self) -> Vec<(&'static str, String)> {
        let fingerprint = ("Fingerprint", self.fingerprint.to_string());
        let group = self.own_group();
        group.map(|group| ("Group", group.to_string())).into_iter().chain([fingerprint]).collect()
    }

    /// Whether one event was enough to raise it.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        self.severity == AlertSeverity::Critical
    }

    /// How often, in a few words; and how long ago, where that is not now.
    #[must_use]
    pub fn frequency(&self) -> String {
        let mut text = match self.why() {
            Some((trigger, reason)) => format!("{trigger}: {reason}"),
            None => events(self.count),
        };
        if self.suppressed > 0 {
            text += &format!(", {} suppressed", self.suppressed);
        }
        text.extend(self.ago().map(|ago| format!(", {ago}")));
        text
    }

    /// How long ago its last event was when it was decided, as people say it; none
    /// where that was at most ten minutes.
    #[must_use]
    pub fn ago(&self) -> Option<String> {
        let is_told = self.trigger != Some(Trigger::Absent);
        ago(self.last_seen, self.decided_at?).filter(|_| is_told)
    }

    /// What raised it and why, where that is more than that enough events came.
    #[must_use]
    pub fn why(&self) -> Option<(Trigger, &str)> {
        let trigger = self
            .trigger
            .filter(|trigger| !matches!(trigger, Trigger::Threshold | Trigger::Immediate));
        trigger.zip(self.reason.as_deref())
    }
}

/// How many values a summary names.
const SUMMED_UP: usize = 10;

fn events(count: u64) -> String {
    let events = if count == 1 { "event" } else { "events" };
    format!("{count} {events}")
}

fn summary(raised: &Raised, joined: Option<&AlertJoined>) -> String {
    // Of others their reason says all of it.
    let counts = matches!(raised.reason.trigger(), Trigger::Threshold | Trigger::Immediate);
    let mut text = if counts { events(raised.count) } else { raised.reason.to_string() };
    if raised.suppressed > 0 {
        text += &format!(", {} more during the cooldown before", raised.suppressed);
    }
    let span = raised.last_seen.duration_since(raised.first_seen);
    let span = SignedDuration::from_secs(span.as_secs());
    if counts && !span.is_zero() {
        text += &format!(", within {span:#}");
    }
    if raised.reason.trigger() != Trigger::Absent {
        text.extend(ago(raised.last_seen, raised.decided_at).map(|ago| format!(", {ago}")));
    }
    if let Some(joined) = joined {
        text += &format!(", in {}: {}", joined.how_many(), joined.listed(SUMMED_UP));
    }
    match raised.samples.first() {
        Some(sample) => format!("{text}: {sample}"),
        None => text,
    }
}

/// The two largest units of a time that has passed, from over ten minutes on.
fn ago(then: Timestamp, now: Timestamp) -> Option<String> {
    let passed = now.duration_since(then);
    if passed <= LATE {
        return None;
    }
    let minutes = passed.as_secs() / 60;
    let (days, hours, minutes) = (minutes / (24 * 60), minutes / 60 % 24, minutes % 60);
    Some(match (days, hours) {
        (0, 0) => format!("{minutes}m ago"),
        (0, _) => format!("{hours}h {minutes}m ago"),
        (_, _) => format!("{days}d {hours}h ago"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_over_ten_minutes_ago_says_how_long() {
        let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        for (seconds, ago) in [
            (-60, None),
            (0, None),
            (600, None),
            (601, Some("10m ago")),
            (3661, Some("1h 1m ago")),
            (90_000, Some("1d 1h ago")),
            (400 * 86_400, Some("400d 0h ago")),
        ] {
            let last_seen = now - SignedDuration::from_secs(seconds);
            let alert = Alert { last_seen, decided_at: Some(now), ..Alert::test(now) };
            assert_eq!(alert.ago().as_deref(), ago, "{seconds}");
            let frequency = ["1 event"].into_iter().chain(ago).collect::<Vec<_>>().join(", ");
            assert_eq!(alert.frequency(), frequency);
        }
    }

    #[test]
    fn an_alert_is_read_as_it_was_written() {
        let alert = Alert::test("2026-01-02T03:04:05Z".parse().unwrap());
        let json = alert.to_json();
        assert!(json.starts_with(r#"{"event":"internal_alert","id":""#), "{json}");
        assert_eq!(Alert::from_json(&json).unwrap(), alert);

        let earlier = json.replace(&format!("\"group\":\"{}\",", alert.fingerprint), "");
        assert_ne!(earlier, json);
        let read = Alert::from_json(&earlier).unwrap();
        assert_eq!((read.group, read.group_id()), (None, alert.group_id()));

        let alert = Alert { request_id: Some("r-1".into()), ..alert };
        assert_eq!(Alert::from_json(&alert.to_json()).unwrap(), alert);
    }
}
