//! A Prometheus Alertmanager, API v2.

use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use signatures_alerts::{Alert, message::alertmanager};

use super::{Batching, Sending, Sink};
use crate::http::{Address, Http, HttpError};

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
        Batching::List(alertmanager::MOST)
    }

    fn send<'a>(&'a self, alerts: &'a [Alert], now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let body = alertmanager::message(alerts, &self.labels, now).to_string();
            let answer = self.http.post(&self.url, self.headers.clone(), body).await?;
            self.http.judge(answer)
        })
    }
}
