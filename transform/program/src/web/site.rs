//! Every path of the status address, and what goes for all.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Instant,
};

use axum::{
    Router,
    extract::{ConnectInfo, DefaultBodyLimit, FromRequestParts, State},
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use signatures_operations::{Answer, AnswerError, Who, commands::Command};
use tokio::sync::Semaphore;

use super::{
    access::{Access, Caller, Peer, Refusal},
    api, assets, form,
    host::Host,
    login, openapi, page,
    request::Form,
};

/// How long a body may be: a line to classify, or a form.
const BODY_BYTES: usize = 64 << 10;

/// How many look into the memory at a time: it is for people, and events go first.
const AT_A_TIME: usize = 2;

/// What the paths have in common.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) access: Arc<Access>,
    turns: Arc<Semaphore>,
}

impl Site {
    pub(crate) fn new(host: Arc<dyn Host>, access: Arc<Access>) -> Self {
        Self { host, access, turns: Arc::new(Semaphore::new(AT_A_TIME)) }
    }

    /// All of it; `open_metrics`: whether these are for everybody.
    pub(crate) fn router(self, open_metrics: bool) -> Router {
        let metrics = if open_metrics { get(open_metrics_page) } else { get(metrics) };
        let site = Router::new()
            .route("/healthz", get(healthz))
            .route("/readyz", get(readyz))
            .route("/metrics", metrics)
            .route("/status", get(status))
            .route("/api/openapi.json", get(openapi::openapi))
            .route("/api/{command}", get(api::get).post(api::post))
            .route("/", get(page::overview))
            .route("/parts/{part}", get(page::part))
            .route("/errors/{group}", get(page::error))
            .route("/errors/{group}/samples", get(page::samples))
            .route("/signatures/{signature}", get(page::signature))
            .route("/alerts/{id}", get(page::alert))
            .route("/silences/{id}", get(page::silence))
            .route("/do/{command}", post(form::act))
            .route("/login", get(login::form).post(login::log_in))
            .route("/logout", post(login::log_out))
            .route("/assets/{name}", get(assets::asset))
            .layer(DefaultBodyLimit::max(BODY_BYTES))
            .with_state(self);
        site.layer(middleware::map_response(for_all))
    }

    /// Who asks.
    fn caller(&self, parts: &Parts) -> Result<Caller, Refusal> {
        self.access.caller(&self.host.keys(), parts, peer(parts), Instant::now())
    }

    /// Does what a command asks for, in its turn: it may read a lot.
    pub(crate) async fn answer(&self, command: Command, who: Who) -> Result<Answer, AnswerError> {
        self.look(move |desk| desk.answer(&command, &who, jiff::Timestamp::now())).await
    }

    /// Has somebody look at the memory, in turn.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&signatures_operations::Desk) -> Result<T, AnswerError> + Send + 'static,
    ) -> Result<T, AnswerError> {
        let Ok(_turn) = self.turns.acquire().await else { return Err(AnswerError::Failed) };
        let desk = self.host.desk().await;
        // Who is not to wait for it, such as /healthz, does not.
        let looked = tokio::task::spawn_blocking(move || look(&desk)).await;
        looked.unwrap_or(Err(AnswerError::Failed))
    }

    /// Yes or no, which is asked by those without a token too. The reason for a no, and
    /// what there is to say beside a yes, is for those who may look.
    fn yes_or_no(&self, parts: &Parts, answer: Result<Option<String>, String>) -> Response {
        let may_look = self.caller(parts).is_ok();
        match answer {
            Ok(Some(fault)) if may_look => format!("ok, but {fault}\n").into_response(),
            Ok(_) => "ok\n".into_response(),
            Err(reason) => {
                let reason = if may_look { reason } else { "no".to_owned() };
                (StatusCode::SERVICE_UNAVAILABLE, reason + "\n").into_response()
            }
        }
    }
}

/// Who asks, if they may look.
impl FromRequestParts<Site> for Caller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Response> {
        site.caller(parts).map_err(|refusal| refuse(site, parts, refusal))
    }
}

/// Says no in the form that is asked for.
pub(crate) fn refuse(site: &Site, parts: &Parts, refusal: Refusal) -> Response {
    if parts.uri.path().starts_with("/api/") {
        return api::refusal(refusal);
    }
    match Form::wanted(&parts.headers, Form::Text) {
        Form::Html => login::instead_of(site, parts, refusal),
        Form::Json | Form::Text => refusal.into_response(),
    }
}

/// Where a request comes from.
pub(crate) fn peer(parts: &Parts) -> IpAddr {
    let known = parts.extensions.get::<ConnectInfo<Peer>>();
    known.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(Peer(address))| *address)
}

/// Whether all of the process works. Events go on all the same when it does not.
async fn healthz(State(site): State<Site>, parts: Parts) -> Response {
    let health = site.host.health().map(|()| None);
    site.yes_or_no(&parts, health)
}

/// Whether events flow. They do without the state directory too, which is said.
async fn readyz(State(site): State<Site>, parts: Parts) -> Response {
    let readiness = site.host.readiness().await;
    site.yes_or_no(&parts, readiness)
}

async fn metrics(_: Caller, site: State<Site>) -> Response {
    open_metrics_page(site).await
}

async fn open_metrics_page(State(site): State<Site>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    match site.host.metrics().await {
        Some(metrics) => (kind, metrics).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn status(_: Caller, State(site): State<Site>) -> Response {
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

/// Nothing from elsewhere is shown or run, nobody shows this in a page of theirs, and
/// no address of this leaves with a link.
const HEADERS: [(HeaderName, &str); 7] = [
    // A connection is closed after a while, so it must not be kept for more.
    (header::CONNECTION, "close"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
         img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

async fn for_all(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // What is going on now is of no use later, nor to others at the same machine.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
