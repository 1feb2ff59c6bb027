//! The settings of `config/alerts.yml`: when an error becomes an alert.

use jiff::{SignedDuration, Timestamp};

use crate::{
    level::Level,
    problem::{Problem, Reading, Rule},
    reader::Reader,
    routes::Route,
    sinks::SinkSettings,
    subject::SubjectFields,
    taxonomy::{Policy, Severity},
    yaml::{Entry, Node, NodeKind, Source},
};

/// The longest window and cooldown, in minutes: a year.
pub const MAX_MINUTES: f64 = 527_040.0;

/// The highest minimum count, since that many times are kept per fingerprint.
pub const MAX_MIN_COUNT: u32 = 10_000;

/// What `config/alerts.yml` says, or its defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// When a fingerprint becomes an alert, unless an override says otherwise.
    pub thresholds: Thresholds,
    /// Categories that alert on the first event.
    pub immediate_categories: Vec<String>,
    /// Exceptions for some signatures; the first that matches applies.
    pub overrides: Vec<Override>,
    /// Events that say a lower level pass untouched.
    pub min_level: Level,
    /// Whether the allowlist is asked before the signatures.
    pub allowlist_first: bool,
    /// What the patterns see of an event.
    pub subject_fields: SubjectFields,
    /// Whether unmatched errors may become alerts.
    pub generic_alert: bool,
    /// Whether secrets are taken out of the events that pass. Samples and
    /// alerts never hold any.
    pub redact_events: bool,
    /// A link for each alert, with `{fingerprint}`, `{category}` and
    /// `{signature}` filled in.
    pub sentry_url: Option<String>,
    /// What memory may be used for.
    pub limits: Limits,
    /// Where alerts can go.
    pub sinks: Vec<SinkSettings>,
    /// Which go where; with none, all go everywhere.
    pub routes: Vec<Route>,
}

/// When a fingerprint becomes an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// How close together the last `min_count` events must lie.
    pub window: SignedDuration,
    /// How many events it takes.
    pub min_count: u32,
    /// For how long nothing follows an alert.
    pub cooldown: SignedDuration,
}

/// Other thresholds for some signatures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Override {
    /// Whom it is for.
    pub matches: OverrideMatch,
    /// In place of [`Thresholds::window`].
    pub window: Option<SignedDuration>,
    /// In place of [`Thresholds::min_count`].
    pub min_count: Option<u32>,
    /// In place of [`Thresholds::cooldown`].
    pub cooldown: Option<SignedDuration>,
    /// Whether the first event alerts, whatever category and severity say.
    pub immediate: Option<bool>,
}

/// Whom an override is for: all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OverrideMatch {
    /// The name of a category.
    pub category: Option<String>,
    /// The id of a signature.
    pub signature: Option<String>,
    /// A policy.
    pub policy: Option<Policy>,
    /// A severity.
    pub severity: Option<Severity>,
}

/// What memory may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many fingerprints are followed at a time.
    pub fingerprints: usize,
    /// How many bytes of a subject are looked at.
    pub subject_bytes: usize,
}

impl Thresholds {
    /// When the cooldown of an alert at this time is over.
    #[must_use]
    pub fn cooldown_end(&self, at: Timestamp) -> Timestamp {
        at.checked_add(self.cooldown).unwrap_or(Timestamp::MAX)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            thresholds: Thresholds {
                window: SignedDuration::from_mins(5),
                min_count: 3,
                cooldown: SignedDuration::from_mins(10),
            },
            immediate_categories: vec!["critical".to_owned()],
            overrides: Vec::new(),
            min_level: Level::Warning,
            allowlist_first: false,
            subject_fields: SubjectFields::default(),
            generic_alert: false,
            redact_events: true,
            sentry_url: None,
            limits: Limits { fingerprints: 100_000, subject_bytes: 64 << 10 },
            sinks: Vec::new(),
            routes: Vec::new(),
        }
    }
}

/// The keys at the top of alerts.yml.
const ROOT_KEYS: [&str; 14] = [
    "window_minutes",
    "min_count_default",
    "cooldown_minutes",
    "immediate_categories",
    "min_level",
    "allowlist_first",
    "subject_fields",
    "generic",
    "overrides",
    "sinks",
    "routes",
    "redact",
    "limits",
    "sentry_url",
];
const OVERRIDE_KEYS: [&str; 5] =
    ["match", "window_minutes", "min_count", "cooldown_minutes", "immediate"];
const MATCH_KEYS: [&str; 4] = ["category", "signature", "policy", "severity"];
const GENERIC_KEYS: [&str; 1] = ["alert"];
const REDACT_KEYS: [&str; 1] = ["events"];
const LIMITS_KEYS: [&str; 2] = ["fingerprints", "subject_bytes"];

