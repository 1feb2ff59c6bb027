//! From what alerts.yml and the environment say to sinks that can be talked to.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::{
    settings::Settings, sink_settings::Compression, sink_settings::ConsoleFormat,
    sink_settings::SecretText, sink_settings::SinkPace, sink_settings::SinkSettings,
    sink_settings::SinkTarget,
};
use signatures_alerts::UNKNOWN_SINK;
use signatures_document::{Diagnostic, Unusable, yaml::Source};
use signatures_engine::Severity;
use signatures_protocol::client::{ClientConfig, ClientError, Keepalive, Tls};
use tonic::codec::CompressionEncoding;

use crate::{
    http::{Address, Http, HttpError, Timeouts, header_value},
    retry::Retry,
    route::{Destination, Routing},
    secret::{Environment, Scrubber, Secret},
    sink::{
        Sink,
        alertmanager::Alertmanager,
        console::Console,
        slack::Slack,
        telegram::{self, Telegram},
        vector::Vector,
        webhook::Webhook,
    },
};

/// The environment's Slack: an incoming webhook's address.
pub const SLACK_WEBHOOK_URL: &str = "SLACK_WEBHOOK_URL";
/// The environment's Telegram: the bot's token.
pub const TELEGRAM_BOT_TOKEN: &str = "ALERT_TELEGRAM_BOT_TOKEN";
/// The environment's Telegram: the chat.
pub const TELEGRAM_CHAT_ID: &str = "ALERT_TELEGRAM_CHAT_ID";
/// Milder alerts are not for Telegram, unless the file says otherwise.
pub const TELEGRAM_MIN_SEVERITY: &str = "ALERT_TELEGRAM_MIN_SEVERITY";
/// Where the environment's Telegram is, for proxies and tests.
pub const TELEGRAM_BASE_URL: &str = "ALERT_TELEGRAM_BASE_URL";

/// The sinks, and which alerts go to which.
#[derive(Clone, Debug)]
pub struct Config {
    /// The sinks, at least one, those of the file first.
    pub sinks: Vec<ConfiguredSink>,
    /// Which alerts go to which.
    pub routing: Routing,
}

/// A sink, and how it is talked to.
#[derive(Clone, Debug)]
pub struct ConfiguredSink {
    /// What routes, logs and metrics call it.
    pub name: String,
    /// The service.
    pub sink: Arc<dyn Sink>,
    /// How it is talked to.
    pub pace: Pace,
}

/// How a sink is talked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many messages may be under way at once.
    pub concurrency: usize,
    /// How many messages a minute at most.
    pub per_minute: usize,
    /// More alerts than this within a minute go as one message; 0: never.
    pub digest_above: usize,
    /// How many alerts may wait.
    pub queue: u64,
    /// When an alert is tried again.
    pub retry: Retry,
}

/// A sink with its secrets looked up.
struct Builder<'a> {
    environment: Environment<'a>,
    diagnostics: Vec<Diagnostic>,
}

impl Config {
    /// Looks up the secrets, adds the sinks that the environment names, and the
    /// console when there is no other.
    ///
    /// # Errors
    /// With every secret that is missing, every address that is none, and every
    /// route to a sink that is not there.
    pub fn resolve(
        settings: &Settings,
        source: &Source,
        environment: Environment<'_>,
    ) -> Result<Self, Unusable> {
        let mut builder = Builder { environment, diagnostics: Vec::new() };
        let mut sinks: Vec<_> =
            settings.sinks.iter().filter_map(|sink| builder.sink(sink)).collect();
        builder.check_routes(settings);
        let mut errors: Vec<_> = builder.diagnostics.iter().map(|p| p.located(source)).collect();
        match from_environment(settings, environment) {
            Ok(added) => sinks.extend(added),
            Err(error) => errors.push(error),
        }
        if !errors.is_empty() {
            return Err(Unusable { errors });
        }
        if sinks.is_empty() {
            sinks.push(console());
        }
        let (sinks, destinations) = sinks.into_iter().unzip();
        let routing = Routing { routes: settings.alerts.routes.clone(), sinks: destinations };
        Ok(Self { sinks, routing })
    }

