//! `sinks:` of alerts.yml: where alerts can go.
//!
//! Only what the file says. Looking up a secret, and sending, is delivery's.

use std::time::Duration;

use signatures_document::{
    Code, Diagnostic, Reader,
    yaml::{Entry, Node, Span},
};
use signatures_engine::Severity;
use signatures_event::redact::is_secret_name;

/// A secret that stands in the file in clear.
pub const PLAIN_SECRET: Code = Code::warning("plain-secret");

/// Names of the sinks that the environment may add; a route may name them.
pub const ENVIRONMENT_SINKS: [&str; 2] = ["slack", "telegram"];

/// One entry of `sinks:`.
#[derive(Clone, Debug, PartialEq)]
pub struct SinkSettings {
    /// What routes, logs and metrics call it.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// What it talks to.
    pub target: SinkTarget,
    /// How it is talked to.
    pub pace: SinkPace,
    /// Milder alerts are not for it.
    pub min_severity: Option<Severity>,
    /// A file of PEM certificates to trust besides the system's.
    pub ca_file: Option<String>,
}

/// What a sink talks to.
#[derive(Clone, Debug, PartialEq)]
pub enum SinkTarget {
    /// A Slack incoming webhook.
    Slack {
        /// The address, which is a secret as a whole.
        webhook_url: SecretText,
    },
    /// A chat, through the Telegram Bot API.
    Telegram {
        /// What BotFather gave.
        bot_token: SecretText,
        /// A number, or `@name` of a channel.
        chat_id: SecretText,
        /// In place of `https://api.telegram.org`.
        base_url: Option<SecretText>,
    },
    /// A Prometheus Alertmanager, API v2.
    Alertmanager {
        /// Its address, without `/api/v2/alerts`.
        url: SecretText,
        /// The `Authorization` header.
        authorization: Option<SecretText>,
        /// Labels that every alert gets.
        labels: Vec<(String, String)>,
    },
    /// Anything that takes the alert event as JSON.
    Webhook {
        /// Its address.
        url: SecretText,
        /// The key of the HMAC-SHA256 in `X-Signature-256`.
        hmac_secret: Option<SecretText>,
        /// More headers.
        headers: Vec<(String, SecretText)>,
    },
    /// A `vector` source of a Vector: the alert event as a log event.
    Vector {
        /// Its address.
        url: SecretText,
        /// How requests are compressed; none: not at all.
        compression: Option<Compression>,
        /// A file with the certificate to show, when it asks for one.
        crt_file: Option<String>,
        /// A file with its key.
        key_file: Option<String>,
        /// The name in its certificate, when that is not the host of the URL.
        server_name: Option<String>,
    },
    /// Standard error: readable on a terminal, JSON lines otherwise.
    Console {
        /// Whether one of the two is asked for.
        format: Option<ConsoleFormat>,
    },
}

/// How what is sent is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// How the console shows an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsoleFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How a sink is talked to. What is not said, delivery decides by the kind of
/// sink.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SinkPace {
    /// How long connecting may take.
    pub connect_timeout: Option<Duration>,
    /// How long a request may take, connecting included.
    pub timeout: Option<Duration>,
    /// How many requests may be under way at once.
    pub concurrency: Option<u64>,
    /// How many messages a minute at most.
    pub per_minute: Option<u64>,
    /// More alerts than this within a minute go as one message; 0: never.
    pub digest_above: Option<u64>,
    /// How many alerts may wait.
    pub queue: Option<u64>,
    /// For how long an alert is tried.
    pub give_up_after: Option<Duration>,
}

/// A value that may be a secret, as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretText {
    /// A text in which `${NAME}` stands for an environment variable.
    Inline {
        /// The text.
        text: String,
        /// Where it stands.
        span: Span,
    },
    /// The content of a file, without blanks around it.
    File {
        /// Its path, in which `${NAME}` stands for an environment variable.
        path: String,
        /// Where it stands.
        span: Span,
    },
}

