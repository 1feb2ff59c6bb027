//! `vector-signatures serve`: beside a stock Vector, between a `vector` sink
//! and a `vector` source.
//!
//! ```text
//! vector sink → receive → judge → forward → vector source
//!      ↑                                        │
//!      └───────────── answer ←──────────────────┘
//! ```
//!
//! Nothing is kept: a request is answered when the next hop has taken it, so a
//! crash of the relay loses no event, and a slow next hop slows the sender.

mod aggregation;
mod config;
mod judge;
mod metrics;
mod next_hop;
mod relay;
mod status;

use std::{
    future::IntoFuture,
    io,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::{Arc, mpsc},
    time::Duration,
};

use metrics_exporter_prometheus::PrometheusHandle;
use signatures_protocol::client::{ClientError, TlsError};
use tokio::{net::TcpListener, sync::watch};
use tonic::{
    codegen::http::Uri,
    transport::{Server, server::TcpIncoming},
};

pub(crate) use self::config::Config;
use self::{
    aggregation::Aggregation,
    config::{Compression, Seconds},
    next_hop::NextHop,
    relay::{Relay, VectorService},
    status::Pages,
};
use crate::{
    Failure,
    alerts::{Alerts, SAVE_EVERY},
    delivery_args::DeliveryArgs,
    engine_args::EngineArgs,
    reload::{self, CurrentRules},
    rules::RuleFiles,
    signals,
};

/// How long the end may wait for sinks to take what is queued.
const DRAIN: Duration = Duration::from_secs(10);

