//! What alerts.yml says to the engine.

use signatures_document::{Reader, Sections, keep};
use signatures_event::{
    Event, Level, LevelNames, Looking, Moment, OriginFields, SubjectFields, redact::Redactor,
};

use crate::{
    aggregate::{AggregationSettings, TimeSource},
    grouping::{Grouping, values},
    presence::Watch,
    tag_names::TagNames,
    threshold::read_least_level,
    value_hash::ValueHash,
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
    /// The fields of which different values are counted, as `distinct:` names them.
    pub distinct_fields: Vec<String>,
    /// What is to be heard of, as `absent:` names it.
    pub watches: Vec<Watch>,
}

impl ClassifierSettings {
    /// The time that an event tells, where events count at that.
    pub(crate) fn time_of(&self, event: &impl Event) -> Option<Moment> {
        match self.time {
            TimeSource::Event => Moment::of(event),
            TimeSource::Arrival => None,
        }
    }

    /// The values of an event of which different ones are counted.
    pub(crate) fn distinct_values(
        &self,
        event: &impl Event,
        service: Option<&str>,
    ) -> Vec<Option<ValueHash>> {
        if self.distinct_fields.is_empty() {
            return Vec::new();
        }
        let values = values(event, &self.distinct_fields, &self.origin_fields, service);
        values.map(|value| ValueHash::of(&value)).collect()
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
            distinct_fields: Vec::new(),
            watches: Vec::new(),
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
const LIMITS_KEYS: [&str; 3] = ["fingerprints", "remembered", "subject_bytes"];

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
        "triggers",
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
                            "remembered" => size(&mut aggregation.max_remembered, 1, 10_000_000),
                            "subject_bytes" => size(&mut classifier.subject_bytes, 256, 1 << 20),
                            _ => reader.unknown_key(entry, "limits", &LIMITS_KEYS),
                        }
                    }
                }
                _ => aggregation.read_section(reader, entry),
            }
        }
        classifier.redactor = redact.redactor();
        let triggers = &aggregation.triggers;
        classifier.distinct_fields = triggers.distinct.iter().map(|t| t.field.clone()).collect();
        classifier.watches = triggers.absent.iter().map(|t| t.watch.clone()).collect();
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
        aggregate::{
            AbsentTrigger, CooldownBackoff, DistinctTrigger, NewTrigger, Override, SpikeTrigger,
            Thresholds, Triggers,
        },
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

    fn signature(id: &str) -> Selector {
        Selector { signature: vec![id.into()], ..Selector::default() }
    }

    fn billing() -> Watch {
        Watch {
            matches: signature("UP"),
            service: vec!["billing".into(), "api".into()],
            host: vec!["a".into()],
        }
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
limits: {fingerprints: 10, remembered: 20, subject_bytes: 1024}
triggers:
  new: {quiet_days: 7, learn_minutes: 0, min_level: critical, min_severity: high, per_hour: 3}
  returned: {after_hours: 1.5}
  spike: {factor: 1.5, baseline_hours: 2, min_count: 9}
  absent:
    - {match: {service: [billing, api], host: a, signature: UP}, for_minutes: 2, severity: critical}
    - {for_minutes: 60}
  distinct:
    - {match: {signature: S}, field: user, count: 4, window_minutes: 1}
  cooldown_backoff: {factor: 3, max_minutes: 60}
  fatal: true
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
                    max_remembered: 20,
                    triggers: Triggers {
                        new: Some(NewTrigger {
                            quiet: SignedDuration::from_hours(7 * 24),
                            learn: SignedDuration::ZERO,
                            min_level: Level::Critical,
                            min_severity: Severity::new("high"),
                            per_hour: 3,
                        }),
                        returned: Some(SignedDuration::from_mins(90)),
                        spike: Some(SpikeTrigger {
                            factor: 1.5,
                            baseline: SignedDuration::from_hours(2),
                            min_count: 9,
                        }),
                        absent: vec![
                            AbsentTrigger {
                                watch: billing(),
                                after: SignedDuration::from_mins(2),
                                severity: Severity::new("critical"),
                            },
                            AbsentTrigger {
                                watch: Watch::default(),
                                after: SignedDuration::from_mins(60),
                                severity: Severity::default(),
                            },
                        ],
                        distinct: vec![DistinctTrigger {
                            matches: signature("S"),
                            field: "user".into(),
                            count: 4,
                            window: SignedDuration::from_mins(1),
                        }],
                        cooldown_backoff: Some(CooldownBackoff {
                            factor: 3.0,
                            max: SignedDuration::from_mins(60),
                        }),
                        fatal: true,
                    },
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
                    distinct_fields: vec!["user".into()],
                    watches: vec![billing(), Watch::default()],
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
    fn a_trigger_that_says_nothing_is_none_and_an_empty_one_has_the_defaults() {
        let triggers = |text: &str| read(text).0.unwrap().aggregation.triggers;
        assert_eq!(triggers("triggers:\n"), Triggers::default());
        assert_eq!(triggers("triggers: {new: , absent: , fatal: }\n"), Triggers::default());
        assert_eq!(
            triggers("triggers: {new: {}, returned: {}, spike: {}, cooldown_backoff: {}}\n"),
            Triggers {
                new: Some(NewTrigger {
                    quiet: SignedDuration::from_hours(14 * 24),
                    learn: SignedDuration::from_mins(60),
                    min_level: Level::Error,
                    min_severity: Severity::new("anomaly"),
                    per_hour: 10,
                }),
                returned: Some(SignedDuration::from_hours(24)),
                spike: Some(SpikeTrigger {
                    factor: 5.0,
                    baseline: SignedDuration::from_hours(24),
                    min_count: 20,
                }),
                cooldown_backoff: Some(CooldownBackoff {
                    factor: 2.0,
                    max: SignedDuration::from_mins(240),
                }),
                ..Triggers::default()
            }
        );
    }

    #[test]
    fn mistakes_of_triggers_are_told_with_their_places() {
        let (settings, diagnostics) = read(
            "triggers:\n  new: {quiet_days: 0, per_hour: many, min_level: loud}\n  \
             returned: {after_hours: 0}\n  spike: {factor: 1, window: 5}\n  \
             absent:\n    - {match: {servcie: x}, for_minutes: 5}\n    - {match: {service: x}, severity: high}\n  \
             distinct: [{match: {signature: S}, count: 1}]\n  cooldown_backoff: {max_minutes: 0}\n  \
             fatal: often\n  spikes: {}\n",
        );
        assert_eq!(settings, None);
        assert_eq!(
            diagnostics,
            [
                "alerts.yml:2:21: `quiet_days` takes days, above 0 up to 366, not `0` [schema]",
                "alerts.yml:2:34: `per_hour` takes a whole number from 0 to 1000, not `many` [schema]",
                "alerts.yml:2:51: `min_level` takes one of trace, debug, info, notice, warning, error, critical, alert, emergency, not `loud` [schema]",
                "alerts.yml:3:27: `after_hours` takes hours, above 0 up to 8784, not `0` [schema]",
                "alerts.yml:4:19: `factor` takes a number above 1 up to 1000, not `1` [schema]",
                "alerts.yml:4:22: nothing reads the key `window` of spike [unknown-key]; known here: factor, baseline_hours, min_count",
                "alerts.yml:6:16: `match` knows category, signature, policy, severity, service, host, not `servcie` [schema]",
                "alerts.yml:7:7: an entry of `absent` does not say its `for_minutes` [schema]; add `for_minutes: 15`",
                "alerts.yml:7:39: `severity` takes `critical` or `anomaly`, not `high` [schema]",
                "alerts.yml:8:14: an entry of `distinct` does not say its `field` [schema]; add `field: user`",
                "alerts.yml:8:45: `count` takes a whole number from 2 to 10000, not `1` [schema]",
                "alerts.yml:9:35: `max_minutes` takes minutes, above 0 up to 527040, not `0` [schema]",
                "alerts.yml:10:10: `fatal` takes true or false, not `often` [schema]",
                "alerts.yml:11:3: nothing reads the key `spikes` of triggers [unknown-key]; did you mean `spike`?",
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
