//! What the page shows at once, and of one error.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use signatures_engine::GroupId;
use signatures_ledger::record::{
    AlertFilter, Audited, DecidedAlert, ErrorCount, ErrorFilter, Errors, Incident, IncidentState,
    Sample, SamplesOf, Silence, Window,
};

use crate::{
    answer::{Cooling, Observation},
    answer_error::AnswerError,
    commands::Length,
    desk::{Desk, cooling},
    proposal::Proposal,
};

/// How many errors, unknown ones, and decisions are shown.
const ERRORS: usize = 50;
const UNKNOWN: usize = 20;
const DECISIONS: usize = 200;
const INCIDENTS: usize = 200;
const AUDITED: usize = 50;

/// How many samples of an error are shown.
const SAMPLES: usize = 5;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What the page shows at once.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// When it was asked.
    pub at: Timestamp,
    /// How the process is, and what became of the alerts of a day.
    #[serde(flatten)]
    pub observed: Observation,
    /// The errors of the last hour, and open incidents.
    pub now: ErrorsNow,
    /// The errors of a day that no signature knows.
    pub unknown: Errors,
    /// The signatures in force and those that came within a day, the busiest first.
    pub signatures: Vec<SignatureLine>,
    /// The silences in force.
    pub silences: Vec<Silence>,
    /// The newest alerts, and what became of each.
    pub decisions: Vec<DecidedAlert>,
    /// Who did what.
    pub audit: Vec<Audited>,
}

/// The errors of the last hour, and the incidents that are open.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorsNow {
    /// Incidents that are not over, the newest first.
    pub incidents: Vec<Incident>,
    /// The errors of the last hour.
    pub errors: Errors,
    /// How often these came, minute by minute.
    pub sparklines: Vec<Sparkline>,
    /// The errors that are followed by no alert for a while.
    pub cooling: Vec<Cooling>,
}

/// How often an error came in the last hour: sixty minutes, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sparkline {
    /// The error.
    pub group: GroupId,
    /// Its events.
    pub minutes: Vec<u64>,
}

/// A signature, and how it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignatureLine {
    /// Its id; none for errors that none knows.
    pub signature: Option<String>,
    /// Its events of a day.
    pub events: u64,
    /// When it last matched; none where that is not remembered.
    pub last_seen: Option<Timestamp>,
    /// Whether it is in force.
    pub in_force: bool,
}

/// All that is known of one error.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorDetail {
    /// When it was asked.
    pub at: Timestamp,
    /// How often it came within a day.
    pub error: ErrorCount,
    /// How often in the last hour.
    pub sparkline: Sparkline,
    /// The newest samples.
    pub samples: Vec<Sample>,
    /// Its incident that is not over.
    pub incident: Option<Incident>,
    /// Until when no alert follows.
    pub cooling: Option<Cooling>,
    /// What a signature for it could be, where none knows it.
    pub proposal: Option<Proposal>,
}

/// The errors of a signature.
#[derive(Clone, Debug, Serialize)]
pub struct SignatureDetail {
    /// When it was asked.
    pub at: Timestamp,
    /// Its id.
    pub signature: String,
    /// Its errors of a week.
    pub errors: Errors,
    /// The newest samples.
    pub samples: Vec<Sample>,
}

impl Overview {
    /// As it is now.
    ///
    /// # Errors
    /// When nothing can be told.
    pub fn of(desk: &Desk, now: Timestamp) -> Result<Self, AnswerError> {
        let (decisions, audit) = Self::decisions(desk)?;
        Ok(Self {
            at: now,
            observed: Self::observed(desk, now)?,
            now: ErrorsNow::of(desk, now)?,
            unknown: Self::unknown(desk, now)?,
            signatures: Self::signatures(desk, now)?,
            silences: desk.ledger()?.silences(now)?,
            decisions,
            audit,
        })
    }

    /// How the process is, and what became of the alerts of a day.
    ///
    /// # Errors
    /// When nothing can be told.
    pub fn observed(desk: &Desk, now: Timestamp) -> Result<Observation, AnswerError> {
        desk.observe(Length::of_minutes(24 * 60), true, now)
    }

    /// The errors of a day that no signature knows.
    ///
    /// # Errors
    /// When nothing can be told.
    pub fn unknown(desk: &Desk, now: Timestamp) -> Result<Errors, AnswerError> {
        let filter = ErrorFilter { unknown: true, ..ErrorFilter::default() };
        Ok(desk.ledger()?.errors(&filter, Window::last(DAY, now), UNKNOWN, now)?)
    }

    /// The signatures in force and those that came within a day, the busiest first.
    ///
    /// # Errors
    /// When nothing can be told.
    pub fn signatures(desk: &Desk, now: Timestamp) -> Result<Vec<SignatureLine>, AnswerError> {
        signatures(desk, Window::last(DAY, now))
    }

    /// The newest alerts with what became of each, and who did what.
    ///
    /// # Errors
    /// When nothing can be told.
    pub fn decisions(desk: &Desk) -> Result<(Vec<DecidedAlert>, Vec<Audited>), AnswerError> {
        let ledger = desk.ledger()?;
        Ok((ledger.alerts(&AlertFilter::default(), DECISIONS)?, ledger.audited(AUDITED)?))
    }
}

