//! Who asks, and what they may.

use std::{
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use axum::{
    extract::connect_info::Connected,
    http::{HeaderMap, StatusCode, Uri, header, request::Parts, uri::Authority},
    response::{IntoResponse, Response},
    serve::IncomingStream,
};
use signatures_configuration::Host;

use super::{
    keys::{Holder, Keys},
    sessions::Sessions,
    tries::Tries,
};
use crate::net::Listener;

/// What a login's cookie is called.
pub(crate) const COOKIE: &str = "signatures_login";

/// Who may look at the pages that tell more than yes or no, and who may change
/// something.
#[derive(Debug, Default)]
pub(crate) struct Access {
    /// By which, beside those of loopback, a browser may ask where no token is set.
    hosts: Vec<Host>,
    pub(crate) sessions: Sessions,
    pub(crate) tries: Tries,
}

/// The address that a request comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Somebody who may look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Who has shown a token, or logged in with one; none where nobody has to.
    pub(crate) holder: Option<Holder>,
    /// Whether it was the cookie of a login: a browser sends that by itself.
    pub(crate) by_cookie: bool,
}

/// Why something is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Asked by a name that is not of this machine.
    UnknownHost,
    /// Nobody showed a token, or a wrong one.
    TokenNeeded,
    /// The token may look, and no more.
    NoOperator,
    /// Another page had the browser ask.
    ForeignOrigin,
    /// Too many wrong tokens came from there.
    TooManyTries,
}

impl Access {
    pub(crate) fn new(hosts: &[Host]) -> Self {
        Self { hosts: hosts.to_vec(), ..Self::default() }
    }

    /// Who asks.
    ///
    /// # Errors
    /// Why they may not even look.
    pub(crate) fn caller(
        &self,
        keys: &Keys,
        request: &Parts,
        peer: IpAddr,
        now: Instant,
    ) -> Result<Caller, Refusal> {
        let are_there_keys = keys.has_reader() || keys.has_operators();
        if let Some(given) = bearer(&request.headers).filter(|_| are_there_keys) {
            let holder = self.holder(keys, given, peer, now)?;
            return Ok(Caller { holder: Some(holder), by_cookie: false });
        }
        let session = cookie(&request.headers);
        let session = session.and_then(|id| self.sessions.holder(id, keys, now));
        if let Some(holder) = session {
            return Ok(Caller { holder: Some(holder), by_cookie: true });
        }
        if keys.has_reader() {
            return Err(Refusal::TokenNeeded);
        }
        match self.knows(&request.uri, &request.headers) {
            true => Ok(Caller { holder: None, by_cookie: false }),
            false => Err(Refusal::UnknownHost),
        }
    }

    /// Whose token that is.
    ///
    /// # Errors
    /// When it is nobody's, or too many were nobody's that came from there.
    pub(crate) fn holder(
        &self,
        keys: &Keys,
        given: &[u8],
        peer: IpAddr,
        now: Instant,
    ) -> Result<Holder, Refusal> {
        if self.tries.are_used_up(peer, now) {
            return Err(Refusal::TooManyTries);
        }
        keys.holder(given).ok_or_else(|| {
            self.tries.was_wrong(peer, now);
            Refusal::TokenNeeded
        })
    }

    /// Whether it is asked by a name of this machine. A page of the web can have its
    /// own name lead to loopback, and would read what stands here through the browser
    /// of who looks at it.
    fn knows(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let Some(host) = host(uri, headers).and_then(Host::of_header) else { return false };
        is_loopback(host.as_str()) || self.hosts.contains(&host)
    }
}

impl Caller {
    /// The name of who asks, if that one may change something.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn operator(&self, request: &Parts) -> Result<&str, Refusal> {
        if is_foreign(request, self.by_cookie) {
            return Err(Refusal::ForeignOrigin);
        }
        match &self.holder {
            Some(Holder::Operator(name)) => Ok(name),
            Some(Holder::Reader) => Err(Refusal::NoOperator),
            None => Err(Refusal::TokenNeeded),
        }
    }
}

