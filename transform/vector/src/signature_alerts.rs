//! `signature_alerts`: from tagged errors to alerts.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, OnceLock},
    time::Instant,
};

use async_stream::stream;
use chrono::DateTime;
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
    aggregate::{Aggregate, Decision, EventTime, Stats, Timed, Trigger},
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
    config::LogNamespace,
    event::{
        BatchNotifier, BatchStatusReceiver, EventArray, EventFinalizer, EventMetadata, LogEvent,
    },
    schema::{self, meaning},
};
use vrl::{
    owned_value_path, path,
    value::{Kind, Value, kind::Collection},
};

use crate::{
    aggregation::{Aggregation, Aggregations, Schedule},
    event::{Log, Meanings},
    rules::{self, Kept, Rules},
    verdict::{self, Origin},
};

/// Where the alert event has its time and its text.
const TIMESTAMP: &str = "timestamp";
const MESSAGE: &str = "message";

/// Configuration for the `signature_alerts` transform.
#[configurable_component(transform(
    "signature_alerts",
    "Turn the errors that `error_signatures` has tagged into a few alerts, by a sliding window, a minimum count and a cooldown for each fingerprint."
))]
#[derive(Clone, Debug)]
#[serde(deny_unknown_fields)]
pub struct SignatureAlertsConfig {
    /// The alert settings: the path of a file, relative to the working directory of Vector, or the
    /// settings themselves, a YAML text of several lines.
    ///
    /// By default the file that the environment variable `SIGNATURES_ALERTS` names, or else
    /// `config/alerts.yml` where there is one, or else the settings that ship with the program. Their
    /// `sinks` and `routes` do not apply here: alerts go where Vector's own topology sends them.
    #[configurable(metadata(docs::examples = "config/alerts.yml"))]
    #[serde(alias = "grouping")]
    pub alerts: Option<String>,

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

    /// Whether an event that raises an alert is acknowledged only when the alert is delivered.
    ///
    /// Then nothing is lost where a source can send again; while the alert's sink fails, whoever
    /// sent the event sends its whole batch again. With `false` events are acknowledged as if there
    /// were no alert. Either way an alert that is not delivered is raised again by the next event of
    /// its group.
    #[serde(default = "default_true")]
    #[configurable(metadata(docs::examples = false))]
    pub alerts_hold_acknowledgements: bool,

    /// Whether the tags of events are believed that this Vector has not judged itself.
    ///
    /// Tags that `error_signatures` of this Vector writes count by themselves. With `true`, so do
    /// those that come from other nodes, and fields of these names that applications write: only
    /// where nobody can write into the logs who should not be able to raise alerts.
    #[serde(default)]
    #[configurable(metadata(docs::examples = true))]
    pub trust_tags: bool,

    /// The name by which counts and cooldowns are kept in the data directory.
    ///
    /// By default the component's own, so that a component that is renamed begins anew unless this
    /// says what it was called before.
    #[configurable(metadata(docs::examples = "alerts"))]
    pub state_id: Option<String>,

    #[serde(skip)]
    #[configurable(derived, metadata(docs::hidden))]
    rules: Kept<Decisions>,

    #[serde(skip)]
    #[configurable(derived, metadata(docs::hidden))]
    files: OnceLock<Option<PathBuf>>,
}

