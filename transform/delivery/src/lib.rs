//! Delivery: an alert goes to the right sinks, and arrives.
//!
//! An alert passes through small stages: it is routed, queued on disk, taken
//! from there when it is due, sent alone or in a digest, and tried again until
//! the sink has taken it or never will.

pub mod config;
mod delivery;
pub mod digest;
pub mod failure;
pub mod http;
mod metrics;
pub mod outbox;
mod probe;
pub mod rate;
pub mod retry;
pub mod route;
pub mod secret;
mod settings;
pub mod sink;
pub mod sink_settings;
mod worker;

pub use delivery::{Delivery, Left, OpenError, SHADOW_EVENT, SinkStatus};
pub use probe::{Answer, probe};
pub use settings::Settings;
pub use worker::Clock;
