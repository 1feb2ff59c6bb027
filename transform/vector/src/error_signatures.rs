//! `error_signatures`: each event judged, tagged, or dropped as noise.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock},
};

use metrics::{Counter, counter};
use signatures_delivery::Settings;
use signatures_engine::{Classifier, Observation, TagNames, Tally, Taxonomy, Told, Verdict};
use signatures_event::Skip;
use tracing::Span;
use vector::{
    conditions::{AnyCondition, Condition},
    config::{
        DataType, GenerateConfig, Input, OutputId, TransformConfig, TransformContext,
        TransformOutput,
    },
    transforms::{SyncTransform, Transform, TransformOutputsBuf},
};
use vector_config::configurable_component;
use vector_lib::{
    config::clone_input_definitions,
    event::{Event, EventArray, EventContainer, LogEvent},
    internal_event::{
        ComponentEventsDropped, Count, INTENTIONAL, InternalEventHandle, Registered, register,
    },
    schema,
};
use vrl::{
    owned_value_path,
    value::{KeyString, Kind, Value, kind::Collection},
};

use crate::{
    event::{Log, Meanings},
    rules::{self, Kept},
    verdict::{Origin, verdict},
};

/// The outputs beside the default one, each where it is asked for.
const NOISE: &str = "noise";
const MATCHED: &str = "matched";
const UNMATCHED: &str = "unmatched";

/// Configuration for the `error_signatures` transform.
#[configurable_component(transform(
    "error_signatures",
    "Recognise known errors in log events by a taxonomy of regular expressions, tag them, and drop known noise."
))]
#[derive(Clone, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct ErrorSignaturesConfig {
    /// The taxonomy: categories of signatures, and an allowlist of noise.
    ///
    /// The path of a file, relative to the working directory of Vector, or the rules themselves: a
    /// YAML text of several lines. By default the file that the environment variable
    /// `SIGNATURES_TAXONOMY` names, or else `config/error_signatures.yml`, or where that is not there
    /// the taxonomy that ships with the program. With `--watch-config`, Vector reloads it when it changes; a
    /// taxonomy with errors is refused, and the one in force stays.
    #[configurable(metadata(docs::examples = "config/error_signatures.yml"))]
    pub taxonomy: Option<String>,

    /// The alert settings, a file or a text as well, of which `min_level`, `allowlist_first`,
    /// `subject_fields`, `levels`, `redact`, `strip_ansi`, `tag_prefix` and `limits` apply here.
    ///
    /// By default the file that the environment variable `SIGNATURES_ALERTS` names, or else
    /// `config/alerts.yml` where there is one; without, the settings that ship with the taxonomy of
    /// the program, and with another taxonomy the default of each.
    #[configurable(metadata(docs::examples = "config/alerts.yml"))]
    #[serde(alias = "grouping")]
    pub alerts: Option<String>,

    /// Sends events that the allowlist calls noise to the output `noise` instead of dropping them.
    ///
    /// Other components take them as the input `<component_id>.noise`. Secrets are taken out of them
    /// as of all others.
    #[serde(default)]
    pub reroute_noise: bool,

    /// Sends events that a signature matches to the output `matched`, tagged, and not to the default one.
    #[serde(default)]
    pub reroute_matched: bool,

    /// Sends events that no signature and no entry of the allowlist matches to the output `unmatched`,
    /// and not to the default one. Those that are not looked at, for their level or as `exclude` says,
    /// stay where they are.
    #[serde(default)]
    pub reroute_unmatched: bool,

    /// Events that pass untouched: neither looked at nor counted.
    #[serde(default)]
    #[configurable(metadata(docs::examples = ".kubernetes.namespace == \"kube-system\""))]
    pub exclude: Option<AnyCondition>,

    /// Whether warnings about the rules are errors.
    ///
    /// `vector validate --deny-warnings` does not see what a component only warns of.
    #[serde(default)]
    pub deny_warnings: bool,

    #[serde(skip)]
    #[configurable(derived, metadata(docs::hidden))]
    rules: Kept<Rules>,

    #[serde(skip)]
    #[configurable(derived, metadata(docs::hidden))]
    files: OnceLock<Vec<PathBuf>>,
}

/// What events are judged by.
#[derive(Debug)]
struct Rules {
    classifier: Classifier,
}

impl ErrorSignaturesConfig {
    fn found(&self) -> rules::Found {
        let found = rules::find(self.taxonomy.as_deref(), self.alerts.as_deref());
        rules::Found { deny_warnings: self.deny_warnings, ..found }
    }

    fn ports(&self) -> Ports {
        Ports {
            noise: self.reroute_noise.then_some(NOISE),
            matched: self.reroute_matched.then_some(MATCHED),
            unmatched: self.reroute_unmatched.then_some(UNMATCHED),
        }
    }

