//! Posts to Alertmanager's API v2.

use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde::de::IgnoredAny;
use signatures_alerts::Alert;

use super::message::{MOST, message};
use crate::{
    send::{Address, Http, HttpError},
    sink::sender::{Batching, Sender, Sending},
};

/// An Alertmanager.
#[derive(Debug)]
pub(super) struct Alertmanager {
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
    pub(super) fn new(
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

impl Sender for Alertmanager {
    fn batching(&self) -> Batching {
        Batching::List(MOST)
    }

    fn forgets(&self) -> bool {
        true
    }

    fn send<'a>(&'a self, alerts: &'a [Alert], now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let body = message(alerts, &self.labels, now).to_string();
            let answer = self.http.post(&self.url, self.headers.clone(), body).await?;
            self.http.judge(answer, is_api)
        })
    }
}

/// API v2 answers with nothing, those before it and beside it with JSON.
fn is_api(body: &str) -> bool {
    body.trim().is_empty() || serde_json::from_str::<IgnoredAny>(body).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_page_is_no_answer_of_an_api() {
        for body in ["", "\n", r#"{"status":"success"}"#] {
            assert!(is_api(body), "{body}");
        }
        for body in ["<!DOCTYPE html><title>Log in</title>", "welcome"] {
            assert!(!is_api(body), "{body}");
        }
    }
}
