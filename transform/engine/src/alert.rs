//! The alert event: what people and sinks are told.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{
    aggregate::GENERIC,
    canonical::canonical,
    fingerprint::Fingerprint,
    redact::redact_text,
    taxonomy::{Policy, Severity},
};

/// The value of `event` by which an alert is known, and passed by.
pub const ALERT_EVENT: &str = "internal_alert";

/// How many samples an alert carries.
pub const MAX_SAMPLES: usize = 3;

/// How long a sample is at most, in Unicode scalar values.
pub const MAX_SAMPLE_CHARS: usize = 512;

/// A decided alert. It serialises to the event of
/// `schemas/alert_event.schema.json`.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// How urgent it is.
    pub severity: AlertSeverity,
    /// What counts as the same error.
    pub fingerprint: Fingerprint,
    /// Which alert of its fingerprint it is, from 1 since that was last
    /// forgotten.
    pub ordinal: u32,
    /// The name of the category.
    pub category: String,
    /// The signature that matched; none for an error nobody knows.
    pub signature: Option<String>,
    /// What is to be done about it.
    pub policy: Policy,
    /// How bad the signature says it is.
    pub severity_hint: Severity,
    /// What the signature says it means.
    pub meaning: Option<String>,
    /// The text of the error without its accidents and secrets.
    pub canonical: String,
    /// How many events raised it.
    pub count: u64,
    /// How many more came during the cooldown before it.
    pub suppressed: u64,
    /// The earliest event that it reports, counted or suppressed.
    pub first_seen: Timestamp,
    /// The event that raised it.
    pub last_seen: Timestamp,
    /// Until when nothing follows it.
    pub cooldown_until: Timestamp,
    /// Some of the texts, redacted and cut.
    pub samples: Vec<String>,
    /// Whether it is not to be delivered.
    pub shadow: bool,
    /// The host that the last event named.
    pub host: Option<String>,
    /// The service that the last event named.
    pub service: Option<String>,
    /// Where to read on.
    pub sentry_url: Option<String>,
}

/// How urgent an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertSeverity {
    /// Too many within the window.
    Anomaly,
    /// One is enough.
    Critical,
}

impl AlertSeverity {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anomaly => "anomaly",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for AlertSeverity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Alert {
    /// One that says of itself that it is a test.
    #[must_use]
    pub fn test(now: Timestamp) -> Self {
        Self {
            severity: AlertSeverity::Critical,
            fingerprint: Fingerprint::new("test", "notify-test"),
            ordinal: 1,
            category: "test".to_owned(),
            signature: Some("NOTIFY_TEST".to_owned()),
            policy: Policy::Notify,
            severity_hint: Severity::new("info"),
            meaning: Some("a test of vector-signatures, nothing is wrong".to_owned()),
            canonical: "notify-test".to_owned(),
            count: 1,
            suppressed: 0,
            first_seen: now,
            last_seen: now,
            cooldown_until: now,
            samples: vec!["This is a test alert; no event raised it.".to_owned()],
            shadow: false,
            host: None,
            service: Some("vector-signatures".to_owned()),
            sentry_url: None,
        }
    }

    /// The same for every delivery of this alert, and for no other: by it a
    /// receiver can tell a repeat.
    #[must_use]
    pub fn id(&self) -> String {
        // The time alone would not do: without a cooldown several may come at once.
        format!("{}-{}-{}", self.fingerprint, self.last_seen.as_nanosecond(), self.ordinal)
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

    /// The title: which error, and what it means.
    #[must_use]
    pub fn name(&self) -> String {
        let signature = self.signature.as_deref().unwrap_or(GENERIC);
        match &self.meaning {
            Some(meaning) => format!("{signature}: {meaning}"),
            None => format!("{signature}: {}", self.canonical),
        }
    }

    /// The body: how often, for how long, and a sample.
    #[must_use]
    pub fn summary(&self) -> String {
        let events = if self.count == 1 { "event" } else { "events" };
        let mut text = format!("{} {events}", self.count);
        if self.suppressed > 0 {
            text += &format!(", {} more during the cooldown before", self.suppressed);
        }
        let span = self.last_seen.duration_since(self.first_seen);
        let span = SignedDuration::from_secs(span.as_secs());
        if !span.is_zero() {
            text += &format!(", within {span:#}");
        }
        match self.samples.first() {
            Some(sample) => format!("{text}: {sample}"),
            None => text,
        }
    }
}

impl Serialize for Alert {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("event", ALERT_EVENT)?;
        map.serialize_entry("id", &self.id())?;
        map.serialize_entry("name", &self.name())?;
        map.serialize_entry("severity", &self.severity)?;
        map.serialize_entry("summary", &self.summary())?;
        map.serialize_entry("fingerprint", &self.fingerprint)?;
        map.serialize_entry("category", &self.category)?;
        map.serialize_entry("signature", &self.signature)?;
        map.serialize_entry("policy", &self.policy)?;
        map.serialize_entry("severity_hint", &self.severity_hint)?;
        map.serialize_entry("count", &self.count)?;
        map.serialize_entry("suppressed", &self.suppressed)?;
        map.serialize_entry("first_seen", &self.first_seen)?;
        map.serialize_entry("last_seen", &self.last_seen)?;
        map.serialize_entry("cooldown_until", &self.cooldown_until)?;
        map.serialize_entry("samples", &self.samples)?;
        map.serialize_entry("shadow", &self.shadow)?;
        map.serialize_entry("host", &self.host)?;
        map.serialize_entry("service", &self.service)?;
        if let Some(url) = &self.sentry_url {
            map.serialize_entry("sentry_url", url)?;
        }
        map.end()
    }
}

/// The canonical text of a subject as people may see it. Secrets go first: what
/// is left of one after folding and cutting is no longer known for one.
#[must_use]
pub fn redacted_canonical(subject: &str) -> String {
    canonical(&redact_text(subject))
}

/// A text as an alert may show it: without secrets, and cut.
#[must_use]
pub fn sample(text: &str) -> String {
    redact_text(text).chars().take(MAX_SAMPLE_CHARS).collect()
}