    fn rules(&self) -> Result<Arc<Rules>, Vec<String>> {
        self.rules.get(|| {
            let found = self.found();
            let read = (found.read_taxonomy(), found.read_settings());
            let (taxonomy, settings): (_, Settings) = match read {
                (Ok(taxonomy), Ok(settings)) => (taxonomy, settings),
                (taxonomy, settings) => {
                    let errors = [taxonomy.err(), settings.err()];
                    return Err(errors.into_iter().flatten().flatten().collect());
                }
            };
            Ok(Rules { classifier: Classifier::new(taxonomy, &settings.engine.classifier) })
        })
    }
}

impl GenerateConfig for ErrorSignaturesConfig {
    fn generate_config() -> toml::Value {
        toml::Value::Table(
            [("taxonomy".to_owned(), "config/error_signatures.yml".into())].into_iter().collect(),
        )
    }
}

#[async_trait::async_trait]
#[typetag::serde(name = "error_signatures")]
impl TransformConfig for ErrorSignaturesConfig {
    async fn build(&self, context: &TransformContext) -> vector::Result<Transform> {
        let rules = self.rules().map_err(|errors| errors.join("\n"))?;
        let counts = Arc::new(Counts::new(rules.classifier.taxonomy()));
        let build = |condition: &AnyCondition| {
            condition.build(&context.enrichment_tables, &context.metrics_storage)
        };
        Ok(Transform::synchronous(ErrorSignatures {
            rules,
            counts,
            ports: self.ports(),
            exclude: self.exclude.as_ref().map(build).transpose()?,
            origin: Origin::of(context),
        }))
    }

    fn input(&self) -> Input {
        Input::all()
    }

    fn outputs(
        &self,
        _: &TransformContext,
        input_definitions: &[(OutputId, schema::Definition)],
    ) -> Vec<TransformOutput> {
        let untouched = clone_input_definitions(input_definitions);
        // Rules that are broken are told of when the transform is built.
        let tags = self.rules().map(|rules| rules.classifier.tag_names().clone());
        let tags = tags.unwrap_or_default();
        let with_tags = |definition| with_tags(definition, &tags);
        let tagged = untouched.iter().map(|(id, definition)| (id.clone(), with_tags(definition)));
        let tagged: HashMap<_, _> = tagged.collect();
        let Ports { noise, matched, unmatched } = self.ports();
        let port = |port: Option<&str>, definitions: &HashMap<_, _>| {
            port.map(|port| {
                TransformOutput::new(DataType::Log, definitions.clone()).with_port(port)
            })
        };
        let default = TransformOutput::new(DataType::all_bits(), tagged.clone());
        let ports = [port(noise, &untouched), port(matched, &tagged), port(unmatched, &tagged)];
        [Some(default)].into_iter().chain(ports).flatten().collect()
    }

    /// Asked before anything of a running topology is taken down, so that a
    /// taxonomy with errors costs nothing but the reload.
    fn validate(&self, _: &TransformContext) -> Result<(), Vec<String>> {
        self.rules().map(|_| ())
    }

    fn enable_concurrency(&self) -> bool {
        true
    }

    fn files_to_watch(&self) -> Vec<&PathBuf> {
        self.files.get_or_init(|| self.found().files()).iter().collect()
    }
}

/// A definition with the tags that an event may have got.
fn with_tags(definition: &schema::Definition, tags: &TagNames) -> schema::Definition {
    if !definition.event_kind().contains_object() {
        return definition.clone();
    }
    tags.all().into_iter().fold(definition.clone(), |definition, tag| {
        let kind = match tag == tags.metadata {
            true => Kind::object(Collection::any()),
            false => Kind::bytes(),
        };
        definition.optional_field(&owned_value_path!(tag), kind, None)
    })
}

/// The transform. Its clones, which Vector runs side by side, share all.
#[derive(Clone)]
struct ErrorSignatures {
    rules: Arc<Rules>,
    counts: Arc<Counts>,
    ports: Ports,
    exclude: Option<Condition>,
    origin: Origin,
}

/// The outputs that are asked for, by name.
#[derive(Clone, Copy)]
struct Ports {
    noise: Option<&'static str>,
    matched: Option<&'static str>,
    unmatched: Option<&'static str>,
}

impl SyncTransform for ErrorSignatures {
    fn transform(&mut self, event: Event, output: &mut TransformOutputsBuf) {
        self.transform_all(event.into(), output);
    }

    fn transform_all(&mut self, events: EventArray, output: &mut TransformOutputsBuf) {
        let EventArray::Logs(logs) = events else {
            for event in events.into_events() {
                output.push(None, event);
            }
            return;
        };
        let (mut tally, mut discarded) = (Tally::default(), 0);
        let mut meanings = Meanings::default();
        for mut log in logs {
            if let Some(exclude) = &self.exclude {
                let (is_excluded, event) = exclude.check(Event::Log(log));
                if is_excluded {
                    output.push(None, event);
                    continue;
                }
                log = event.into_log();
            }
            let meanings = meanings.of(&log);
            let port = match self.judge(&mut log, meanings, &mut tally) {
                Err(_) => None,
                Ok(Verdict::Match(_)) => self.ports.matched,
                Ok(Verdict::Unmatched) => self.ports.unmatched,
                Ok(Verdict::Noise(_)) if self.ports.noise.is_none() => {
                    discarded += 1;
                    continue;
                }
                Ok(Verdict::Noise(_)) => {
                    self.rules.classifier.redact(&mut Log::new(&mut log, meanings));
                    self.ports.noise
                }
            };
            output.push(port, Event::Log(log));
        }
        self.counts.add(&tally, discarded);
    }
}

