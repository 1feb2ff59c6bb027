//! What is remembered, as people are told it. Each of these serialises as programs
//! read it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use signatures_alerts::Matchers;
use signatures_engine::{GroupId, Policy, Severity, Tally};

pub use crate::store::AlertKind;

/// How many events there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// All that were read.
    pub events: u64,
    /// Known errors.
    pub matched: u64,
    /// Known noise.
    pub noise: u64,
    /// Errors that no signature knows.
    pub unknown: u64,
}

impl From<&Tally> for Totals {
    /// Of what a classifier has judged.
    fn from(tally: &Tally) -> Self {
        let Tally { matched, noise, unmatched, .. } = *tally;
        Self { events: tally.events(), matched, noise, unknown: unmatched }
    }
}

impl Totals {
    /// What came since it was as `before`.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self {
            events: self.events.saturating_sub(before.events),
            matched: self.matched.saturating_sub(before.matched),
            noise: self.noise.saturating_sub(before.noise),
            unknown: self.unknown.saturating_sub(before.unknown),
        }
    }
}

/// Which errors are asked for: all that is said must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorFilter {
    /// Of that group.
    pub group: Option<GroupId>,
    /// Of that category.
    pub category: Option<String>,
    /// Of that signature.
    pub signature: Option<String>,
    /// Of that policy.
    pub policy: Option<Policy>,
    /// Of which a sample, or the last event, names that service.
    pub service: Option<String>,
    /// Of which a sample, or the last event, names that host.
    pub host: Option<String>,
    /// At least as bad as that.
    pub min: Option<Severity>,
    /// Only those that no signature knows.
    pub unknown: bool,
}

/// The errors of a window.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Errors {
    /// The busiest, in that order.
    pub errors: Vec<ErrorCount>,
    /// How many more there are.
    pub more_errors: u64,
    /// How many events those had.
    pub more_events: u64,
    /// What is kept by signature alone, since a day had too many errors.
    pub rest: Vec<RestCount>,
    /// All events of the window, whatever was asked for.
    pub totals: Totals,
    /// The same of the window before.
    pub totals_before: Totals,
    /// Since when anything is remembered, where that is less than the window.
    pub since: Option<Timestamp>,
}

/// One error, and how often it came.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorCount {
    /// Its group, by which commands name it.
    pub group: GroupId,
    /// What an application that computes it calls the same error.
    pub fingerprint: String,
    /// Its category.
    pub category: String,
    /// Its signature; none for an error that none knows.
    pub signature: Option<String>,
    /// What is to be done about it.
    pub policy: Policy,
    /// How bad it is.
    pub severity: Severity,
    /// Its text without accidents and secrets.
    pub canonical: String,
    /// The service of its last sample.
    pub service: Option<String>,
    /// The host of its last sample.
    pub host: Option<String>,
    /// Where to read on, by `sentry_url`.
    pub sentry_url: Option<String>,
    /// Its events in the window.
    pub events: u64,
    /// Of these, those that a cooldown suppressed.
    pub suppressed: u64,
    /// Its events in the window before.
    pub before: u64,
    /// Its events as long as it is remembered.
    pub total: u64,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// Whether that first time lies in the window.
    pub is_new: bool,
    /// The incident that it has open.
    pub incident: Option<OpenIncident>,
    /// The silence that holds it.
    pub silence: Option<ActiveSilence>,
}

/// An incident that is not over, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenIncident {
    /// Its id.
    pub id: String,
    /// Whether somebody is on it.
    pub acked_by: Option<String>,
}

/// A silence that holds something, in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActiveSilence {
    /// Its number.
    pub id: i64,
    /// Who made it.
    pub by: String,
    /// When it ends.
    pub until: Timestamp,
}

/// Errors that are counted by signature alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RestCount {
    /// Their category.
    pub category: String,
    /// Their signature.
    pub signature: Option<String>,
    /// Their events in the window.
    pub events: u64,
}

/// Whose samples are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SamplesOf {
    /// Those of one error.
    Group(GroupId),
    /// The newest of all errors of a signature.
    Signature(String),
}

/// A text of an error, redacted and cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// The error.
    pub group: GroupId,
    /// When it came.
    pub at: Timestamp,
    /// The text.
    pub text: String,
    /// The service that it names.
    pub service: Option<String>,
    /// The host that it names.
    pub host: Option<String>,
    /// The request that it belongs to.
    pub request_id: Option<String>,
}

/// Where an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum IncidentState {
    /// Nobody is on it.
    Open,
    /// Somebody is.
    Acked,
    /// It is over.
    Resolved,
}

/// One episode of an error: from its first alert until nothing of it came for a while,
/// or somebody ended it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Incident {
    /// Its id.
    pub id: String,
    /// The error, by its group.
    pub group: GroupId,
    /// The title of its last alert.
    pub name: String,
    /// The category.
    pub category: String,
    /// The signature; none for an error that none knows.
    pub signature: Option<String>,
    /// What is to be done about it.
    pub policy: Policy,
    /// How bad it is.
    pub severity: Severity,
    /// The service of its last alert.
    pub service: Option<String>,
    /// The host of its last alert.
    pub host: Option<String>,
    /// Where it stands.
    pub state: IncidentState,
    /// When its first alert was decided.
    pub opened_at: Timestamp,
    /// The id of its last alert.
    pub last_alert: String,
    /// When that was decided.
    pub last_alert_at: Timestamp,
    /// When its last event came.
    pub last_event_at: Timestamp,
    /// How many alerts it had.
    pub alerts: u64,
    /// How many events it had, those before its first alert included.
    pub events: u64,
    /// The sinks that were told.
    pub sinks: Vec<String>,
    /// By which silence its last alert was held.
    pub silenced_by: Option<i64>,
    /// By which mute time its last alert was held.
    pub muted_by: Option<String>,
    /// Who is on it.
    pub ack: Option<Ack>,
    /// How it ended.
    pub resolved: Option<Resolved>,
}

