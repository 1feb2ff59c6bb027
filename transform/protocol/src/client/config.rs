//! How a `vector` source is reached.

use std::{fmt, time::Duration};

use tonic::codec::CompressionEncoding;

use super::tls::Tls;

/// How a `vector` source is reached.
#[derive(Clone)]
pub struct ClientConfig {
    /// `http://` or `https://`, host and port.
    pub url: String,
    /// How requests are compressed.
    pub compression: Option<CompressionEncoding>,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// HTTP/2 pings, by which a dead connection is noticed.
    pub keepalive: Keepalive,
    /// TLS of an `https://` URL.
    pub tls: Tls,
}

/// Without the address, which may hold a password.
impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("compression", &self.compression)
            .field("connect_timeout", &self.connect_timeout)
            .field("keepalive", &self.keepalive)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// HTTP/2 pings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keepalive {
    /// The time between two.
    pub interval: Duration,
    /// How long the answer may take.
    pub timeout: Duration,
}

impl Default for Keepalive {
    /// What the gRPC project recommends as the least.
    fn default() -> Self {
        Self { interval: Duration::from_secs(60), timeout: Duration::from_secs(20) }
    }
}