    /// The names of the sinks, for the log.
    #[must_use]
    pub fn sink_names(&self) -> String {
        let names: Vec<_> = self.sinks.iter().map(|sink| sink.name.as_str()).collect();
        names.join(", ")
    }

    /// How many alerts may wait for a sink.
    pub(crate) fn bound(&self, sink: &str) -> u64 {
        let sink = self.sinks.iter().find(|configured| configured.name == sink);
        sink.map_or(u64::MAX, |sink| sink.pace.queue)
    }
}

impl Builder<'_> {
    fn sink(&mut self, settings: &SinkSettings) -> Option<(ConfiguredSink, Destination)> {
        let before = self.diagnostics.len();
        let target = self.resolve_target(&settings.target);
        if self.diagnostics.len() > before {
            return None;
        }
        let min_severity = settings.min_severity.clone().or_else(|| match settings.target {
            SinkTarget::Telegram { .. } => telegram_min_severity(self.environment).ok().flatten(),
            _ => None,
        });
        match target.build(&settings.pace, settings.ca_file.as_deref()) {
            Ok((sink, pace)) => {
                let name = settings.name.clone();
                let destination =
                    Destination { name: name.clone(), min_severity, from_environment: false };
                Some((ConfiguredSink { name, sink, pace }, destination))
            }
            Err(error) => {
                let message = format!("the sink `{}` cannot be used: {error}", settings.name);
                self.diagnostics.push(Diagnostic::schema(settings.span, message));
                None
            }
        }
    }

    fn secret(&mut self, text: &SecretText) -> Secret {
        Secret::resolve(text, self.environment).unwrap_or_else(|diagnostic| {
            self.diagnostics.push(diagnostic);
            Secret::new("")
        })
    }

    fn optional(&mut self, text: Option<&SecretText>) -> Option<Secret> {
        text.map(|text| self.secret(text))
    }

    fn resolve_target(&mut self, target: &SinkTarget) -> Target {
        match target {
            SinkTarget::Slack { webhook_url } => {
                Target::Slack { webhook_url: self.secret(webhook_url) }
            }
            SinkTarget::Telegram { bot_token, chat_id, base_url } => Target::Telegram {
                bot_token: self.secret(bot_token),
                chat_id: self.secret(chat_id),
                base_url: self.optional(base_url.as_ref()),
            },
            SinkTarget::Alertmanager { url, authorization, labels } => Target::Alertmanager {
                url: self.secret(url),
                authorization: self.optional(authorization.as_ref()),
                labels: labels.clone(),
            },
            SinkTarget::Webhook { url, hmac_secret, headers } => Target::Webhook {
                url: self.secret(url),
                hmac_secret: self.optional(hmac_secret.as_ref()),
                headers: headers
                    .iter()
                    .map(|(name, value)| (name.clone(), self.secret(value)))
                    .collect(),
            },
            SinkTarget::Vector { url, compression, crt_file, key_file, server_name } => {
                Target::Vector {
                    url: self.secret(url),
                    compression: compression.map(|compression| match compression {
                        Compression::Gzip => CompressionEncoding::Gzip,
                        Compression::Zstd => CompressionEncoding::Zstd,
                    }),
                    tls: Tls {
                        crt_file: crt_file.as_ref().map(PathBuf::from),
                        key_file: key_file.as_ref().map(PathBuf::from),
                        ca_file: None,
                        server_name: server_name.clone(),
                    },
                }
            }
            SinkTarget::Console { format } => Target::Console { format: *format },
        }
    }

    /// A route may name a sink that only the environment adds, and that it may
    /// not have added.
    fn check_routes(&mut self, settings: &Settings) {
        for (name, span) in settings.alerts.routes.iter().flat_map(|route| &route.sinks) {
            let in_file = settings.sinks.iter().any(|sink| sink.name == *name);
            let variable = match name.as_str() {
                "slack" => SLACK_WEBHOOK_URL,
                _ => TELEGRAM_BOT_TOKEN,
            };
            if !in_file && set(self.environment, variable).is_none() {
                let message = format!("there is no sink `{name}`");
                let help = format!("it would be there if `{variable}` was set");
                self.diagnostics.push(Diagnostic::new(UNKNOWN_SINK, *span, message).help(help));
            }
        }
    }
}

