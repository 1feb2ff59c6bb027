//! Sends to an incoming webhook of Slack.

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use signatures_alerts::Alert;

use super::message::{MOST, message};
use crate::{
    send::{Address, Http},
    sink::sender::{Batching, Sender, Sending},
};

/// A Slack channel.
#[derive(Debug)]
pub(super) struct Slack {
    http: Http,
    webhook_url: Address,
}

impl Slack {
    /// The channel behind an incoming webhook.
    pub(super) fn new(http: Http, webhook_url: Address) -> Self {
        Self { http, webhook_url }
    }
}

impl Sender for Slack {
    fn batching(&self) -> Batching {
        Batching::Digest(MOST)
    }

    fn send<'a>(&'a self, alerts: &'a [Alert], _now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let body = message(alerts).to_string();
            let answer = self.http.post(&self.webhook_url, HeaderMap::new(), body).await?;
            self.http.judge(answer)
        })
    }
}
