//! The server: from its addresses to its last request.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use metrics_exporter_prometheus::PrometheusHandle;
use signatures_delivery::without_secrets;
use tokio::{net::TcpListener, sync::watch, task::JoinError};
use tonic::{codegen::http::Uri, transport};

use super::{
    aggregation::{Aggregation, KEEP},
    config::{Config, MetricsAccess},
    descriptors,
    hop_url::HopUrl,
    next_hop::NextHop,
    own_files::OwnFiles,
    relay::{Relay, VectorService},
    secured::Incoming,
    serve_error::ServeError,
    status::Status,
};
use crate::{
    bootstrap::{Addresses, Running},
    delivery::KEEP_EVERY,
    net::Listener,
    tasks::TASKS,
    web::{self, Access, Pages},
};

/// How long the end waits for what is still being counted: as long as a disk may
/// refuse before counts go elsewhere, and some more.
const COUNTS_END_WITHIN: Duration = Duration::from_secs(10);

/// How long a request for the health of a service may be: it is a name.
const HEALTH_REQUEST_BYTES: usize = 1024;

/// What a relay works with.
pub(super) struct Server {
    pub(super) running: Running,
    pub(super) aggregation: Arc<Aggregation>,
    pub(super) prometheus: PrometheusHandle,
    pub(super) own_files: Arc<OwnFiles>,
}

/// What there must be before anything is served.
struct Bound {
    vector: TcpListener,
    status: TcpListener,
}

impl Server {
    /// Serves until asked to stop, and then until what is in flight has finished.
    pub(super) async fn serve(
        self,
        config: &Config,
        mut stopped: watch::Receiver<bool>,
    ) -> Result<(), ServeError> {
        let Self { running, aggregation, prometheus, own_files } = self;
        let Bound { vector, status } = bind(config, &own_files).await?;
        let forward = config.forward.url.as_ref().map(HopUrl::to_string).unwrap_or_default();
        running.tell_started(&Addresses {
            listen: Some(&local(&vector)),
            forward: Some(&forward),
            status: Some(&local(&status)),
        });

        let kept = Arc::clone(&aggregation);
        TASKS.spawn(KEEP, move || Arc::clone(&kept).keep());
        let kept = prometheus.clone();
        TASKS.spawn("metrics upkeep", move || upkeep(kept.clone()));
        let current = Arc::clone(&running.current);
        let next_hop = NextHop::new(&config.forward, Arc::clone(&own_files));
        let relay = Arc::new(Relay::new(current, aggregation, next_hop, config.limits));
        let status_of = Status {
            relay: Arc::clone(&relay),
            running: Arc::new(running),
            prometheus,
            own_files: Arc::clone(&own_files),
        };
        let pages = Pages {
            host: Arc::new(status_of),
            access: Access::new(&config.status.hosts),
            open_metrics: config.status.metrics == MetricsAccess::Open,
        };
        let status = status.into_std().map_err(ServeError::Pages)?;
        web::serve(status, pages).map_err(ServeError::Pages)?;

        let (reporter, health) = tonic_health::server::health_reporter();
        reporter.set_serving::<VectorService>().await;
        let health = health.max_decoding_message_size(HEALTH_REQUEST_BYTES);
        let service = VectorService(Arc::clone(&relay));
        let (drain, mut drained) = watch::channel(false);
        let stop = async move { drop(drained.wait_for(|drained| *drained).await) };
        let bounds = config.limits.connections(descriptors::limit());
        let incoming = Incoming::new(Listener::new(Arc::new(vector), bounds), own_files);
        let router = server(config).add_service(service).add_service(health);
        let mut serving = tokio::spawn(router.serve_with_incoming_shutdown(incoming, stop));

        tokio::select! {
            // An error means that nobody can ask to stop any more: then stop as well.
            _ = stopped.wait_for(|stopped| *stopped) => {}
            ended = &mut serving => return Err(ended_early(ended)),
        }
        // First, so that who reads the line finds it true.
        relay.drain();
        tracing::info!(event = "signatures.stopping", "stopping: requests in flight may finish");
        reporter.set_not_serving::<VectorService>().await;
        let _ = drain.send(true);
        match tokio::time::timeout(config.shutdown(), serving).await {
            Ok(Ok(result)) => result?,
            Ok(Err(panicked)) => return Err(ended_early(Err(panicked))),
            Err(_) => tracing::warn!(
                event = "signatures.requests_given_up",
                "gave up requests in flight; their sender will try again"
            ),
        }
        let uncounted = relay.end_counts(COUNTS_END_WITHIN).await;
        if uncounted > 0 {
            return Err(ServeError::Uncounted(uncounted));
        }
        tracing::info!(event = "signatures.stopped", "stopped");
        TASKS.given_up().map_or(Ok(()), |task| Err(ServeError::GivenUp(task)))
    }
}