/// Why a sink cannot be talked to at all.
#[derive(Debug, thiserror::Error)]
enum SinkError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// What a sink talks to, in clear.
enum Target {
    Slack { webhook_url: Secret },
    Telegram { bot_token: Secret, chat_id: Secret, base_url: Option<Secret> },
    Alertmanager { url: Secret, authorization: Option<Secret>, labels: Vec<(String, String)> },
    Webhook { url: Secret, hmac_secret: Option<Secret>, headers: Vec<(String, Secret)> },
    Vector { url: Secret, compression: Option<CompressionEncoding>, tls: Tls },
    Console { format: Option<ConsoleFormat> },
}

impl Target {
    fn build(
        self,
        pace: &SinkPace,
        ca_file: Option<&str>,
    ) -> Result<(Arc<dyn Sink>, Pace), SinkError> {
        let own_pace = self.pace(pace);
        let timeouts = Timeouts {
            connect: pace.connect_timeout.unwrap_or(Duration::from_secs(5)),
            total: pace.timeout.unwrap_or(Duration::from_secs(15)),
        };
        let http = |secrets: &[&Secret]| {
            Http::new(timeouts, ca_file, Scrubber::new(secrets.iter().copied()))
        };
        let sink: Arc<dyn Sink> = match self {
            Self::Slack { webhook_url } => {
                Arc::new(Slack::new(http(&[&webhook_url])?, Address::parse(webhook_url.expose())?))
            }
            Self::Telegram { bot_token, chat_id, base_url } => {
                let secrets: Vec<_> = [&bot_token].into_iter().chain(&base_url).collect();
                let base_url = base_url.as_ref().map_or(telegram::BASE_URL, Secret::expose);
                Arc::new(Telegram::new(http(&secrets)?, base_url, &bot_token, chat_id)?)
            }
            Self::Alertmanager { url, authorization, labels } => {
                let secrets: Vec<_> = [&url].into_iter().chain(&authorization).collect();
                let http = http(&secrets)?;
                let authorization = authorization
                    .map(|value| header_value("authorization", value.expose()))
                    .transpose()?;
                Arc::new(Alertmanager::new(http, url.expose(), authorization, labels)?)
            }
            Self::Webhook { url, hmac_secret, headers } => {
                let values = headers.iter().map(|(_, value)| value);
                let secrets: Vec<_> =
                    [&url].into_iter().chain(&hmac_secret).chain(values).collect();
                let http = http(&secrets)?;
                Arc::new(Webhook::new(http, Address::parse(url.expose())?, hmac_secret, &headers)?)
            }
            Self::Vector { url, compression, tls } => {
                let client = ClientConfig {
                    url: url.expose().to_owned(),
                    compression,
                    connect_timeout: timeouts.connect,
                    keepalive: Keepalive::default(),
                    tls: Tls { ca_file: ca_file.map(PathBuf::from), ..tls },
                };
                Arc::new(Vector::new(&client, timeouts.total, Scrubber::new([&url]))?)
            }
            Self::Console { format } => Arc::new(Console::new(format)),
        };
        Ok((sink, own_pace))
    }

