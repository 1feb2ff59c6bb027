//! What goes into the database, and what comes out of it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

/// An alert on its way into the queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewAlert {
    /// Its id; a second alert of the same is ignored.
    pub id: String,
    /// What counts as the same error, within which order is kept.
    pub fingerprint: String,
    /// The lower, the sooner it gives way when the queue is full.
    pub urgency: u8,
    /// The alert event.
    pub event: String,
    /// Where it is to go.
    pub sinks: Vec<String>,
    /// Where it does not, and why.
    pub held: Vec<HeldAt>,
    /// What kind of event it is.
    pub kind: AlertKind,
    /// The incident that it belongs to.
    pub incident: Option<String>,
}

/// What kind of event goes to sinks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertKind {
    /// An alert that a group raised.
    #[default]
    Alert,
    /// That its incident is over.
    Resolved,
    /// An alert that nobody acted on, to further sinks.
    Escalated,
    /// That its incident goes on, for those who forget.
    Repeated,
}

/// That an alert does not go to a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldAt {
    /// The sink.
    pub sink: String,
    /// By what.
    pub by: HeldBy,
    /// Why, in words.
    pub reason: Option<String>,
}

/// By what an alert is kept from a sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HeldBy {
    /// By a silence or a mute time.
    Silence,
    /// By shadow mode.
    Shadow,
    /// By routes, or since it is milder than what the sink takes.
    Routes,
}

/// One alert for one sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub seq: i64,
    /// How often it was tried.
    pub attempts: u32,
    /// Whether it may not go in a digest.
    pub alone: bool,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// The alert event.
    pub event: String,
}

/// A delivery that waits: all that is known of it but the alert event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) seq: i64,
    /// The number of its alert.
    pub(crate) alert: i64,
    pub(crate) sink: Arc<str>,
    pub(crate) fingerprint: Arc<str>,
    pub(crate) urgency: u8,
    /// The size of the alert event.
    pub(crate) bytes: u64,
    pub(crate) attempts: u32,
    pub(crate) alone: bool,
    pub(crate) queued_at: Timestamp,
    pub(crate) due_at: Timestamp,
    /// When that was decided, if it is known.
    pub(crate) decided_at: Option<Timestamp>,
    /// What went wrong last; not read from a database.
    pub(crate) reason: Option<String>,
}

impl Waiting {
    /// One that nobody tried yet and that is due at once; its number is not known yet.
    pub(crate) fn new(
        alert: i64,
        sink: Arc<str>,
        (fingerprint, urgency, bytes): (&Arc<str>, u8, u64),
        now: Timestamp,
    ) -> Self {
        Self {
            seq: 0,
            alert,
            sink,
            fingerprint: Arc::clone(fingerprint),
            urgency,
            bytes,
            attempts: 0,
            alone: false,
            queued_at: now,
            due_at: now,
            decided_at: Some(now),
            reason: None,
        }
    }

    /// Where it stands.
    pub(crate) fn standing(&self) -> Standing {
        Standing {
            state: State::Queued,
            attempts: self.attempts,
            alone: self.alone,
            due_at: self.due_at,
            settled_at: None,
            reason: self.reason.clone(),
        }
    }

    /// Where it stands when it has made way for others.
    pub(crate) fn gave_way(&self, now: Timestamp) -> Standing {
        let reason = Some("gave way because the queue was full".to_owned());
        Standing { state: State::Dropped, settled_at: Some(now), reason, ..self.standing() }
    }

    /// Goes by a time of day that was set by so much.
    pub(crate) fn move_along(&mut self, by: SignedDuration) {
        self.queued_at = moved(self.queued_at, by);
        self.due_at = moved(self.due_at, by);
        self.decided_at = self.decided_at.map(|decided_at| moved(decided_at, by));
    }
}

/// A time that is moved along; where there is no such time, as it was.
pub(crate) fn moved(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(time)
}

/// Where a delivery stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) state: State,
    pub(crate) attempts: u32,
    pub(crate) alone: bool,
    pub(crate) due_at: Timestamp,
    pub(crate) settled_at: Option<Timestamp>,
    /// What went wrong; what is known of that stays when there is none.
    pub(crate) reason: Option<String>,
}

