//! `config/relay.yml`: every key is optional, and a flag or environment
//! variable goes before it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use signatures_configuration::{Host, source_of_bytes};
use signatures_document::file::read_once;
use signatures_protocol::client::{self, ClientConfig, KeptFiles, Tls, UnreadableFile};
use tonic::codec::CompressionEncoding;

use super::{hop_url::HopUrl, serve_error::ServeError};
use crate::{
    net::{Address, Bounds, Patience},
    web::Keys,
};

/// What the relay is set up to do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Where a `vector` sink finds the relay.
    pub(crate) listen: Option<Address>,
    /// TLS for those who connect: `crt_file` and `key_file`, and with `ca_file`
    /// they must show a certificate of that authority.
    pub(crate) tls: Tls,
    /// HTTP/2 pings towards those who connect.
    pub(crate) keepalive: Keepalive,
    /// The next hop.
    pub(crate) forward: Forward,
    /// Health and metrics.
    pub(crate) status: Status,
    /// What callers may cost.
    pub(crate) limits: Limits,
    /// How long requests in flight may take to finish at the end, in seconds.
    pub(crate) shutdown_seconds: Option<Seconds>,
    /// The taxonomy of error signatures.
    pub(crate) taxonomy: Option<PathBuf>,
    /// The settings of the alerts.
    pub(crate) alerts: Option<PathBuf>,
    /// Whether to aggregate errors into alerts.
    pub(crate) aggregate: Option<bool>,
    /// Whether to decide alerts and deliver none.
    pub(crate) shadow: Option<bool>,
    /// Where alerts wait until delivered, and cooldowns are kept over a restart.
    pub(crate) state_dir: Option<PathBuf>,
    /// How often to look for changes of both files, and of those of TLS and of the
    /// token, in seconds; 0 never.
    pub(crate) reload_seconds: Option<u64>,
}

/// Where events go.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Forward {
    /// `http://` or `https://`, host and port of a `vector` source.
    pub(crate) url: Option<HopUrl>,
    /// How requests are compressed.
    pub(crate) compression: Option<Compression>,
    /// How long a request may wait, from when it has come until the next hop has
    /// answered, tries included, in seconds.
    pub(crate) timeout_seconds: Option<Seconds>,
    /// How long connecting may take, in seconds.
    pub(crate) connect_timeout_seconds: Option<Seconds>,
    /// How many times a request is tried again when the next hop is away.
    pub(crate) retries: Option<u32>,
    /// HTTP/2 pings towards the next hop.
    pub(crate) keepalive: Keepalive,
    /// TLS of an `https://` URL: `ca_file` in place of the authorities that the
    /// system trusts, `crt_file` and `key_file` when it asks for a certificate.
    pub(crate) tls: Tls,
}

/// How requests are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Compression {
    /// Not at all.
    None,
    /// Gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// HTTP/2 pings, by which a dead connection is noticed.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Keepalive {
    /// The time between two, in seconds.
    pub(crate) interval_seconds: Option<Seconds>,
    /// How long the answer may take, in seconds.
    pub(crate) timeout_seconds: Option<Seconds>,
}

/// Where the relay tells how it is.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Status {
    /// The address of the page, the commands, `/healthz`, `/readyz`, `/metrics` and
    /// `/status`.
    pub(crate) address: Option<Address>,
    /// What has to stand in `Authorization: Bearer …`.
    pub(crate) token: Option<String>,
    /// A file that holds the token.
    pub(crate) token_file: Option<PathBuf>,
    /// A file with a line `name:token` for each who may change something.
    pub(crate) write_tokens_file: Option<PathBuf>,
    /// By which names, beside those of loopback, a browser may ask where no token is
    /// set.
    pub(crate) hosts: Vec<Host>,
    /// Who may read `/metrics`.
    pub(crate) metrics: MetricsAccess,
}

/// Who may read `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MetricsAccess {
    /// Who has the token, as for `/status`.
    #[default]
    Token,
    /// Everybody who reaches the address.
    Open,
}

