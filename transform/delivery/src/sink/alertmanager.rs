//! A Prometheus Alertmanager, API v2.
//!
//! Alerts are told apart by their labels, so the labels are those that are the
//! same for every alert of one fingerprint; the rest is annotations.
//! <https://prometheus.io/docs/alerting/latest/alerts_api/>

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{
    Url,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use serde_json::{Map, Value, json};

use super::{Batching, Sending, Sink};
use crate::{
    excerpt::{excerpt, verbatim},
    http::{Address, Http, HttpError},
    notice::Notice,
    retry::after,
};

/// An alert that arrives late still has to last, or nobody is told.
const SHORTEST: Duration = Duration::from_secs(300);

const MAX_VALUE: usize = 4096;
const MOST: usize = 64;

/// An Alertmanager.
#[derive(Debug)]
pub struct Alertmanager {
    http: Http,
    url: Address,
    headers: HeaderMap,
    labels: Vec<(String, String)>,
}

impl Alertmanager {
    /// The Alertmanager at an address, and labels that every alert gets.
    ///
    /// # Errors
    /// When the address is no URL.
    pub fn new(
        http: Http,
        url: &str,
        authorization: Option<HeaderValue>,
        labels: Vec<(String, String)>,
    ) -> Result<Self, HttpError> {
        let url = Address::parse(&format!("{}/api/v2/alerts", url.trim_end_matches('/')))?;
        let headers = authorization.map(|value| (AUTHORIZATION, value)).into_iter().collect();
        Ok(Self { http, url, headers, labels })
    }
}

impl Sink for Alertmanager {
    fn batching(&self) -> Batching {
        Batching::List(MOST)
    }

    fn send<'a>(&'a self, notices: &'a [Notice], now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let alerts = notices.iter().map(|notice| alert(notice, &self.labels, now));
            let body = Value::Array(alerts.collect()).to_string();
            let answer = self.http.post(&self.url, self.headers.clone(), body).await?;
            self.http.judge(answer)
        })
    }
}

fn alert(notice: &Notice, labels: &[(String, String)], now: Timestamp) -> Value {
    let text = |value: &str| excerpt(value, MAX_VALUE, verbatim);
    let mut all = Map::new();
    let own = [
        ("alertname", notice.signature()),
        ("severity", notice.severity.as_str()),
        ("category", notice.category.as_str()),
        ("signature", notice.signature()),
        ("policy", notice.policy.as_str()),
        ("fingerprint", notice.fingerprint.as_str()),
        ("service", notice.service.as_deref().unwrap_or_default()),
    ];
    let extra = labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    // An empty label is no label.
    for (name, value) in extra.chain(own).filter(|(_, value)| !value.is_empty()) {
        all.insert(name.to_owned(), text(value).into());
    }
    let mut alert = json!({
        "labels": all,
        "annotations": {
            "title": text(&notice.name),
            "summary": text(&notice.summary),
            "samples": text(&notice.samples.join("\n")),
            "count": notice.count.to_string(),
            "suppressed": notice.suppressed.to_string(),
            "severity_hint": text(&notice.severity_hint),
            "host": text(notice.host.as_deref().unwrap_or_default()),
            "id": notice.id,
        },
        "startsAt": notice.first_seen,
        "endsAt": notice.cooldown_until.max(after(now, SHORTEST)).max(notice.first_seen),
    });
    if let Some(url) = notice.sentry_url.as_deref().and_then(|url| Url::parse(url).ok()) {
        alert["generatorURL"] = url.as_str().into();
    }
    alert
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::tests::{awkward, huge};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_alert_says_all_that_is_known() {
        let labels = [("cluster".to_owned(), "eu".to_owned())];
        assert_eq!(
            alert(&awkward(), &labels, at("2026-01-02T03:04:06Z")),
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
                    "samples": "a `b` ``` c \\ _d_ & <e>\né\u{1b}[31m\nnext → 🚀",
                    "count": "3",
                    "suppressed": "2",
                    "severity_hint": "high",
                    "host": "db-1.example",
                    "id": awkward().id,
                },
                "startsAt": "2026-01-02T03:04:05Z",
                "endsAt": "2026-01-02T03:14:05Z",
                "generatorURL": "https://s.example/?q={a|b}%3E)",
            })
        );
    }

    #[test]
    fn an_alert_that_arrives_late_still_lasts() {
        let late = alert(&awkward(), &[], at("2026-01-02T09:00:00Z"));
        assert_eq!(late["endsAt"], "2026-01-02T09:05:00Z");
    }

    #[test]
    fn alertmanager_would_take_it() {
        let anonymous = Notice { service: None, signature: None, ..awkward() };
        for notice in [awkward(), huge(), anonymous] {
            assert_taken(&alert(&notice, &[], at("2026-01-02T03:04:06Z")));
        }
    }

    /// What Alertmanager validates, as `types.Alert.Validate` does.
    pub(crate) fn assert_taken(alert: &Value) {
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
}
