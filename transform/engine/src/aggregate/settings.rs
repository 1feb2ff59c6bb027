//! When an error is worth an alert: thresholds and their exceptions.

use jiff::{SignedDuration, Timestamp};
use signatures_document::{
    Diagnostic, Reader, keep,
    yaml::{Entry, Node},
};

use super::{
    samples::MAX_SAMPLES,
    spans::{MINUTES, read_span},
    triggers::{CooldownBackoff, SpikeTrigger, Triggers},
};
use crate::{observation::Observation, policy::Policy, selector::Selector, severity::Severity};

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
    /// What else is worth an alert.
    pub triggers: Triggers,
    /// Of how many groups it is remembered that they were seen, where a trigger asks.
    pub max_remembered: usize,
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Conditions {
    pub(super) thresholds: Thresholds,
    pub(super) immediate: bool,
    /// Whether its events count for the threshold, and one may be enough.
    pub(super) counts: bool,
    pub(super) samples: usize,
    pub(super) spike: Option<SpikeTrigger>,
    pub(super) backoff: Option<CooldownBackoff>,
    /// For how long it is kept that it was seen.
    pub(super) remembered: SignedDuration,
}

impl Conditions {
    /// No cooldown is longer.
    pub(super) fn longest_cooldown(&self) -> SignedDuration {
        let longest = self.backoff.map_or(SignedDuration::ZERO, |backoff| backoff.max);
        longest.max(self.thresholds.cooldown)
    }

    /// After so long a silence nothing of what was before is reported.
    pub(super) fn idle(&self) -> SignedDuration {
        2 * self.thresholds.window.max(self.longest_cooldown())
    }

    /// After so long a silence nothing is worth remembering.
    pub(super) fn forgotten_after(&self) -> SignedDuration {
        let baseline = self.spike.map_or(SignedDuration::ZERO, |spike| spike.baseline);
        self.idle().max(baseline)
    }
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
            triggers: Triggers::default(),
            max_remembered: 1_000_000,
        }
    }
}

impl Thresholds {
    /// When the cooldown of an alert at this time is over.
    #[must_use]
    pub fn cooldown_end(&self, at: Timestamp) -> Timestamp {
        at.checked_add(self.cooldown).unwrap_or(Timestamp::MAX)
    }
}

impl Override {
    fn applies_to(&self, observation: &Observation<'_>) -> bool {
        let Observation { category, signature, policy, severity, .. } = observation;
        self.matches.selects(category, signature.as_deref(), *policy, |s| *s == **severity)
    }
}

impl AggregationSettings {
    /// How many groups are to be kept across a restart.
    #[must_use]
    pub fn most_kept(&self) -> usize {
        match self.triggers.remembers() {
            true => self.max_groups.max(self.max_remembered),
            false => self.max_groups,
        }
    }

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
        let triggers = &self.triggers;
        let is_known = observation.signature.is_some();
        let counts = is_known || self.generic_alert || triggers.is_fatal(observation);
        Conditions {
            counts,
            spike: triggers.spike.filter(|_| counts || triggers.is_grave(observation)),
            backoff: triggers.cooldown_backoff,
            remembered: match triggers.remembers() {
                true => triggers.novel().quiet,
                false => SignedDuration::ZERO,
            },
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
            "window_minutes" => {
                keep(&mut thresholds.window, read_span(reader, key, value, MINUTES, false));
            }
            "min_count_default" => keep(&mut thresholds.min_count, min_count(reader, key, value)),
            "cooldown_minutes" => {
                keep(&mut thresholds.cooldown, read_span(reader, key, value, MINUTES, true));
            }
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
            "triggers" => self.triggers = Triggers::read(reader, value),
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
                "window_minutes" => {
                    result.window = read_span(reader, key, value, MINUTES, false);
                }
                "min_count" => result.min_count = min_count(reader, key, value),
                "cooldown_minutes" => {
                    result.cooldown = read_span(reader, key, value, MINUTES, true);
                }
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

fn min_count(reader: &mut Reader, key: &str, node: &Node) -> Option<u32> {
    let count = reader.integer(key, node, 1, MAX_MIN_COUNT.into())?;
    u32::try_from(count).ok()
}
