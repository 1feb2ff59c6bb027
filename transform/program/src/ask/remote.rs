//! A running process, asked over HTTP.

use std::{io, path::Path, time::Duration};

use reqwest::{Client, Method, Url, redirect};
use signatures_alerts::legible;
use signatures_command_line::columns;
use signatures_delivery::Secret;
use signatures_document::file::read_regular;
use signatures_operations::commands::{Access, Command};

use super::args::Format;

/// How long the answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it may be, in bytes.
const MOST_BYTES: usize = 16 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RemoteError {
    /// It is no address.
    #[error("`{0}` is no http:// or https:// URL")]
    Url(String),
    /// The token cannot be read.
    #[error("cannot read {path}: {error}")]
    Token {
        /// Where.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// It was not reached.
    #[error("cannot ask {url}: {reason}")]
    Unreachable {
        /// Who.
        url: Url,
        /// Why.
        reason: String,
    },
    /// It says no.
    #[error("{0}")]
    Refused(String),
}

/// Asks; the lines of the answer.
pub(super) fn ask(
    url: &str,
    token_file: Option<&Path>,
    command: &Command,
    format: Format,
) -> Result<Vec<String>, RemoteError> {
    let bad = || RemoteError::Url(url.to_owned());
    let mut base: Url = url.parse().map_err(|_| bad())?;
    if !matches!(base.scheme(), "http" | "https") {
        return Err(bad());
    }
    base.path_segments_mut().map_err(|()| bad())?.pop_if_empty().extend(["api", command.name()]);
    let token = token_file.map(token).transpose()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let failed = |reason: String| RemoteError::Unreachable { url: base.clone(), reason };
    let runtime = runtime.map_err(|error| failed(error.to_string()))?;
    let answered = runtime.block_on(send(&base, token.as_ref(), command, format));
    let (status, body) = answered.map_err(|error| failed(chain(&error)))?;
    // Whoever answers may be somebody else.
    match (status, format) {
        (200, Format::Json) => Ok(vec![legible::json(body.trim_end().to_owned())]),
        (200, Format::Table) => {
            Ok(legible::lines(body.trim_end()).lines().map(str::to_owned).collect())
        }
        _ => Err(RemoteError::Refused(reason(status, &body))),
    }
}

async fn send(
    url: &Url,
    token: Option<&Secret>,
    command: &Command,
    format: Format,
) -> Result<(u16, String), reqwest::Error> {
    // An error says that one is installed already, which serves as well.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let builder = || {
        let agent = concat!("vector-signatures/", env!("CARGO_PKG_VERSION"));
        Client::builder().user_agent(agent).redirect(redirect::Policy::none()).timeout(PATIENCE)
    };
    // Images without any system around have no certificates, and may need none.
    let client = builder().build().or_else(|_| builder().tls_certs_only([]).build())?;
    let form =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(command.parameters()).finish();
    let mut request = match command.access() {
        Access::Reader => {
            let mut url = url.clone();
            url.set_query(Some(&form).filter(|form| !form.is_empty()).map(String::as_str));
            client.request(Method::GET, url)
        }
        Access::Operator => client
            .request(Method::POST, url.clone())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form),
    };
    if let Some(token) = token {
        request = request.bearer_auth(token.expose());
    }
    request = match format {
        Format::Json => request.header("accept", "application/json"),
        Format::Table => request.header("accept", "text/plain"),
    };
    if let Some(columns) = columns() {
        request = request.header("columns", columns.to_string());
    }
    let mut response = request.send().await?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk[..chunk.len().min(MOST_BYTES - body.len())]);
    }
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}

fn token(path: &Path) -> Result<Secret, RemoteError> {
    let failed = |error| RemoteError::Token { path: path.display().to_string(), error };
    let bytes = read_regular(path).map_err(failed)?;
    let text = String::from_utf8(bytes).map_err(|error| failed(io::Error::other(error)))?;
    Ok(Secret::new(text.trim()))
}

/// What it says, or what its status means where that is no answer of ours.
fn reason(status: u16, body: &str) -> String {
    let said = serde_json::from_str::<serde_json::Value>(body).ok();
    let said = said.as_ref().and_then(|value| value["error"].as_str());
    said.map_or_else(|| format!("it answers with status {status}"), legible::lines)
}

/// An error and its causes: the client's own message says nothing alone.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
