//! What alerts.yml says to the engine.

use signatures_document::{Reader, Sections, keep};
use signatures_event::{
    Event, Level, LevelNames, Looking, Moment, OriginFields, SubjectFields, redact::Redactor,
};

use crate::{
    aggregate::{AggregationSettings, TimeSource},
    grouping::Grouping,
    tag_names::TagNames,
    threshold::read_least_level,
};

/// What alerts.yml says to the engine, or the defaults.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// How events are judged.
    pub classifier: ClassifierSettings,
    /// When an error is worth an alert.
    pub aggregation: AggregationSettings,
}

/// How events are judged.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassifierSettings {
    /// Events that say a lower level pass untouched.
    pub min_level: Level,
    /// Whether the allowlist is asked before the signatures.
    pub allowlist_first: bool,
    /// What levels are called, beside what everybody calls them.
    pub levels: LevelNames,
    /// What the patterns see of an event.
    pub subject_fields: SubjectFields,
    /// Which fields name an event's host and service.
    pub origin_fields: OriginFields,
    /// What the tags are called.
    pub tags: TagNames,
    /// How many bytes of a subject are looked at.
    pub subject_bytes: usize,
    /// What takes secrets and escape sequences out of the events that pass; none
    /// leaves them alone.
    /// Samples and alerts never hold any.
    pub redactor: Option<Redactor>,
    /// By which time events count.
    pub time: TimeSource,
    /// By what errors are told apart; none by their fingerprints.
    pub grouping: Option<Grouping>,
}

impl ClassifierSettings {
    /// The time that an event tells, where events count at that.
    pub(crate) fn time_of(&self, event: &impl Event) -> Option<Moment> {
        match self.time {
            TimeSource::Event => Moment::of(event),
            TimeSource::Arrival => None,
        }
    }
}

impl Default for ClassifierSettings {
    fn default() -> Self {
        Self {
            min_level: Level::Warning,
            allowlist_first: false,
            levels: LevelNames::default(),
            subject_fields: SubjectFields::default(),
            origin_fields: OriginFields::default(),
            tags: TagNames::default(),
            subject_bytes: 64 << 10,
            redactor: Some(Redactor::by_names()),
            time: TimeSource::Event,
            grouping: None,
        }
    }
}

impl ClassifierSettings {
    /// What is to be looked at in an event.
    #[must_use]
    pub fn looking(&self) -> Looking<'_> {
        let (fields, levels) = (&self.subject_fields, &self.levels);
        Looking { fields, levels, subject_bytes: self.subject_bytes }
    }
}

/// What is to be taken out of the events that pass.
struct Redact {
    events: bool,
    texts: bool,
    escapes: bool,
}

impl Default for Redact {
    fn default() -> Self {
        Self { events: true, texts: false, escapes: false }
    }
}

impl Redact {
    fn redactor(&self) -> Option<Redactor> {
        let secrets = match (self.events, self.texts) {
            (true, true) => Redactor::of_texts(),
            (true, false) => Redactor::by_names(),
            (false, _) => Redactor::of_nothing(),
        };
        match self.escapes {
            true => Some(secrets.and_escapes()),
            false => self.events.then_some(secrets),
        }
    }
}

const REDACT_KEYS: [&str; 2] = ["events", "text"];
const LIMITS_KEYS: [&str; 2] = ["fingerprints", "subject_bytes"];

impl Settings {
    /// The keys at the top of alerts.yml that the engine reads.
    pub const KEYS: &[&str] = &[
        "window_minutes",
        "min_count_default",
        "cooldown_minutes",
        "immediate_categories",
        "min_level",
        "allowlist_first",
        "levels",
        "subject_fields",
        "host_fields",
        "service_fields",
        "time",
        "generic",
        "overrides",
        "redact",
        "strip_ansi",
        "tag_prefix",
        "samples",
        "grouping",
        "limits",
    ];

