//! When an error is worth an alert: thresholds and their exceptions.

use jiff::{SignedDuration, Timestamp};
use signatures_document::{
    Diagnostic, Reader, keep,
    yaml::{Entry, Node},
};

use super::samples::MAX_SAMPLES;
use crate::{observation::Observation, policy::Policy, selector::Selector, severity::Severity};

/// The longest window and cooldown, in minutes: a year.
pub const MAX_MINUTES: f64 = 527_040.0;

/// The highest minimum count, since that many times are kept per group.
pub const MAX_MIN_COUNT: u32 = 10_000;

/// When an error is worth an alert, and how many are remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct AggregationSettings {
    /// When a group becomes an alert, unless an override says otherwise.
    pub thresholds: Thresholds,
    /// Categories that alert on the first event.
    pub immediate_categories: Vec<String>,
    /// Exceptions for some signatures; the first that matches applies.
    pub overrides: Vec<Override>,
    /// Of how many of its groups an error may alert within a window before its alerts
    /// are one; none joins none.
    pub collapse_above: Option<u64>,
    /// Whether errors that no signature knows may become alerts.
    pub generic_alert: bool,
    /// How many samples an alert carries, up to [`MAX_SAMPLES`].
    pub samples: usize,
    /// How many groups are followed at a time.
    pub max_groups: usize,
}

/// When a group becomes an alert.
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
    /// Whom it is for. A severity is held against the signature's.
    pub matches: Selector,
    /// In place of [`Thresholds::window`].
    pub window: Option<SignedDuration>,
    /// In place of [`Thresholds::min_count`].
    pub min_count: Option<u32>,
    /// In place of [`Thresholds::cooldown`].
    pub cooldown: Option<SignedDuration>,
    /// Whether the first event alerts, whatever category and severity say.
    pub immediate: Option<bool>,
}

/// What one observation has to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Conditions {
    pub(super) thresholds: Thresholds,
    pub(super) immediate: bool,
    pub(super) samples: usize,
}

impl Default for AggregationSettings {
    fn default() -> Self {
        Self {
            thresholds: Thresholds {
                window: SignedDuration::from_mins(5),
                min_count: 3,
                cooldown: SignedDuration::from_mins(10),
            },
            immediate_categories: vec!["critical".to_owned()],
            overrides: Vec::new(),
            collapse_above: None,
            generic_alert: false,
            samples: 3,
            max_groups: 100_000,
        }
    }
}

impl Thresholds {
    /// When the cooldown of an alert at this time is over.
    #[must_use]
    pub fn cooldown_end(&self, at: Timestamp) -> Timestamp {
        at.checked_add(self.cooldown).unwrap_or(Timestamp::MAX)
    }

    /// After so long a silence nothing is worth remembering.
    #[must_use]
    pub(super) fn idle(&self) -> SignedDuration {
        2 * self.window.max(self.cooldown)
    }
}

impl Override {
    fn applies_to(&self, observation: &Observation<'_>) -> bool {
        let Observation { category, signature, policy, severity, .. } = observation;
        self.matches.selects(category, signature.as_deref(), *policy, |s| *s == **severity)
    }
}

impl AggregationSettings {
    /// After how long without an event an error that alerted is over: the longer of its
    /// window and its cooldown.
    #[must_use]
    pub fn quiet_after(
        &self,
        category: &str,
        signature: Option<&str>,
        policy: Policy,
        severity: &Severity,
    ) -> SignedDuration {
        let applies =
            |o: &&Override| o.matches.selects(category, signature, policy, |s| s == severity);
        let exception = self.overrides.iter().find(applies);
        let window = exception.and_then(|exception| exception.window);
        let cooldown = exception.and_then(|exception| exception.cooldown);
        let Thresholds { window: w, cooldown: c, .. } = self.thresholds;
        window.unwrap_or(w).max(cooldown.unwrap_or(c))
    }

