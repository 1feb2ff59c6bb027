//! From the flood of errors to a few alerts.
//!
//! One interface: an observation and a time go in, a decision comes out. Time
//! is an argument, so replay, tests and production are the same code, and a
//! caller may not assume that what decides lives in its own process.

mod group_table;
mod times;

use std::borrow::Cow;

use jiff::Timestamp;

pub use group_table::{GenericGroup, GroupState, GroupTable, Stats};

use crate::{
    alert::Alert,
    fingerprint::Fingerprint,
    settings::{Override, OverrideMatch, Settings, Thresholds},
    taxonomy::{Policy, Severity},
};

/// The category of errors that no signature knows.
pub const GENERIC: &str = "generic";

/// Decides when a fingerprint becomes an alert.
pub trait Aggregate {
    /// Takes note of an error at a time, and says whether it is an alert.
    ///
    /// Times should not go back by much: one earlier than what is already known
    /// of a fingerprint counts where it belongs, if that is still remembered.
    fn observe(&mut self, observation: &Observation<'_>, at: Timestamp) -> Decision;
}

/// One error, as the aggregation needs to know it.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation<'a> {
    /// What counts as the same error.
    pub fingerprint: Fingerprint,
    /// The name of the category; [`GENERIC`] for an error nobody knows.
    pub category: &'a str,
    /// The signature that matched; none for an error nobody knows.
    pub signature: Option<&'a str>,
    /// What is to be done about it.
    pub policy: Policy,
    /// How bad it is.
    pub severity: &'a Severity,
    /// What it means, in words.
    pub summary: Option<&'a str>,
    /// The text that was looked at; not redacted yet.
    pub subject: &'a str,
    /// The host that the event names.
    pub host: Option<Cow<'a, str>>,
    /// The service that the event names.
    pub service: Option<Cow<'a, str>>,
}

/// What became of an observation.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Tell somebody.
    Alert(Box<Alert>),
    /// Tell nobody, for a reason.
    Held(Hold),
}

/// Why an observation is no alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hold {
    /// Too few like it within the window, so far.
    BelowThreshold,
    /// An alert for it went out a moment ago.
    Cooldown,
    /// No signature knows it, and such errors are only counted.
    Generic,
}

impl Hold {
    /// The reason as a label for metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BelowThreshold => "below_threshold",
            Self::Cooldown => "cooldown",
            Self::Generic => "generic",
        }
    }
}

/// The thresholds that hold for one observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) thresholds: Thresholds,
    pub(crate) immediate: bool,
}

impl Rule {
    pub(crate) fn of(settings: &Settings, observation: &Observation<'_>) -> Self {
        let exception = settings.overrides.iter().find(|o| o.matches.applies_to(observation));
        let none = Override::default();
        let exception = exception.unwrap_or(&none);
        let default = settings.thresholds;
        let immediate = || {
            observation.severity.is_critical()
                || settings.immediate_categories.iter().any(|c| c == observation.category)
        };
        Self {
            thresholds: Thresholds {
                window: exception.window.unwrap_or(default.window),
                min_count: exception.min_count.unwrap_or(default.min_count),
                cooldown: exception.cooldown.unwrap_or(default.cooldown),
            },
            immediate: exception.immediate.unwrap_or_else(immediate),
        }
    }
}

impl OverrideMatch {
    fn applies_to(&self, observation: &Observation<'_>) -> bool {
        self.category.as_deref().is_none_or(|category| category == observation.category)
            && self.signature.as_deref().is_none_or(|id| Some(id) == observation.signature)
            && self.policy.is_none_or(|policy| policy == observation.policy)
            && self.severity.as_ref().is_none_or(|severity| severity == observation.severity)
    }
}
