//! A client of a `vector` source.

use std::{error::Error, sync::OnceLock, time::Duration};

use bytes::Bytes;
use tonic::{
    Request, Status,
    client::Grpc,
    codec::CompressionEncoding,
    codegen::http::uri::PathAndQuery,
    transport::{Channel, Endpoint},
};

use crate::{
    codec::RawCodec,
    tls::{Tls, TlsError},
};

/// Where a `vector` source takes events.
pub const PUSH_EVENTS: &str = "/vector.Vector/PushEvents";

/// Where it tells whether it takes them.
pub const HEALTH_CHECK: &str = "/vector.Vector/HealthCheck";

/// How a `vector` source is reached.
#[derive(Clone, Debug)]
pub struct Link {
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

/// Why a `vector` source cannot be reached, whatever it does.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The address is none.
    #[error("{0}")]
    Url(String),
    /// A file of the TLS configuration cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// TLS cannot be set up.
    #[error("{}", chain(.0))]
    Transport(#[from] tonic::transport::Error),
}

/// A client of a `vector` source. Connects when first needed, and again after a
/// connection is lost.
#[derive(Debug)]
pub struct VectorSource {
    endpoint: Endpoint,
    compression: Option<CompressionEncoding>,
    /// Made by the first call, since only that runs where connections can.
    grpc: OnceLock<Grpc<Channel>>,
}

impl VectorSource {
    /// A client that goes by a link. Does not connect yet.
    ///
    /// # Errors
    /// When the URL is none, or a file of the TLS configuration cannot be used.
    pub fn new(link: &Link) -> Result<Self, LinkError> {
        let invalid = |reason: &str| LinkError::Url(reason.to_owned());
        let mut endpoint = Endpoint::from_shared(link.url.clone())
            .map_err(|error| LinkError::Url(chain(&error)))?
            .connect_timeout(link.connect_timeout)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(link.keepalive.interval)
            .keep_alive_timeout(link.keepalive.timeout)
            .keep_alive_while_idle(true);
        match endpoint.uri().scheme_str() {
            Some("https") => endpoint = endpoint.tls_config(link.tls.client()?)?,
            Some("http") if link.tls.is_empty() => {}
            Some("http") => return Err(invalid("TLS is configured: write https://")),
            _ => return Err(invalid("write http://host:port or https://host:port")),
        }
        Ok(Self { endpoint, compression: link.compression, grpc: OnceLock::new() })
    }

    /// Sends an encoded `PushEventsRequest` and waits until it is taken.
    ///
    /// # Errors
    /// The status that came in place of an answer. It has a source when it is
    /// this side's: the connection, and not the `vector` source, failed.
    pub async fn push(&self, request: Bytes) -> Result<(), Status> {
        self.call(PUSH_EVENTS, request).await.map(drop)
    }

    /// Asks the source whether it takes events.
    ///
    /// # Errors
    /// Why it does not, in words.
    pub async fn probe(&self) -> Result<(), String> {
        match self.call(HEALTH_CHECK, Bytes::new()).await {
            // `ServingStatus` is field 1, and 0 is serving.
            Ok(answer) if matches!(&*answer, [] | [8, 0]) => Ok(()),
            Ok(_) => Err("it says that it does not serve".to_owned()),
            Err(status) => Err(reason(&status)),
        }
    }

    async fn call(&self, path: &'static str, message: Bytes) -> Result<Bytes, Status> {
        let mut grpc = self.grpc.get_or_init(|| self.grpc()).clone();
        grpc.ready().await.map_err(|error| Status::from_error(Box::new(error)))?;
        let path = PathAndQuery::from_static(path);
        grpc.unary(Request::new(message), path, RawCodec).await.map(tonic::Response::into_inner)
    }

    fn grpc(&self) -> Grpc<Channel> {
        let grpc = Grpc::new(self.endpoint.connect_lazy());
        match self.compression {
            Some(encoding) => grpc.send_compressed(encoding),
            None => grpc,
        }
    }
}

/// What a status says, with its causes when it is this side's.
#[must_use]
pub fn reason(status: &Status) -> String {
    match status.source() {
        Some(source) => chain(source),
        None => status.message().to_owned(),
    }
}

/// An error and its causes: the transport's own message says nothing alone.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut causes: Vec<String> = std::iter::successors(Some(error), |error| (*error).source())
        .map(ToString::to_string)
        .collect();
    causes.dedup();
    causes.join(": ")
}