const fn default_true() -> bool {
    true
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
struct Decisions {
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
    /// The taxonomy is the other transform's.
    fn found(&self) -> rules::Found {
        rules::find(None, self.alerts.as_deref())
    }

    fn rules(&self) -> Result<Arc<Decisions>, Vec<String>> {
        self.rules.get(|| {
            let settings = self.found().read_settings()?;
            if settings.has_sinks() || !settings.alerts.routes.is_empty() {
                tracing::warn!(
                    message = "The sinks and routes of the alert settings do not apply inside Vector: its topology leads alerts to sinks."
                );
            }
            Ok(Decisions {
                settings,
                shadow: rules::switch(self.shadow, environment::SHADOW, false)?,
                enabled: rules::switch(self.enabled, environment::AGGREGATE, true)?,
                min_severity: self.min_severity().map_err(|error| vec![error])?,
                message: self.message().map_err(|error| vec![error])?,
            })
        })
    }

    fn min_severity(&self) -> Result<Option<Severity>, String> {
        let telegram =
            || variable(TELEGRAM_MIN_SEVERITY).filter(|_| self.format == Format::Telegram);
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
        let settings = || rules.settings.engine.aggregation.clone();
        let known = context.extra_context.get::<Aggregations>().zip(context.key.as_ref());
        let aggregation = match known {
            Some((aggregations, component)) => {
                let state = self.state_id.as_deref().unwrap_or(component.id());
                let directory = || {
                    let made = data_directory(&context.globals, state);
                    made.inspect_err(|error| {
                        tracing::warn!(message = "A restart will forget counts and cooldowns.", %error);
                    })
                    .ok()
                };
                aggregations.open(state, settings(), directory)
            }
            None => Arc::new(Aggregation::new(settings(), None)),
        };
        Ok(Transform::task(SignatureAlerts {
            rules,
            aggregation,
            origin: Origin::of(context),
            trust_tags: self.trust_tags,
            alerts_hold_acknowledgements: self.alerts_hold_acknowledgements,
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
            match self.format {
                Format::Event => event_definition(namespaces),
                // Whatever its service takes.
                _ => schema::Definition::new_with_default_metadata(Kind::any_object(), namespaces),
            }
        };
        let definitions = input_definitions.iter().map(|(id, input)| (id.clone(), alert(input)));
        vec![TransformOutput::new(DataType::Log, definitions.collect())]
    }

    /// Asked before anything of a running topology is taken down.
    fn validate(&self, _: &TransformContext) -> Result<(), Vec<String>> {
        self.rules().map(|_| ())
    }

    fn files_to_watch(&self) -> Vec<&PathBuf> {
        let alerts = || self.found().alerts.as_ref().and_then(Rules::file).map(Path::to_owned);
        self.files.get_or_init(alerts).iter().collect()
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
    rules: Arc<Decisions>,
    aggregation: Arc<Aggregation>,
    origin: Origin,
    trust_tags: bool,
    alerts_hold_acknowledgements: bool,
    clock: fn() -> Timestamp,
    counts: Counts,
}

impl TaskTransform<EventArray> for SignatureAlerts {
    fn transform(
        self: Box<Self>,
        mut events: Pin<Box<dyn Stream<Item = EventArray> + Send>>,
    ) -> Pin<Box<dyn Stream<Item = EventArray> + Send>> {
        Box::pin(stream! {
            let observing = self.aggregation.observed();
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
                        schedule.observed(!alerts.is_empty() || self.aggregation.settled());
                        if !alerts.is_empty() {
                            yield EventArray::Logs(alerts);
                        }
                        if schedule.is_due() {
                            schedule.saved(self.save().await);
                        }
                    }
                }
            }
            // What arrives from now on is saved by whoever hears of it.
            drop(observing);
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
        self.aggregation.settle_known(&mut table);
        for mut log in logs {
            let is_signed = self.origin.signed(&log);
            if !is_signed && !self.trust_tags && verdict::of(&log).is_some() {
                // It says of itself what only this node can know.
                verdict::forget(&mut log);
            }
            let settings = &self.rules.settings;
            let bears_verdict = is_signed || verdict::of(&log).is_some();
            let meanings = meanings.of(&log);
            let mut event = Log::new(&mut log, meanings);
            if bears_verdict || !self.trust_tags {
                event = event.with_verdict(&settings.engine.classifier.tags);
            }
            let present = tags::present(&event, &settings.engine.classifier);
            if !present.is_none() {
                table.present(present, now);
            }
            let Some(error) = tags::read(&event, &settings.engine.classifier) else { continue };
            let time = EventTime::of_event(error.time, now);
            let Decision::Raised(mut raised) = table.observe(&error, time) else { continue };
            let undo = std::mem::take(&mut raised.undo);
            let sentry_url = settings.alerts.sentry_url.as_ref();
            let alert = Alert::new(*raised, &error, sentry_url, false);
            self.counts.raised(&alert);
            if self.is_sent(&alert) {
                let message = self.rules.message.write(&alert, now);
                let (alert, deliveries) = self.leaving(message, log.into_parts().1);
                self.aggregation.follow(&table, undo, deliveries);
                alerts.push(alert);
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
        let mut table = self.aggregation.table();
        let mut alerts = Vec::new();
        for Timed { mut raised, observation } in table.tick(now) {
            let undo = std::mem::take(&mut raised.undo);
            let alert = Alert::new(raised, &observation, sentry_url, false);
            self.counts.raised(&alert);
            if self.is_sent(&alert) {
                let message = self.rules.message.write(&alert, now);
                let (alert, deliveries) = self.leaving(message, EventMetadata::default());
                self.aggregation.follow(&table, undo, deliveries);
                alerts.push(alert);
            }
        }
        alerts
    }

    /// An alert with the metadata of the event that raised it, and what becomes of it.
    fn leaving(
        &self,
        message: Value,
        mut metadata: EventMetadata,
    ) -> (LogEvent, [BatchStatusReceiver; 2]) {
        if !self.alerts_hold_acknowledgements {
            drop(metadata.take_finalizers());
        }
        // First those that tell us: who raised it may send again as soon as it is told.
        let of_event = metadata.take_finalizers();
        let deliveries = [(); 2].map(|()| {
            let (batch, delivery) = BatchNotifier::new_with_receiver();
            metadata.add_finalizer(EventFinalizer::new(batch));
            delivery
        });
        metadata.merge_finalizers(of_event);
        let mut alert = LogEvent::from_parts(message, metadata);
        // Of the event itself, and not of the alert.
        verdict::forget(&mut alert);
        (alert, deliveries)
    }

    fn is_sent(&self, alert: &Alert) -> bool {
        let Decisions { shadow, min_severity, .. } = &*self.rules;
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
        if *shadow {
            self.counts.held_by_shadow.increment(1);
            return false;
        }
        let reaches = min_severity.as_ref().is_none_or(|least| alert.reaches(least));
        if !reaches {
            self.counts.held_by_min_severity.increment(1);
        }
        reaches
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
            Self::Event => return event(alert, now),
            Self::Slack => slack::message(alerts),
            Self::Telegram { chat_id } => telegram::message(chat_id, alerts),
            Self::Alertmanager { labels } => alertmanager::message(alerts, labels, now)[0].take(),
        };
        Value::from(json)
    }
}

/// The alert event, with what sinks look for in any log: its time, and a text.
fn event(alert: &Alert, now: Timestamp) -> Value {
    let event = serde_json::to_value(alert).expect("an alert has no fallible parts");
    let mut event = Value::from(event);
    let at = alert.decided_at.unwrap_or(now);
    let time = i64::try_from(at.as_nanosecond()).map(DateTime::from_timestamp_nanos);
    event.insert(path!(TIMESTAMP), time.map_or(Value::Null, Value::Timestamp));
    let severity = alert.severity.as_str().to_uppercase();
    let message = format!("[{severity}] {}: {}", alert.name, alert.summary);
    event.insert(path!(MESSAGE), message);
    event
}

/// What the alert event is, for whoever compiles against it.
fn event_definition(namespaces: BTreeSet<LogNamespace>) -> schema::Definition {
    let text = || Kind::bytes();
    let texts = || Kind::array(Collection::from_unknown(Kind::bytes()));
    let definition =
        schema::Definition::new_with_default_metadata(Kind::object(Collection::any()), namespaces);
    let fields: [(&str, Kind, Option<&str>); 17] = [
        (TIMESTAMP, Kind::timestamp(), Some(meaning::TIMESTAMP)),
        (MESSAGE, text(), Some(meaning::MESSAGE)),
        ("severity", text(), Some(meaning::SEVERITY)),
        ("host", text().or_null(), Some(meaning::HOST)),
        ("service", text().or_null(), Some(meaning::SERVICE)),
        ("event", text(), None),
        ("id", text(), None),
        ("name", text(), None),
        ("summary", text(), None),
        ("fingerprint", text(), None),
        ("category", text(), None),
        ("signature", text().or_null(), None),
        ("policy", text(), None),
        ("severity_hint", text(), None),
        ("count", Kind::integer(), None),
        ("suppressed", Kind::integer(), None),
        ("samples", texts(), None),
    ];
    fields.into_iter().fold(definition, |definition, (name, kind, meaning)| {
        definition.with_event_field(&owned_value_path!(name), kind, meaning)
    })
}

/// The metrics, under the names that the relay has for them once Vector's
/// exporters have put `vector_` in front.
struct Counts {
    held_by_shadow: Counter,
    held_by_min_severity: Counter,
    suppressed: Counter,
    generic: Counter,
    fingerprints: Gauge,
    evicted: Counter,
}

impl Counts {
    fn new() -> Self {
        let held = |by: &'static str| counter!("signatures_alerts_held_total", "by" => by);
        Self {
            held_by_shadow: held("shadow"),
            held_by_min_severity: held("min_severity"),
            suppressed: counter!("signatures_suppressed_total"),
            generic: counter!("signatures_generic_total"),
            fingerprints: gauge!("signatures_fingerprints"),
            evicted: counter!("signatures_fingerprints_evicted_total"),
        }
    }

    /// Alerts are few: they are registered as they come.
    fn raised(&self, alert: &Alert) {
        counter!(
            "signatures_alerts_total",
            "category" => alert.category.clone(),
            "severity" => alert.severity.as_str(),
            "trigger" => alert.trigger.map_or("unknown", Trigger::as_str),
        )
        .increment(1);
    }

    fn show(&self, stats: &Stats) {
        self.suppressed.absolute(stats.suppressed);
        self.generic.absolute(stats.generic);
        self.fingerprints.set(stats.live as f64);
        self.evicted.absolute(stats.evicted);
    }
}

#[cfg(test)]
mod tests;
