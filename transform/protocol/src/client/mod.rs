//! A gRPC client of a `vector` source, and what a server in its place needs.
//!
//! Messages go through as the bytes they are; [`wire`](crate::wire) makes and
//! reads them. Calls need a `tokio` runtime with I/O and time.

mod codec;
mod config;
mod methods;
mod reason;
mod tls;
mod vector_client;

pub use codec::RawCodec;
pub use config::{ClientConfig, Keepalive};
pub use methods::{HEALTH_CHECK, PUSH_EVENTS};
pub use reason::reason;
pub use tls::{Tls, TlsError};
pub use vector_client::{ClientError, VectorClient};
