//! How a `vector` source is reached.

use std::time::Duration;

use tonic::codec::CompressionEncoding;

use super::tls::Tls;

/// How a `vector` source is reached.
#[derive(Clone, Debug)]
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