/// Nobody had asked it to.
fn ended_early(ended: Result<Result<(), transport::Error>, JoinError>) -> ServeError {
    match ended {
        Ok(Ok(())) => ServeError::GivenUp("server".to_owned()),
        Ok(Err(error)) => error.into(),
        Err(panicked) => {
            let panicked = without_secrets(&panicked.to_string());
            tracing::error!(event = "signatures.server_failed", "the server failed: {panicked}");
            ServeError::GivenUp("server".to_owned())
        }
    }
}

/// Frees what metrics keep until they are read, also when nobody reads them.
async fn upkeep(prometheus: PrometheusHandle) {
    let mut interval = tokio::time::interval(KEEP_EVERY);
    loop {
        interval.tick().await;
        prometheus.run_upkeep();
    }
}

/// Takes the addresses, and refuses what could never work.
async fn bind(config: &Config, own_files: &OwnFiles) -> Result<Bound, ServeError> {
    config.limits.check()?;
    let status_address = config.status.address();
    let resolved = status_address.resolve().await;
    let resolved = resolved.map_err(ServeError::listen(&status_address))?;
    if !own_files.keys().has_reader() && !resolved.iter().all(|address| address.ip().is_loopback())
    {
        return Err(ServeError::StatusNeedsToken(status_address));
    }
    let address = config.listen();
    let vector = address.listen().await.map_err(ServeError::listen(&address))?;
    let own = vector.local_addr().map_err(ServeError::listen(&address))?;
    if config.forward.url.as_ref().is_some_and(|url| leads_to(url.expose(), own)) {
        return Err(ServeError::ForwardToSelf(own));
    }
    let status = status_address.listen().await;
    let status = status.map_err(ServeError::listen(&status_address))?;
    Ok(Bound { vector, status })
}

/// The window of a connection is that of all its streams together: what comes for
/// requests that wait cannot keep anything from those that are read.
fn server(config: &Config) -> transport::Server {
    /// No fewer than a client takes for granted before it is told.
    const STREAMS: u32 = 128;
    const STREAM_WINDOW: u32 = 128 << 10;
    const CONNECTION_WINDOW: u32 = STREAMS * STREAM_WINDOW;
    const HEADER_BYTES: u32 = 16 << 10;
    let keepalive = config.keepalive.pings();
    transport::Server::builder()
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_concurrent_streams(STREAMS)
        .http2_max_header_list_size(HEADER_BYTES)
        .http2_keepalive_interval(Some(keepalive.interval))
        .http2_keepalive_timeout(Some(keepalive.timeout))
}

/// Whether a URL is plainly that of an address; other names for this machine
/// are not looked up.
fn leads_to(url: &str, address: SocketAddr) -> bool {
    let Ok(url) = url.parse::<Uri>() else { return false };
    let host = match url.host() {
        Some("localhost") => Ok(IpAddr::from([127, 0, 0, 1])),
        host => host.unwrap_or_default().trim_matches(['[', ']']).parse(),
    };
    let same =
        |host: IpAddr| host == address.ip() || host.is_loopback() && address.ip().is_unspecified();
    url.port_u16() == Some(address.port()) && host.is_ok_and(same)
}

/// The address as it came to be, when any free port was asked for.
fn local(listener: &TcpListener) -> String {
    listener.local_addr().map_or_else(|error| error.to_string(), |address| address.to_string())
}
