//! Logging in by a form: a browser cannot send a token by itself.

use std::{sync::Arc, time::Instant};

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};

use super::{
    access::{COOKIE, Refusal, cookie, is_foreign},
    page,
    request::{of_body, of_query},
    sessions::LASTS,
    site::{Site, peer},
};

/// The form.
pub(crate) async fn form(State(site): State<Site>, uri: Uri) -> Response {
    let next = next(&of_query(&uri));
    page::login(&next, None, site.host.keys().has_operators()).into_response()
}

/// What the form sends.
pub(crate) async fn log_in(State(site): State<Site>, parts: Parts, body: Bytes) -> Response {
    let parameters = of_body(&parts.headers, &body).unwrap_or_default();
    let next = next(&parameters);
    let keys = site.host.keys();
    let refuse = |refusal: Refusal| {
        let form = page::login(&next, Some(refusal.reason()), keys.has_operators());
        (refusal.status(), form).into_response()
    };
    // Nobody is to be logged in as somebody else by another page.
    if is_foreign(&parts, true) {
        return refuse(Refusal::ForeignOrigin);
    }
    let token = parameters.iter().find(|(name, _)| name == "token");
    let token = token.map(|(_, token)| token.trim()).unwrap_or_default();
    let now = Instant::now();
    let holder = match site.access.holder(&keys, token.as_bytes(), peer(&parts), now) {
        Ok(holder) => holder,
        Err(refusal) => return refuse(refusal),
    };
    let Some(secret) = keys.token_of(&holder).cloned() else { return refuse(Refusal::TokenNeeded) };
    match site.access.sessions.begin(holder, secret, now) {
        Ok(id) => {
            let cookie = set_cookie(&parts.headers, &id, LASTS.as_secs());
            ([(header::SET_COOKIE, cookie)], Redirect::to(&next)).into_response()
        }
        Err(error) => {
            let reason = format!("cannot log anybody in: {error}\n");
            (StatusCode::INTERNAL_SERVER_ERROR, reason).into_response()
        }
    }
}

/// Ends the login that the browser shows.
pub(crate) async fn log_out(State(site): State<Site>, parts: Parts) -> Response {
    if is_foreign(&parts, true) {
        return Refusal::ForeignOrigin.into_response();
    }
    if let Some(id) = cookie(&parts.headers) {
        site.access.sessions.end(id);
    }
    let gone = set_cookie(&parts.headers, "", 0);
    ([(header::SET_COOKIE, gone)], Redirect::to("/")).into_response()
}

/// Not for scripts, not for other sites, and not unencrypted where it came encrypted.
fn set_cookie(headers: &HeaderMap, id: &str, seconds: u64) -> String {
    let begins = |name: header::HeaderName, text: &str| {
        headers.get(name).is_some_and(|value| value.as_bytes().starts_with(text.as_bytes()))
    };
    let forwarded = header::HeaderName::from_static("x-forwarded-proto");
    let is_https = begins(header::ORIGIN, "https://") || begins(forwarded, "https");
    let secure = if is_https { "; Secure" } else { "" };
    format!("{COOKIE}={id}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// Where to go behind the login: a place here, and nowhere else.
fn next(parameters: &[(String, String)]) -> String {
    let next = parameters.iter().find(|(name, _)| name == "next").map(|(_, next)| next.as_str());
    local(next.unwrap_or_default()).to_owned()
}

/// A path of this site, or its beginning where it is something else.
pub(crate) fn local(path: &str) -> &str {
    let is_path = path.starts_with('/') && !path.starts_with("//");
    let is_plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_path && is_plain { path } else { "/" }
}

/// The form in place of what needs a token.
pub(crate) fn instead_of(site: &Site, parts: &Parts, refusal: Refusal) -> Response {
    let next = local(parts.uri.path_and_query().map_or("/", |path| path.as_str()));
    let reason = Some(refusal.reason()).filter(|_| refusal != Refusal::TokenNeeded);
    let has_operators = Arc::clone(&site.host.keys()).has_operators();
    (refusal.status(), page::login(next, reason, has_operators)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_leads_nowhere_else() {
        for path in ["/", "/errors/f6942a7ed95e?a=b#c"] {
            assert_eq!(local(path), path);
        }
        for path in ["", "//evil.example", "https://evil.example", "/\\evil.example", "/\r\nx", "x"]
        {
            assert_eq!(local(path), "/");
        }
    }

    #[test]
    fn a_cookie_is_for_nobody_else() {
        let cookie = |name: &'static str, value: &str| {
            let name = header::HeaderName::from_static(name);
            set_cookie(&HeaderMap::from_iter([(name, value.parse().unwrap())]), "1f", 43200)
        };
        let plain = "signatures_login=1f; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict";
        assert_eq!(cookie("origin", "http://localhost:6102"), plain);
        assert_eq!(cookie("origin", "https://alerts.example"), format!("{plain}; Secure"));
        assert_eq!(cookie("x-forwarded-proto", "https"), format!("{plain}; Secure"));
    }
}
