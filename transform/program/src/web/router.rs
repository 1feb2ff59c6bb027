//! Every path of the status address, and what goes for all.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, header},
    middleware,
    response::Response,
    routing::{any, get, post},
};

use signatures_operations::commands::{COMMANDS, Specification};

use super::{api, assets, form, health, login, openapi, page, site::Site};

/// How long a body may be: a line to classify, or a form.
const BODY_BYTES: usize = 64 << 10;

/// All of it; `open_metrics`: whether these are for everybody.
pub(crate) fn router(site: Site, open_metrics: bool) -> Router {
    let metrics = if open_metrics { get(health::open_metrics_page) } else { get(health::metrics) };
    let paths = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", metrics)
        .route("/status", get(health::status))
        .route("/api/openapi.json", get(openapi::openapi))
        .route("/api/{command}", any(api::unknown))
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
        .route("/assets/{name}", get(assets::asset));
    let command = |paths: Router<Site>, command: &'static Specification| {
        paths.route(&format!("/api/{}", command.name), api::methods(command))
    };
    let paths = COMMANDS.iter().fold(paths, command);
    let paths = paths.layer(DefaultBodyLimit::max(BODY_BYTES)).with_state(site);
    paths.layer(middleware::map_response(for_all))
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
