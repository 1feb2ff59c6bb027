//! A client of a `vector` source.

use std::{
    error::Error,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tonic::{
    Request, Status,
    client::Grpc,
    codec::CompressionEncoding,
    codegen::http::{
        Uri,
        uri::{PathAndQuery, Scheme},
    },
    transport::{Channel, Endpoint},
};

use super::{
    codec::RawCodec,
    config::ClientConfig,
    connector::Connector,
    kept_files::KeptFiles,
    methods::{HEALTH_CHECK, PUSH_EVENTS},
    reason::{chain, reason},
    tls::TlsError,
};

/// Why a `vector` source cannot be reached, whatever it does.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The URL cannot be used.
    #[error("{0}")]
    Url(String),
    /// A file of the TLS configuration cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A client of a `vector` source. Connects when first needed, and again after a
/// connection is lost.
pub struct VectorClient {
    endpoint: Endpoint,
    /// What connects with TLS; none without.
    connector: Option<Connector>,
    compression: Option<CompressionEncoding>,
    /// Made by the first call, since only that runs where connections can.
    grpc: Mutex<Option<Grpc<Channel>>>,
}

impl VectorClient {
    /// A client that goes by a config. Reads the files of TLS, and does not connect
    /// yet.
    ///
    /// # Errors
    /// When the URL or a file of the TLS configuration cannot be used.
    pub fn new(config: &ClientConfig) -> Result<Self, ClientError> {
        Self::check(config)?;
        let files = KeptFiles::read(config.tls.files()).map_err(TlsError::from)?;
        Self::with_files(config, &files)
    }

    /// Whether a config is of use, as far as that can be told before its files are read.
    ///
    /// # Errors
    /// When the URL cannot be used, or a certificate is given without its key.
    pub fn check(config: &ClientConfig) -> Result<(), ClientError> {
        endpoint(config)?;
        Ok(config.tls.check()?)
    }

    /// The same where the files of TLS have been read. Regular ones are looked at
    /// again by each connection.
    ///
    /// # Errors
    /// When the URL or a file of the TLS configuration cannot be used.
    pub fn with_files(config: &ClientConfig, files: &KeptFiles) -> Result<Self, ClientError> {
        let endpoint = endpoint(config)?;
        let uri = endpoint.uri().clone();
        let (endpoint, connector) = match uri.scheme_str() {
            Some("https") => {
                let connector = Connector::new(uri.clone(), config.tls.clone(), files)?;
                (without_tls(&uri)?.origin(uri), Some(connector))
            }
            _ => (endpoint, None),
        };
        let endpoint = endpoint
            .connect_timeout(config.connect_timeout)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(config.keepalive.interval)
            .keep_alive_timeout(config.keepalive.timeout)
            .keep_alive_while_idle(true);
        Ok(Self { endpoint, connector, compression: config.compression, grpc: Mutex::new(None) })
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

    /// Waits until anybody answers there, whatever the answer: a connection came
    /// about, and is alive.
    ///
    /// # Errors
    /// The status that came in place of an answer.
    pub async fn reach(&self) -> Result<(), Status> {
        match self.call(HEALTH_CHECK, Bytes::new()).await {
            Err(status) if status.source().is_some() => Err(status),
            _ => Ok(()),
        }
    }

    /// Connects anew with the next call; those that are under way go on. A peer that
    /// accepts a connection and says nothing would be waited for by every call.
    pub fn reconnect(&self) {
        *self.connection() = None;
    }

    fn connection(&self) -> MutexGuard<'_, Option<Grpc<Channel>>> {
        self.grpc.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call(&self, path: &'static str, message: Bytes) -> Result<Bytes, Status> {
        let mut grpc = self.connection().get_or_insert_with(|| self.grpc()).clone();
        let ready = grpc.ready().await.map_err(|error| Status::from_error(Box::new(error)));
        ready.map_err(|status| self.explained(status))?;
        let path = PathAndQuery::from_static(path);
        let answer = grpc.unary(Request::new(message), path, RawCodec).await;
        answer.map(tonic::Response::into_inner).map_err(|status| self.explained(status))
    }

    /// A failure of the connection with what TLS said of it.
    fn explained(&self, status: Status) -> Status {
        let words = self.connector.as_ref().and_then(Connector::last_words);
        match words {
            Some(words) if status.source().is_some() => Status::from_error(words.into()),
            _ => status,
        }
    }

    fn grpc(&self) -> Grpc<Channel> {
        let channel = match &self.connector {
            Some(connector) => self.endpoint.connect_with_connector_lazy(connector.clone()),
            None => self.endpoint.connect_lazy(),
        };
        let grpc = Grpc::new(channel);
        match self.compression {
            Some(encoding) => grpc.send_compressed(encoding),
            None => grpc,
        }
    }
}

/// Whether what stands behind the host is a port; the URI's own reader takes anything.
fn has_sound_port(uri: &Uri) -> bool {
    let Some(authority) = uri.authority() else { return true };
    let behind_user = authority.as_str().rsplit('@').next().unwrap_or_default();
    let behind_host = behind_user.rsplit_once(']').map_or(behind_user, |(_, port)| port);
    behind_host.split_once(':').is_none_or(|(_, port)| port.parse::<u16>().is_ok())
}

/// The address of a config.
fn endpoint(config: &ClientConfig) -> Result<Endpoint, ClientError> {
    let invalid = |reason: &str| Err(ClientError::Url(reason.to_owned()));
    let endpoint = Endpoint::from_shared(config.url.clone())
        .map_err(|error| ClientError::Url(chain(&error)))?;
    if !has_sound_port(endpoint.uri()) {
        return invalid("the port is a number up to 65535");
    }
    match endpoint.uri().scheme_str() {
        Some("https") => Ok(endpoint),
        Some("http") if config.tls.is_empty() => Ok(endpoint),
        Some("http") => invalid("TLS is configured: write https://"),
        _ => invalid("write http://host:port or https://host:port"),
    }
}

/// The endpoint of a server whose TLS the channel is not to see to.
fn without_tls(uri: &Uri) -> Result<Endpoint, ClientError> {
    let mut parts = uri.clone().into_parts();
    parts.scheme = Some(Scheme::HTTP);
    let uri = Uri::from_parts(parts).map_err(|error| ClientError::Url(error.to_string()))?;
    Ok(Endpoint::from(uri))
}

impl fmt::Debug for VectorClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VectorClient").finish_non_exhaustive()
    }
}
