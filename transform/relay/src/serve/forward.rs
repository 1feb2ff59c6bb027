//! The next hop: a `vector` source.

use std::time::Duration;

use bytes::Bytes;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::{
    Code, Request, Status,
    client::Grpc,
    transport::{Channel, Endpoint},
};

use super::{
    ServeError,
    codec::RawCodec,
    config::{Compression, Forward},
    tls,
};

/// Where a `vector` source takes events.
pub(super) const PUSH_EVENTS: &str = "/vector.Vector/PushEvents";

/// Where it tells whether it takes them.
pub(super) const HEALTH_CHECK: &str = "/vector.Vector/HealthCheck";

/// How long to wait before a request is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// How long a probe of the next hop may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// A client of a `vector` source. Connects when first needed, and again after
/// a connection is lost; clones share the connection.
#[derive(Clone, Debug)]
pub(super) struct VectorSource {
    grpc: Grpc<Channel>,
    timeout: Duration,
    retries: u32,
}

/// What came of sending.
#[derive(Debug)]
pub(super) struct Sent {
    /// Whether the next hop took the request.
    pub(super) result: Result<(), Status>,
    /// How many times it was tried again.
    pub(super) retries: u32,
}

impl VectorSource {
    /// A client by its configuration. Does not connect yet.
    ///
    /// # Errors
    /// When the URL is none, or a file of the TLS configuration cannot be used.
    pub(super) fn new(config: &Forward) -> Result<Self, ServeError> {
        let url = config.url.as_deref().ok_or(ServeError::NoForward)?;
        let invalid = |reason: String| ServeError::ForwardUrl { url: url.to_owned(), reason };
        let mut endpoint = Endpoint::from_shared(url.to_owned())
            .map_err(|error| invalid(error.to_string()))?
            .connect_timeout(config.connect_timeout())
            .tcp_nodelay(true)
            .http2_keep_alive_interval(config.keepalive.interval())
            .keep_alive_timeout(config.keepalive.timeout())
            .keep_alive_while_idle(true);
        match endpoint.uri().scheme_str() {
            Some("https") => endpoint = endpoint.tls_config(tls::client(&config.tls)?)?,
            Some("http") if config.tls.is_empty() => {}
            Some("http") => return Err(invalid("TLS is configured: write https://".to_owned())),
            _ => return Err(invalid("write http://host:port or https://host:port".to_owned())),
        }
        let mut grpc = Grpc::new(endpoint.connect_lazy());
        if let Some(encoding) = config.compression.and_then(Compression::encoding) {
            grpc = grpc.send_compressed(encoding);
        }
        Ok(Self { grpc, timeout: config.timeout(), retries: config.retries() })
    }

    /// Sends an encoded `PushEventsRequest` and waits until it is taken. A next
    /// hop that is away is tried again a few times, so that its restart, or a
    /// connection that went stale, costs the sender no retry of its own.
    pub(super) async fn push(&self, request: Bytes) -> Sent {
        let deadline = tokio::time::Instant::now() + self.timeout;
        let mut retries = 0;
        loop {
            let answer = self.call(PUSH_EVENTS, request.clone());
            let result = match tokio::time::timeout_at(deadline, answer).await {
                Ok(result) => result.map(drop),
                Err(_) => Err(Status::unavailable(format!(
                    "the next hop did not answer within {:?}",
                    self.timeout
                ))),
            };
            let away = matches!(&result, Err(status) if status.code() == Code::Unavailable);
            if !away || retries >= self.retries || deadline.elapsed() > Duration::ZERO {
                return Sent { result: result.map_err(for_the_sender), retries };
            }
            retries += 1;
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }

    /// Asks the next hop whether it takes events.
    ///
    /// # Errors
    /// Why it does not, in words.
    pub(super) async fn probe(&self) -> Result<(), String> {
        let answer = self.call(HEALTH_CHECK, Bytes::new());
        match tokio::time::timeout(PROBE_TIMEOUT, answer).await {
            // `ServingStatus` is field 1, and 0 is serving.
            Ok(Ok(answer)) if matches!(&*answer, [] | [8, 0]) => Ok(()),
            Ok(Ok(_)) => Err("it says that it does not serve".to_owned()),
            Ok(Err(status)) => Err(status.message().to_owned()),
            Err(_) => Err(format!("no answer within {PROBE_TIMEOUT:?}")),
        }
    }

    async fn call(&self, path: &'static str, message: Bytes) -> Result<Bytes, Status> {
        let mut grpc = self.grpc.clone();
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = PathAndQuery::from_static(path);
        grpc.unary(Request::new(message), path, RawCodec).await.map(tonic::Response::into_inner)
    }
}

/// A refusal as the sender is to see it.
///
/// Vector gives up on a batch at some codes and tries it again at all others.
/// Three of those say something of the events themselves, and would be said
/// again: they are passed on. The rest says that this hop is set up wrongly
/// (no such service, no access), and no event may be lost for that.
fn for_the_sender(status: Status) -> Status {
    match status.code() {
        Code::DataLoss | Code::InvalidArgument | Code::OutOfRange => status,
        code => Status::unavailable(format!("next hop: {code:?}: {}", status.message())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_judgement_of_the_events_lets_the_sender_give_up() {
        let codes: Vec<Code> = (0..=16)
            .map(Code::from)
            .filter(|code| for_the_sender(Status::new(*code, "x")).code() != Code::Unavailable)
            .collect();
        assert_eq!(codes, [Code::InvalidArgument, Code::OutOfRange, Code::DataLoss]);
    }
}
