//! The flags and environment variables about where alerts go.

use std::path::PathBuf;

use signatures_configuration::environment;
use signatures_delivery::{
    SLACK_WEBHOOK_URL, Secret, TELEGRAM_BOT_TOKEN, TELEGRAM_CHAT_ID, TELEGRAM_MIN_SEVERITY,
};

/// Where alerts wait, and sinks beside those of the alert settings.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DeliveryArgs {
    /// Where alerts wait until delivered, and cooldowns are kept over a restart [default: in memory]
    #[arg(long, value_name = "DIR", env = environment::STATE_DIR)]
    pub(crate) state_dir: Option<PathBuf>,

    /// A Slack incoming webhook to alert, beside the sinks of the alert settings
    #[arg(long, value_name = "URL", env = SLACK_WEBHOOK_URL, hide_env_values = true)]
    slack_webhook_url: Option<Secret>,

    /// A Telegram bot to alert through, beside the sinks of the alert settings
    #[arg(long, value_name = "TOKEN", env = TELEGRAM_BOT_TOKEN, hide_env_values = true)]
    telegram_bot_token: Option<Secret>,

    /// The chat that the bot writes to
    #[arg(long, value_name = "ID", env = TELEGRAM_CHAT_ID, hide_env_values = true)]
    telegram_chat_id: Option<Secret>,

    /// Send no milder alerts to Telegram
    #[arg(long, value_name = "SEVERITY", env = TELEGRAM_MIN_SEVERITY)]
    telegram_min_severity: Option<String>,
}

impl DeliveryArgs {
    /// A variable of the environment, or the flag that stands over it.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let secret = |secret: &Option<Secret>| secret.as_ref().map(|s| s.expose().to_owned());
        match name {
            SLACK_WEBHOOK_URL => secret(&self.slack_webhook_url),
            TELEGRAM_BOT_TOKEN => secret(&self.telegram_bot_token),
            TELEGRAM_CHAT_ID => secret(&self.telegram_chat_id),
            TELEGRAM_MIN_SEVERITY => self.telegram_min_severity.clone(),
            name => std::env::var(name).ok(),
        }
    }
}