impl ErrorsNow {
    /// As they are now.
    ///
    /// # Errors
    /// When nothing can be told.
    pub fn of(desk: &Desk, now: Timestamp) -> Result<Self, AnswerError> {
        let ledger = desk.ledger()?;
        let hour = Window::last(HOUR, now);
        let errors = ledger.errors(&ErrorFilter::default(), hour, ERRORS, now)?;
        let groups: Vec<_> = errors.errors.iter().map(|error| error.group).collect();
        let mut incidents = ledger.incidents(Some(IncidentState::Open), INCIDENTS)?;
        incidents.extend(ledger.incidents(Some(IncidentState::Acked), INCIDENTS)?);
        Ok(Self {
            incidents,
            sparklines: sparklines(desk, &groups, now)?,
            errors,
            cooling: cooling(&ledger.alerts(&AlertFilter::default(), DECISIONS)?, now),
        })
    }
}

impl ErrorDetail {
    /// What is known of an error now.
    ///
    /// # Errors
    /// When there is none, or nothing can be told.
    pub fn of(desk: &Desk, group: GroupId, now: Timestamp) -> Result<Self, AnswerError> {
        let ledger = desk.ledger()?;
        let filter = ErrorFilter { group: Some(group), ..ErrorFilter::default() };
        let week = Window::last(Length::WEEK.duration(), now);
        let errors = ledger.errors(&filter, week, 1, now)?;
        let error = errors.errors.into_iter().next();
        let error = error.ok_or_else(|| {
            AnswerError::NotFound(format!("there is no error `{group}` within a week"))
        })?;
        let samples = ledger.samples(&SamplesOf::Group(group), SAMPLES)?;
        let incident = error.incident.as_ref().map(|open| ledger.incident(&open.id));
        let incident = incident.transpose()?.flatten();
        let alerts = ledger.alerts(&AlertFilter::default(), DECISIONS)?;
        let of_it = |cooling: &Cooling| cooling.alert.starts_with(&format!("{group}-"));
        Ok(Self {
            at: now,
            sparkline: sparklines(desk, &[group], now)?
                .into_iter()
                .next()
                .unwrap_or(Sparkline { group, minutes: vec![0; 60] }),
            incident,
            cooling: cooling(&alerts, now).into_iter().find(of_it),
            proposal: error.signature.is_none().then(|| {
                let classifier = desk.rules.as_ref().map(|rules| rules.classifier());
                Proposal::of(&error, &samples, classifier)
            }),
            error,
            samples,
        })
    }
}

impl SignatureDetail {
    /// What is known of a signature now.
    ///
    /// # Errors
    /// When nothing can be told.
    pub fn of(desk: &Desk, signature: &str, now: Timestamp) -> Result<Self, AnswerError> {
        let ledger = desk.ledger()?;
        let name = signature.to_owned();
        let filter = ErrorFilter { signature: Some(name.clone()), ..ErrorFilter::default() };
        let week = Window::last(Length::WEEK.duration(), now);
        Ok(Self {
            at: now,
            errors: ledger.errors(&filter, week, ERRORS, now)?,
            samples: ledger.samples(&SamplesOf::Signature(name.clone()), SAMPLES)?,
            signature: name,
        })
    }
}

/// Sixty minutes of each error.
fn sparklines(
    desk: &Desk,
    groups: &[GroupId],
    now: Timestamp,
) -> Result<Vec<Sparkline>, AnswerError> {
    let window = Window::last(HOUR, now);
    let counted = desk.ledger()?.minutes(groups, window)?;
    let first = window.begins();
    let line = |(group, counts): (GroupId, Vec<signatures_ledger::record::MinuteCount>)| {
        let mut minutes = vec![0; 60];
        for count in counts {
            // The first is one more than sixty minutes ago, and counts with the next.
            let minute = count.minute.duration_since(first).as_mins().clamp(1, 60);
            let minute = usize::try_from(minute - 1).unwrap_or_default();
            minutes[minute] += count.events;
        }
        Sparkline { group, minutes }
    };
    Ok(counted.into_iter().map(line).collect())
}

/// Those that came, and those in force that did not.
fn signatures(desk: &Desk, window: Window) -> Result<Vec<SignatureLine>, AnswerError> {
    let counted = desk.ledger()?.signatures(window)?;
    let taxonomy = desk.rules.as_ref().map(|rules| rules.classifier().taxonomy());
    let known = taxonomy.into_iter().flat_map(|taxonomy| &taxonomy.signatures);
    let mut in_force: HashMap<&str, bool> = known.map(|one| (one.id.as_str(), false)).collect();
    let mut lines = Vec::new();
    for count in &counted {
        let seen = count.signature.as_deref().and_then(|id| in_force.get_mut(id));
        let is_in_force = seen.is_some();
        seen.into_iter().for_each(|seen| *seen = true);
        lines.push(SignatureLine {
            signature: count.signature.clone(),
            events: count.events,
            last_seen: count.last_seen,
            in_force: is_in_force || count.signature.is_none(),
        });
    }
    let mut never: Vec<_> =
        in_force.into_iter().filter(|(_, seen)| !seen).map(|(id, _)| id).collect();
    never.sort_unstable();
    lines.extend(never.into_iter().map(|id| SignatureLine {
        signature: Some(id.to_owned()),
        events: 0,
        last_seen: None,
        in_force: true,
    }));
    Ok(lines)
}
