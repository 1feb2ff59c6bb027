//! The console: standard error, readable on a terminal, one JSON object a line
//! otherwise.

mod format;
#[cfg(feature = "send")]
mod message;
#[cfg(feature = "send")]
mod output;
#[cfg(feature = "send")]
mod sender;
mod settings;

pub(crate) use settings::KIND;
#[cfg(feature = "send")]
pub(crate) use settings::fallback;
