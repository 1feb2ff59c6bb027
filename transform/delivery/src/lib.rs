//! PLACEHOLDER

// What only senders ask for is little, and lies with the rest.
#![cfg_attr(not(feature = "send"), allow(dead_code))]

#[cfg(test)]
mod given;
mod secret;
#[cfg(feature = "send")]
mod send;
mod settings;
pub mod sink;

pub use secret::{MISSING_SECRET, PLAIN_SECRET};
pub use settings::Settings;
pub use sink::{
    slack::SLACK_WEBHOOK_URL,
    telegram::{TELEGRAM_BASE_URL, TELEGRAM_BOT_TOKEN, TELEGRAM_CHAT_ID, TELEGRAM_MIN_SEVERITY},
};
#[cfg(feature = "send")]
pub use {
    secret::{Environment, Secret},
    send::{
        Backlog, Clock, Config, ConfiguredSink, Dispatcher, Fault, OpenError, Pace, Retry,
        SendError, SinkStatus, TestAnswer, notify_test,
    },
    sink::Accepted,
};
