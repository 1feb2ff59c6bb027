//! One HTTP request to a service, and what its answer means.

use std::{error::Error, fmt, path::Path, sync::Arc, time::Duration};

use reqwest::{
    Client, Url,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION},
    redirect,
};
use rustls::{
    ClientConfig,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use signatures_document::file::read_regular;
use signatures_protocol::client::{System, Trust};
use tracing::warn;

use super::{
    retry_after::retry_after,
    send_error::{Fault, SendError},
};
use crate::{secret::Scrubber, sink::Accepted};

/// How much of an answer is read, in bytes. Telegram repeats the message, each
/// character in up to twelve.
const MAX_ANSWER: usize = 64 << 10;

/// How requests are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeouts {
    /// How long connecting may take.
    pub(crate) connect: Duration,
    /// How long all of it may take.
    pub(crate) total: Duration,
}

/// Why a sink cannot be talked to at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HttpError {
    /// The address cannot be posted to.
    #[error("its address is no http:// or https:// URL")]
    Address,
    /// A header cannot be sent.
    #[error("the value of its header `{0}` cannot be sent")]
    Header(String),
    /// The file of certificates is of no use.
    #[error("cannot use the certificates of `{file}`: {reason}")]
    Certificates {
        /// Its path.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The TLS library refuses.
    #[error("cannot set up HTTPS: {0}")]
    Setup(String),
}

/// Talks HTTP for one sink. Redirects are not followed, since what is sent was
/// meant for the address that the operator gave.
#[derive(Clone)]
pub(crate) struct Http {
    client: Client,
    scrubber: Scrubber,
}

/// A service's answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The beginning of the body.
    pub(crate) body: String,
    /// Where a redirect leads to.
    location: Option<String>,
    /// How long the `Retry-After` header asks to wait.
    pub(crate) retry_after: Option<Duration>,
}

impl Http {
    /// Prepares a client.
    ///
    /// # Errors
    /// When the file of certificates holds none, or HTTPS cannot be set up.
    pub(crate) fn new(
        timeouts: Timeouts,
        ca_file: Option<&str>,
        scrubber: Scrubber,
    ) -> Result<Self, HttpError> {
        // An error says that one is installed already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            Client::builder()
                .user_agent(concat!("vector-signatures/", env!("CARGO_PKG_VERSION")))
                .redirect(redirect::Policy::none())
                .connect_timeout(timeouts.connect)
                .timeout(timeouts.total)
        };
        let client = match ca_file {
            Some(file) => builder().tls_backend_preconfigured(trusting(file)?).build(),
            None => builder().build().or_else(|error| {
                // Images without any system around have none, and may need none.
                warn!(
                    event = "signatures.certificates_unreadable",
                    error = chain(&error),
                    "the system's certificates cannot be used: no HTTPS without `ca_file`"
                );
                builder().tls_certs_only([]).build()
            }),
        };
        let client = client.map_err(|error| HttpError::Setup(chain(&error)))?;
        Ok(Self { client, scrubber })
    }

    /// Posts JSON. Whatever the answer says, it is an answer; an error is that
    /// there was none.
    ///
    /// # Errors
    /// When no answer came.
    pub(crate) async fn post(
        &self,
        url: &Address,
        headers: HeaderMap,
        body: String,
    ) -> Result<Answer, SendError> {
        let request = self
            .client
            .post(url.0.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .headers(headers)
            .body(body);
        let mut response = request.send().await.map_err(|error| self.fault(&error))?;
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let location = response.headers().get(LOCATION);
        let location = location.map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
        let mut body = Vec::new();
        // A body that breaks off or drips changes nothing about the status.
        while let Ok(Some(chunk)) = response.chunk().await {
            body.extend_from_slice(&chunk[..chunk.len().min(MAX_ANSWER - body.len())]);
            if body.len() == MAX_ANSWER {
                break;
            }
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status, body, location, retry_after })
    }

    /// Whether an answer says that the message was taken: a 2xx with a body as the
    /// service sends it.
    ///
    /// # Errors
    /// When it says something else.
    pub(crate) fn judge(
        &self,
        answer: Answer,
        is_the_service: impl FnOnce(&str) -> bool,
    ) -> Result<Accepted, SendError> {
        let Answer { status, body, location, retry_after } = answer;
        let excerpt = self.excerpt(&body);
        let fault = match status {
            200..=299 if is_the_service(&body) => {
                return Ok(Accepted::new(format!("{status} {excerpt}")));
            }
            200..=299 => Fault::Foreign { status, excerpt },
            300..=399 if location.is_some() => {
                let to = self.excerpt(&location.unwrap_or_default());
                Fault::Answered { status, excerpt: format!("it leads to {to}") }
            }
            _ => Fault::Answered { status, excerpt },
        };
        Err(SendError { fault, retry_after })
    }

    /// Some of a text from outside, without secrets, on one line.
    pub(crate) fn excerpt(&self, text: &str) -> String {
        self.scrubber.excerpt(text)
    }

    fn fault(&self, error: &reqwest::Error) -> Fault {
        let reason = || self.excerpt(&chain(error));
        if error.is_timeout() {
            Fault::Timeout
        } else if error.is_connect() {
            Fault::Unreachable(reason())
        } else {
            Fault::Broken(reason())
        }
    }
}

/// TLS that trusts the certificates of a file beside those of the system.
fn trusting(file: &str) -> Result<ClientConfig, HttpError> {
    let unusable = |reason| HttpError::Certificates { file: file.to_owned(), reason };
    let pem = read_regular(Path::new(file)).map_err(|error| unusable(error.to_string()))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let certificates = certificates.map_err(|error| unusable(error.to_string()))?;
    if certificates.is_empty() {
        return Err(unusable("it holds none".to_owned()));
    }
    let trust = Trust::new(certificates, System::Trusted);
    let trust = trust.map_err(|error| unusable(error.to_string()))?;
    let setup = |error: rustls::Error| HttpError::Setup(error.to_string());
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(setup)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trust))
        .with_no_client_auth();
    Ok(tls)
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

/// An address to post to, which does not show itself: most hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address(Url);

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// When the text is no HTTP URL.
    pub(crate) fn parse(text: &str) -> Result<Self, HttpError> {
        Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .map(Self)
            .ok_or(HttpError::Address)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address")
    }
}

/// A header's value that is not shown.
///
/// # Errors
/// When it holds what no header may.
pub(crate) fn header_value(name: &str, value: &str) -> Result<HeaderValue, HttpError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| HttpError::Header(name.to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The causes of an error, without the address, which may be a secret. The
/// outermost says no more than that a request failed.
fn chain(error: &reqwest::Error) -> String {
    error.source().map(signatures_protocol::client::chain).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_addresses_are_taken() {
        assert!(Address::parse("https://h/x").is_ok() && Address::parse("http://h:1").is_ok());
        for text in ["", "h", "ftp://h", "http://", "file:///etc"] {
            assert_eq!(Address::parse(text), Err(HttpError::Address), "{text}");
        }
    }
}
