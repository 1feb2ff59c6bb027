//! Slack, through an incoming webhook.

mod message;
#[cfg(feature = "send")]
mod sender;
mod settings;

pub use message::message;
pub(crate) use settings::KIND;
pub use settings::SLACK_WEBHOOK_URL;