/// That somebody is on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ack {
    /// Who.
    pub by: String,
    /// Since when.
    pub at: Timestamp,
    /// What was said.
    pub note: Option<String>,
}

/// How an incident ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resolved {
    /// When.
    pub at: Timestamp,
    /// By whom; none when nothing came any more.
    pub by: Option<String>,
}

/// What is not delivered for a while.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Silence {
    /// Its number.
    pub id: i64,
    /// What it is for.
    pub matchers: Matchers,
    /// Who made it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
    /// Who ended it before that, and when.
    pub ended: Option<Ended>,
    /// How many alerts it held.
    pub hits: u64,
    /// When the last of them.
    pub last_hit: Option<Timestamp>,
}

/// Who ended a silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A silence to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSilence {
    /// What it is for.
    pub matchers: Matchers,
    /// Who makes it.
    pub by: String,
    /// When it ends.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

/// What matchers would hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reach {
    /// The incidents that are not over.
    pub incidents: Vec<Incident>,
    /// Events of the last hour.
    pub events: u64,
    /// Of how many signatures of the day before they hold any, `generic` as one.
    pub signatures: u64,
    /// How many signatures that day had.
    pub of_signatures: u64,
}

/// What became of an alert at a sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DecisionState {
    /// The sink took it.
    Sent,
    /// It waits.
    Queued,
    /// It was given up.
    Dead,
    /// It gave way, or was dropped by the operator.
    Dropped,
    /// A silence or mute time holds it.
    Silenced,
    /// It was decided in shadow mode.
    Shadow,
    /// It is not for that sink.
    Unrouted,
    /// Nobody knows, which is a fault.
    Missing,
}

/// What became of an alert at one sink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The sink.
    pub sink: String,
    /// What became of it.
    pub state: DecisionState,
    /// Why.
    pub reason: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was settled.
    pub at: Option<Timestamp>,
}

/// An alert, and what became of it at each sink.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecidedAlert {
    /// Its id.
    pub id: String,
    /// What kind it is of.
    pub kind: AlertKind,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// Its incident; none where an earlier version decided it.
    pub incident: Option<Incident>,
    /// The alert event; null when it cannot be read.
    pub alert: Value,
    /// What became of it, by sink.
    pub decisions: Vec<Decision>,
}

/// Which alerts are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Only those at least as bad.
    pub min: Option<Severity>,
    /// Only those that stand there.
    pub state: Option<AlertState>,
}

/// Where an alert stands, to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// Its incident is open.
    Open,
    /// Somebody is on its incident.
    Acked,
    /// It was held at every sink.
    Silenced,
    /// Its incident is over.
    Resolved,
}

/// All that is known of one alert, and what came of its incident, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimeLine {
    /// The alert.
    pub alert: DecidedAlert,
    /// What happened, in order.
    pub moments: Vec<Moment>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What, in words.
    pub what: String,
}

/// What was decided, held against what each sink did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Observed {
    /// How many alerts were decided in the window.
    pub decided: u64,
    /// What became of them, by sink.
    pub sinks: Vec<SinkDecisions>,
    /// The events of each minute that had any, oldest first.
    pub minutes: Vec<MinuteTotals>,
    /// How many errors a day's bound has put with the rest, ever.
    pub bounded: u64,
    /// Since when anything is remembered.
    pub since: Option<Timestamp>,
}

/// What became of alerts at one sink.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SinkDecisions {
    /// The sink.
    pub sink: String,
    /// How many were decided while there was such a sink: the sum of all that follow.
    pub decided: u64,
    /// It took them.
    pub sent: u64,
    /// They wait.
    pub queued: u64,
    /// They were given up.
    pub dead: u64,
    /// They gave way or were dropped.
    pub dropped: u64,
    /// They were held.
    pub silenced: u64,
    /// They were decided in shadow mode.
    pub shadow: u64,
    /// They were not for it.
    pub unrouted: u64,
    /// Nobody knows, which is a fault.
    pub missing: u64,
    /// Since when the oldest waits, of any age.
    pub oldest_waiting: Option<Timestamp>,
    /// What went wrong last, and when.
    pub last_error: Option<Moment>,
}

/// The events of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MinuteTotals {
    /// When it begins.
    pub minute: Timestamp,
    /// How many.
    #[serde(flatten)]
    pub totals: Totals,
}

/// What came of a command on an incident or a silence.
#[derive(Clone, Debug, PartialEq)]
pub enum Acted<T> {
    /// It was done: how it stands now.
    Done(T),
    /// It stood so already, and nothing changed.
    Already(T),
    /// There is no such thing.
    Unknown,
}

/// A command of somebody, to be remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Audited {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// Where: the command line, an address, a chat.
    pub place: String,
    /// What was asked.
    pub command: String,
    /// What came of it.
    pub result: String,
}

/// A message in a chat that shows an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The incident.
    pub incident: String,
    /// The sink that it was sent by.
    pub sink: String,
    /// The chat or channel.
    pub place: String,
    /// What the service calls the message.
    pub id: String,
    /// What it shows, so that only what changed is edited.
    pub shown: String,
}

/// When and how often an error came: for a line that is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MinuteCount {
    /// When the minute begins.
    pub minute: Timestamp,
    /// How many events.
    pub events: u64,
}

/// A signature, and how it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignatureCount {
    /// Its id; none for the errors that none knows.
    pub signature: Option<String>,
    /// Its events in the window.
    pub events: u64,
    /// When it last matched.
    pub last_seen: Option<Timestamp>,
}
