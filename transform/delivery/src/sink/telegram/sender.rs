//! Sends by `sendMessage` of Telegram's Bot API.
//!
//! A group that becomes a supergroup gets another id. The API refuses the old one
//! and tells the new one, which is used from then on, and told to the operator.
//! <https://core.telegram.org/bots/api#responseparameters>

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use signatures_alerts::Alert;
use signatures_configuration::environment::told_as;
use tracing::warn;

use super::{
    message::{MOST, message},
    variables::TELEGRAM_CHAT_ID,
};
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
    /// What the chat's id has become since the operator wrote it down.
    moved_to: RwLock<Option<i64>>,
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
    migrate_to_chat_id: Option<i64>,
}

/// What came of one request.
enum Outcome {
    Settled(Result<Accepted, SendError>),
    /// The chat has this id now.
    Moved(i64, SendError),
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
        Ok(Self { http, url, chat_id, moved_to: RwLock::new(None) })
    }

    async fn post(&self, chat_id: &str, alerts: &[Alert]) -> Outcome {
        let body = message(chat_id, alerts).to_string();
        match self.http.post(&self.url, HeaderMap::new(), body).await {
            Ok(answer) => self.judge(answer),
            Err(error) => Outcome::Settled(Err(error)),
        }
    }

    fn judge(&self, mut answer: Answer) -> Outcome {
        let envelope = serde_json::from_str::<Envelope>(&answer.body);
        let is_api = envelope.is_ok();
        if let Ok(envelope) = envelope {
            if let Some(seconds) = envelope.parameters.retry_after {
                answer.retry_after = Some(Duration::from_secs(seconds));
            }
            if !envelope.ok {
                let status = envelope.error_code.unwrap_or(answer.status);
                let excerpt = self.http.excerpt(&envelope.description);
                let fault = Fault::Answered { status, excerpt };
                let error = SendError { fault, retry_after: answer.retry_after };
                return match envelope.parameters.migrate_to_chat_id {
                    Some(chat_id) => Outcome::Moved(chat_id, error),
                    None => Outcome::Settled(Err(error)),
                };
            }
        }
        Outcome::Settled(self.http.judge(answer, |_| is_api))
    }

    /// The id that the chat has now, as far as that is known.
    fn chat_id(&self) -> String {
        let moved_to = *self.moved_to.read().unwrap_or_else(PoisonError::into_inner);
        moved_to.map_or_else(|| self.chat_id.expose().to_owned(), |chat_id| chat_id.to_string())
    }

    /// Takes note of a chat's new id, and tells the operator when it is news.
    fn moved(&self, chat_id: i64) {
        let mut moved_to = self.moved_to.write().unwrap_or_else(PoisonError::into_inner);
        if moved_to.replace(chat_id) != Some(chat_id) {
            warn!(
                event = "signatures.telegram_chat_moved",
                chat_id,
                before = self.chat_id.expose(),
                "the Telegram group was upgraded to a supergroup, and alerts go to its new id: \
                 write `chat_id: \"{chat_id}\"` in alerts.yml, or {}={chat_id} in the environment",
                told_as(TELEGRAM_CHAT_ID)
            );
        }
    }
}

impl Sender for Telegram {
    fn batching(&self) -> Batching {
        Batching::Digest(MOST)
    }

    fn send<'a>(&'a self, alerts: &'a [Alert], _now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let (chat_id, error) = match self.post(&self.chat_id(), alerts).await {
                Outcome::Settled(result) => return result,
                Outcome::Moved(chat_id, error) => (chat_id, error),
            };
            self.moved(chat_id);
            match self.post(&chat_id.to_string(), alerts).await {
                Outcome::Settled(Ok(Accepted { answer, doubt })) => {
                    let before = self.chat_id.expose();
                    let told =
                        format!("; write the chat's new id, {chat_id}, in place of {before}");
                    Ok(Accepted { answer: answer + &told, doubt })
                }
                Outcome::Settled(result) => result,
                // Twice in a row it is not followed.
                Outcome::Moved(..) => Err(error),
            }
        })
    }
}
