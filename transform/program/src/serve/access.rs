//! Who may look at the pages of the status address.

use std::net::IpAddr;

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, header, uri::Authority},
    response::{IntoResponse, Response},
};
use signatures_configuration::Host;

/// Who may look at the pages that tell more than yes or no.
pub(super) struct Access {
    /// By which, beside those of loopback, a browser may ask where no token is set.
    hosts: Vec<Host>,
}

impl Access {
    pub(super) fn new(hosts: &[Host]) -> Self {
        Self { hosts: hosts.to_vec() }
    }

    /// Why who asks may not look, if so; `token` is what has to stand in
    /// `Authorization: Bearer …`, if anything.
    pub(super) fn refusal(&self, token: Option<&str>, request: &Request) -> Option<Response> {
        let Some(token) = token else {
            let known = self.knows(request);
            return (!known).then(|| (StatusCode::FORBIDDEN, UNKNOWN_HOST).into_response());
        };
        let given = bearer(request.headers());
        if given.is_some_and(|given| same(given, token.as_bytes())) {
            return None;
        }
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
        Some((StatusCode::UNAUTHORIZED, challenge, "a token is needed\n").into_response())
    }

    /// Whether it is asked by a name of this machine. A page of the web can have its
    /// own name lead to loopback, and would read what stands here through the browser
    /// of who looks at it.
    fn knows(&self, request: &Request) -> bool {
        let of_header = || request.headers().get(header::HOST)?.to_str().ok();
        let host = request.uri().authority().map(Authority::as_str).or_else(of_header);
        let Some(host) = host.and_then(Host::of_header) else { return false };
        is_loopback(host.as_str()) || self.hosts.contains(&host)
    }
}

const UNKNOWN_HOST: &str =
    "this name is not known here: list it under status.hosts, or set a token\n";

/// The token after `Bearer`, in whatever case that is written.
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(b"Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}

/// Compares in a time that tells nothing of where two texts differ.
fn same(given: &[u8], token: &[u8]) -> bool {
    let differences = given.iter().zip(token).fold(0, |sum, (a, b)| sum | (a ^ b));
    given.len() == token.len() && differences == 0
}

fn is_loopback(name: &str) -> bool {
    match name.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn asked(uri: &str, headers: &[(&str, &str)]) -> Request {
        let request = Request::builder().uri(uri);
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.body(Body::empty()).unwrap()
    }

    fn status(access: &Access, token: Option<&str>, request: &Request) -> u16 {
        access.refusal(token, request).map_or(200, |response| response.status().as_u16())
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
}