    /// Reads the engine's sections of alerts.yml.
    pub fn read(reader: &mut Reader, sections: &mut Sections<'_>) -> Self {
        let mut settings = Self::default();
        let Self { classifier, aggregation } = &mut settings;
        let mut redact = Redact::default();
        for entry in sections.take(Self::KEYS) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                "min_level" => {
                    keep(&mut classifier.min_level, read_least_level(reader, key, value));
                }
                "allowlist_first" => {
                    keep(&mut classifier.allowlist_first, reader.boolean(key, value));
                }
                "subject_fields" => {
                    let fields = SubjectFields::read(reader, key, value);
                    keep(&mut classifier.subject_fields, fields);
                }
                "levels" => classifier.levels = LevelNames::read(reader, key, value),
                "host_fields" => {
                    classifier.origin_fields.host = OriginFields::read(reader, key, value)
                }
                "service_fields" => {
                    classifier.origin_fields.service = OriginFields::read(reader, key, value);
                }
                "time" => keep(&mut classifier.time, TimeSource::read(reader, key, value)),
                "redact" => {
                    for entry in reader.mapping(key, value) {
                        let place = match entry.key.as_str() {
                            "events" => &mut redact.events,
                            "text" => &mut redact.texts,
                            _ => {
                                reader.unknown_key(entry, "redact", &REDACT_KEYS);
                                continue;
                            }
                        };
                        keep(place, reader.boolean(&entry.key, &entry.value));
                    }
                }
                "tag_prefix" => keep(&mut classifier.tags, TagNames::read(reader, key, value)),
                "grouping" => {
                    classifier.grouping = Grouping::read(reader, key, value);
                    let grouping = classifier.grouping.as_ref();
                    aggregation.collapse_above = grouping.and_then(|g| g.collapse_above);
                }
                "strip_ansi" => keep(&mut redact.escapes, reader.boolean(key, value)),
                "limits" => {
                    for entry in reader.mapping(key, value) {
                        let (key, value) = (entry.key.as_str(), &entry.value);
                        let mut size = |place: &mut usize, min, max| {
                            let size = reader.integer(key, value, min, max);
                            keep(place, size.and_then(|size| usize::try_from(size).ok()));
                        };
                        match key {
                            "fingerprints" => size(&mut aggregation.max_groups, 1, 10_000_000),
                            "subject_bytes" => size(&mut classifier.subject_bytes, 256, 1 << 20),
                            _ => reader.unknown_key(entry, "limits", &LIMITS_KEYS),
                        }
                    }
                }
                _ => aggregation.read_section(reader, entry),
            }
        }
        classifier.redactor = redact.redactor();
        settings
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;
    use signatures_document::yaml::Source;

    use super::*;
    use crate::{
        aggregate::{Override, Thresholds},
        grouping::Canonicalization,
        policy::Policy,
        selector::Selector,
        severity::Severity,
    };

    fn read(text: &str) -> (Option<Settings>, Vec<String>) {
        let source = Source::new("alerts.yml", text);
        let reading = Sections::read(&source, "alerts.yml", Settings::read);
        (reading.value, reading.diagnostics.iter().map(|p| p.located(&source)).collect())
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        let (settings, diagnostics) = read("window_minutes: 5\n");
        assert_eq!((settings, diagnostics), (Some(Settings::default()), vec![]));
    }

    #[test]
    fn every_key_is_read() {
        let text = "
window_minutes: 0.5
min_count_default: 7
cooldown_minutes: 0
immediate_categories: [fatal]
min_level: ERROR
allowlist_first: true
levels: {ANOMALY: error, chatter: Debug}
subject_fields: [event, [error, msg]]
host_fields: [node]
service_fields: [team.service, service]
time: arrival
generic: {alert: true}
samples: 5
grouping: {canonicalization: Seed, by: [service, k8s.ns], exceptions: false, collapse_above: 5}
redact: {events: false}
strip_ansi: true
tag_prefix: sig_
overrides:
  - match: {category: c, signature: S, policy: retry, severity: High}
    window_minutes: 1
    min_count: 2
    cooldown_minutes: 3
    immediate: false
limits: {fingerprints: 10, subject_bytes: 1024}
";
        let (settings, diagnostics) = read(text);
        assert_eq!(diagnostics, Vec::<String>::new());
        assert_eq!(
            settings.unwrap(),
            Settings {
                aggregation: AggregationSettings {
                    thresholds: Thresholds {
                        window: SignedDuration::from_secs(30),
                        min_count: 7,
                        cooldown: SignedDuration::ZERO,
                    },
                    immediate_categories: vec!["fatal".into()],
                    overrides: vec![Override {
                        matches: Selector {
                            category: vec!["c".into()],
                            signature: vec!["S".into()],
                            policy: vec![Policy::Retry],
                            severity: vec![Severity::new("high")],
                        },
                        window: Some(SignedDuration::from_mins(1)),
                        min_count: Some(2),
                        cooldown: Some(SignedDuration::from_mins(3)),
                        immediate: Some(false),
                    }],
                    collapse_above: Some(5),
                    generic_alert: true,
                    max_groups: 10,
                    samples: 5,
                },
                classifier: ClassifierSettings {
                    min_level: Level::Error,
                    allowlist_first: true,
                    levels: LevelNames::from([
                        ("ANOMALY", Level::Error),
                        ("chatter", Level::Debug),
                    ]),
                    subject_fields: SubjectFields::only(vec![
                        vec!["event".into()],
                        vec!["error".into(), "msg".into()],
                    ]),
                    origin_fields: OriginFields {
                        host: Some(vec!["node".into()]),
                        service: Some(vec!["team.service".into(), "service".into()]),
                    },
                    redactor: Some(Redactor::of_nothing().and_escapes()),
                    tags: TagNames::with_prefix("sig_"),
                    subject_bytes: 1024,
                    time: TimeSource::Arrival,
                    grouping: Some(Grouping {
                        canonicalization: Canonicalization::Seed,
                        by: vec!["service".into(), "k8s.ns".into()],
                        exceptions: false,
                        collapse_above: Some(5),
                    }),
                },
            }
        );
    }

    #[test]
    fn all_diagnostics_are_told_at_once_with_their_places() {
        let (settings, diagnostics) = read(
            "window_minutes: 0\nmin_count_default: 1.5\ncooldown: 3\nmin_level: loud\n\
             overrides:\n  - min_count: 2\n  - match: {categroy: x}\n",
        );
        assert_eq!(settings, None);
        assert_eq!(
            diagnostics,
            [
                "alerts.yml:1:17: `window_minutes` takes minutes, above 0 up to 527040, not `0` [schema]",
                "alerts.yml:2:20: `min_count_default` takes a whole number from 1 to 10000, not `1.5` [schema]",
                "alerts.yml:3:1: nothing reads the key `cooldown` of alerts.yml [unknown-key]; did you mean `cooldown_minutes`?",
                "alerts.yml:4:12: `min_level` takes one of trace, debug, info, notice, warning, error, critical, alert, emergency, not `loud` [schema]",
                "alerts.yml:6:5: an override does not say whom it is for [schema]; add `match: {category: …}`; also signature, policy and severity",
                "alerts.yml:7:13: `match` knows category, signature, policy, severity, not `categroy` [schema]",
            ]
        );
    }

    #[test]
    fn a_section_of_grouping_that_says_nothing_has_the_defaults_and_none_is_none() {
        let grouping = |text: &str| read(text).0.unwrap().classifier.grouping;
        assert_eq!(grouping("grouping: {}\n"), Some(Grouping::default()));
        assert_eq!(grouping("grouping:\n"), None);
        assert_eq!(grouping("grouping: {by: []}\n").unwrap().by, Vec::<String>::new());
    }

    #[test]
    fn mistakes_of_grouping_are_told_with_their_places() {
        let (settings, diagnostics) = read(
            "grouping:\n  canonicalization: drain\n  by: service\n  exceptions: often\n  \
             collapse: 5\n  collapse_above: 0\n",
        );
        assert_eq!(settings, None);
        assert_eq!(
            diagnostics,
            [
                "alerts.yml:2:21: `canonicalization` takes `seed` or `extended`, not `drain` [schema]",
                "alerts.yml:3:7: `by` takes a list of at most 16 names of fields, not `service` [schema]",
                "alerts.yml:4:15: `exceptions` takes true or false, not `often` [schema]",
                "alerts.yml:5:3: nothing reads the key `collapse` of grouping [unknown-key]; did you mean `collapse_above`?",
                "alerts.yml:6:19: `collapse_above` takes a whole number from 1 to 100, not `0` [schema]",
            ]
        );
    }

    #[test]
    fn an_unknown_key_is_a_warning_only() {
        let (settings, diagnostics) = read("team: payments\nwindow_minute: 5\n");
        assert_eq!(settings, Some(Settings::default()));
        assert!(diagnostics[1].ends_with("[unknown-key]; did you mean `window_minutes`?"));
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_read_or_refused(text in "((window_minutes|overrides|match|limits|- |: |\\{|\\}|\\[|\\]|5|x|\n|  |,)){0,30}") {
            let _ = read(&text);
        }
    }
}
