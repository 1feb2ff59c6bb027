//! The life of a request: received, judged, sent on, counted, answered.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use signatures_engine::{Observation, Told};
use signatures_ledger::record::Totals;
use signatures_protocol::{
    client::{HEALTH_CHECK, PUSH_EVENTS, RawCodec},
    wire::Malformed,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};
use tonic::{
    Code, Request, Response, Status, Streaming,
    body::Body,
    codec::CompressionEncoding,
    codegen::{
        Service,
        http::{self, HeaderMap},
    },
    server::{ClientStreamingService, Grpc, NamedService},
};

use super::{
    aggregation::Aggregation,
    budget::{Budget, Share},
    config::Limits,
    counts::Counts,
    intake::Intake,
    judge::{Judgement, judge},
    metrics,
    next_hop::{NextHop, Sent, is_final},
    pending::Abandoned,
    recent::{Name, Recent},
};
use crate::{alert_settings::Current, log::tell, net::Sender, tasks::TASKS};

/// What stands between the `vector` sink and the `vector` source.
pub(super) struct Relay {
    current: Arc<Current>,
    pub(super) aggregation: Arc<Aggregation>,
    pub(super) next_hop: NextHop,
    budget: Budget,
    in_flight: Semaphore,
    intake: Intake,
    recent: Recent,
    counts: Counts,
    abandoned: Abandoned,
    draining: AtomicBool,
    next_hop_away: AtomicBool,
    short_of_memory: AtomicBool,
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
            budget: Budget::new(limits.shared_bytes()),
            in_flight: Semaphore::new(limits.in_flight()),
            intake: Intake { message_bytes: limits.message_bytes(), time: limits.body_time() },
            recent: Recent::default(),
            counts: Counts::default(),
            abandoned: Abandoned::default(),
            draining: AtomicBool::new(false),
            next_hop_away: AtomicBool::new(false),
            short_of_memory: AtomicBool::new(false),
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

    /// Waits for what is still being counted, for so long. Says how many requests it
    /// gave up that the next hop has taken.
    pub(super) async fn end_counts(&self, patience: Duration) -> usize {
        self.counts.end(patience).await
    }

    /// Answers a request when the next hop has taken it and its errors are counted,
    /// and not before. Should the sender give up, it is dropped with its request; but
    /// what the next hop has taken is counted.
    ///
    /// The message is read before it is its turn to be worked on: what waits must
    /// not fill the connection that others need, to bring theirs to an end.
    async fn push(&self, push: Push, sender: &Arc<Sender>) -> Result<(), Status> {
        let pending = self.abandoned.begin();
        let mut share = Share::new(&self.budget, sender);
        let received = self.intake.receive(&push.headers, push.body, &mut share).await;
        self.note_memory(received.as_ref().err());
        let result = match received {
            Ok(request) => self.relay_in_turn(request, &mut share, sender).await,
            Err(status) => Err(status),
        };
        pending.answered(result.as_ref().err().map_or(Code::Ok, Status::code));
        result
    }

    /// The sender is to hear of a next hop that hangs before it gives up itself,
    /// also when others wait for it already.
    async fn relay_in_turn(
        &self,
        request: Bytes,
        share: &mut Share<'_>,
        sender: &Arc<Sender>,
    ) -> Result<(), Status> {
        let deadline = Instant::now() + self.next_hop.timeout();
        let Ok(_permit) = timeout_at(deadline, self.turn(sender)).await else {
            let waited = self.next_hop.timeout();
            let reason = format!("the next hop had no time for it within {waited:?}");
            return self.note_next_hop(Err(Status::unavailable(reason)));
        };
        let _in_flight = metrics::InFlight::new();
        self.relay(request, share, sender, deadline).await
    }

