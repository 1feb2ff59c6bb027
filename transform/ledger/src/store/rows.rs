//! What goes into the database, and what comes out of it.

use std::collections::HashMap;

use jiff::Timestamp;
use signatures_engine::aggregate::GroupState;

/// What is to be kept together: all of it or none.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Alerts to be queued.
    pub alerts: Vec<NewAlert>,
    /// The states that their groups are in with them, and of other groups.
    pub groups: Vec<GroupState>,
    /// How many deliveries may wait for a sink; any number when it is not there.
    pub bounds: HashMap<String, u64>,
    /// When it was submitted.
    pub now: Timestamp,
}

/// An alert on its way into the queue.
#[derive(Clone, Debug, PartialEq)]
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

/// Which deliveries are meant: all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// These numbers.
    pub seqs: Vec<i64>,
    /// Those that stand there.
    pub states: Vec<State>,
    /// Those for that sink.
    pub sink: Option<String>,
}

/// What became of alerts that were put in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Put {
    /// Deliveries queued.
    pub queued: u64,
    /// Deliveries that gave way, by sink.
    pub gave_way: Vec<(String, u64)>,
}

impl NewAlert {
    /// About how much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let sinks: usize = self.sinks.iter().map(String::len).sum();
        self.id.len() + self.fingerprint.len() + self.event.len() + sinks
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

    /// The database itself checks that it holds no other.
    pub(super) fn read(name: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == name).unwrap_or(Self::Dead)
    }
}

impl Selection {
    /// As SQL over `deliveries AS d`, and the values of its `?`.
    pub(super) fn condition(&self) -> (String, Vec<String>) {
        let mut condition = "1".to_owned();
        let list = |values: Vec<String>| values.join(", ");
        if !self.seqs.is_empty() {
            let seqs = list(self.seqs.iter().map(i64::to_string).collect());
            condition += &format!(" AND d.seq IN ({seqs})");
        }
        if !self.states.is_empty() {
            let states = list(self.states.iter().map(|s| format!("'{}'", s.as_str())).collect());
            condition += &format!(" AND d.state IN ({states})");
        }
        if self.sink.is_some() {
            condition += " AND d.sink = ?";
        }
        (condition, self.sink.iter().cloned().collect())
    }
}