/// An alert as it waited elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct KeptAlert {
    pub(crate) id: String,
    pub(crate) fingerprint: Arc<str>,
    pub(crate) urgency: u8,
    pub(crate) event: Arc<str>,
    pub(crate) queued_at: Timestamp,
    /// For each sink where its delivery stands, and since when it is queued.
    pub(crate) deliveries: Vec<(Arc<str>, Standing)>,
    pub(crate) held: Vec<HeldAt>,
    pub(crate) kind: AlertKind,
    pub(crate) incident: Option<String>,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The sink took it.
    Sent,
    /// It is to be tried again.
    Retry {
        /// Not before then.
        at: Timestamp,
        /// What went wrong.
        reason: String,
        /// Whether it is to be sent alone then.
        alone: bool,
    },
    /// It lies with the dead letters.
    Dead {
        /// Why.
        reason: String,
    },
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Waits to be sent, perhaps again.
    Queued,
    /// The sink took it.
    Sent,
    /// Given up, with a reason; the operator may retry it.
    Dead,
    /// Gave way when the queue was full, or was dropped by the operator.
    Dropped,
}

/// A delivery as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub seq: i64,
    /// Where it stands.
    pub state: State,
    /// The sink.
    pub sink: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// When it is tried next, for what is queued.
    pub due_at: Timestamp,
    /// When it left the queue.
    pub settled_at: Option<Timestamp>,
    /// What went wrong last.
    pub reason: Option<String>,
    /// The alert event.
    pub event: String,
}

/// Which deliveries are meant: all that is said must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Of these numbers.
    pub numbers: Among<i64>,
    /// That stand there.
    pub states: Among<State>,
    /// For these sinks.
    pub sinks: Among<String>,
}

/// One of some, or any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Among<T> {
    /// Any at all.
    All,
    /// One of these; none when there are none.
    These(Vec<T>),
}

/// What became of alerts that were put in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Put {
    /// Deliveries queued.
    pub queued: u64,
    /// Deliveries that gave way, by sink.
    pub gave_way: Vec<(String, u64)>,
}

impl Put {
    /// Adds deliveries of a sink that gave way.
    pub(crate) fn give_way(&mut self, sink: &str, number: u64) {
        if number == 0 {
            return;
        }
        match self.gave_way.iter_mut().find(|(known, _)| known == sink) {
            Some((_, before)) => *before += number,
            None => self.gave_way.push((sink.to_owned(), number)),
        }
    }
}

impl AlertKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Alert, Self::Resolved, Self::Escalated, Self::Repeated];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Resolved => "resolved",
            Self::Escalated => "escalated",
            Self::Repeated => "repeated",
        }
    }

    /// Of its name.
    pub(crate) fn read(name: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).unwrap_or_default()
    }
}

impl HeldBy {
    /// As the database has it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Silence => "silenced",
            Self::Shadow => "shadow",
            Self::Routes => "unrouted",
        }
    }
}

impl NewAlert {
    /// About how much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let sinks: usize = self.sinks.iter().map(String::len).sum();
        let reason = |held: &HeldAt| held.reason.as_ref().map_or(0, String::len);
        let held: usize = self.held.iter().map(|held| held.sink.len() + reason(held)).sum();
        self.id.len() + self.fingerprint.len() + self.event.len() + sinks + held
    }
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Sent, Self::Dead, Self::Dropped];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Dead => "dead",
            Self::Dropped => "dropped",
        }
    }

    /// Of its name. The database itself checks that it holds no other.
    pub(super) fn read(name: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == name).unwrap_or(Self::Dead)
    }
}

impl Selection {
    /// Every delivery. What is to be fewer says so over it.
    pub const ALL: Self = Self { numbers: Among::All, states: Among::All, sinks: Among::All };

    /// As SQL over `deliveries AS d`, and the values of its `?`.
    pub(super) fn condition(&self) -> (String, Vec<String>) {
        let numbers = self.numbers.condition("d.seq", i64::to_string);
        let states = self.states.condition("d.state", |state| format!("'{}'", state.as_str()));
        let sinks = self.sinks.condition("d.sink", |_| "?".to_owned());
        let values = match &self.sinks {
            Among::All => Vec::new(),
            Among::These(sinks) => sinks.clone(),
        };
        (format!("{numbers} AND {states} AND {sinks}"), values)
    }
}

impl<T> Among<T> {
    fn condition(&self, column: &str, sql: impl Fn(&T) -> String) -> String {
        match self {
            Self::All => "1".to_owned(),
            Self::These(these) => {
                let these: Vec<_> = these.iter().map(sql).collect();
                format!("{column} IN ({})", these.join(", "))
            }
        }
    }
}
