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

use super::{access::Access, config::MetricsAccess, metrics, own_files::OwnFiles, relay::Relay};
use crate::{bootstrap::Running, log, tasks::TASKS};

/// What the pages tell of.
#[derive(Clone)]
pub(super) struct Pages {
    pub(super) relay: Arc<Relay>,
    pub(super) running: Arc<Running>,
    pub(super) prometheus: PrometheusHandle,
    pub(super) own_files: Arc<OwnFiles>,
    pub(super) access: Arc<Access>,
    pub(super) metrics: MetricsAccess,
}

impl Pages {
    pub(super) fn router(self) -> Router {
        let guard = || middleware::from_fn_with_state(self.clone(), authorize);
        let metrics = match self.metrics {
            MetricsAccess::Token => get(render_metrics).layer(guard()),
            MetricsAccess::Open => get(render_metrics),
        };
        let pages = Router::new()
            .route("/status", get(status).layer(guard()))
            .route("/metrics", metrics)
            .route("/readyz", get(readyz))
            .route("/healthz", get(healthz))
            .with_state(self);
        // A connection is closed after a while, so it must not be kept for more.
        pages.layer(middleware::map_response(close))
    }

    /// Yes or no, which is asked by those without a token too. The reason for a no, and
    /// what there is to say beside a yes, is for those who may look.
    fn answer(&self, request: &Request, answer: Result<Option<String>, String>) -> Response {
        let may_look = self.refusal(request).is_none();
        match answer {
            Ok(Some(fault)) if may_look => format!("ok, but {fault}\n").into_response(),
            Ok(_) => "ok\n".into_response(),
            Err(reason) => {
                let reason = if may_look { reason } else { "no".to_owned() };
                (StatusCode::SERVICE_UNAVAILABLE, reason + "\n").into_response()
            }
        }
    }

    /// Why who asks may not look, if so.
    fn refusal(&self, request: &Request) -> Option<Response> {
        self.access.refusal(self.own_files.token().as_deref(), request)
    }
}

async fn close(mut response: Response) -> Response {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

async fn authorize(State(pages): State<Pages>, request: Request, next: Next) -> Response {
    match pages.refusal(&request) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    }
}

/// Whether all of the process works. Events go on all the same when it does not.
async fn healthz(State(pages): State<Pages>, request: Request) -> Response {
    let failed = |task| Err(format!("the task `{task}` failed, and was given up"));
    pages.answer(&request, TASKS.given_up().map_or(Ok(None), failed))
}

/// Whether events flow. They do without the state directory too, which is said.
async fn readyz(State(pages): State<Pages>, request: Request) -> Response {
    let answer = match pages.relay.is_draining() {
        true => Err("the process is about to end".to_owned()),
        false => match pages.relay.next_hop.probe().await {
            Ok(_) => Ok(pages.relay.aggregation.state_directory_fault()),
            Err(why) => Err(format!("next hop: {why}")),
        },
    };
    pages.answer(&request, answer)
}

async fn render_metrics(State(pages): State<Pages>) -> Response {
    let aggregated = pages.relay.aggregation.aggregated().await;
    metrics::aggregation(&aggregated.stats, pages.running.current.reloads());
    metrics::process(log::unwritten(), TASKS.failures());
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, pages.prometheus.render()).into_response()
}

async fn status(State(pages): State<Pages>) -> Response {
    let Running { current, files, mode, .. } = &*pages.running;
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
        state_directory_fault: aggregation.state_directory_fault(),
    });
    match serde_json::to_string_pretty(&status) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body + "\n").into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}