/// Whether another page had a browser ask. Every browser says so in one of two
/// headers when something is posted; who is known by a cookie has to.
pub(crate) fn is_foreign(request: &Parts, is_browser: bool) -> bool {
    let text = |name| request.headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text("sec-fetch-site") {
        return site != "same-origin";
    }
    match text(header::ORIGIN.as_str()) {
        Some(origin) => {
            let of = origin.split_once("://").map(|(_, authority)| authority);
            of.is_none() || of != host(&request.uri, &request.headers)
        }
        None => is_browser,
    }
}

/// The name that something is asked by.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let of_header = || headers.get(header::HOST)?.to_str().ok();
    uri.authority().map(Authority::as_str).or_else(of_header)
}

/// What the cookie of a login holds.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<&str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(name, value)| (name.trim() == COOKIE).then_some(value.trim()))
}

impl Connected<IncomingStream<'_, Listener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Listener>) -> Self {
        let address: &SocketAddr = stream.remote_addr();
        Self(address.ip())
    }
}

impl Refusal {
    /// How HTTP says it.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::TokenNeeded => StatusCode::UNAUTHORIZED,
            Self::TooManyTries => StatusCode::TOO_MANY_REQUESTS,
            Self::UnknownHost | Self::NoOperator | Self::ForeignOrigin => StatusCode::FORBIDDEN,
        }
    }

    /// What people read.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::UnknownHost => {
                "this name is not known here: list it under status.hosts, or set a token"
            }
            Self::TokenNeeded => "a token is needed",
            Self::NoOperator => "a token of write_tokens_file is needed: this one may look",
            Self::ForeignOrigin => "another page asked for it",
            Self::TooManyTries => "too many wrong tokens came from there: wait a minute",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status(), format!("{}\n", self.reason())).into_response();
        let more = match self {
            Self::TokenNeeded => Some((header::WWW_AUTHENTICATE, "Bearer")),
            Self::TooManyTries => Some((header::RETRY_AFTER, "60")),
            _ => None,
        };
        if let Some((name, value)) = more {
            response.headers_mut().insert(name, header::HeaderValue::from_static(value));
        }
        response
    }
}