impl SecretText {
    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Inline { span, .. } | Self::File { span, .. } => *span,
        }
    }
}

const PACE_KEYS: [&str; 10] = [
    "type",
    "min_severity",
    "ca_file",
    "connect_timeout_seconds",
    "timeout_seconds",
    "concurrency",
    "per_minute",
    "digest_above",
    "queue",
    "give_up_after_minutes",
];

/// The keys of one kind of sink, secrets with their `_file` form.
const TYPES: [(&str, &[&str]); 6] = [
    ("slack", &["webhook_url", "webhook_url_file"]),
    ("telegram", &["bot_token", "bot_token_file", "chat_id", "chat_id_file", "base_url"]),
    ("alertmanager", &["url", "url_file", "authorization", "authorization_file", "labels"]),
    ("webhook", &["url", "url_file", "hmac_secret", "hmac_secret_file", "headers"]),
    ("vector", &["url", "url_file", "compression", "crt_file", "key_file", "server_name"]),
    ("console", &["format"]),
];

/// `sinks:`, a mapping of names to sinks.
pub(crate) fn read(reader: &mut Reader, node: &Node) -> Vec<SinkSettings> {
    SinkReader(reader).sinks(node)
}

struct SinkReader<'r>(&'r mut Reader);

impl SinkReader<'_> {
    fn sinks(&mut self, node: &Node) -> Vec<SinkSettings> {
        self.0.mapping("sinks", node).iter().filter_map(|entry| self.sink(entry)).collect()
    }

    fn sink(&mut self, entry: &Entry) -> Option<SinkSettings> {
        let (name, fields) = (&entry.key, self.0.mapping(&entry.key, &entry.value));
        let fields = Fields { name, span: entry.key_span, fields };
        let known_types = TYPES.map(|(name, _)| name).join(", ");
        let Some(kind) = fields.get("type") else {
            let message = format!("the sink `{name}` does not say its `type`");
            self.0.report(Diagnostic::schema(entry.key_span, message).help(known_types));
            return None;
        };
        let kind_name = self.0.text("type", kind)?;
        let Some((kind_name, keys)) = TYPES.iter().find(|(known, _)| *known == kind_name) else {
            return self.0.expected("type", &format!("one of {known_types}"), kind);
        };
        for field in fields.fields {
            if !keys.contains(&field.key.as_str()) && !PACE_KEYS.contains(&field.key.as_str()) {
                let known: Vec<_> = keys.iter().copied().chain(PACE_KEYS).collect();
                self.0.unknown_key(field, &format!("a {kind_name} sink"), &known);
            }
        }
        let target = self.sink_target(kind_name, &fields);
        let (pace, min_severity) = (self.pace(&fields), self.min_severity(&fields));
        let ca_file = fields.get("ca_file").and_then(|node| self.0.text("ca_file", node));
        let (name, span) = (name.clone(), entry.key_span);
        Some(SinkSettings { name, span, target: target?, pace, min_severity, ca_file })
    }

    fn sink_target(&mut self, kind: &str, fields: &Fields<'_>) -> Option<SinkTarget> {
        Some(match kind {
            "slack" => {
                SinkTarget::Slack { webhook_url: self.required(fields, "webhook_url", true)? }
            }
            "telegram" => {
                let bot_token = self.required(fields, "bot_token", true);
                let chat_id = self.required(fields, "chat_id", false);
                let base_url =
                    fields.get("base_url").and_then(|n| self.inline("base_url", n, false));
                SinkTarget::Telegram { bot_token: bot_token?, chat_id: chat_id?, base_url }
            }
            "alertmanager" => {
                let url = self.required(fields, "url", false);
                let authorization = self.secret(fields, "authorization", true);
                let labels = self.labels(fields);
                SinkTarget::Alertmanager { url: url?, authorization, labels }
            }
            "webhook" => {
                let url = self.required(fields, "url", false);
                let hmac_secret = self.secret(fields, "hmac_secret", true);
                let headers = self.headers(fields);
                SinkTarget::Webhook { url: url?, hmac_secret, headers }
            }
            "vector" => self.vector(fields)?,
            _ => SinkTarget::Console { format: self.console_format(fields) },
        })
    }

    fn vector(&mut self, fields: &Fields<'_>) -> Option<SinkTarget> {
        let mut text = |key| fields.get(key).and_then(|node| self.0.text(key, node));
        let [crt_file, key_file, server_name] =
            ["crt_file", "key_file", "server_name"].map(&mut text);
        if crt_file.is_some() != key_file.is_some() {
            self.0.schema(fields.span, "give both `crt_file` and `key_file`, or none".to_owned());
        }
        let url = self.required(fields, "url", false)?;
        let compression = self.compression(fields);
        Some(SinkTarget::Vector { url, compression, crt_file, key_file, server_name })
    }

    fn compression(&mut self, fields: &Fields<'_>) -> Option<Compression> {
        let node = fields.get("compression")?;
        match node.as_text() {
            Some("none") => None,
            Some("gzip") => Some(Compression::Gzip),
            Some("zstd") => Some(Compression::Zstd),
            _ => self.0.expected("compression", "one of none, gzip, zstd", node),
        }
    }

    fn required(&mut self, fields: &Fields<'_>, key: &str, is_secret: bool) -> Option<SecretText> {
        if fields.get(key).is_none() && fields.get(&format!("{key}_file")).is_none() {
            let message = format!("the sink `{}` lacks `{key}`", fields.name);
            let help = format!(
                "`{key}: ${{NAME}}` takes it from the environment, `{key}_file` from a file"
            );
            self.0.report(Diagnostic::schema(fields.span, message).help(help));
            return None;
        }
        self.secret(fields, key, is_secret)
    }

    fn secret(&mut self, fields: &Fields<'_>, key: &str, is_secret: bool) -> Option<SecretText> {
        let file_key = format!("{key}_file");
        match (fields.get(key), fields.get(&file_key)) {
            (Some(_), Some(file)) => {
                self.0.schema(file.span, format!("give `{key}` or `{file_key}`, not both"));
                None
            }
            (Some(inline), None) => self.inline(key, inline, is_secret),
            (None, Some(file)) => {
                let path = self.0.text(&file_key, file)?;
                Some(SecretText::File { path, span: file.span })
            }
            (None, None) => None,
        }
    }

    fn inline(&mut self, key: &str, node: &Node, is_secret: bool) -> Option<SecretText> {
        let text = self.0.text(key, node)?;
        let password_in_url = text.split_once("://").is_some_and(|(_, rest)| {
            rest.split(['/', '?']).next().is_some_and(|authority| authority.contains('@'))
        });
        if (is_secret || password_in_url) && !text.contains("${") {
            self.0.report(
                Diagnostic::new(
                    PLAIN_SECRET,
                    node.span,
                    format!("`{key}` is a secret, and stands here in clear"),
                )
                .help("take it from the environment, `${NAME}`, or from a file"),
            );
        }
        Some(SecretText::Inline { text, span: node.span })
    }

    fn labels(&mut self, fields: &Fields<'_>) -> Vec<(String, String)> {
        let Some(node) = fields.get("labels") else { return Vec::new() };
        let mut labels = Vec::new();
        for entry in self.0.mapping("labels", node) {
            if !is_label_name(&entry.key) {
                let message = format!("`{}` is no label name: letters, digits and `_`", entry.key);
                self.0.schema(entry.key_span, message);
            }
            if let Some(value) = self.0.text(&entry.key, &entry.value) {
                labels.push((entry.key.clone(), value));
            }
        }
        labels
    }

    fn headers(&mut self, fields: &Fields<'_>) -> Vec<(String, SecretText)> {
        let Some(node) = fields.get("headers") else { return Vec::new() };
        let mut headers = Vec::new();
        for entry in self.0.mapping("headers", node) {
            if !is_header_name(&entry.key) {
                let message = format!("`{}` is no header name", entry.key);
                self.0.schema(entry.key_span, message);
            }
            let is_secret = is_secret_name(&entry.key);
            if let Some(value) = self.inline(&entry.key, &entry.value, is_secret) {
                headers.push((entry.key.clone(), value));
            }
        }
        headers
    }

    fn console_format(&mut self, fields: &Fields<'_>) -> Option<ConsoleFormat> {
        let node = fields.get("format")?;
        match node.as_text() {
            Some("auto") => None,
            Some("text") => Some(ConsoleFormat::Text),
            Some("json") => Some(ConsoleFormat::Json),
            _ => self.0.expected("format", "one of auto, text, json", node),
        }
    }

    fn min_severity(&mut self, fields: &Fields<'_>) -> Option<Severity> {
        let node = fields.get("min_severity")?;
        let severity = Severity::new(&self.0.text("min_severity", node)?);
        if severity.is_known() {
            return Some(severity);
        }
        let known = Severity::KNOWN.join(", ");
        self.0.expected("min_severity", &format!("one of {known}"), node)
    }

    fn pace(&mut self, fields: &Fields<'_>) -> SinkPace {
        let mut number = |key: &str, min, max| {
            fields.get(key).and_then(|node| self.0.integer(key, node, min, max))
        };
        SinkPace {
            connect_timeout: number("connect_timeout_seconds", 1, 300).map(Duration::from_secs),
            timeout: number("timeout_seconds", 1, 300).map(Duration::from_secs),
            concurrency: number("concurrency", 1, 64),
            per_minute: number("per_minute", 1, 60_000),
            digest_above: number("digest_above", 0, 10_000),
            queue: number("queue", 1, 10_000_000),
            give_up_after: number("give_up_after_minutes", 1, 43_200)
                .map(|minutes| Duration::from_secs(60 * minutes)),
        }
    }
}

