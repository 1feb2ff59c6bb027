//! Telegram, through the Bot API's `sendMessage`.

mod message;
#[cfg(feature = "send")]
mod sender;
mod settings;
mod variables;

pub use message::message;
pub(crate) use settings::KIND;
pub use variables::{
    TELEGRAM_BASE_URL, TELEGRAM_BOT_TOKEN, TELEGRAM_CHAT_ID, TELEGRAM_MIN_SEVERITY,
};