impl Settings {
    /// The keys at the top of the file, by which it can be told from a taxonomy.
    pub const KEYS: &'static [&'static str] = &ROOT_KEYS;

    /// Reads the settings, with every problem in them.
    #[must_use]
    pub fn read(source: &Source) -> Reading<Self> {
        let mut reader = Reader::default();
        let mut settings = Self::default();
        for entry in reader.optional_root(source, "alerts.yml").unwrap_or_default() {
            reader.setting(&entry, &mut settings);
        }
        reader.routes_lead_to_sinks(&settings);
        Reading::new(settings, reader.problems)
    }
}

impl Reader {
    fn setting(&mut self, entry: &Entry, settings: &mut Settings) {
        let (key, value) = (entry.key.as_str(), &entry.value);
        let thresholds = &mut settings.thresholds;
        match key {
            "window_minutes" => keep(&mut thresholds.window, self.minutes(key, value, false)),
            "min_count_default" => keep(&mut thresholds.min_count, self.min_count(key, value)),
            "cooldown_minutes" => keep(&mut thresholds.cooldown, self.minutes(key, value, true)),
            "immediate_categories" => settings.immediate_categories = self.texts(key, value),
            "min_level" => keep(&mut settings.min_level, self.level(key, value)),
            "allowlist_first" => keep(&mut settings.allowlist_first, self.boolean(key, value)),
            "subject_fields" => keep(&mut settings.subject_fields, self.subject_fields(value)),
            "generic" => {
                for entry in self.mapping(key, value) {
                    match entry.key.as_str() {
                        "alert" => {
                            keep(&mut settings.generic_alert, self.boolean("alert", &entry.value));
                        }
                        _ => self.unknown_key(entry, "generic", &GENERIC_KEYS),
                    }
                }
            }
            "redact" => {
                for entry in self.mapping(key, value) {
                    match entry.key.as_str() {
                        "events" => {
                            keep(&mut settings.redact_events, self.boolean("events", &entry.value));
                        }
                        _ => self.unknown_key(entry, "redact", &REDACT_KEYS),
                    }
                }
            }
            "overrides" => {
                for item in self.sequence(key, value) {
                    if let Some(item) = self.override_(item) {
                        settings.overrides.push(item);
                    }
                }
            }
            "limits" => self.limits(value, &mut settings.limits),
            "sentry_url" => settings.sentry_url = self.text(key, value),
            "sinks" => settings.sinks = self.sinks(value),
            "routes" => settings.routes = self.routes(value),
            _ => self.unknown_key(entry, "alerts.yml", &ROOT_KEYS),
        }
    }

    fn minutes(&mut self, key: &str, node: &Node, zero: bool) -> Option<SignedDuration> {
        let minutes = node.as_number().and_then(|n| n.as_f64());
        match minutes.filter(|m| (*m > 0.0 || (zero && *m == 0.0)) && *m <= MAX_MINUTES) {
            Some(minutes) => SignedDuration::try_from_secs_f64(minutes * 60.0).ok(),
            None => {
                let from = if zero { "from 0" } else { "above 0" };
                self.expected(key, &format!("minutes, {from} up to {MAX_MINUTES}"), node)
            }
        }
    }

    fn min_count(&mut self, key: &str, node: &Node) -> Option<u32> {
        let count = self.integer(key, node, 1, MAX_MIN_COUNT.into())?;
        u32::try_from(count).ok()
    }

    fn level(&mut self, key: &str, node: &Node) -> Option<Level> {
        match node.as_text().and_then(Level::from_name) {
            Some(level) => Some(level),
            None => self.expected(
                key,
                &format!("one of {}", Level::NAMES.map(|n| n.0).join(", ")),
                node,
            ),
        }
    }

    /// A list of names; in place of a name, a list of those to choose from.
    fn subject_fields(&mut self, node: &Node) -> Option<SubjectFields> {
        let mut fields = Vec::new();
        for item in self.sequence("subject_fields", node) {
            fields.push(match item.kind {
                NodeKind::Sequence(_) => self.texts("subject_fields", item),
                _ => vec![self.text("subject_fields", item)?],
            });
        }
        if fields.is_empty() {
            return self.expected("subject_fields", "a list of field names", node);
        }
        Some(SubjectFields(fields))
    }