    /// What the file asks for, or else what suits the service.
    fn pace(&self, asked: &SinkPace) -> Pace {
        let (concurrency, per_minute) = match self {
            // Slack takes a message a second, Telegram twenty a minute for a group.
            Self::Slack { .. } => (1, 60),
            Self::Telegram { .. } => (1, 20),
            Self::Alertmanager { .. } => (2, 600),
            Self::Webhook { .. } | Self::Vector { .. } => (4, 600),
            Self::Console { .. } => (1, usize::MAX),
        };
        let number = |asked: Option<u64>, default: usize| {
            asked.map_or(default, |asked| usize::try_from(asked).unwrap_or(usize::MAX))
        };
        let retry = Retry::default();
        Pace {
            concurrency: number(asked.concurrency, concurrency),
            per_minute: number(asked.per_minute, per_minute),
            digest_above: number(asked.digest_above, 20),
            queue: asked.queue.unwrap_or(10_000),
            retry: Retry {
                give_up_after: asked.give_up_after.unwrap_or(retry.give_up_after),
                ..retry
            },
        }
    }
}

/// Adds to those of the file, unless one of the file is the same.
fn from_environment(
    settings: &Settings,
    environment: Environment<'_>,
) -> Result<Vec<(ConfiguredSink, Destination)>, String> {
    let mut added = Vec::new();
    let in_file = |value: &str, secret_of: fn(&SinkTarget) -> Option<&SecretText>| {
        settings.sinks.iter().filter_map(|sink| secret_of(&sink.target)).any(|secret| {
            Secret::resolve(secret, environment).is_ok_and(|secret| secret.expose() == value)
        })
    };
    let mut add = |name: &str, target: Target, min_severity| {
        let taken = settings.sinks.iter().any(|sink| sink.name == name);
        let name = if taken { format!("{name}-environment") } else { name.to_owned() };
        let (sink, pace) = target
            .build(&SinkPace::default(), None)
            .map_err(|error| format!("the sink `{name}` of the environment: {error}"))?;
        let destination = Destination { name: name.clone(), min_severity, from_environment: true };
        added.push((ConfiguredSink { name, sink, pace }, destination));
        Ok::<_, String>(())
    };
    if let Some(url) = set(environment, SLACK_WEBHOOK_URL)
        && !in_file(&url, |target| match target {
            SinkTarget::Slack { webhook_url } => Some(webhook_url),
            _ => None,
        })
    {
        add("slack", Target::Slack { webhook_url: Secret::new(url) }, None)?;
    }
    let min_severity = telegram_min_severity(environment)?;
    if let Some(token) = set(environment, TELEGRAM_BOT_TOKEN)
        && !in_file(&token, |target| match target {
            SinkTarget::Telegram { bot_token, .. } => Some(bot_token),
            _ => None,
        })
    {
        let chat_id = set(environment, TELEGRAM_CHAT_ID)
            .ok_or(format!("{TELEGRAM_BOT_TOKEN} is set, and {TELEGRAM_CHAT_ID} is not"))?;
        let target = Target::Telegram {
            bot_token: Secret::new(token),
            chat_id: Secret::new(chat_id),
            base_url: set(environment, TELEGRAM_BASE_URL).map(Secret::new),
        };
        add("telegram", target, min_severity)?;
    }
    Ok(added)
}

fn telegram_min_severity(environment: Environment<'_>) -> Result<Option<Severity>, String> {
    let Some(name) = set(environment, TELEGRAM_MIN_SEVERITY) else { return Ok(None) };
    let severity = Severity::new(&name);
    let known = Severity::KNOWN.join(", ");
    match severity.is_known() {
        true => Ok(Some(severity)),
        false => Err(format!("{TELEGRAM_MIN_SEVERITY} takes one of {known}, not `{name}`")),
    }
}

