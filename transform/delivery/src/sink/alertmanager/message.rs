//! An alert as Alertmanager's API v2 takes it.
//!
//! Alerts are told apart by their labels, so the labels are those that are the
//! same for every alert of one group; the rest is annotations.
//! <https://prometheus.io/docs/alerting/latest/alerts_api/>

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use signatures_alerts::{
    Alert,
    excerpt::{excerpt, printable},
};
use signatures_engine::aggregate::MAX_LISTED_VALUES;

/// An alert that arrives late still has to last, or nobody is told.
const SHORTEST: SignedDuration = SignedDuration::from_mins(5);

const MAX_VALUE: usize = 4096;

/// As long as a name of Kubernetes or DNS gets, in bytes.
const MAX_LABEL: usize = 63;

/// How many alerts one request carries at most.
pub(super) const MOST: usize = 64;

/// What `/api/v2/alerts` takes: a list, sent at `now`, with labels that every
/// alert gets.
#[must_use]
pub fn message(alerts: &[Alert], labels: &[(String, String)], now: Timestamp) -> Value {
    alerts.iter().map(|alert| posted(alert, labels, now)).collect()
}

fn posted(alert: &Alert, labels: &[(String, String)], now: Timestamp) -> Value {
    let text = |value: &str| excerpt(value, MAX_VALUE, printable);
    let label = |value: &str| text(&value.replace('\n', " "));
    let fingerprint = alert.fingerprint.to_string();
    let group = alert.group_id().to_string();
    let mut all = Map::new();
    let own = [
        ("alertname", alert.signature_or_generic()),
        ("severity", alert.severity.as_str()),
        ("category", alert.category.as_str()),
        ("signature", alert.signature_or_generic()),
        ("policy", alert.policy.as_str()),
        ("fingerprint", fingerprint.as_str()),
        // What tells apart the alerts of one fingerprint.
        ("group", if group == fingerprint { "" } else { &group }),
        ("service", alert.service.as_deref().filter(|name| is_name(name)).unwrap_or_default()),
    ];
    let extra = labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    // An empty label is no label.
    for (name, value) in extra.chain(own).filter(|(_, value)| !value.is_empty()) {
        all.insert(name.to_owned(), label(value).into());
    }
    let mut posted = json!({
        "labels": all,
        "annotations": {
            "title": text(&alert.name),
            "summary": text(&alert.summary),
            "samples": text(&alert.samples.join("\n")),
            "count": alert.count.to_string(),
            "suppressed": alert.suppressed.to_string(),
            "severity_hint": text(alert.severity_hint.as_str()),
            "host": text(alert.host.as_deref().unwrap_or_default()),
            "id": alert.id,
        },
        "startsAt": alert.first_seen,
        "endsAt": ends_at(alert, now),
    });
    if let Some((trigger, reason)) = alert.trigger.zip(alert.reason.as_deref()) {
        posted["annotations"]["trigger"] = trigger.as_str().into();
        posted["annotations"]["reason"] = text(reason).into();
    }
    for (name, value) in [
        ("incident", alert.incident.clone()),
        ("notes", Some(alert.notes().join("\n")).filter(|notes| !notes.is_empty())),
    ] {
        if let Some(value) = value {
            posted["annotations"][name] = text(&value).into();
        }
    }
    if let Some(joined) = &alert.joined {
        let told = format!("in {}: {}", joined.how_many(), joined.listed(MAX_LISTED_VALUES));
        posted["annotations"]["joined"] = text(&told).into();
    }
    if let Some(exception) = &alert.exception {
        posted["annotations"]["exception"] = text(&exception.lines().join("\n")).into();
    }
    if let Some(service) = &alert.service {
        posted["annotations"]["service"] = text(service).into();
    }
    if let Some(id) = &alert.request_id {
        posted["annotations"]["request_id"] = text(id).into();
    }
    if let Some(url) = alert.sentry_url.as_deref().and_then(link) {
        posted["generatorURL"] = url.into();
    }
    posted
}

/// When it is over: what goes on is said again before that.
fn ends_at(alert: &Alert, now: Timestamp) -> Timestamp {
    let ends = match &alert.resolution {
        Some(resolution) => resolution.resolved_at,
        None => alert.cooldown_until.max(now.saturating_add(SHORTEST).unwrap_or(Timestamp::MAX)),
    };
    ends.max(alert.first_seen)
}

/// Whether what a log calls its service may be a label, by which alerts are told
/// apart and sent on. Whatever it says, it is an annotation.
fn is_name(service: &str) -> bool {
    let name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    service.len() <= MAX_LABEL && service.bytes().all(name)
}

