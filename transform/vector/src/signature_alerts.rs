//! `signature_alerts`: from tagged errors to alerts.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Instant,
};

use async_stream::stream;
use futures::{Stream, StreamExt};
use jiff::Timestamp;
use metrics::{Counter, Gauge, counter, gauge};
use signatures_alerts::Alert;
use signatures_configuration::environment::{self, told_as, variable};
use signatures_delivery::{
    Settings, TELEGRAM_CHAT_ID, TELEGRAM_MIN_SEVERITY,
    sink::{alertmanager, slack, telegram},
};
use signatures_engine::{
    Severity,
    aggregate::{Aggregate, Decision, EventTime, Stats, Timed},
    tags,
    threshold::{least_severity, severity_words},
};
use signatures_ledger::create_private_directory;
use tokio::time::{MissedTickBehavior, interval};
use vector::{
    config::{
        DataType, GenerateConfig, GlobalOptions, Input, OutputId, TransformConfig,
        TransformContext, TransformOutput,
    },
    transforms::{TaskTransform, Transform},
};
use vector_config::configurable_component;
use vector_lib::{
    event::{EventArray, LogEvent},
    schema,
};
use vrl::value::{Kind, Value};

use crate::{
    aggregation::{Aggregation, Aggregations, Schedule},
    event::{Log, Meanings},
    rules::{self, Kept},
};

/// Configuration for the `signature_alerts` transform.
#[configurable_component(transform(
    "signature_alerts",
    "Turn the errors that `error_signatures` has tagged into a few alerts, by a sliding window, a minimum count and a cooldown for each fingerprint."
))]
#[derive(Clone, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct SignatureAlertsConfig {
    /// The file with the alert settings.
    ///
    /// By default the file that the environment variable `SIGNATURES_ALERTS` names, or else
    /// `config/alerts.yml` where there is one. Without a file every setting has its default. Its
    /// `sinks` and `routes` do not apply here: alerts go where Vector's own topology sends them.
    #[configurable(metadata(docs::examples = "config/alerts.yml"))]
    #[serde(alias = "grouping")]
    pub alerts: Option<PathBuf>,

    /// What the alerts look like: an event of their own, or the body that a service takes.
    #[serde(default)]
    #[configurable(derived)]
    pub format: Format,

    /// Decides alerts without sending them out: each is logged and counted.
    ///
    /// By default what the environment variable `SIGNATURES_SHADOW` says, or else `false`.
    #[configurable(metadata(docs::examples = true))]
    pub shadow: Option<bool>,

    /// Whether errors become alerts at all.
    ///
    /// By default what the environment variable `SIGNATURES_AGGREGATE` says, or else `true`.
    #[configurable(metadata(docs::examples = false))]
    pub enabled: Option<bool>,

    /// Milder alerts than this are counted, and not sent out.
    ///
    /// One of `info`, `low`, `warning`, `medium`, `anomaly`, `high` and `critical`; held against
    /// it is the alert's severity, or its signature's where that is higher. The name of a level will
    /// do, too: `warn` is `warning`, `error` is `anomaly`. With the format
    /// `telegram`, the default is what the environment variable `SIGNATURES_TELEGRAM_MIN_SEVERITY` says.
    #[configurable(metadata(docs::examples = "critical"))]
    pub min_severity: Option<String>,

    /// The chat that the format `telegram` writes to.
    ///
    /// By default the value of the environment variable `SIGNATURES_TELEGRAM_CHAT_ID`.
    #[configurable(metadata(docs::examples = "-1001234567890"))]
    pub telegram_chat_id: Option<String>,

    /// Labels that every alert of the format `alertmanager` gets.
    #[serde(default)]
    #[configurable(metadata(docs::additional_props_description = "The value of a label."))]
    pub alertmanager_labels: BTreeMap<String, String>,

    #[serde(skip)]
    #[configurable(derived, metadata(docs::hidden))]
    rules: Kept<Rules>,

    #[serde(skip)]
    #[configurable(derived, metadata(docs::hidden))]
    files: OnceLock<Option<PathBuf>>,
}

