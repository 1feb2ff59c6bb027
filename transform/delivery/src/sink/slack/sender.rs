//! Sends to an incoming webhook of Slack.

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use serde::Deserialize;
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
            self.http.judge(answer, is_ok)
        })
    }
}

/// What those say in JSON that take what Slack takes: its own workflows, and
/// Rocket.Chat.
#[derive(Deserialize)]
struct Envelope {
    #[serde(alias = "success")]
    ok: bool,
}

/// Slack answers `ok`: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.
fn is_ok(body: &str) -> bool {
    let body = body.trim();
    body.eq_ignore_ascii_case("ok")
        || serde_json::from_str::<Envelope>(body).is_ok_and(|envelope| envelope.ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ok_is_ok() {
        for body in ["ok", "ok\n", r#"{"ok":true}"#, r#"{"success":true,"x":1}"#] {
            assert!(is_ok(body), "{body}");
        }
        for body in ["", "<html>ok</html>", r#"{"ok":false}"#, "{}", "okay"] {
            assert!(!is_ok(body), "{body}");
        }
    }
}