/// The token after `Bearer`, in whatever case that is written.
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(b"Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}

fn is_loopback(name: &str) -> bool {
    match name.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, path::Path, time::Duration};

    use axum::http::Request;

    use super::*;

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    fn asked(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let request = Request::builder().uri(uri);
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap().into_parts().0
    }

    fn status(access: &Access, token: Option<&str>, request: &Parts) -> u16 {
        let keys = Keys::new(token, None).unwrap();
        let caller = access.caller(&keys, request, PEER, Instant::now());
        caller.map_or_else(|refusal| refusal.status().as_u16(), |_| 200)
    }

    #[test]
    fn without_a_token_only_names_of_this_machine_and_those_listed_are_answered() {
        let hosts = ["signatures.internal", "10.0.0.7", "fd00::7"];
        let hosts = hosts.map(|host| Host::try_from(host.to_owned()).unwrap());
        let access = Access::new(&hosts);
        for host in [
            "localhost",
            "LOCALHOST:6102",
            "localhost.:6102",
            "relay.localhost",
            "127.0.0.1:6102",
            "127.9.9.9",
            "[::1]:6102",
            "[::ffff:127.0.0.1]",
            "signatures.internal:6102",
            "Signatures.Internal",
            "10.0.0.7",
            "[::ffff:10.0.0.7]:6102",
            "[fd00::7]:6102",
            "[FD00:0::7]",
        ] {
            assert_eq!(status(&access, None, &asked("/status", &[("host", host)])), 200, "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:6102",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "notlocalhost",
            "10.0.0.8",
            "[::2]",
            "",
            "@localhost",
            "evil.example:localhost",
            "[::1]evil.example",
            "http://localhost",
        ] {
            assert_eq!(status(&access, None, &asked("/status", &[("host", host)])), 403, "{host}");
        }
        assert_eq!(status(&access, None, &asked("/status", &[])), 403, "no name at all");
        // As HTTP/2 and proxies write it; what the header says besides does not matter.
        let evil = asked("http://evil.example/status", &[("host", "localhost")]);
        assert_eq!(status(&access, None, &evil), 403);
    }

    #[test]
    fn with_a_token_the_token_alone_decides() {
        let (access, token) = (Access::new(&[]), Some("s3cret"));
        for (value, expected) in [
            ("Bearer s3cret", 200),
            ("bearer s3cret", 200),
            ("BEARER  s3cret ", 200),
            ("Bearer s3cre", 401),
            ("Bearer s3crets", 401),
            ("Bearer S3CRET", 401),
            ("Basic s3cret", 401),
            ("Bearer", 401),
            ("Bearer ", 401),
            ("s3cret", 401),
        ] {
            let headers = [("host", "any.example"), ("authorization", value)];
            assert_eq!(status(&access, token, &asked("/status", &headers)), expected, "{value}");
        }
        assert_eq!(status(&access, token, &asked("/status", &[("host", "localhost")])), 401);
    }

    #[test]
    fn who_guesses_has_to_wait_and_who_says_nothing_does_not() {
        let (access, keys) = (Access::new(&[]), Keys::new(Some("s3cret"), None).unwrap());
        let start = Instant::now();
        let status = |headers: &[(&str, &str)], second| {
            let now = start + Duration::from_secs(second);
            let caller = access.caller(&keys, &asked("/", headers), PEER, now);
            caller.map_or_else(|refusal| refusal.status().as_u16(), |_| 200)
        };
        let [wrong, right] = ["Bearer guess", "Bearer s3cret"].map(|v| [("authorization", v)]);
        (0..20).for_each(|_| assert_eq!(status(&[], 0), 401));
        (0..10).for_each(|_| assert_eq!(status(&wrong, 0), 401));
        assert_eq!((status(&wrong, 1), status(&right, 1)), (429, 429));
        assert_eq!(status(&right, 61), 200);
    }

    #[test]
    fn only_operators_change_something_and_no_page_of_others() {
        let operators = Some((Path::new("f"), "dana:0123456789abcdef"));
        let keys = Keys::new(Some("s3cret"), operators).unwrap();
        let dana = keys.holder(b"0123456789abcdef").unwrap();
        let operator = |holder, by_cookie, headers: &[(&str, &str)]| {
            let headers = [&[("host", "signatures:6102")], headers].concat();
            let caller = Caller { holder, by_cookie };
            caller.operator(&asked("/api/ack", &headers)).map(str::to_owned)
        };
        let own = ("origin", "http://signatures:6102");
        let ok = Ok("dana".to_owned());
        for headers in [
            &[own][..],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://behind.a.proxy")],
        ] {
            assert_eq!(operator(Some(dana.clone()), true, headers), ok, "{headers:?}");
            assert_eq!(operator(Some(Holder::Reader), true, headers), Err(Refusal::NoOperator));
            assert_eq!(operator(None, false, headers), Err(Refusal::TokenNeeded));
        }
        // A program says nothing of where it stands, and is known by its token.
        assert_eq!(operator(Some(dana.clone()), false, &[]), ok);
        for headers in [
            &[("origin", "http://evil.example")][..],
            &[("origin", "http://signatures:6103")],
            &[("origin", "http://signatures")],
            &[("origin", "null")],
            &[("origin", "")],
            &[own, ("sec-fetch-site", "cross-site")],
            &[own, ("sec-fetch-site", "same-site")],
            &[own, ("sec-fetch-site", "none")],
        ] {
            for by_cookie in [false, true] {
                let refused = operator(Some(dana.clone()), by_cookie, headers);
                assert_eq!(refused, Err(Refusal::ForeignOrigin), "{headers:?}");
            }
        }
        assert_eq!(operator(Some(dana), true, &[]), Err(Refusal::ForeignOrigin));
    }

    #[test]
    fn a_login_is_found_among_other_cookies() {
        let of = |value| cookie(&asked("/", &[("cookie", value)]).headers).map(str::to_owned);
        assert_eq!(of("a=b; signatures_login=1f; c"), Some("1f".to_owned()));
        assert_eq!(of("signatures_login2=1f; x"), None);
    }
}
