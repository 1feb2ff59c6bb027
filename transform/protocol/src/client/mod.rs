//! A gRPC client of a `vector` source, and what a server in its place needs.
//!
//! Messages go through as the bytes they are; [`wire`](crate::wire) makes and
//! reads them. Calls need a `tokio` runtime with I/O and time.

mod attentive;
mod codec;
mod config;
mod connector;
mod kept_files;
mod methods;
mod reason;
mod tls;
mod tls_words;
mod trust;
mod vector_client;

pub use codec::RawCodec;
pub use config::{ClientConfig, Keepalive};
pub use kept_files::{KeptFiles, UnreadableFile};
pub use methods::{HEALTH_CHECK, PUSH_EVENTS};
pub use reason::{chain, reason};
pub use tls::{Tls, TlsError};
pub use trust::{System, Trust};
pub use vector_client::{ClientError, VectorClient};