/// What an alert looks like.
#[configurable_component]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The alert event, for any sink.
    #[default]
    Event,

    /// The body that a Slack incoming webhook takes.
    Slack,

    /// The body that the method `sendMessage` of the Telegram Bot API takes.
    Telegram,

    /// One alert of the list that the endpoint `/api/v2/alerts` of Alertmanager takes; the default
    /// framing of the `http` sink makes the list.
    Alertmanager,
}

/// What alerts are decided and written by.
#[derive(Clone, Debug)]
struct Rules {
    settings: Settings,
    shadow: bool,
    enabled: bool,
    min_severity: Option<Severity>,
    message: Message,
}

/// How an alert is written.
#[derive(Clone, Debug)]
enum Message {
    Event,
    Slack,
    Telegram { chat_id: String },
    Alertmanager { labels: Vec<(String, String)> },
}

impl SignatureAlertsConfig {
    fn rules(&self) -> Result<Arc<Rules>, Vec<String>> {
        self.rules.get(|| {
            let path = rules::alerts_path(self.alerts.as_deref());
            let settings = rules::read_settings(path.as_deref())?;
            if settings.has_sinks() || !settings.alerts.routes.is_empty() {
                tracing::warn!(
                    message = "The sinks and routes of the alert settings do not apply inside Vector: its topology leads alerts to sinks.",
                    path = ?path
                );
            }
            Ok(Rules {
                settings,
                shadow: rules::switch(self.shadow, environment::SHADOW, false)?,
                enabled: rules::switch(self.enabled, environment::AGGREGATE, true)?,
                min_severity: self.min_severity().map_err(|error| vec![error])?,
                message: self.message().map_err(|error| vec![error])?,
            })
        })
    }

    fn min_severity(&self) -> Result<Option<Severity>, String> {
        let telegram = || variable(TELEGRAM_MIN_SEVERITY).filter(|_| self.format == Format::Telegram);
        let (what, name) = match &self.min_severity {
            Some(name) => ("min_severity", name.clone()),
            None => match telegram() {
                Some(said) => (told_as(TELEGRAM_MIN_SEVERITY), said),
                None => return Ok(None),
            },
        };
        let wrong = || format!("{what} takes {}, not `{name}`", severity_words());
        least_severity(&name).ok_or_else(wrong).map(Some)
    }

    fn message(&self) -> Result<Message, String> {
        Ok(match self.format {
            Format::Event => Message::Event,
            Format::Slack => Message::Slack,
            Format::Telegram => {
                let chat_id = self.telegram_chat_id.clone();
                let chat_id = chat_id.or_else(|| variable(TELEGRAM_CHAT_ID)).ok_or(
                    "the format `telegram` needs a chat: set telegram_chat_id, or SIGNATURES_TELEGRAM_CHAT_ID",
                )?;
                Message::Telegram { chat_id }
            }
            Format::Alertmanager => Message::Alertmanager {
                labels: self.alertmanager_labels.clone().into_iter().collect(),
            },
        })
    }
}

impl GenerateConfig for SignatureAlertsConfig {
    fn generate_config() -> toml::Value {
        let example = [("alerts", "config/alerts.yml"), ("format", "event")];
        toml::Value::Table(
            example.map(|(key, value)| (key.to_owned(), value.into())).into_iter().collect(),
        )
    }
}