/// Tag the errors that a stock Vector ships, and raise alerts
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The relay stands between a `vector` sink and a `vector` source of the same or of two Vectors:

  sinks:
    to_signatures:   { type: vector, inputs: [app], address: \"http://127.0.0.1:6100\" }
  sources:
    from_signatures: { type: vector, address: \"127.0.0.1:6101\" }

It answers a request when the next hop has taken it: acknowledgements and disk buffers of the
sending Vector keep working, and a restart of the relay loses nothing.

SIGHUP reads taxonomy and alert settings anew; SIGTERM finishes what is in flight, and ends.

Examples:
  vector-signatures serve --forward http://127.0.0.1:6101
  vector-signatures serve --config relay.yml --shadow
  curl -s http://127.0.0.1:6102/metrics")]
pub(crate) struct Args {
    /// A file with these settings; a flag or environment variable goes before it
    #[arg(long, short, value_name = "FILE", env = "SIGNATURES_CONFIG")]
    config: Option<PathBuf>,

    /// Where the `vector` sink finds the relay [default: 127.0.0.1:6100]
    #[arg(long, value_name = "ADDR", env = "SIGNATURES_LISTEN")]
    listen: Option<SocketAddr>,

    /// The `vector` source that events go on to, as http:// or https:// host:port
    #[arg(long, value_name = "URL", env = "SIGNATURES_FORWARD")]
    forward: Option<String>,

    /// Where /healthz, /readyz, /metrics and /status are [default: 127.0.0.1:6102]
    #[arg(long, value_name = "ADDR", env = "SIGNATURES_STATUS")]
    status: Option<SocketAddr>,

    /// A file with the token that status asks for; needed beyond loopback
    #[arg(long, value_name = "FILE", env = "SIGNATURES_STATUS_TOKEN_FILE")]
    status_token_file: Option<PathBuf>,

    /// How requests to the next hop are compressed [default: none]
    #[arg(long, value_name = "KIND", env = "SIGNATURES_COMPRESSION")]
    compression: Option<Compression>,

    /// How long the next hop may take for a request [default: 60]
    #[arg(long, value_name = "SECONDS", env = "SIGNATURES_FORWARD_TIMEOUT")]
    forward_timeout: Option<Seconds>,

    /// How long a request may be, decompressed [default: 104857600]
    #[arg(long, value_name = "BYTES", env = "SIGNATURES_MAX_MESSAGE_BYTES")]
    max_message_bytes: Option<u32>,

    /// How many requests are worked on at a time [default: 32]
    #[arg(long, value_name = "COUNT", env = "SIGNATURES_MAX_IN_FLIGHT")]
    max_in_flight: Option<u16>,

    /// How long requests may take to finish at the end [default: 30]
    #[arg(long, value_name = "SECONDS", env = "SIGNATURES_SHUTDOWN_SECONDS")]
    shutdown_seconds: Option<Seconds>,

    #[command(flatten)]
    engine: EngineArgs,

    #[command(flatten)]
    delivery: DeliveryArgs,
}

/// Why the relay cannot start, or stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    /// The configuration cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    ConfigFile {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The configuration says what it must not.
    #[error("{place}: {reason}")]
    Config {
        /// Which file, line and column.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// Nobody said where events go.
    #[error("no next hop: give --forward http://host:port, the address of a `vector` source")]
    NoForward,
    /// The next hop cannot be reached, whatever it does.
    #[error("cannot forward to `{url}`: {error}")]
    Forward {
        /// Its address.
        url: String,
        /// What is wrong.
        error: ClientError,
    },
    /// Events would go round and round.
    #[error("{0} would forward to itself: give the address of a `vector` source")]
    ForwardToSelf(SocketAddr),
    /// A file of the server's TLS cannot be used.
    #[error("cannot serve TLS: {0}")]
    Tls(#[from] TlsError),
    /// The server's TLS cannot be set up.
    #[error("cannot serve TLS: {}", chain(.0))]
    TlsSetup(tonic::transport::Error),
    /// Others could read the status without being asked who they are.
    #[error(
        "the status address {0} can be reached from elsewhere: give a token \
         (--status-token-file, or `status: {{token_file: …}}`) or use 127.0.0.1"
    )]
    StatusNeedsToken(SocketAddr),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The metrics cannot be set up.
    #[error("cannot set up metrics: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// The server failed.
    #[error("{}", chain(.0))]
    Transport(#[from] tonic::transport::Error),
}

/// An error and its causes: the transport's own message says nothing alone.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

impl Args {
    /// The configuration with what the command line and the environment say.
    fn config(&self) -> Result<Config, ServeError> {
        let mut config = self.config.as_deref().map(Config::read).transpose()?.unwrap_or_default();
        over(&mut config.listen, &self.listen);
        over(&mut config.forward.url, &self.forward);
        over(&mut config.forward.compression, &self.compression);
        over(&mut config.forward.timeout_seconds, &self.forward_timeout);
        over(&mut config.status.address, &self.status);
        if self.status_token_file.is_some() {
            config.status.token = None;
        }
        over(&mut config.status.token_file, &self.status_token_file);
        over(&mut config.limits.message_bytes, &self.max_message_bytes);
        over(&mut config.limits.in_flight, &self.max_in_flight);
        over(&mut config.shutdown_seconds, &self.shutdown_seconds);
        Ok(config)
    }
}

fn over<T: Clone>(setting: &mut Option<T>, given: &Option<T>) {
    if given.is_some() {
        setting.clone_from(given);
    }
}

pub(crate) fn run(args: Args) -> Result<(), Failure> {
    let config = args.config()?;
    let engine = args.engine.over(&config);
    let files = RuleFiles::new(&engine, &args.delivery);
    let texts = files.read()?;
    let current = CurrentRules::new(files.compile(&texts)?);
    let prometheus = metrics::install().map_err(ServeError::Metrics)?;
    let state_dir = args.delivery.state_dir.as_deref().or(config.state_dir.as_deref());
    let alerts = match engine.aggregate() {
        true => Some(Alerts::open(&current.get(), engine.shadow(), state_dir)?),
        false => None,
    };
    let aggregation = Arc::new(Aggregation::new(&current, alerts, engine.mode()));

    let (wake, woken) = mpsc::channel();
    let (stop, stopped) = watch::channel(false);
    let ask_to_stop = move || {
        // Nobody listens when the relay has ended by itself.
        let _ = stop.send(true);
    };
    signals::listen(wake, ask_to_stop).map_err(Failure::Setup)?;

    let (description, period) = (files.describe(), engine.reload_period());
    let watched = Arc::clone(&current);
    std::thread::Builder::new()
        .name("reload".to_owned())
        .spawn(move || reload::watch(&files, texts, &watched, period, &woken))
        .map_err(Failure::Setup)?;

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(Failure::Setup)?;
    let context = Context { current, aggregation, prometheus, files: description };
    let aggregation = Arc::clone(&context.aggregation);
    let ended = runtime.block_on(serve(config, context, stopped));
    // What is still in flight past the deadline is given up; it comes again.
    runtime.shutdown_background();
    aggregation.shut_down(DRAIN);
    Ok(ended?)
}

/// What a relay works with.
struct Context {
    current: Arc<CurrentRules>,
    aggregation: Arc<Aggregation>,
    prometheus: PrometheusHandle,
    files: String,
}

/// Serves until asked to stop, and then until what is in flight has finished.
async fn serve(
    config: Config,
    Context { current, aggregation, prometheus, files }: Context,
    mut stopped: watch::Receiver<bool>,
) -> Result<(), ServeError> {
    let token = config.status.token()?;
    let status_address = config.status.address();
    if !status_address.ip().is_loopback() && token.is_none() {
        return Err(ServeError::StatusNeedsToken(status_address));
    }
    let next_hop = NextHop::new(&config.forward)?;
    let mut server = server(&config)?;
    let listener = listen(config.listen()).await?;
    let own = listener.local_addr().unwrap_or_else(|_| config.listen());
    if config.forward.url.as_deref().is_some_and(|url| leads_to(url, own)) {
        return Err(ServeError::ForwardToSelf(own));
    }
    let status_listener = listen(status_address).await?;
    tracing::info!(
        mode = aggregation.mode,
        files,
        signatures = current.get().classifier.taxonomy().signatures.len(),
        sinks = current.get().delivery.sink_names(),
        listen = %local(&listener),
        forward = config.forward.url.as_deref().unwrap_or_default(),
        status = %local(&status_listener),
        "started"
    );

    tokio::spawn(tick(Arc::clone(&aggregation)));
    let relay = Arc::new(Relay::new(current, aggregation, next_hop, config.limits));
    let pages = Pages {
        relay: Arc::clone(&relay),
        prometheus,
        token: token.map(Arc::from),
        files: Arc::from(files),
    };
    tokio::spawn(axum::serve(status_listener, pages.router()).into_future());

    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_serving::<VectorService>().await;
    let service = VectorService(Arc::clone(&relay));
    let (drain, mut drained) = watch::channel(false);
    let stop = async move { drop(drained.wait_for(|drained| *drained).await) };
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let router = server.add_service(service).add_service(health);
    let serving = tokio::spawn(router.serve_with_incoming_shutdown(incoming, stop));

    // An error means that nobody can ask to stop any more: then stop as well.
    let _ = stopped.wait_for(|stopped| *stopped).await;
    tracing::info!("stopping: requests in flight may finish");
    relay.drain();
    reporter.set_not_serving::<VectorService>().await;
    let _ = drain.send(true);
    match tokio::time::timeout(config.shutdown(), serving).await {
        Ok(Ok(result)) => result?,
        Ok(Err(panicked)) => tracing::error!("the server failed: {panicked}"),
        Err(_) => tracing::warn!("gave up requests in flight; their sender will try again"),
    }
    tracing::info!("stopped");
    Ok(())
}

/// Keeps what is to outlive a restart, also while no events come.
async fn tick(aggregation: Arc<Aggregation>) {
    let mut interval = tokio::time::interval(SAVE_EVERY);
    loop {
        interval.tick().await;
        tokio::task::block_in_place(|| aggregation.tick());
    }
}

/// The windows bound what a connection may send before its requests have their
/// turn.
fn server(config: &Config) -> Result<Server, ServeError> {
    const STREAM_WINDOW: u32 = 1 << 20;
    const CONNECTION_WINDOW: u32 = 4 << 20;
    let keepalive = config.keepalive.pings();
    let server = Server::builder()
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keepalive_interval(Some(keepalive.interval))
        .http2_keepalive_timeout(Some(keepalive.timeout));
    Ok(match config.tls.server()? {
        Some(tls) => server.tls_config(tls).map_err(ServeError::TlsSetup)?,
        None => server,
    })
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

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })
}

/// The address as it came to be, when any free port was asked for.
fn local(listener: &TcpListener) -> String {
    listener.local_addr().map_or_else(|error| error.to_string(), |address| address.to_string())
}
