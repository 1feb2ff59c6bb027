//! Vector's native protocol, version 2, without decoding what nobody looks at.
//!
//! [`wire`] walks a `PushEventsRequest` as it lies: each log is an
//! [`Event`](signatures_event::Event) that can be read, tagged, redacted or
//! dropped, and everything else leaves byte for byte as it came, fields of later
//! versions included.
//!
//! ```
//! use serde_json::json;
//! use signatures_event::{Event, FieldValue};
//! use signatures_protocol::wire::{Batch, Fate, log_request};
//!
//! let logs = [json!({"message": "read ECONNRESET"}), json!({"message": "heartbeat"})];
//! let request = log_request(logs.iter().filter_map(|log| log.as_object()));
//! let mut batch = Batch::new(&request);
//! while batch.advance(|log| match log.get("message").and_then(|value| value.into_scalar_text()) {
//!     Some(text) if text == "heartbeat" => Fate::Drop,
//!     _ => {
//!         log.set("error_category", FieldValue::Text("network"));
//!         Fate::Keep
//!     }
//! })? {}
//! assert_eq!((batch.counts().logs, batch.counts().dropped), (2, 1));
//!
//! let tagged = json!({"message": "read ECONNRESET", "error_category": "network"});
//! assert_eq!(batch.finish(), Some(log_request(tagged.as_object())));
//! # Ok::<(), signatures_protocol::wire::Malformed>(())
//! ```
//!
//! A request costs one pass over its tags and lengths, and a copy only from the
//! first event on that changes. Nothing recurses, and whatever the bytes, the
//! answer is a result. Not for reading whole events into objects: a `prost`
//! decoder of Vector's `.proto` files does that better.
//!
//! The feature `client`, on by default, adds the gRPC [`client`] with its TLS,
//! and `tonic` with it. Without it this is the wire format alone.

#[cfg(feature = "client")]
pub mod client;
pub mod wire;