    /// What an observation has to reach.
    pub(super) fn conditions(&self, observation: &Observation<'_>) -> Conditions {
        let none = Override::default();
        let exception = self.overrides.iter().find(|o| o.applies_to(observation)).unwrap_or(&none);
        let immediate = || {
            observation.severity.is_critical()
                || self.immediate_categories.iter().any(|c| *c == observation.category)
        };
        Conditions {
            thresholds: Thresholds {
                window: exception.window.unwrap_or(self.thresholds.window),
                min_count: exception.min_count.unwrap_or(self.thresholds.min_count),
                cooldown: exception.cooldown.unwrap_or(self.thresholds.cooldown),
            },
            immediate: exception.immediate.unwrap_or_else(immediate),
            samples: self.samples,
        }
    }

    /// Reads one section of alerts.yml; those of others are passed over.
    pub(crate) fn read_section(&mut self, reader: &mut Reader, entry: &Entry) {
        let (key, value) = (entry.key.as_str(), &entry.value);
        let thresholds = &mut self.thresholds;
        match key {
            "window_minutes" => keep(&mut thresholds.window, minutes(reader, key, value, false)),
            "min_count_default" => keep(&mut thresholds.min_count, min_count(reader, key, value)),
            "cooldown_minutes" => keep(&mut thresholds.cooldown, minutes(reader, key, value, true)),
            "immediate_categories" => self.immediate_categories = reader.texts(key, value),
            "samples" => {
                let samples = reader.integer(key, value, 0, MAX_SAMPLES as u64);
                keep(&mut self.samples, samples.and_then(|n| usize::try_from(n).ok()));
            }
            "generic" => {
                for entry in reader.mapping(key, value) {
                    match entry.key.as_str() {
                        "alert" => {
                            keep(&mut self.generic_alert, reader.boolean("alert", &entry.value));
                        }
                        _ => reader.unknown_key(entry, "generic", &GENERIC_KEYS),
                    }
                }
            }
            "overrides" => {
                let items = reader.sequence(key, value).iter();
                self.overrides = items.filter_map(|item| Override::read(reader, item)).collect();
            }
            _ => {}
        }
    }
}

const OVERRIDE_KEYS: [&str; 5] =
    ["match", "window_minutes", "min_count", "cooldown_minutes", "immediate"];
const GENERIC_KEYS: [&str; 1] = ["alert"];

impl Override {
    fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let mut result = Self::default();
        let mut matches = None;
        for entry in reader.mapping("overrides", node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                // Nobody means everybody.
                "match" if value.is_null() => {}
                "match" => matches = Some(Selector::read(reader, value)),
                "window_minutes" => result.window = minutes(reader, key, value, false),
                "min_count" => result.min_count = min_count(reader, key, value),
                "cooldown_minutes" => result.cooldown = minutes(reader, key, value, true),
                "immediate" => result.immediate = reader.boolean(key, value),
                _ => reader.unknown_key(entry, "an override", &OVERRIDE_KEYS),
            }
        }
        if matches.is_none() {
            let help = "add `match: {category: …}`; also signature, policy and severity";
            let message = "an override does not say whom it is for";
            reader.report(Diagnostic::schema(node.span, message).help(help));
        }
        result.matches = matches?;
        Some(result)
    }
}

fn minutes(reader: &mut Reader, key: &str, node: &Node, zero: bool) -> Option<SignedDuration> {
    let from = if zero { "from 0" } else { "above 0" };
    let expected = format!("minutes, {from} up to {MAX_MINUTES}");
    reader.number(key, &expected, node, |number| {
        let minutes = number.as_f64()?;
        let fits = (minutes > 0.0 || (zero && minutes == 0.0)) && minutes <= MAX_MINUTES;
        fits.then(|| SignedDuration::try_from_secs_f64(minutes * 60.0).ok())?
    })
}

fn min_count(reader: &mut Reader, key: &str, node: &Node) -> Option<u32> {
    let count = reader.integer(key, node, 1, MAX_MIN_COUNT.into())?;
    u32::try_from(count).ok()
}
