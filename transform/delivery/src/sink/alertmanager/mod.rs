//! A Prometheus Alertmanager, API v2.

mod message;
#[cfg(feature = "send")]
mod sender;
mod settings;

pub use message::message;
pub(crate) use settings::KIND;