#[async_trait::async_trait]
#[typetag::serde(name = "signature_alerts")]
impl TransformConfig for SignatureAlertsConfig {
    async fn build(&self, context: &TransformContext) -> vector::Result<Transform> {
        let rules = self.rules().map_err(|errors| errors.join("\n"))?;
        // Neither `vector validate` nor `vector test` may touch what a running
        // Vector keeps, and they come without.
        let known = context.extra_context.get::<Aggregations>().zip(context.key.as_ref());
        let aggregation = match known {
            Some((aggregations, component)) => {
                let directory = || {
                    let made = data_directory(&context.globals, component.id());
                    made.inspect_err(|error| {
                        tracing::warn!(message = "A restart will forget counts and cooldowns.", %error);
                    })
                    .ok()
                };
                aggregations.open(component, rules.settings.engine.aggregation.clone(), directory)
            }
            None => Arc::new(Aggregation::new(rules.settings.engine.aggregation.clone(), None)),
        };
        Ok(Transform::task(SignatureAlerts {
            rules,
            aggregation,
            clock: Timestamp::now,
            counts: Counts::new(),
        }))
    }

    fn input(&self) -> Input {
        Input::log()
    }

    fn outputs(
        &self,
        _: &TransformContext,
        input_definitions: &[(OutputId, schema::Definition)],
    ) -> Vec<TransformOutput> {
        let alert = |definition: &schema::Definition| {
            let namespaces = definition.log_namespaces().clone();
            schema::Definition::new_with_default_metadata(Kind::any_object(), namespaces)
        };
        let definitions = input_definitions.iter().map(|(id, input)| (id.clone(), alert(input)));
        vec![TransformOutput::new(DataType::Log, definitions.collect())]
    }

    /// Asked before anything of a running topology is taken down.
    fn validate(&self, _: &TransformContext) -> Result<(), Vec<String>> {
        self.rules().map(|_| ())
    }

    fn files_to_watch(&self) -> Vec<&PathBuf> {
        let file = self.files.get_or_init(|| rules::alerts_path(self.alerts.as_deref()));
        file.iter().collect()
    }
}

/// A directory of the component's own in Vector's data directory; as Vector makes
/// it, but for its owner alone.
fn data_directory(globals: &GlobalOptions, component: &str) -> vector::Result<PathBuf> {
    let directory = globals.resolve_and_validate_data_dir(None)?.join(component);
    create_private_directory(&directory)?;
    Ok(directory)
}

/// The transform.
struct SignatureAlerts {
    rules: Arc<Rules>,
    aggregation: Arc<Aggregation>,
    clock: fn() -> Timestamp,
    counts: Counts,
}

impl TaskTransform<EventArray> for SignatureAlerts {
    fn transform(
        self: Box<Self>,
        mut events: Pin<Box<dyn Stream<Item = EventArray> + Send>>,
    ) -> Pin<Box<dyn Stream<Item = EventArray> + Send>> {
        Box::pin(stream! {
            let mut schedule = Schedule::new();
            let mut tick = interval(Schedule::TICK);
            tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    events = events.next() => {
                        let Some(events) = events else { break };
                        let alerts = self.observe(events);
                        schedule.observed(!alerts.is_empty());
                        if !alerts.is_empty() {
                            yield EventArray::Logs(alerts);
                        }
                    }
                    _ = tick.tick() => {
                        let alerts = self.tick();
                        self.counts.show(&self.aggregation.table().stats());
                        schedule.observed(!alerts.is_empty());
                        if !alerts.is_empty() {
                            yield EventArray::Logs(alerts);
                        }
                        if schedule.is_due() {
                            schedule.saved(self.save().await);
                        }
                    }
                }
            }
            self.save().await;
        })
    }
}

impl SignatureAlerts {
    /// Takes note of a batch of errors, and returns the alerts that they raise.
    fn observe(&self, events: EventArray) -> Vec<LogEvent> {
        let EventArray::Logs(logs) = events else { return Vec::new() };
        if !self.rules.enabled {
            return Vec::new();
        }
        let now = (self.clock)();
        let (mut alerts, mut meanings) = (self.tick(), Meanings::default());
        let mut table = self.aggregation.table();
        for mut log in logs {
            let meanings = meanings.of(&log);
            let event = Log::new(&mut log, meanings);
            let settings = &self.rules.settings;
            let present = tags::present(&event, &settings.engine.classifier);
            if !present.is_none() {
                table.present(present, now);
            }
            let Some(error) = tags::read(&event, &settings.engine.classifier) else { continue };
            let time = EventTime::of_event(error.time, now);
            let Decision::Raised(raised) = table.observe(&error, time) else { continue };
            let sentry_url = settings.alerts.sentry_url.as_ref();
            let alert = Alert::new(*raised, &error, sentry_url, false);
            if self.is_sent(&alert) {
                // The metadata goes on with the alert, and what awaits the
                // delivery of the event then awaits that of the alert.
                let (_, metadata) = log.into_parts();
                alerts.push(LogEvent::from_parts(self.rules.message.write(&alert, now), metadata));
            }
        }
        self.counts.show(&table.stats());
        alerts
    }