/// The keys under one sink.
struct Fields<'n> {
    name: &'n str,
    span: Span,
    fields: &'n [Entry],
}

impl<'n> Fields<'n> {
    fn get(&self, key: &str) -> Option<&'n Node> {
        self.fields.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }
}

fn is_label_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.is_empty()
}

/// RFC 9110: a token.
fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use signatures_document::yaml::Source;

    use super::*;
    use crate::settings::Settings;

    fn read(text: &str) -> (Option<Settings>, Vec<String>) {
        let source = Source::new("a.yml", text);
        let reading = Settings::read(&source);
        (reading.value, reading.diagnostics.iter().map(|p| p.located(&source)).collect())
    }

    fn text_of(secret: &SecretText) -> &str {
        match secret {
            SecretText::Inline { text, .. } => text,
            SecretText::File { path, .. } => path,
        }
    }

    #[test]
    fn every_kind_of_sink_is_read() {
        let (settings, diagnostics) = read(
            "
sinks:
  ops: {type: slack, webhook_url: '${SLACK}', min_severity: HIGH, queue: 5}
  phone: {type: telegram, bot_token_file: /run/token, chat_id: '-100', base_url: http://t}
  prom: {type: alertmanager, url: http://am:9093, labels: {cluster: eu}}
  hook:
    type: webhook
    url: http://h
    hmac_secret: ${KEY}
    headers: {X-Team: pay}
    timeout_seconds: 3
    give_up_after_minutes: 2
  aside: {type: vector, url: 'https://v:6103', compression: zstd, crt_file: c, key_file: k}
  here: {type: console, format: json}
",
        );
        assert_eq!(diagnostics, Vec::<String>::new());
        let sinks = settings.unwrap().sinks;
        assert_eq!(
            sinks.iter().map(|sink| sink.name.as_str()).collect::<Vec<_>>(),
            ["ops", "phone", "prom", "hook", "aside", "here"]
        );
        assert_eq!(sinks[0].min_severity, Some(Severity::new("high")));
        assert_eq!(sinks[0].pace, SinkPace { queue: Some(5), ..SinkPace::default() });
        let SinkTarget::Telegram { bot_token, chat_id, base_url } = &sinks[1].target else {
            panic!("{sinks:?}")
        };
        assert!(matches!(bot_token, SecretText::File { path, .. } if path == "/run/token"));
        assert_eq!((text_of(chat_id), base_url.as_ref().map(text_of)), ("-100", Some("http://t")));
        let SinkTarget::Webhook { headers, hmac_secret, .. } = &sinks[3].target else {
            panic!("{sinks:?}")
        };
        assert_eq!((headers[0].0.as_str(), text_of(&headers[0].1)), ("X-Team", "pay"));
        assert_eq!(hmac_secret.as_ref().map(text_of), Some("${KEY}"));
        assert_eq!(sinks[3].pace.timeout, Some(Duration::from_secs(3)));
        assert_eq!(sinks[3].pace.give_up_after, Some(Duration::from_secs(120)));
        let SinkTarget::Vector { url, compression, crt_file, server_name, .. } = &sinks[4].target
        else {
            panic!("{sinks:?}")
        };
        assert_eq!((text_of(url), *compression), ("https://v:6103", Some(Compression::Zstd)));
        assert_eq!((crt_file.as_deref(), server_name.as_deref()), (Some("c"), None));
        assert_eq!(sinks[5].target, SinkTarget::Console { format: Some(ConsoleFormat::Json) });
    }

    #[test]
    fn a_secret_in_clear_is_a_warning() {
        let (settings, diagnostics) = read(
            "sinks:\n  a: {type: slack, webhook_url: https://x/y}\n  b: {type: webhook, url: 'http://u:p@h', headers: {X-Token: t}}\n",
        );
        assert!(settings.is_some());
        assert_eq!(
            diagnostics,
            [
                "a.yml:2:33: `webhook_url` is a secret, and stands here in clear [plain-secret]; take it from the environment, `${NAME}`, or from a file",
                "a.yml:3:27: `url` is a secret, and stands here in clear [plain-secret]; take it from the environment, `${NAME}`, or from a file",
                "a.yml:3:62: `X-Token` is a secret, and stands here in clear [plain-secret]; take it from the environment, `${NAME}`, or from a file",
            ]
        );
    }

    #[test]
    fn mistakes_are_told_with_their_places() {
        let (settings, diagnostics) = read(
            "sinks:\n  a: {type: slak}\n  b: {}\n  c: {type: slack, webhook: x}\n  d: {type: webhook, url: a, url_file: b}\n  \
             e: {type: alertmanager, url: a, labels: {1x: y}, queue: 0}\n  f: {type: console, min_severity: loud}\n  g: {type: vector, url: a, compression: lz4, key_file: k}\n",
        );
        assert!(settings.is_none());
        assert_eq!(
            diagnostics,
            [
                "a.yml:2:13: `type` takes one of slack, telegram, alertmanager, webhook, vector, console, not `slak` [schema]",
                "a.yml:3:3: the sink `b` does not say its `type` [schema]; slack, telegram, alertmanager, webhook, vector, console",
                "a.yml:4:3: the sink `c` lacks `webhook_url` [schema]; `webhook_url: ${NAME}` takes it from the environment, `webhook_url_file` from a file",
                "a.yml:4:20: nothing reads the key `webhook` of a slack sink [unknown-key]; did you mean `webhook_url`?",
                "a.yml:5:40: give `url` or `url_file`, not both [schema]",
                "a.yml:6:44: `1x` is no label name: letters, digits and `_` [schema]",
                "a.yml:6:59: `queue` takes a whole number from 1 to 10000000, not `0` [schema]",
                "a.yml:7:36: `min_severity` takes one of info, low, warning, medium, anomaly, high, critical, not `loud` [schema]",
                "a.yml:8:3: give both `crt_file` and `key_file`, or none [schema]",
                "a.yml:8:42: `compression` takes one of none, gzip, zstd, not `lz4` [schema]",
            ]
        );
    }
}
