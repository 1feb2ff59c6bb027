//! Delivery: an alert goes to the right sinks, and arrives.
//!
//! What alerts.yml says is read into [`Settings`]; with the secrets of the
//! environment it becomes a [`Config`]; a [`Dispatcher`] takes alerts and sends
//! them. An alert passes through small stages: it is routed, queued on disk
//! ([`signatures_ledger::Outbox`]), taken from there when it is due, sent alone
//! or in a digest, and tried again until the sink has taken it or never will.
//!
//! It promises at least one delivery of each alert to each of its sinks: never
//! none, unless the sink refuses for good or for as long as `give_up_after_minutes`
//! says, and then the alert lies with the dead letters with a reason. After a
//! crash it may be delivered twice; the `id` is the same. Alerts of one
//! fingerprint arrive at a sink in order. No sink delays another, or whoever
//! submits, also not while the configuration is replaced: sinks that are the same
//! go on. Waits go by the time that passes, whatever the clock is set to. What
//! fails by a fault of this program is told as that, started again within bounds,
//! and counted by [`Tasks`]. No secret shows in a log, an error, a metric or the
//! database.
//!
//! It costs two threads, a task for each sink, and a wait for the disk for all
//! that was submitted during the last: [`Dispatcher::submit`] returns a [`Receipt`]
//! that tells when it is over.
//!
//! Stages and a folder for each receiver are Prometheus Alertmanager's; the waits
//! are "Exponential Backoff And Jitter" (M. Brooker, AWS Architecture Blog,
//! 2015). A sink of another kind is a folder in `src/sink`, two lines in
//! `src/sink.rs` and its keys in `schemas/alerts.schema.json`.
//!
//! ```
//! # #[cfg(feature = "send")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use jiff::Timestamp;
//! use signatures_alerts::Alert;
//! use signatures_delivery::{Backlog, Clock, Config, Dispatcher, Settings, Tasks};
//! use signatures_document::yaml::Source;
//!
//! let source = Source::new("alerts.yml", "sinks: {here: {type: console, format: json}}");
//! let settings = Settings::read(&source).into_result(&source)?;
//! let config = Config::resolve(&settings, &source, &|name| std::env::var(name).ok())?;
//! let folder = tempfile::tempdir()?;
//! let (clock, tasks) = (Clock::system(), Tasks::default());
//! let dispatcher = Dispatcher::open(config, Some(folder.path()), clock, tasks)?;
//! dispatcher.submit(&[Alert::test(Timestamp::now())], vec![]).wait()?;
//! let backlog = dispatcher.shutdown(Duration::from_secs(5));
//! assert_eq!(backlog, Backlog::default());
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "send"))]
//! # fn main() {}
//! ```
//!
//! Without the feature `send` there is what alerts.yml says and what the services
//! are sent, and nothing that sends: for those who check the file, or bring
//! alerts to the services by other means.

// What only senders ask for is little, and lies with the rest.
#![cfg_attr(not(feature = "send"), allow(dead_code))]

#[cfg(test)]
mod given;
mod secret;
#[cfg(feature = "send")]
mod send;
mod settings;
pub mod sink;
#[cfg(feature = "send")]
mod tasks;

pub use secret::{MISSING_SECRET, PLAIN_SECRET};
pub use settings::Settings;
pub use sink::{
    slack::SLACK_WEBHOOK_URL,
    telegram::{TELEGRAM_BASE_URL, TELEGRAM_BOT_TOKEN, TELEGRAM_CHAT_ID, TELEGRAM_MIN_SEVERITY},
};
#[cfg(feature = "send")]
pub use {
    secret::{Environment, Secret, without_secrets},
    send::{
        Backlog, Clock, Config, ConfiguredSink, Dispatcher, Fault, LostAlerts, Now, OpenError,
        Pace, ResolvedByHand, Retry, SendError, SinkStatus, SinkWatch, TestAnswer, notify_test,
    },
    signatures_ledger::{Counter, OnceAMinute, Receipt, StoreError},
    sink::Accepted,
    tasks::Tasks,
};
