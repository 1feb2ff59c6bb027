//! What alerts.yml says of a Telegram chat.

use std::sync::Arc;

#[cfg(feature = "send")]
use {
    super::sender::Telegram,
    crate::secret::Secret,
    crate::sink::{
        Sender,
        setup::{Setup, Unusable},
    },
};

use super::variables::{
    TELEGRAM_BASE_URL, TELEGRAM_BOT_TOKEN, TELEGRAM_CHAT_ID, TELEGRAM_MIN_SEVERITY,
};
use crate::{
    secret::SecretText,
    sink::{
        fields::Fields,
        kind::{EnvironmentSink, Kind, Target},
        pace::DefaultPace,
    },
};

/// Where bots are served.
#[cfg(feature = "send")]
const BASE_URL: &str = "https://api.telegram.org";

/// `type: telegram`.
pub(crate) static KIND: Kind = Kind {
    name: "telegram",
    keys: &["bot_token", "bot_token_file", "chat_id", "chat_id_file", "base_url"],
    // Telegram takes twenty messages a minute for a group.
    pace: DefaultPace { concurrency: 1, per_minute: 20 },
    read: |fields| Some(Arc::new(Settings::read(fields)?)),
    environment: Some(EnvironmentSink {
        variable: TELEGRAM_BOT_TOKEN,
        needs: &[TELEGRAM_CHAT_ID],
        min_severity: Some(TELEGRAM_MIN_SEVERITY),
        target: |is_set| {
            Arc::new(Settings {
                bot_token: SecretText::variable(TELEGRAM_BOT_TOKEN),
                chat_id: SecretText::variable(TELEGRAM_CHAT_ID),
                base_url: is_set(TELEGRAM_BASE_URL)
                    .then(|| SecretText::variable(TELEGRAM_BASE_URL)),
            })
        },
    }),
};

/// A chat, through the Telegram Bot API.
#[derive(Clone, Debug, PartialEq)]
struct Settings {
    /// What BotFather gave.
    bot_token: SecretText,
    /// A number, or `@name` of a channel.
    chat_id: SecretText,
    /// In place of `https://api.telegram.org`.
    base_url: Option<SecretText>,
}

impl Settings {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self> {
        let bot_token = fields.required_secret("bot_token");
        let chat_id = fields.required("chat_id");
        let base_url = fields.inline("base_url");
        Some(Self { bot_token: bot_token?, chat_id: chat_id?, base_url })
    }
}

impl Target for Settings {
    fn identity(&self) -> Vec<&SecretText> {
        vec![&self.bot_token, &self.chat_id]
    }

    #[cfg(feature = "send")]
    fn sender(&self, setup: &mut Setup<'_>) -> Result<Arc<dyn Sender>, Unusable> {
        let bot_token = setup.secret(&self.bot_token);
        let chat_id = setup.open(&self.chat_id);
        let base_url = setup.optional_secret(self.base_url.as_ref());
        let base_url = base_url.as_ref().map_or(BASE_URL, Secret::expose);
        Ok(Arc::new(Telegram::new(setup.http()?, base_url, &bot_token, chat_id)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{target, written};

    #[test]
    fn it_is_read() {
        let Settings { bot_token, chat_id, base_url } = target(
            "{type: telegram, bot_token_file: /run/token, chat_id: '-100', base_url: http://t}",
        );
        assert!(matches!(bot_token, SecretText::File { path, .. } if path == "/run/token"));
        assert_eq!((chat_id.written(), written(&base_url)), ("-100", Some("http://t")));
    }
}