    /// The alerts that time alone raises. Nothing awaits their delivery.
    fn tick(&self) -> Vec<LogEvent> {
        if !self.rules.enabled {
            return Vec::new();
        }
        let now = (self.clock)();
        let sentry_url = self.rules.settings.alerts.sentry_url.as_ref();
        let timed = self.aggregation.table().tick(now);
        let alerts = timed.into_iter().map(|Timed { raised, observation }| {
            Alert::new(raised, &observation, sentry_url, false)
        });
        let sent = alerts.filter(|alert| self.is_sent(alert));
        sent.map(|alert| LogEvent::from(self.rules.message.write(&alert, now))).collect()
    }

    fn is_sent(&self, alert: &Alert) -> bool {
        let Rules { shadow, min_severity, .. } = &*self.rules;
        if *shadow {
            tracing::info!(
                message = "Shadow mode: this alert is not sent.",
                name = alert.name,
                severity = %alert.severity,
                group = alert.own_group().map(tracing::field::display),
                fingerprint = %alert.fingerprint,
                category = alert.category,
                signature = alert.signature_or_generic(),
                policy = alert.policy.as_str(),
                count = alert.count,
                suppressed = alert.suppressed,
                samples = alert.samples.join(" | "),
                internal_log_rate_limit = false
            );
        }
        !shadow && min_severity.as_ref().is_none_or(|least| alert.reaches(least))
    }

    /// Saves what is known, and says how long it took.
    async fn save(&self) -> std::time::Duration {
        let started = Instant::now();
        if self.aggregation.is_kept() {
            let aggregation = Arc::clone(&self.aggregation);
            if let Err(error) = tokio::task::spawn_blocking(move || aggregation.save()).await {
                tracing::error!(message = "Counts and cooldowns are not kept.", %error);
            }
        }
        started.elapsed()
    }
}

impl Message {
    fn write(&self, alert: &Alert, now: Timestamp) -> Value {
        let alerts = std::slice::from_ref(alert);
        let json = match self {
            Self::Event => serde_json::to_value(alert).expect("an alert has no fallible parts"),
            Self::Slack => slack::message(alerts),
            Self::Telegram { chat_id } => telegram::message(chat_id, alerts),
            Self::Alertmanager { labels } => alertmanager::message(alerts, labels, now)[0].take(),
        };
        Value::from(json)
    }
}

/// The metrics, under the names that the relay has for them once Vector's
/// exporters have put `vector_` in front.
struct Counts {
    alerts: Counter,
    suppressed: Counter,
    generic: Counter,
    fingerprints: Gauge,
    evicted: Counter,
}

impl Counts {
    fn new() -> Self {
        Self {
            alerts: counter!("signatures_alerts_total"),
            suppressed: counter!("signatures_suppressed_total"),
            generic: counter!("signatures_generic_total"),
            fingerprints: gauge!("signatures_fingerprints"),
            evicted: counter!("signatures_fingerprints_evicted_total"),
        }
    }

    fn show(&self, stats: &Stats) {
        self.alerts.absolute(stats.alerts);
        self.suppressed.absolute(stats.suppressed);
        self.generic.absolute(stats.generic);
        self.fingerprints.set(stats.live as f64);
        self.evicted.absolute(stats.evicted);
    }
}

#[cfg(test)]
mod tests;
