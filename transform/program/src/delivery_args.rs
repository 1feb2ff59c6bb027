//! The flags and environment variables about where alerts go.

use std::path::PathBuf;

use signatures_configuration::environment;
use signatures_delivery::{
    SLACK_WEBHOOK_URL, Secret, TELEGRAM_BOT_TOKEN, TELEGRAM_CHAT_ID, TELEGRAM_MIN_SEVERITY,
};

/// Where alerts wait, and where they go.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct DeliveryArgs {
    /// Where alerts wait and counts are kept
    ///
    /// Where alerts wait until delivered, and counts and cooldowns are kept over a restart [default:
    /// in memory]
    #[arg(long, value_name = "DIR", help_heading = "Alerts", env = environment::STATE_DIR)]
    pub(crate) state_dir: Option<PathBuf>,

    /// Refuse to start where that cannot be used
    #[arg(long, env = environment::STATE_DIR_REQUIRED, help_heading = "Alerts", hide_short_help = true)]
    pub(crate) state_dir_required: bool,

    #[command(flatten)]
    pub(crate) sinks: SinkArgs,
}

/// Sinks beside those of the alert settings. On a command line other users of the
/// machine see them, so that short help is silent about them.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct SinkArgs {
    /// A Slack incoming webhook to alert, beside the sinks of the alert settings
    #[arg(
        long,
        value_name = "URL",
        env = "SIGNATURES_SLACK_WEBHOOK_URL",
        hide_env_values = true,
        hide_short_help = true
    )]
    slack_webhook_url: Option<Secret>,

    /// A Telegram bot to alert through, beside the sinks of the alert settings
    #[arg(
        long,
        value_name = "TOKEN",
        env = "SIGNATURES_TELEGRAM_BOT_TOKEN",
        hide_env_values = true,
        hide_short_help = true
    )]
    telegram_bot_token: Option<Secret>,

    /// The chat that the bot writes to
    #[arg(
        long,
        value_name = "ID",
        env = "SIGNATURES_TELEGRAM_CHAT_ID",
        hide_env_values = true,
        hide_short_help = true
    )]
    telegram_chat_id: Option<Secret>,

    /// Send no milder alerts to Telegram
    #[arg(
        long,
        value_name = "SEVERITY",
        env = "SIGNATURES_TELEGRAM_MIN_SEVERITY",
        hide_short_help = true
    )]
    telegram_min_severity: Option<String>,
}

impl SinkArgs {
    /// A variable of the environment, or the flag that stands over it.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let secret = |secret: &Option<Secret>| secret.as_ref().map(|s| s.expose().to_owned());
        match name {
            SLACK_WEBHOOK_URL => secret(&self.slack_webhook_url),
            TELEGRAM_BOT_TOKEN => secret(&self.telegram_bot_token),
            TELEGRAM_CHAT_ID => secret(&self.telegram_chat_id),
            TELEGRAM_MIN_SEVERITY => self.telegram_min_severity.clone(),
            name => std::env::var(name).ok().or_else(|| environment::variable(name)),
        }
    }
}