fn set(environment: Environment<'_>, name: &str) -> Option<String> {
    environment(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

fn console() -> (ConfiguredSink, Destination) {
    let target = Target::Console { format: None };
    let (name, pace) = ("console".to_owned(), target.pace(&SinkPace::default()));
    let sink = Arc::new(Console::new(None));
    let (min_severity, from_environment) = (None, false);
    let destination = Destination { name: name.clone(), min_severity, from_environment };
    (ConfiguredSink { name, sink, pace }, destination)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(yaml: &str, variables: &[(&str, &str)]) -> Result<Config, Vec<String>> {
        let source = Source::new("a.yml", yaml);
        let settings = Settings::read(&source).value.unwrap();
        let environment = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Config::resolve(&settings, &source, &environment).map_err(|unusable| unusable.errors)
    }

    fn destinations(config: &Config) -> Vec<(&str, Option<&str>, bool)> {
        let sinks = config.routing.sinks.iter();
        sinks
            .map(|sink| {
                let min = sink.min_severity.as_ref().map(Severity::as_str);
                (sink.name.as_str(), min, sink.from_environment)
            })
            .collect()
    }

    #[test]
    fn without_any_sink_there_is_the_console() {
        assert_eq!(destinations(&resolve("{}", &[]).unwrap()), [("console", None, false)]);
    }

    #[test]
    fn the_environment_adds_its_sinks() {
        let config = resolve(
            "sinks: {slack: {type: slack, webhook_url: 'http://${HOST}/a'}, tg: {type: telegram, bot_token: '${ALERT_TELEGRAM_BOT_TOKEN}', chat_id: 1}}",
            &[
                ("HOST", "h"),
                (SLACK_WEBHOOK_URL, "http://h/b"),
                (TELEGRAM_BOT_TOKEN, "1:a"),
                (TELEGRAM_MIN_SEVERITY, "Critical"),
            ],
        );
        assert_eq!(
            destinations(&config.unwrap()),
            [
                ("slack", None, false),
                ("tg", Some("critical"), false),
                ("slack-environment", None, true)
            ]
        );
        let both = [(TELEGRAM_BOT_TOKEN, "1:a"), (TELEGRAM_CHAT_ID, "-5")];
        let config = resolve("{}", &both).unwrap();
        assert_eq!(destinations(&config), [("telegram", None, true)]);
        assert_eq!(config.sinks[0].pace.per_minute, 20);
    }

    #[test]
    fn whatever_is_missing_is_told_with_its_place_and_no_secret() {
        let errors = resolve(
            "sinks:\n  a: {type: slack, webhook_url: '${NONE}'}\n  b: {type: webhook, url: 'nonsense-s3cret${X}'}\nroutes: [{sinks: [a, b, slack]}]\n",
            &[("X", "x"), (TELEGRAM_BOT_TOKEN, "1:a")],
        );
        assert_eq!(
            errors.unwrap_err(),
            [
                "a.yml:2:33: the environment variable `NONE` is not set [missing-secret]",
                "a.yml:3:3: the sink `b` cannot be used: its address is no http:// or https:// URL [schema]",
                "a.yml:4:25: there is no sink `slack` [unknown-sink]; it would be there if `SLACK_WEBHOOK_URL` was set",
                "ALERT_TELEGRAM_BOT_TOKEN is set, and ALERT_TELEGRAM_CHAT_ID is not",
            ]
        );
    }

    #[test]
    fn no_secret_shows_in_the_debug_output() {
        let config = resolve(
            "sinks: {a: {type: webhook, url: 'http://h/S3CRET', hmac_secret: '${K}', headers: {X-Token: '${K}'}}, b: {type: alertmanager, url: 'http://u:S3CRET@h', authorization: '${K}'}}",
            &[("K", "S3CRET"), (SLACK_WEBHOOK_URL, "http://h/S3CRET"), (TELEGRAM_BOT_TOKEN, "1:S3CRET"), (TELEGRAM_CHAT_ID, "-5")],
        )
        .unwrap();
        assert!(!format!("{config:?}").contains("S3CRET"), "{config:?}");
    }
}