/// What callers may cost.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// How long a request may be, decompressed, in bytes.
    pub(crate) message_bytes: Option<u32>,
    /// How many requests are sent on at a time; more have to wait.
    pub(crate) in_flight: Option<u16>,
    /// What all requests together may take of memory, in bytes.
    pub(crate) memory_bytes: Option<u64>,
    /// How long a message may take to come, waiting for memory included, in
    /// seconds.
    pub(crate) body_seconds: Option<Seconds>,
    /// How many connections there may be.
    pub(crate) connections: Option<u16>,
    /// How many of them from one address.
    pub(crate) connections_per_peer: Option<u16>,
    /// From the beginning of a connection to the head of its first request, in
    /// seconds.
    pub(crate) handshake_seconds: Option<Seconds>,
    /// How long a connection may be without a request, in seconds.
    pub(crate) idle_seconds: Option<Seconds>,
}

/// A time in seconds, fractions included.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub(crate) struct Seconds(Duration);

impl TryFrom<f64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        match Duration::try_from_secs_f64(seconds) {
            // A day, so that no sum of times overflows.
            Ok(time) if !time.is_zero() && time.as_secs() <= 86_400 => Ok(Self(time)),
            _ => Err("expected seconds, above 0 and up to 86400"),
        }
    }
}

impl std::str::FromStr for Seconds {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<f64>().map_err(|_| "expected seconds").and_then(Self::try_from)
    }
}

impl std::fmt::Debug for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Status").field("address", &self.address).finish_non_exhaustive()
    }
}

fn or(seconds: Option<Seconds>, default: u64) -> Duration {
    seconds.map_or(Duration::from_secs(default), |seconds| seconds.0)
}

/// What the bytes of a file say.
fn text(path: &Path, bytes: Vec<u8>) -> Result<String, UnreadableFile> {
    source_of_bytes("", bytes)
        .map(|source| source.text().to_owned())
        .map_err(|source| UnreadableFile { path: path.to_owned(), source })
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or says what it must not.
    pub(crate) fn read(path: &Path) -> Result<Self, ServeError> {
        let bytes =
            read_once(path).map_err(|source| UnreadableFile { path: path.to_owned(), source })?;
        serde_saphyr::from_str(&text(path, bytes)?).map_err(|error| {
            // Without the line itself, which may hold the token.
            let said = error.without_snippet().to_string();
            let reason = said.rsplit_once(" at line ").map_or(said.as_str(), |(reason, _)| reason);
            let place = error.location().map(|at| format!(":{}:{}", at.line(), at.column()));
            let place = format!("{}{}", path.display(), place.unwrap_or_default());
            ServeError::Config { place, reason: reason.to_owned() }
        })
    }

    pub(super) fn listen(&self) -> Address {
        self.listen.clone().unwrap_or_else(|| Address::loopback(6100))
    }

    pub(super) fn shutdown(&self) -> Duration {
        or(self.shutdown_seconds, 30)
    }
}

impl Forward {
    pub(super) fn client(&self, url: String) -> ClientConfig {
        ClientConfig {
            url,
            compression: self.compression.and_then(Compression::encoding),
            connect_timeout: self.connect_timeout(),
            keepalive: self.keepalive.pings(),
            tls: self.tls.clone(),
        }
    }

    /// Vector's own sink waits for a minute, and is to get an answer before.
    pub(super) fn timeout(&self) -> Duration {
        or(self.timeout_seconds, 45)
    }

    fn connect_timeout(&self) -> Duration {
        or(self.connect_timeout_seconds, 5)
    }

    pub(super) fn retries(&self) -> u32 {
        self.retries.unwrap_or(1)
    }
}

impl Compression {
    fn encoding(self) -> Option<CompressionEncoding> {
        match self {
            Self::None => None,
            Self::Gzip => Some(CompressionEncoding::Gzip),
            Self::Zstd => Some(CompressionEncoding::Zstd),
        }
    }
}

impl Keepalive {
    pub(super) fn pings(&self) -> client::Keepalive {
        let default = client::Keepalive::default();
        let or = |seconds: Option<Seconds>, default| seconds.map_or(default, |seconds| seconds.0);
        client::Keepalive {
            interval: or(self.interval_seconds, default.interval),
            timeout: or(self.timeout_seconds, default.timeout),
        }
    }
}

impl Status {
    pub(super) fn address(&self) -> Address {
        self.address.clone().unwrap_or_else(|| Address::loopback(6102))
    }

    /// The file of the token, where that counts.
    pub(super) fn token_file(&self) -> Option<&Path> {
        self.token_file.as_deref().filter(|_| self.token.is_none())
    }

