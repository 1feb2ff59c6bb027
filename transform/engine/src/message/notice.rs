//! An alert as it waits and travels: the alert event, once written, as sinks
//! read it.

use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    aggregate::GENERIC,
    alert::{Alert, AlertSeverity},
};

/// The alert event of `schemas/alert_event.schema.json`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Notice {
    /// The same for every delivery of this alert, and for no other.
    pub id: String,
    /// The title.
    pub name: String,
    /// `critical` or `anomaly`.
    pub severity: String,
    /// The body.
    pub summary: String,
    /// What counts as the same error.
    pub fingerprint: String,
    /// The name of the category.
    pub category: String,
    /// The signature that matched, if any did.
    pub signature: Option<String>,
    /// What is to be done about it.
    pub policy: String,
    /// How bad the signature says it is.
    pub severity_hint: String,
    /// How many events raised it.
    pub count: u64,
    /// How many more came during the cooldown before it.
    pub suppressed: u64,
    /// The earliest event that it reports.
    pub first_seen: Timestamp,
    /// The event that raised it.
    pub last_seen: Timestamp,
    /// Until when nothing follows it.
    pub cooldown_until: Timestamp,
    /// Some of the texts, redacted and cut.
    pub samples: Vec<String>,
    /// The host that the last event named.
    pub host: Option<String>,
    /// The service that the last event named.
    pub service: Option<String>,
    /// Where to read on.
    pub sentry_url: Option<String>,
    /// The event as it was written.
    #[serde(skip)]
    pub json: String,
}

impl Notice {
    /// Reads an alert event.
    ///
    /// # Errors
    /// When the text is none.
    pub fn read(json: &str) -> Result<Self, serde_json::Error> {
        let notice: Self = serde_json::from_str(json)?;
        Ok(Self { json: json.to_owned(), ..notice })
    }

    /// What identifies the error to people: the signature, or `generic`.
    #[must_use]
    pub fn signature(&self) -> &str {
        self.signature.as_deref().unwrap_or(GENERIC)
    }

    /// Whether one event was enough to raise it.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        self.severity == AlertSeverity::Critical.as_str()
    }

    /// How often, in a few words.
    #[must_use]
    pub fn frequency(&self) -> String {
        let events = if self.count == 1 { "event" } else { "events" };
        match self.suppressed {
            0 => format!("{} {events}", self.count),
            more => format!("{} {events}, {more} suppressed", self.count),
        }
    }
}

impl From<&Alert> for Notice {
    fn from(alert: &Alert) -> Self {
        let json =
            serde_json::to_string(alert).expect("an alert has string keys and no fallible parts");
        Self::read(&json).expect("a notice reads what an alert writes")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::taxonomy::{Policy, Severity};

    /// An alert with everything in it that a service may stumble over.
    pub(crate) fn awkward() -> Notice {
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let alert = Alert {
            signature: Some("NET_RESET".into()),
            category: "network_db".into(),
            policy: Policy::Retry,
            severity_hint: Severity::new("high"),
            meaning: Some("Resets (50%) & <timeouts> *now*!".into()),
            count: 3,
            suppressed: 2,
            samples: vec!["a `b` ``` c \\ _d_ & <e>".into(), "é\u{1b}[31m\nnext → 🚀".into()],
            host: Some("db-1.example".into()),
            sentry_url: Some("https://s.example/?q={a|b}>)".into()),
            cooldown_until: "2026-01-02T03:14:05Z".parse().unwrap(),
            ..Alert::test(now)
        };
        Notice::from(&alert)
    }

    /// The longest alert that the engine could raise, and longer.
    pub(crate) fn huge() -> Notice {
        let long = "&_`<é🚀".repeat(2000);
        Notice {
            name: long.clone(),
            summary: long.clone(),
            category: long.clone(),
            signature: Some(long.clone()),
            samples: vec![long.clone(); 3],
            host: Some(long.clone()),
            service: Some(long.clone()),
            sentry_url: Some(format!("https://s.example/{long}")),
            ..awkward()
        }
    }

    #[test]
    fn an_alert_is_read_as_it_was_written() {
        let alert = Alert::test("2026-01-02T03:04:05Z".parse().unwrap());
        let notice = Notice::from(&alert);
        assert_eq!((&notice.id, notice.name.as_str()), (&alert.id(), alert.name().as_str()));
        assert_eq!(notice.fingerprint, alert.fingerprint.to_string());
        assert_eq!(notice.json, serde_json::to_string(&alert).unwrap());
        assert!(notice.is_critical());
    }
}
