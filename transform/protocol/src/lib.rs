//! Vector's native protocol, version 2: its messages as they lie on the wire,
//! and a client of a `vector` source.

pub mod codec;
pub mod tls;
mod vector_source;
pub mod wire;

pub use vector_source::{
    HEALTH_CHECK, Keepalive, Link, LinkError, PUSH_EVENTS, VectorSource, reason,
};
