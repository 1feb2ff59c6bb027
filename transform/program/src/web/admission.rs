//! Who may look, asked before anything is answered.

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse, Response},
};

use super::{
    access::{Caller, Refusal},
    page,
    request::{Form, local},
    responses,
    site::Site,
};

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
        return responses::refusal(refusal);
    }
    match Form::wanted(&parts.headers, Form::Text) {
        Form::Html => log_in_first(site, parts, refusal),
        Form::Json | Form::Text => refusal.into_response(),
    }
}

/// The form in place of what needs a token.
fn log_in_first(site: &Site, parts: &Parts, refusal: Refusal) -> Response {
    let next = local(parts.uri.path_and_query().map_or("/", |path| path.as_str()));
    let reason = Some(refusal.reason()).filter(|_| refusal != Refusal::TokenNeeded);
    let has_operators = site.host.keys().has_operators();
    (refusal.status(), page::login(next, reason, has_operators)).into_response()
}
