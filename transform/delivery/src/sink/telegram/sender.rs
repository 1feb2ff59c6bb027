//! Sends by `sendMessage` of Telegram's Bot API.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use signatures_alerts::Alert;

use super::message::{MOST, message};
use crate::{
    secret::Secret,
    send::{Address, Answer, Fault, Http, HttpError, SendError},
    sink::sender::{Accepted, Batching, Sender, Sending},
};

/// A Telegram chat.
#[derive(Debug)]
pub(super) struct Telegram {
    http: Http,
    url: Address,
    chat_id: Secret,
}

/// What the API wraps its answers in.
#[derive(Deserialize)]
struct Envelope {
    ok: bool,
    #[serde(default)]
    error_code: Option<u16>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
}

impl Telegram {
    /// A chat that a bot writes to.
    ///
    /// # Errors
    /// When base address and token make no URL.
    pub(super) fn new(
        http: Http,
        base_url: &str,
        bot_token: &Secret,
        chat_id: Secret,
    ) -> Result<Self, HttpError> {
        let base_url = base_url.trim_end_matches('/');
        let url = Address::parse(&format!("{base_url}/bot{}/sendMessage", bot_token.expose()))?;
        Ok(Self { http, url, chat_id })
    }

    fn judge(&self, mut answer: Answer) -> Result<Accepted, SendError> {
        if let Ok(envelope) = serde_json::from_str::<Envelope>(&answer.body) {
            if let Some(seconds) = envelope.parameters.retry_after {
                answer.retry_after = Some(Duration::from_secs(seconds));
            }
            if !envelope.ok {
                let status = envelope.error_code.unwrap_or(answer.status);
                let excerpt = self.http.excerpt(&envelope.description);
                let fault = Fault::Answered { status, excerpt };
                return Err(SendError { fault, retry_after: answer.retry_after });
            }
        }
        self.http.judge(answer)
    }
}

impl Sender for Telegram {
    fn batching(&self) -> Batching {
        Batching::Digest(MOST)
    }

    fn send<'a>(&'a self, alerts: &'a [Alert], _now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let body = message(self.chat_id.expose(), alerts).to_string();
            let answer = self.http.post(&self.url, HeaderMap::new(), body).await?;
            self.judge(answer)
        })
    }
}