    /// The tokens.
    pub(super) fn keys(&self, files: &KeptFiles) -> Result<Keys, ServeError> {
        let operators = match self.write_tokens_file.as_deref() {
            Some(path) => Some((path, text(path, files.bytes(path)?.to_vec())?)),
            None => None,
        };
        let operators = operators.as_ref().map(|(path, text)| (*path, text.as_str()));
        Ok(Keys::new(self.token(files)?.as_deref(), operators)?)
    }

    /// The token, without blanks around it.
    fn token(&self, files: &KeptFiles) -> Result<Option<String>, ServeError> {
        let text = match (&self.token, self.token_file()) {
            (Some(token), _) => token.clone(),
            (None, Some(path)) => text(path, files.bytes(path)?.to_vec())?,
            (None, None) => return Ok(None),
        };
        Ok(Some(text.trim().to_owned()).filter(|token| !token.is_empty()))
    }
}

impl Limits {
    /// As much as Vector's own source takes.
    pub(super) fn message_bytes(&self) -> usize {
        self.message_bytes.unwrap_or(100 << 20) as usize
    }

    pub(super) fn in_flight(&self) -> usize {
        usize::from(self.in_flight.unwrap_or(32).max(1))
    }

    /// What one request may take at most: as it came, and twice decompressed.
    fn largest_request(&self) -> u64 {
        3 * self.message_bytes() as u64
    }

    pub(super) fn memory_bytes(&self) -> u64 {
        let default = (512 << 20).max(4 * self.message_bytes() as u64);
        self.memory_bytes.unwrap_or(default)
    }

    /// What requests share, beside what one of them may always have.
    pub(super) fn shared_bytes(&self) -> u64 {
        self.memory_bytes().saturating_sub(self.largest_request())
    }

    /// Refuses what no request of the greatest length would fit in.
    pub(super) fn check(&self) -> Result<(), ServeError> {
        let (memory, needed) = (self.memory_bytes(), self.largest_request());
        if memory < needed {
            return Err(ServeError::TooLittleMemory { memory, needed });
        }
        Ok(())
    }

    pub(super) fn body_time(&self) -> Duration {
        or(self.body_seconds, 30)
    }

