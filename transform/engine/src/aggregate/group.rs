//! One group of the same error: what is known of it, and what that decides.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    decision::{Cause, Hold, Raised},
    samples::{SAMPLE_ATTEMPTS, sample},
    settings::{Conditions, Thresholds},
    times::Times,
};
use crate::{canonical::redacted_canonical, observation::Observation};

/// What is known of one group. As it is written it is part of the state on disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Group {
    times: Times,
    pub(super) last_seen: Timestamp,
    /// Idle for so long it is forgotten.
    pub(super) idle: SignedDuration,
    /// By the settings that the last alert was raised under.
    cooldown_until: Option<Timestamp>,
    /// When the last alert was raised; unknown of one that an earlier version
    /// raised.
    alerted_at: Option<Timestamp>,
    /// Alerts raised.
    #[serde(default)]
    alerts: u32,
    suppressed: u64,
    first_suppressed: Option<Timestamp>,
    samples: Vec<String>,
    sample_attempts: u8,
    pub(super) generic: Option<Box<GenericCount>>,
    /// Whether it changed since it was last taken to be saved.
    #[serde(skip)]
    pub(super) unsaved: bool,
}

/// How often an error came that no signature knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct GenericCount {
    pub(super) canonical: Box<str>,
    pub(super) count: u64,
}

impl Group {
    pub(super) fn new(observation: &Observation<'_>, at: Timestamp) -> Self {
        let generic = observation.signature.is_none().then(|| {
            let canonical = redacted_canonical(&observation.subject).into();
            Box::new(GenericCount { canonical, count: 0 })
        });
        Self {
            times: Times::default(),
            last_seen: at,
            idle: SignedDuration::ZERO,
            cooldown_until: None,
            alerted_at: None,
            alerts: 0,
            suppressed: 0,
            first_suppressed: None,
            samples: Vec::new(),
            sample_attempts: 0,
            generic,
            unsaved: true,
        }
    }

    /// What is kept of it.
    pub(super) fn state(&self) -> Self {
        Self { unsaved: false, ..self.clone() }
    }

    /// A clock set back by so much says as little about what is known as a
    /// long silence does.
    pub(super) fn is_idle(&self, at: Timestamp) -> bool {
        at.duration_since(self.last_seen).abs() > self.idle
    }

    /// Takes note of an error. `generic_only`: one that no signature knows is
    /// only counted.
    pub(super) fn observe(
        &mut self,
        observation: &Observation<'_>,
        at: Timestamp,
        Conditions { thresholds, immediate, samples }: Conditions,
        generic_only: bool,
    ) -> Result<Raised, Hold> {
        self.unsaved = true;
        self.last_seen = self.last_seen.max(at);
        self.idle = 2 * thresholds.window.max(thresholds.cooldown);
        if let Some(generic) = &mut self.generic {
            generic.count += 1;
            if generic_only {
                return Err(Hold::Generic);
            }
        }
        self.take_sample(&observation.subject, samples);
        if self.cooldown_end(&thresholds).is_some_and(|until| at < until) {
            self.suppressed += 1;
            self.first_suppressed = Some(self.first_suppressed.map_or(at, |first| first.min(at)));
            return Err(Hold::Cooldown);
        }
        let min_count = if immediate { 1 } else { thresholds.min_count as usize };
        if !self.times.add(at, min_count, thresholds.window) {
            return Err(Hold::BelowThreshold);
        }
        let first_counted = self.times.first().unwrap_or(at);
        let cooldown_until = thresholds.cooldown_end(at);
        self.alerts = self.alerts.wrapping_add(1);
        let raised = Raised {
            cause: if immediate { Cause::Immediate } else { Cause::Threshold },
            ordinal: self.alerts,
            count: self.times.len() as u64,
            suppressed: std::mem::take(&mut self.suppressed),
            first_seen: self.first_suppressed.take().unwrap_or(at).min(first_counted),
            last_seen: at,
            cooldown_until,
            samples: std::mem::take(&mut self.samples),
        };
        self.times.clear();
        self.sample_attempts = 0;
        self.cooldown_until = Some(cooldown_until);
        self.alerted_at = Some(at);
        Ok(raised)
    }

    /// When the cooldown after the last alert is over. Whoever changes its length
    /// means the running ones too, shorter or longer.
    fn cooldown_end(&self, thresholds: &Thresholds) -> Option<Timestamp> {
        match self.alerted_at {
            Some(at) => Some(thresholds.cooldown_end(at)),
            None => self.cooldown_until,
        }
    }

    fn take_sample(&mut self, subject: &str, most: usize) {
        if self.samples.len() < most && self.sample_attempts < SAMPLE_ATTEMPTS {
            self.sample_attempts += 1;
            let sample = sample(subject);
            if !self.samples.contains(&sample) {
                self.samples.push(sample);
            }
        }
    }
}
