//! What a command answers: a value, the same for every face.

use jiff::Timestamp;
use serde::Serialize;
use signatures_ledger::record::{
    DecidedAlert, Errors, Incident, Observed, Reach, Sample, Silence, TimeLine,
};

use crate::{classified::Classified, commands::Length, status::Status};

/// What a command answers. As JSON it is what programs read.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// The errors of a window.
    Errors(ErrorsOfWindow),
    /// The newest samples.
    Samples(Samples),
    /// How the process is.
    Observed(Box<Observation>),
    /// Recent alerts.
    Alerts(Alerts),
    /// One alert.
    Alert(Box<TimeLine>),
    /// The silences in force.
    Silences(Silences),
    /// What a line would be.
    Classified(Box<Classified>),
    /// Where an incident stands now.
    Incident(Box<ActedOn>),
    /// A silence was made.
    Silenced(Box<Silenced>),
    /// A silence has ended.
    Unsilenced(Unsilenced),
}

/// The errors of a window.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorsOfWindow {
    /// How far back.
    pub window: Length,
    /// When that begins.
    pub from: Timestamp,
    /// When it was asked.
    pub at: Timestamp,
    /// What there was.
    #[serde(flatten)]
    pub errors: Errors,
}

/// The newest samples.
#[derive(Clone, Debug, Serialize)]
pub struct Samples {
    /// Whose they are: a group or a signature.
    pub of: String,
    /// The newest first.
    pub samples: Vec<Sample>,
}

/// How a process is, and what became of its alerts.
#[derive(Clone, Debug, Serialize)]
pub struct Observation {
    /// How far back.
    pub window: Length,
    /// When it was asked.
    pub at: Timestamp,
    /// How the process is; none where a state directory is looked at by itself.
    pub process: Option<Status>,
    /// What became of alerts.
    #[serde(flatten)]
    pub observed: Observed,
    /// The errors that are followed by no alert for a while.
    pub cooling: Vec<Cooling>,
    /// Whether all of it is to be told.
    #[serde(skip)]
    pub verbose: bool,
}

/// An error that is followed by no alert for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cooling {
    /// The title of its last alert.
    pub name: String,
    /// The id of that.
    pub alert: String,
    /// Until when, as events tell the time.
    pub until: Timestamp,
}

/// Recent alerts.
#[derive(Clone, Debug, Serialize)]
pub struct Alerts {
    /// The newest first.
    pub alerts: Vec<DecidedAlert>,
}

/// The silences in force.
#[derive(Clone, Debug, Serialize)]
pub struct Silences {
    /// The next to end first.
    pub silences: Vec<Silence>,
}

/// What came of a command on an incident.
#[derive(Clone, Debug, Serialize)]
pub struct ActedOn {
    /// Whether anything changed: it may have stood so already.
    pub changed: bool,
    /// How it stands now.
    pub incident: Incident,
}

/// A silence, and what it hits now.
#[derive(Clone, Debug, Serialize)]
pub struct Silenced {
    /// The silence.
    pub silence: Silence,
    /// What it hits now.
    pub reach: Reach,
}

/// What came of ending a silence.
#[derive(Clone, Debug, Serialize)]
pub struct Unsilenced {
    /// Whether anything changed: it may have been over.
    pub changed: bool,
    /// The silence.
    pub silence: Silence,
}