    /// The bounds of the connections that requests come by. Half of the
    /// descriptors are left to all else: outbox, next hop, sinks, files.
    pub(super) fn connections(&self, descriptors: usize) -> Bounds {
        let connections = usize::from(self.connections.unwrap_or(512).max(1));
        Bounds {
            connections: connections.min((descriptors / 2).max(1)),
            per_peer: usize::from(self.connections_per_peer.unwrap_or(128).max(1)),
            patience: Patience {
                first_request: or(self.handshake_seconds, 30),
                idle: or(self.idle_seconds, 600),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

    fn shipped() -> String {
        std::fs::read_to_string(format!("{ROOT}/config/relay.yml")).unwrap()
    }

    /// The shipped file with what it comments out: `# key: …`.
    fn everything() -> String {
        let line = |line: &str| {
            let (indent, comment) = line.split_at(line.len() - line.trim_start().len());
            match comment.strip_prefix("# ") {
                Some(rest) if rest.split_once(": ").is_some_and(|(key, _)| is_key(key)) => {
                    format!("{indent}{rest}\n")
                }
                _ => format!("{line}\n"),
            }
        };
        shipped().lines().map(line).collect()
    }

    fn is_key(text: &str) -> bool {
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    }

    fn schema() -> jsonschema::Validator {
        let text = std::fs::read_to_string(format!("{ROOT}/schemas/relay.schema.json")).unwrap();
        jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
    }

    fn as_json(yaml: &str) -> serde_json::Value {
        serde_saphyr::from_str(yaml).unwrap()
    }

    #[test]
    fn the_shipped_file_says_the_defaults() {
        let config: Config = serde_saphyr::from_str(&everything()).unwrap();
        let default = Config::default();
        assert!(schema().is_valid(&as_json(&everything())));
        assert_eq!(config.listen(), default.listen());
        assert_eq!(config.status.address(), default.status.address());
        assert_eq!(config.shutdown(), default.shutdown());
        assert_eq!(config.limits.message_bytes(), default.limits.message_bytes());
        assert_eq!(config.limits.in_flight(), default.limits.in_flight());
        assert_eq!(config.limits.memory_bytes(), default.limits.memory_bytes());
        assert_eq!(config.limits.body_time(), default.limits.body_time());
        assert_eq!(config.limits.connections(4096), default.limits.connections(4096));
        assert_eq!(config.forward.timeout(), default.forward.timeout());
        assert_eq!(config.forward.connect_timeout(), default.forward.connect_timeout());
        assert_eq!(config.forward.retries(), default.forward.retries());
        for keepalive in [config.keepalive, config.forward.keepalive] {
            assert_eq!(keepalive.pings(), default.keepalive.pings());
        }
        assert_eq!(config.forward.url.as_ref().map(HopUrl::expose), Some("http://127.0.0.1:6101"));
        assert_eq!(config.forward.tls.server_name.as_deref(), Some("vector.internal"));
        assert_eq!(config.tls.ca_file, Some(PathBuf::from("ca.pem")));
        assert_eq!(config.reload_seconds, Some(60));
        assert!(schema().is_valid(&as_json(&shipped())));
    }

    /// What a panic or a log could show of it.
    #[test]
    fn settings_do_not_show_what_the_schema_marks_as_never_shown() {
        let text = std::fs::read_to_string(format!("{ROOT}/schemas/relay.schema.json")).unwrap();
        let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut shown = Vec::new();
        for (section, property) in schema["properties"].as_object().unwrap() {
            let keys = property["properties"].as_object().into_iter().flatten();
            for (key, _) in keys.filter(|(_, key)| key["writeOnly"] == true) {
                let yaml = format!("{section}: {{{key}: 'http://u:C4NARY@h'}}");
                let config: Config = serde_saphyr::from_str(&yaml).unwrap();
                shown.push((key.as_str(), format!("{config:?} {config:#?}").contains("C4NARY")));
            }
        }
        assert_eq!(shown, [("url", false), ("token", false)]);
    }

    #[test]
    fn schema_and_reader_refuse_the_same() {
        let schema = schema();
        for yaml in [
            "listne: 127.0.0.1:1",
            "listen: 127.0.0.1",
            "forward: {compression: snappy}",
            "forward: {timeout_seconds: 0}",
            "forward: {timeout_seconds: -1}",
            "shutdown_seconds: 1e9",
            "limits: {in_flight: 70000}",
            "limits: {message_bytes: x}",
            "limits: {memory_bytes: -1}",
            "limits: {connections: 70000}",
            "limits: {connections_per_peer: none}",
            "limits: {body_seconds: 0}",
            "limits: {handshake_seconds: x}",
            "limits: {idle_seconds: 90000}",
            "status: {port: 1}",
            "status: {hosts: relay.internal}",
            "status: {hosts: ['*.internal']}",
            "status: {hosts: ['http://relay.internal']}",
            "status: {hosts: ['relay.internal:6102']}",
            "status: {hosts: ['[::1]']}",
            "status: {hosts: [Relay.internal]}",
            "status: {hosts: ['']}",
            "tls: {certificate: x}",
            "keepalive: {interval_seconds: []}",
            "aggregate: sometimes",
        ] {
            assert!(serde_saphyr::from_str::<Config>(yaml).is_err(), "{yaml}");
            assert!(!schema.is_valid(&as_json(yaml)), "{yaml}");
        }
    }

    #[test]
    fn what_requests_share_is_beside_the_largest_one() {
        let limits = |yaml| serde_saphyr::from_str::<Config>(yaml).unwrap().limits;
        assert_eq!(Limits::default().shared_bytes(), 212 << 20);
        let long = limits("limits: {message_bytes: 209715200}");
        assert_eq!((long.memory_bytes(), long.shared_bytes()), (800 << 20, 200 << 20));
        let small = limits("limits: {message_bytes: 1000, memory_bytes: 3000}");
        assert_eq!((small.shared_bytes(), small.check().is_ok()), (0, true));
        let impossible = limits("limits: {message_bytes: 1000, memory_bytes: 2999}");
        assert_eq!(
            impossible.check().unwrap_err().to_string(),
            "limits: a request of message_bytes may take 3000 bytes, and memory_bytes is 2999"
        );
    }

    #[test]
    fn half_of_the_descriptors_are_left_to_all_else() {
        let default = Limits::default();
        assert_eq!(default.connections(4096).connections, 512);
        assert_eq!(default.connections(256).connections, 128);
    }

    #[test]
    fn a_token_is_not_shown() {
        let config: Config = serde_saphyr::from_str("status: {token: s3cret}").unwrap();
        assert!(!format!("{config:?}").contains("s3cret"));
        assert_eq!(config.status.token(&KeptFiles::default()).unwrap().as_deref(), Some("s3cret"));
    }
}