    fn override_(&mut self, node: &Node) -> Option<Override> {
        let mut result = Override::default();
        let mut matches = None;
        for entry in self.mapping("overrides", node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                // Nobody means everybody.
                "match" if value.is_null() => {}
                "match" => matches = Some(self.override_match(value)),
                "window_minutes" => result.window = self.minutes(key, value, false),
                "min_count" => result.min_count = self.min_count(key, value),
                "cooldown_minutes" => result.cooldown = self.minutes(key, value, true),
                "immediate" => result.immediate = self.boolean(key, value),
                _ => self.unknown_key(entry, "an override", &OVERRIDE_KEYS),
            }
        }
        if matches.is_none() {
            let help = "add `match: {category: …}`; also signature, policy and severity";
            let message = "an override does not say whom it is for";
            self.report(Problem::schema(node.span, message).help(help));
        }
        result.matches = matches?;
        Some(result)
    }

    fn override_match(&mut self, node: &Node) -> OverrideMatch {
        let mut matches = OverrideMatch::default();
        for entry in self.mapping("match", node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                "category" => matches.category = self.text(key, value),
                "signature" => matches.signature = self.text(key, value),
                "policy" => matches.policy = self.policy(key, value),
                "severity" => {
                    matches.severity = self.text(key, value).map(|s| Severity::new(&s));
                }
                // Ignored, it would make the override apply to more than meant.
                _ => self.schema(
                    entry.key_span,
                    format!("`match` knows {}, not `{key}`", MATCH_KEYS.join(", ")),
                ),
            }
        }
        matches
    }

    /// A policy by its name.
    pub(crate) fn policy(&mut self, key: &str, node: &Node) -> Option<Policy> {
        let name = self.text(key, node)?;
        let policy = name.parse().ok();
        if policy.is_none() {
            self.report(Problem {
                rule: Rule::UnknownPolicy,
                message: format!("there is no policy `{name}`"),
                span: node.span,
                help: Some(format!("one of {}", Policy::ALL.map(Policy::as_str).join(", "))),
            });
        }
        policy
    }

    fn limits(&mut self, node: &Node, limits: &mut Limits) {
        for entry in self.mapping("limits", node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                "fingerprints" => {
                    keep(&mut limits.fingerprints, self.size(key, value, 1, 10_000_000));
                }
                "subject_bytes" => {
                    keep(&mut limits.subject_bytes, self.size(key, value, 256, 1 << 20));
                }
                _ => self.unknown_key(entry, "limits", &LIMITS_KEYS),
            }
        }
    }

    fn size(&mut self, key: &str, node: &Node, min: u64, max: u64) -> Option<usize> {
        self.integer(key, node, min, max).and_then(|size| usize::try_from(size).ok())
    }
}

fn keep<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> (Option<Settings>, Vec<String>) {
        let source = Source::new("alerts.yml", text);
        let reading = Settings::read(&source);
        (reading.value, reading.problems.iter().map(|p| p.located(&source)).collect())
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        let (settings, problems) = read("window_minutes: 5\n");
        assert_eq!((settings, problems), (Some(Settings::default()), vec![]));
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
subject_fields: [event, [error, msg]]
generic: {alert: true}
redact: {events: false}
overrides:
  - match: {category: c, signature: S, policy: retry, severity: High}
    window_minutes: 1
    min_count: 2
    cooldown_minutes: 3
    immediate: false
limits: {fingerprints: 10, subject_bytes: 1024}
sentry_url: https://sentry.example/?q={fingerprint}
";
        let (settings, problems) = read(text);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(
            settings.unwrap(),
            Settings {
                thresholds: Thresholds {
                    window: SignedDuration::from_secs(30),
                    min_count: 7,
                    cooldown: SignedDuration::ZERO,
                },
                immediate_categories: vec!["fatal".into()],
                overrides: vec![Override {
                    matches: OverrideMatch {
                        category: Some("c".into()),
                        signature: Some("S".into()),
                        policy: Some(Policy::Retry),
                        severity: Some(Severity::new("high")),
                    },
                    window: Some(SignedDuration::from_mins(1)),
                    min_count: Some(2),
                    cooldown: Some(SignedDuration::from_mins(3)),
                    immediate: Some(false),
                }],
                min_level: Level::Error,
                allowlist_first: true,
                subject_fields: SubjectFields(vec![
                    vec!["event".into()],
                    vec!["error".into(), "msg".into()]
                ]),
                generic_alert: true,
                redact_events: false,
                sentry_url: Some("https://sentry.example/?q={fingerprint}".into()),
                limits: Limits { fingerprints: 10, subject_bytes: 1024 },
                sinks: Vec::new(),
                routes: Vec::new(),
            }
        );
    }

    #[test]
    fn all_problems_are_told_at_once_with_their_places() {
        let (settings, problems) = read(
            "window_minutes: 0\nmin_count_default: 1.5\ncooldown: 3\nmin_level: loud\n\
             overrides:\n  - min_count: 2\n  - match: {categroy: x}\n",
        );
        assert_eq!(settings, None);
        assert_eq!(
            problems,
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
    fn an_unknown_key_is_a_warning_only() {
        let (settings, problems) = read("team: payments\nwindow_minute: 5\n");
        assert_eq!(settings, Some(Settings::default()));
        assert!(problems[1].ends_with("[unknown-key]; did you mean `window_minutes`?"));
    }

    proptest! {
        #[test]
        fn arbitrary_text_is_read_or_refused(text in "((window_minutes|overrides|match|limits|- |: |\\{|\\}|\\[|\\]|5|x|\n|  |,)){0,30}") {
            let _ = read(&text);
        }
    }
}
