//! Values that must not be seen: webhook addresses, tokens, keys.

#[cfg(feature = "send")]
mod known;
#[cfg(feature = "send")]
mod scrubber;
#[cfg(feature = "send")]
#[allow(clippy::module_inception)] // the type that the folder is about
mod secret;
mod text;

#[cfg(feature = "send")]
pub use known::without_secrets;
#[cfg(feature = "send")]
pub(crate) use scrubber::Scrubber;
#[cfg(feature = "send")]
pub(crate) use secret::set;
#[cfg(feature = "send")]
pub use secret::{Environment, Secret};
pub(crate) use text::SecretText;
pub use text::{MISSING_SECRET, PLAIN_SECRET};