/// An address that Alertmanager's check of `generatorURL` lets pass: a bad one
/// would cost the whole request.
fn link(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    if rest.is_empty() || rest.starts_with(['/', '?', '#']) {
        return None;
    }
    Some(url.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'!'..=b'~' if !matches!(byte, b'"' | b'<' | b'>') => out.push(char::from(byte)),
            _ => out += &format!("%{byte:02X}"),
        }
        out
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::samples::{awkward, few_values, huge, joined, spike};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_raised_it_is_told_with_its_numbers() {
        let posted = posted(&spike(), &[], at("2026-01-02T03:04:06Z"));
        let told = ["trigger", "reason"].map(|name| posted["annotations"][name].clone());
        assert_eq!(told, ["spike", "41 in 5 minutes, usually 3"]);
    }

    #[test]
    fn an_alert_says_all_that_is_known() {
        let labels = [("cluster".to_owned(), "eu".to_owned())];
        assert_eq!(
            posted(&awkward(), &labels, at("2026-01-02T03:04:06Z")),
            json!({
                "labels": {
                    "cluster": "eu",
                    "alertname": "NET_RESET",
                    "severity": "critical",
                    "category": "network_db",
                    "signature": "NET_RESET",
                    "policy": "retry",
                    "fingerprint": awkward().fingerprint,
                    "service": "vector-signatures",
                },
                "annotations": {
                    "title": "NET_RESET: Resets (50%) & <timeouts> *now*!",
                    "summary": awkward().summary,
                    "samples": "a `b` ``` c \\ _d_ & <e>\né\u{fffd}[31m\nnext → 🚀",
                    "count": "3",
                    "suppressed": "2",
                    "severity_hint": "high",
                    "host": "db-1.example",
                    "id": awkward().id,
                    "reason": "one is enough",
                    "request_id": "r_1`",
                    "trigger": "immediate",
                    "service": "vector-signatures",
                },
                "startsAt": "2026-01-02T03:04:05Z",
                "endsAt": "2026-01-02T03:14:05Z",
                "generatorURL": "https://s.example/?q={a|b}%3E)",
            })
        );
    }

    #[test]
    fn a_service_that_a_log_made_up_is_no_label() {
        for (service, label) in [
            ("api/v2.web-1_a", Some("api/v2.web-1_a")),
            ("pay\", severity=\"none", None),
            ("bezahlt ü", None),
            (&"x".repeat(64), None),
        ] {
            let alert = Alert { service: Some(service.to_owned()), ..awkward() };
            let posted = posted(&alert, &[], at("2026-01-02T03:04:06Z"));
            assert_eq!(posted["labels"].get("service").and_then(Value::as_str), label);
            assert_eq!(posted["annotations"]["service"], service);
        }
    }

    #[test]
    fn an_alert_that_arrives_late_still_lasts() {
        let late = posted(&awkward(), &[], at("2026-01-02T09:00:00Z"));
        assert_eq!(late["endsAt"], "2026-01-02T09:05:00Z");
    }

    #[test]
    fn alertmanager_would_take_it() {
        let anonymous = Alert { service: None, signature: None, ..awkward() };
        for alert in [awkward(), huge(), anonymous] {
            assert_taken(&posted(&alert, &[], at("2026-01-02T03:04:06Z")));
        }
    }

    /// What Alertmanager validates, as `types.Alert.Validate` does.
    fn assert_taken(alert: &Value) {
        let labels = alert["labels"].as_object().unwrap();
        assert!(!labels.is_empty());
        for (name, value) in labels {
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'), "{name}");
            assert!(!value.as_str().unwrap().is_empty(), "{name}");
        }
        for name in ["alertname", "severity", "category", "signature", "policy", "fingerprint"] {
            assert!(labels.contains_key(name), "{name}");
        }
        assert!(alert["annotations"].as_object().unwrap().values().all(Value::is_string));
        let time = |key: &str| at(alert[key].as_str().unwrap());
        assert!(time("startsAt") <= time("endsAt"));
    }

    #[test]
    fn the_alert_of_all_groups_lists_them() {
        let told = posted(&joined(few_values()), &[], Timestamp::UNIX_EPOCH);
        let expected =
            "in 40 services: check_out<1> (12), billing (9), none named (1), and 37 more";
        assert_eq!(told["annotations"]["joined"], expected);
        assert_eq!(told["labels"].get("service"), None);
    }
}
