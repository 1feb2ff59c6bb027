//! The life of a request: received, judged, sent on, answered.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Instant,
};

use bytes::Bytes;
use signatures_engine::Told;
use signatures_protocol::{
    client::{HEALTH_CHECK, PUSH_EVENTS, RawCodec},
    wire::Malformed,
};
use tokio::sync::Semaphore;
use tonic::{
    Code, Request, Response, Status, Streaming,
    body::Body,
    codec::CompressionEncoding,
    codegen::{Service, http},
    server::{ClientStreamingService, Grpc, NamedService, UnaryService},
};

use super::{
    aggregation::Aggregation,
    config::Limits,
    judge::{Judgement, judge},
    metrics,
    next_hop::{NextHop, Sent},
};
use crate::{alert_settings::Current, log::tell};

/// What stands between the `vector` sink and the `vector` source.
pub(super) struct Relay {
    current: Arc<Current>,
    pub(super) aggregation: Arc<Aggregation>,
    pub(super) next_hop: NextHop,
    in_flight: Semaphore,
    message_bytes: usize,
    draining: AtomicBool,
    next_hop_away: AtomicBool,
    told: Mutex<Told>,
}

impl Relay {
    pub(super) fn new(
        current: Arc<Current>,
        aggregation: Arc<Aggregation>,
        next_hop: NextHop,
        limits: Limits,
    ) -> Self {
        Self {
            current,
            aggregation,
            next_hop,
            in_flight: Semaphore::new(limits.in_flight()),
            message_bytes: limits.message_bytes(),
            draining: AtomicBool::new(false),
            next_hop_away: AtomicBool::new(false),
            told: Mutex::default(),
        }
    }

    /// From now on the relay says that it does not serve.
    pub(super) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Answers a request when the next hop has taken it, and not before. Should
    /// the sender give up, all of this is dropped with its request.
    async fn push(&self, mut messages: Streaming<Bytes>) -> Result<(), Status> {
        let start = Instant::now();
        // Asked for before the message is read: what waits here is not in memory.
        let _permit = self.in_flight.acquire().await;
        let _in_flight = metrics::InFlight::new();
        let result = match messages.message().await {
            Ok(Some(request)) => {
                drop(messages);
                self.relay(request).await
            }
            Ok(None) => Err(Status::invalid_argument("the request has no message")),
            Err(status) => Err(self.unreadable(status)),
        };
        let code = result.as_ref().err().map_or(Code::Ok, Status::code);
        metrics::answered(code, start.elapsed());
        result
    }

    async fn relay(&self, request: Bytes) -> Result<(), Status> {
        metrics::received(request.len());
        let configuration = self.current.get();
        let Judgement { request, seen, errors } =
            judge(request, &configuration, self.aggregation.is_on()).await.map_err(refusal)?;
        if let Some(request) = request {
            self.send(request).await?;
        }
        if !seen.logs.peculiar.is_none()
            && let Ok(mut told) = self.told.lock()
        {
            tell(&mut told, &seen.logs.peculiar);
        }
        // Only what has arrived counts: a refused request comes again.
        metrics::seen(&seen, configuration.classifier.taxonomy());
        // Writes to the outbox when there is an alert, which is a file.
        tokio::task::block_in_place(|| self.aggregation.observe(&errors));
        Ok(())
    }

    async fn send(&self, request: Bytes) -> Result<(), Status> {
        let (start, length) = (Instant::now(), request.len());
        let Sent { result, retries } = self.next_hop.push(request).await;
        metrics::next_hop(start.elapsed());
        metrics::retries(retries);
        let was_away = self.next_hop_away.swap(result.is_err(), Ordering::Relaxed);
        match &result {
            Ok(()) => {
                metrics::sent(length);
                if was_away {
                    tracing::info!("the next hop takes events again");
                }
            }
            // Told once, and not for every request of an outage.
            Err(status) if !was_away => {
                tracing::warn!("the next hop takes no events: {}", status.message());
            }
            Err(_) => {}
        }
        result
    }

    /// A message that is too long would be so again: the sender must not try
    /// for ever.
    fn unreadable(&self, status: Status) -> Status {
        match status.code() {
            Code::OutOfRange | Code::ResourceExhausted => Status::out_of_range(format!(
                "the message is longer than the limit of {} bytes",
                self.message_bytes
            )),
            _ => status,
        }
    }
}

/// What is malformed now will be malformed when it comes again.
fn refusal(malformed: Malformed) -> Status {
    tracing::warn!("refused a malformed request: {malformed}");
    Status::invalid_argument(malformed.to_string())
}

/// The gRPC service `vector.Vector`.
#[derive(Clone)]
pub(super) struct VectorService(pub(super) Arc<Relay>);

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl NamedService for VectorService {
    const NAME: &'static str = "vector.Vector";
}

impl Service<http::Request<Body>> for VectorService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Boxed<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let relay = Arc::clone(&self.0);
        let mut grpc = Grpc::new(RawCodec)
            .accept_compressed(CompressionEncoding::Gzip)
            .accept_compressed(CompressionEncoding::Zstd)
            .max_decoding_message_size(relay.message_bytes);
        Box::pin(async move {
            Ok(match request.uri().path() {
                PUSH_EVENTS => grpc.client_streaming(PushEvents(relay), request).await,
                HEALTH_CHECK => grpc.unary(HealthCheck(relay), request).await,
                _ => Status::unimplemented("vector.Vector has no such method").into_http(),
            })
        })
    }
}

/// Taken as a stream, so that its one message is read when there is room.
struct PushEvents(Arc<Relay>);

impl ClientStreamingService<Bytes> for PushEvents {
    type Response = Bytes;
    type Future = Boxed<Result<Response<Bytes>, Status>>;

    fn call(&mut self, request: Request<Streaming<Bytes>>) -> Self::Future {
        let relay = Arc::clone(&self.0);
        Box::pin(async move {
            relay.push(request.into_inner()).await.map(|()| Response::new(Bytes::new()))
        })
    }
}

/// Says whether the relay serves, whatever the next hop does: that may be the
/// same Vector, which asks before its sources are up.
struct HealthCheck(Arc<Relay>);

impl UnaryService<Bytes> for HealthCheck {
    type Response = Bytes;
    type Future = std::future::Ready<Result<Response<Bytes>, Status>>;

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        // `ServingStatus` is field 1, and 1 is not serving.
        let answer: &[u8] = if self.0.is_draining() { &[8, 1] } else { &[] };
        std::future::ready(Ok(Response::new(Bytes::from_static(answer))))
    }
}