impl ErrorSignatures {
    fn judge(
        &self,
        log: &mut LogEvent,
        meanings: &Meanings,
        logs: &mut Tally,
    ) -> Result<Verdict, Skip> {
        let classifier = &self.rules.classifier;
        let mut found = None;
        let mut observer = |error: &Observation<'_>| {
            found = Some(verdict(error, classifier.tag_names()));
        };
        let judged = classifier.process(&mut Log::new(log, meanings), logs, Some(&mut observer));
        match judged {
            Ok(Verdict::Match(index)) => self.counts.matched(index, classifier),
            Ok(Verdict::Noise(index)) => self.counts.dropped(index, classifier),
            // What another one here has recognised is no error that nobody knows.
            _ if self.origin.signed(log) => return judged,
            _ => {}
        }
        if let Some(mut found) = found {
            let tags = classifier.tag_names();
            if let Ok(verdict) = judged
                && let Some(signature) = classifier.signature(verdict)
                && !log.value().is_object()
                && !signature.metadata.is_empty()
            {
                // It has no fields for what the taxonomy says beside.
                let metadata = serde_json::Value::Object(signature.metadata.clone());
                found.insert(KeyString::from(&*tags.metadata), Value::from(metadata));
            }
            self.origin.sign(log, found);
        }
        judged
    }
}

/// The metrics, under the names that the relay has for them once Vector's
/// exporters have put `vector_` in front.
struct Counts {
    /// The component, which labels what is registered within it.
    span: Span,
    matched: Counter,
    noise: Counter,
    unmatched: Counter,
    skipped: Counter,
    discarded: Registered<ComponentEventsDropped<'static, INTENTIONAL>>,
    cut: Counter,
    empty: Counter,
    foreign: Counter,
    told: Mutex<Told>,
    step_limit_hits: Counter,
    /// By signature, each registered when it first matches.
    matches: Vec<OnceLock<Counter>>,
    /// By entry of the allowlist.
    allowed: Vec<OnceLock<Counter>>,
}

impl Counts {
    fn new(Taxonomy { signatures, noise_allowlist, .. }: &Taxonomy) -> Self {
        let none = |many: usize| std::iter::repeat_with(OnceLock::new).take(many).collect();
        let events = |verdict| counter!("signatures_events_total", "verdict" => verdict);
        Self {
            span: Span::current(),
            matched: events("match"),
            noise: events("noise"),
            unmatched: events("unmatched"),
            skipped: events("skipped"),
            discarded: register(ComponentEventsDropped::from("Noise by the taxonomy's allowlist.")),
            cut: counter!("signatures_subjects_cut_total"),
            empty: counter!("signatures_subjects_empty_total"),
            foreign: counter!("signatures_foreign_tags_total"),
            told: Mutex::default(),
            step_limit_hits: counter!("signatures_step_limit_hits_total"),
            matches: none(signatures.len()),
            allowed: none(noise_allowlist.len()),
        }
    }

    fn matched(&self, index: usize, classifier: &Classifier) {
        let verdict = Verdict::Match(index);
        let (Some(counter), Some(signature)) =
            (self.matches.get(index), classifier.signature(verdict))
        else {
            return;
        };
        let register = || {
            let category = classifier.category(verdict).to_owned();
            let signature = signature.id.clone();
            self.span.in_scope(|| {
                counter!("signatures_matches_total", "category" => category, "signature" => signature)
            })
        };
        counter.get_or_init(register).increment(1);
    }

    /// By the pattern of its entry, which has no name.
    fn dropped(&self, index: usize, classifier: &Classifier) {
        let (Some(counter), Some(entry)) =
            (self.allowed.get(index), classifier.allowlist_entry(Verdict::Noise(index)))
        else {
            return;
        };
        let register = || {
            let pattern = entry.pattern.as_str().to_owned();
            self.span.in_scope(|| counter!("signatures_noise_total", "pattern" => pattern))
        };
        counter.get_or_init(register).increment(1);
    }

    fn add(&self, tally: &Tally, discarded: usize) {
        for (counter, count) in [
            (&self.matched, tally.matched),
            (&self.noise, tally.noise),
            (&self.unmatched, tally.unmatched),
            (&self.skipped, tally.skipped),
            (&self.cut, tally.cut),
            (&self.empty, tally.empty),
            (&self.foreign, tally.foreign),
            (&self.step_limit_hits, tally.step_limit_hits),
        ] {
            if count > 0 {
                counter.increment(count);
            }
        }
        if !tally.peculiar.is_none()
            && let Ok(mut told) = self.told.lock()
        {
            for sentence in told.news(&tally.peculiar) {
                tracing::warn!(message = %sentence);
            }
        }
        if discarded > 0 {
            self.discarded.emit(Count(discarded));
        }
    }
}

#[cfg(test)]
mod tests;
