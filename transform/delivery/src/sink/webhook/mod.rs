//! A webhook: the alert event as JSON, for whatever takes it.
//!
//! `Idempotency-Key` is the same for every attempt with the same content.
//! `X-Signature-256: sha256=<hex>` is the HMAC-SHA256 of the body, when a key is
//! given.

#[cfg(feature = "send")]
mod message;
#[cfg(feature = "send")]
mod page;
#[cfg(feature = "send")]
mod sender;
mod settings;

pub(crate) use settings::KIND;
