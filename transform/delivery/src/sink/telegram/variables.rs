//! By which variables the environment names a Telegram chat.

/// The environment's Telegram: the bot's token.
pub const TELEGRAM_BOT_TOKEN: &str = "ALERT_TELEGRAM_BOT_TOKEN";
/// The environment's Telegram: the chat.
pub const TELEGRAM_CHAT_ID: &str = "ALERT_TELEGRAM_CHAT_ID";
/// Milder alerts are not for Telegram, unless the file says otherwise.
pub const TELEGRAM_MIN_SEVERITY: &str = "ALERT_TELEGRAM_MIN_SEVERITY";
/// Where the environment's Telegram is, for proxies and tests.
pub const TELEGRAM_BASE_URL: &str = "ALERT_TELEGRAM_BASE_URL";
