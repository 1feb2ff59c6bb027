//! How the process is, for machines: health, readiness, metrics, status.

use axum::{
    extract::State,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use super::{access::Caller, site::Site};

/// Whether all of the process works. Events go on all the same when it does not.
pub(crate) async fn healthz(State(site): State<Site>, parts: Parts) -> Response {
    let health = site.host.health().map(|()| None);
    yes_or_no(&site, &parts, health)
}

/// Whether events flow. They do without the state directory too, which is said.
pub(crate) async fn readyz(State(site): State<Site>, parts: Parts) -> Response {
    let readiness = site.host.readiness().await;
    yes_or_no(&site, &parts, readiness)
}

pub(crate) async fn metrics(_: Caller, site: State<Site>) -> Response {
    open_metrics_page(site).await
}

pub(crate) async fn open_metrics_page(State(site): State<Site>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    match site.host.metrics().await {
        Some(metrics) => (kind, metrics).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(crate) async fn status(_: Caller, State(site): State<Site>) -> Response {
    let desk = site.host.desk().await;
    match desk.status().map(serde_json::to_string_pretty) {
        Some(Ok(body)) => {
            ([(header::CONTENT_TYPE, "application/json")], body + "\n").into_response()
        }
        Some(Err(error)) => {
            (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Yes or no, which is asked by those without a token too. The reason for a no, and
/// what there is to say beside a yes, is for those who may look.
fn yes_or_no(site: &Site, parts: &Parts, answer: Result<Option<String>, String>) -> Response {
    let may_look = site.caller(parts).is_ok();
    match answer {
        Ok(Some(fault)) if may_look => format!("ok, but {fault}\n").into_response(),
        Ok(_) => "ok\n".into_response(),
        Err(reason) => {
            let reason = if may_look { reason } else { "no".to_owned() };
            (StatusCode::SERVICE_UNAVAILABLE, reason + "\n").into_response()
        }
    }
}
