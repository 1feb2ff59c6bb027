//! Slack, through an incoming webhook.

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use signatures_alerts::{Alert, message::slack};

use super::{Batching, Sending, Sink};
use crate::http::{Address, Http};

/// A Slack channel.
#[derive(Debug)]
pub struct Slack {
    http: Http,
    webhook_url: Address,
}

impl Slack {
    /// The channel behind an incoming webhook.
    #[must_use]
    pub fn new(http: Http, webhook_url: Address) -> Self {
        Self { http, webhook_url }
    }
}

impl Sink for Slack {
    fn batching(&self) -> Batching {
        Batching::Digest(slack::MOST)
    }

    fn send<'a>(&'a self, alerts: &'a [Alert], _now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let body = slack::message(alerts).to_string();
            let answer = self.http.post(&self.webhook_url, HeaderMap::new(), body).await?;
            self.http.judge(answer)
        })
    }
}
