//! How the relay is: for orchestrators, for Prometheus, for people.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use super::{metrics, relay::Relay};

/// How many errors that no signature knows `/status` shows.
const SHOWN_GROUPS: usize = 50;

/// What the pages tell of.
#[derive(Clone)]
pub(super) struct Pages {
    pub(super) relay: Arc<Relay>,
    pub(super) prometheus: PrometheusHandle,
    pub(super) token: Option<Arc<str>>,
    pub(super) files: Arc<str>,
}

impl Pages {
    pub(super) fn router(self) -> Router {
        let guarded = Router::new()
            .route("/readyz", get(readyz))
            .route("/metrics", get(render_metrics))
            .route("/status", get(status))
            .layer(middleware::from_fn_with_state(self.clone(), authorize));
        // That the process lives is no secret, and asked by those without one.
        guarded.route("/healthz", get(|| async { "ok\n" })).with_state(self)
    }
}

async fn authorize(State(pages): State<Pages>, request: Request, next: Next) -> Response {
    let Some(token) = &pages.token else { return next.run(request).await };
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
    metrics::aggregation(&pages.relay.aggregation.stats(), pages.relay.rules.reloads());
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, pages.prometheus.render()).into_response()
}

async fn status(State(pages): State<Pages>) -> Response {
    let relay = &pages.relay;
    let (reloads, failed) = relay.rules.reloads();
    let stats = relay.aggregation.stats();
    let body = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "mode": relay.aggregation.mode,
        "files": &*pages.files,
        "signatures": relay.rules.get().classifier.taxonomy().signatures.len(),
        "reloads": {"ok": reloads, "failed": failed},
        "aggregation": {
            "fingerprints": stats.live,
            "alerts": stats.alerts,
            "suppressed": stats.suppressed,
            "evicted": stats.evicted,
        },
        "sinks": relay.aggregation.sinks(),
        "generic": relay.aggregation.generic(SHOWN_GROUPS),
    });
    ([(header::CONTENT_TYPE, "application/json")], format!("{body:#}\n")).into_response()
}
