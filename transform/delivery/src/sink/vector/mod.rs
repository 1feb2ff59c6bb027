//! A `vector` source of a Vector: the alert event as a log event, by the native
//! protocol. Events named as alerts are passed by every loop guard, so they may
//! go through a relay again.

#[cfg(feature = "send")]
mod message;
#[cfg(feature = "send")]
mod sender;
mod settings;

pub(crate) use settings::KIND;
