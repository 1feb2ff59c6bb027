//! What an alert event says beside the alert: how its incident stands.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Whether the incident of an alert event goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertStatus {
    /// It does.
    #[default]
    Firing,
    /// It is over.
    Resolved,
}

/// How an incident went that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// When its first alert was decided.
    pub opened_at: Timestamp,
    /// When it ended.
    pub resolved_at: Timestamp,
    /// Who ended it; none when nothing came any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How many alerts it had.
    pub alerts: u64,
    /// How many events.
    pub events: u64,
}

/// By what alerts of the error were held before this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilenceTold {
    /// Who made the silence; `settings` where it was a mute time.
    pub by: String,
    /// When it was to end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: String,
    /// How many alerts it held.
    pub alerts: u64,
    /// How many events those told of.
    pub events: u64,
}

impl AlertStatus {
    pub(crate) fn is_firing(&self) -> bool {
        *self == Self::Firing
    }
}

impl Resolution {
    /// `lasted 12 m, 41 events`; and by whom it was ended, if by anybody.
    #[must_use]
    pub fn in_words(&self) -> String {
        let lasted = in_words(self.resolved_at.duration_since(self.opened_at));
        let events = if self.events == 1 { "event" } else { "events" };
        let by = self.by.as_deref().map_or_else(String::new, |by| format!(", by {by}"));
        format!("lasted {lasted}, {} {events}{by}", self.events)
    }
}

impl SilenceTold {
    /// `silenced by Dana until 2026-01-02T16:00:00Z (deploy): 3 alerts, 41 events`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let until = self.until.map_or_else(String::new, |until| format!(" until {until}"));
        let many =
            |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let (alerts, events) = (many(self.alerts, "alert"), many(self.events, "event"));
        format!("silenced by {}{until} ({}): {alerts}, {events}", self.by, self.reason)
    }
}

/// The two largest units of a time that has passed.
fn in_words(passed: SignedDuration) -> String {
    let seconds = passed.as_secs().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} m"),
        (0, _, _) => format!("{hours} h {minutes} m"),
        (_, _, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_767_268_800 + seconds).unwrap()
    }

    fn resolution(lasted: i64, events: u64, by: Option<&str>) -> Resolution {
        let (opened_at, resolved_at) = (at(0), at(lasted));
        Resolution { opened_at, resolved_at, by: by.map(str::to_owned), alerts: 2, events }
    }

    #[test]
    fn what_is_over_says_how_long_it_lasted() {
        for (lasted, words) in [
            (-5, "lasted 0 s, 41 events"),
            (59, "lasted 59 s, 41 events"),
            (12 * 60 + 5, "lasted 12 m, 41 events"),
            (3 * 3600 + 60, "lasted 3 h 1 m, 41 events"),
            (49 * 3600, "lasted 2 d 1 h, 41 events"),
        ] {
            assert_eq!(resolution(lasted, 41, None).in_words(), words);
        }
        assert_eq!(resolution(60, 1, Some("Dana")).in_words(), "lasted 1 m, 1 event, by Dana");
    }
}