    /// Waits until there is room among the requests in flight: senders in turn,
    /// however many requests each has.
    async fn turn(&self, sender: &Sender) -> Option<SemaphorePermit<'_>> {
        let _turn = sender.work_turn.acquire().await;
        // Neither is ever closed.
        self.in_flight.acquire().await.ok()
    }

    /// Tells once that requests are refused for lack of memory, and when it is
    /// over.
    fn note_memory(&self, refused: Option<&Status>) {
        let short = refused.is_some_and(|status| status.code() == Code::ResourceExhausted);
        match (short, self.short_of_memory.swap(short, Ordering::Relaxed)) {
            (true, false) => tracing::warn!(
                event = "signatures.memory_short",
                "requests are refused until memory is free, see limits.memory_bytes; \
                 their senders try again"
            ),
            (false, true) => tracing::info!(
                event = "signatures.memory_free",
                "there is memory for requests again"
            ),
            _ => {}
        }
    }

    async fn relay(
        &self,
        request: Bytes,
        share: &mut Share<'_>,
        sender: &Arc<Sender>,
        deadline: Instant,
    ) -> Result<(), Status> {
        metrics::received(request.len());
        let configuration = self.current.get();
        let judging = judge(request.clone(), &configuration, self.aggregation.is_on(), share);
        let Judgement { request: judged, seen, errors } = judging.await.map_err(refusal)?;
        // Only what has errors is counted, and has to be known again.
        let name = match errors.is_empty() {
            true => None,
            false => Some(self.recent.name(&request).await),
        };
        drop(request);
        let result = match judged {
            Some(judged) => self.send(judged, deadline).await,
            None => Ok(()),
        };
        // A refused request comes again, unless the refusal is final: its errors
        // have happened all the same.
        if result.as_ref().is_err_and(|status| !is_final(status)) {
            return result;
        }
        if !seen.logs.peculiar.is_none()
            && let Ok(mut told) = self.told.lock()
        {
            tell(&mut told, &seen.logs.peculiar);
        }
        self.aggregation.present(seen.logs.present);
        let seen = || {
            metrics::seen(&seen, configuration.classifier.taxonomy());
            self.aggregation.count(Totals::from(&seen.logs));
        };
        match name {
            Some(name) => self.count(name, errors, sender, seen).await,
            None => seen(),
        }
        result
    }

    /// Counts a batch, unless it was counted before and its sender could not know.
    async fn count(
        &self,
        name: Name,
        errors: Vec<Observation<'static>>,
        sender: &Arc<Sender>,
        seen: impl FnOnce(),
    ) {
        let (counting, unanswered) = self.recent.begin(name, sender, Instant::now());
        if counting.came_before() {
            metrics::repeated();
        } else {
            seen();
        }
        let (aggregation, under_way) = (Arc::clone(&self.aggregation), self.counts.begin());
        // To its end, should the sender give up: the next hop has taken them.
        let counted = TASKS.detached(async move {
            counting.count(aggregation.observe(errors)).await;
            drop(under_way);
        });
        counted.await;
        unanswered.answered(Instant::now());
    }

    async fn send(&self, request: Bytes, deadline: Instant) -> Result<(), Status> {
        let (start, length) = (Instant::now(), request.len());
        let Sent { result, retries } = self.next_hop.push(request, deadline).await;
        metrics::next_hop(start.elapsed());
        metrics::retries(retries);
        if result.is_ok() {
            metrics::sent(length);
        }
        self.note_next_hop(result)
    }

    /// Tells that the next hop takes nothing: once, and not for every request of an
    /// outage.
    fn note_next_hop(&self, result: Result<(), Status>) -> Result<(), Status> {
        let was_away = self.next_hop_away.swap(result.is_err(), Ordering::Relaxed);
        match &result {
            Ok(()) if was_away => tracing::info!(
                event = "signatures.next_hop_back",
                "the next hop takes events again"
            ),
            Err(status) if !was_away => {
                tracing::warn!(
                    event = "signatures.next_hop_away",
                    "the next hop takes no events: {}",
                    status.message()
                );
            }
            _ => {}
        }
        result
    }
}

/// What is malformed now will be malformed when it comes again.
fn refusal(malformed: Malformed) -> Status {
    tracing::warn!(
        event = "signatures.request_malformed",
        "refused a malformed request: {malformed}"
    );
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
        let sender = sender_of(&request);
        let mut grpc = Grpc::new(RawCodec)
            .accept_compressed(CompressionEncoding::Gzip)
            .accept_compressed(CompressionEncoding::Zstd);
        Box::pin(async move {
            let _open = sender.begin_request();
            let (head, body) = request.into_parts();
            let push = Push { headers: head.headers.clone(), body };
            // The messages are read here, where their memory is counted.
            let request = http::Request::from_parts(head, Body::empty());
            Ok(match request.uri().path() {
                PUSH_EVENTS => {
                    let push = PushEvents { relay, sender: Arc::clone(&sender), push: Some(push) };
                    grpc.client_streaming(push, request).await
                }
                HEALTH_CHECK => grpc.client_streaming(HealthCheck(relay), request).await,
                _ => Status::unimplemented("vector.Vector has no such method").into_http(),
            })
        })
    }
}

/// The connection that a request came by.
fn sender_of(request: &http::Request<Body>) -> Arc<Sender> {
    let sender = request.extensions().get::<Arc<Sender>>();
    sender.map_or_else(|| Arc::new(Sender::new()), Arc::clone)
}

/// A request whose message has not been read.
struct Push {
    headers: HeaderMap,
    body: Body,
}

struct PushEvents {
    relay: Arc<Relay>,
    sender: Arc<Sender>,
    push: Option<Push>,
}

impl ClientStreamingService<Bytes> for PushEvents {
    type Response = Bytes;
    type Future = Boxed<Result<Response<Bytes>, Status>>;

    fn call(&mut self, _: Request<Streaming<Bytes>>) -> Self::Future {
        let (relay, sender) = (Arc::clone(&self.relay), Arc::clone(&self.sender));
        let push = self.push.take();
        Box::pin(async move {
            let push = push.ok_or_else(|| Status::internal("the request was taken before"))?;
            let pushed = TASKS.once(async move { relay.push(push, &sender).await }).await;
            // It may have been another's fault: the sender is to try again.
            let failed = || Err(Status::unavailable("the relay failed by a fault of its own"));
            pushed.unwrap_or_else(failed).map(|()| Response::new(Bytes::new()))
        })
    }
}

/// Says whether the relay serves, whatever the next hop does: that may be the
/// same Vector, which asks before its sources are up. Nothing is read for it.
struct HealthCheck(Arc<Relay>);

impl ClientStreamingService<Bytes> for HealthCheck {
    type Response = Bytes;
    type Future = std::future::Ready<Result<Response<Bytes>, Status>>;

    fn call(&mut self, _: Request<Streaming<Bytes>>) -> Self::Future {
        // `ServingStatus` is field 1, and 1 is not serving.
        let answer: &[u8] = if self.0.is_draining() { &[8, 1] } else { &[] };
        std::future::ready(Ok(Response::new(Bytes::from_static(answer))))
    }
}
