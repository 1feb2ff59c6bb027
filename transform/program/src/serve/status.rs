//! How the relay is: for orchestrators, for Prometheus, for people.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;
use signatures_operations::Process;

use super::{metrics, own_files::OwnFiles, relay::Relay};
use crate::{bootstrap::Running, log, tasks::TASKS};

/// What the pages tell of.
#[derive(Clone)]
pub(super) struct Pages {
    pub(super) relay: Arc<Relay>,
    pub(super) running: Arc<Running>,
    pub(super) prometheus: PrometheusHandle,
    pub(super) own_files: Arc<OwnFiles>,
}

impl Pages {
    pub(super) fn router(self) -> Router {
        let guarded = Router::new()
            .route("/readyz", get(readyz))
            .route("/metrics", get(render_metrics))
            .route("/status", get(status))
            .layer(middleware::from_fn_with_state(self.clone(), authorize));
        // That the process lives is no secret, and asked by those without one.
        let pages = guarded.route("/healthz", get(healthz)).with_state(self);
        // A connection is closed after a while, so it must not be kept for more.
        pages.layer(middleware::map_response(close))
    }
}

async fn close(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

async fn authorize(State(pages): State<Pages>, request: Request, next: Next) -> Response {
    let Some(token) = pages.own_files.token() else { return next.run(request).await };
    let given = request.headers().get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if given.is_some_and(|given| same(given, token.as_bytes())) {
        return next.run(request).await;
    }
    let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
    (StatusCode::UNAUTHORIZED, challenge, "a token is needed\n").into_response()
}

/// Compares in a time that tells nothing of where two texts differ.
fn same(given: &[u8], token: &[u8]) -> bool {
    let differences = given.iter().zip(token).fold(0, |sum, (a, b)| sum | (a ^ b));
    given.len() == token.len() && differences == 0
}

/// Whether all of the process works. Events go on all the same when it does not.
async fn healthz() -> Response {
    match TASKS.given_up() {
        None => "ok\n".into_response(),
        Some(task) => {
            let reason = format!("the task `{task}` failed, and was given up\n");
            (StatusCode::SERVICE_UNAVAILABLE, reason).into_response()
        }
    }
}

async fn readyz(State(pages): State<Pages>) -> Response {
    let reason = match pages.relay.is_draining() {
        true => Err("the process is about to end".to_owned()),
        false => pages.relay.next_hop.probe().await.map_err(|why| format!("next hop: {why}")),
    };
    match reason {
        Ok(()) => "ok\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, reason + "\n").into_response(),
    }
}

async fn render_metrics(State(pages): State<Pages>) -> Response {
    let aggregated = pages.relay.aggregation.aggregated().await;
    metrics::aggregation(&aggregated.stats, pages.running.current.reloads());
    metrics::process(log::unwritten(), TASKS.failures());
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, pages.prometheus.render()).into_response()
}

async fn status(State(pages): State<Pages>) -> Response {
    let Running { current, files, mode } = &*pages.running;
    let configuration = current.get();
    let aggregation = &pages.relay.aggregation;
    let aggregated = aggregation.aggregated().await;
    let status = signatures_operations::status(&Process {
        version: env!("CARGO_PKG_VERSION"),
        mode: *mode,
        files,
        taxonomy: configuration.classifier.taxonomy(),
        reloads: current.reloads(),
        aggregation: &aggregated,
        sinks: aggregation.sinks(),
    });
    match serde_json::to_string_pretty(&status) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body + "\n").into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}
