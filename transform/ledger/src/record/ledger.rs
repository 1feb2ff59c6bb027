//! What people and their commands have of the memory.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, mpsc},
};

use jiff::Timestamp;
use rusqlite::Connection;
use signatures_alerts::Matchers;
use signatures_engine::GroupId;

use super::{
    alerts, audit, counts, errors, incidents, messages, observed, reach,
    rows::{
        Acted, AlertFilter, Audited, DecidedAlert, ErrorFilter, Errors, Incident, IncidentState,
        Message, MinuteCount, NewSilence, Observed, Reach, Sample, SamplesOf, SignatureCount,
        Silence, TimeLine,
    },
    samples, silences,
    window::Window,
};
use crate::{
    state_directory::DATABASE,
    store::{Store, StoreError},
};

/// Why nothing can be told.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Nothing was ever kept in that state directory.
    #[error("nothing is remembered: {} does not exist", .0.display())]
    Missing(PathBuf),
    /// The database refuses.
    #[error("cannot use what is remembered: {0}")]
    Store(#[from] StoreError),
    /// The process that remembers in memory is ending.
    #[error("the process is ending")]
    Ending,
}

/// Something to be done with a database on the thread that has it. What it leaves is the
/// answer, to be given once what was changed is in force.
pub(crate) type Task = Box<dyn FnOnce(&mut Store) -> Box<dyn FnOnce()> + Send>;

/// Whoever has a database in memory.
pub(crate) type Ask = Arc<dyn Fn(Task) + Send + Sync>;

/// What is remembered, for whoever asks or acts: in a state directory, also beside the
/// process that owns it, or in the memory of this one.
///
/// Each call is one transaction. What is changed is in force within a second. A call
/// may wait for a disk: right for people, wrong for a path that events take.
#[derive(Clone)]
pub struct Ledger(Place);

#[derive(Clone)]
enum Place {
    Disk(PathBuf),
    Memory(Ask),
}

impl Ledger {
    /// What is remembered in a state directory.
    #[must_use]
    pub fn at(state_directory: &Path) -> Self {
        Self(Place::Disk(state_directory.join(DATABASE)))
    }

    pub(crate) fn in_memory(ask: Ask) -> Self {
        Self(Place::Memory(ask))
    }

    /// The busiest errors of a window, at most so many.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn errors(
        &self,
        filter: &ErrorFilter,
        window: Window,
        limit: usize,
        now: Timestamp,
    ) -> Result<Errors, LedgerError> {
        let filter = filter.clone();
        self.with(move |connection| errors::list(connection, &filter, window, limit, now))
    }

    /// The newest samples, at most so many; five of each error are kept.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn samples(&self, of: &SamplesOf, limit: usize) -> Result<Vec<Sample>, LedgerError> {
        let of = of.clone();
        self.with(move |connection| samples::list(connection, &of, limit))
    }

    /// The events of errors, minute by minute: of each that is known those minutes that
    /// had any. For windows of a day at most: minutes before are packed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn minutes(
        &self,
        groups: &[GroupId],
        window: Window,
    ) -> Result<Vec<(GroupId, Vec<MinuteCount>)>, LedgerError> {
        let groups = groups.to_vec();
        self.with(move |connection| errors::minutes(connection, &groups, window))
    }

    /// How often each signature came that came at all, the busiest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn signatures(&self, window: Window) -> Result<Vec<SignatureCount>, LedgerError> {
        self.with(move |connection| errors::signatures(connection, window))
    }

    /// The newest alerts, at most so many, with what became of each at every sink.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn alerts(
        &self,
        filter: &AlertFilter,
        limit: usize,
    ) -> Result<Vec<DecidedAlert>, LedgerError> {
        let filter = filter.clone();
        self.with(move |connection| alerts::list(connection, &filter, limit))
    }

    /// All that is known of the alert of that id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn alert(&self, id: &str) -> Result<Option<TimeLine>, LedgerError> {
        let id = id.to_owned();
        self.with(move |connection| alerts::time_line(connection, &id))
    }

    /// Incidents, newest first, at most so many; of one state, where that is said.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn incidents(
        &self,
        state: Option<IncidentState>,
        limit: usize,
    ) -> Result<Vec<Incident>, LedgerError> {
        self.with(move |connection| incidents::list(connection, state, limit))
    }

    /// The incident of that id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn incident(&self, id: &str) -> Result<Option<Incident>, LedgerError> {
        let id = id.to_owned();
        self.with(move |connection| incidents::get(connection, &id))
    }

    /// The id of the incident that people mean: by its own id, by that of one of its
    /// alerts, or by the group of its error, while it is not over.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn incident_meant(&self, name: &str) -> Result<Option<String>, LedgerError> {
        let name = name.to_owned();
        self.with(move |connection| incidents::meant(connection, &name))
    }

    /// The silences in force, the next to end first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn silences(&self, now: Timestamp) -> Result<Vec<Silence>, LedgerError> {
        self.with(move |connection| silences::active(connection, now))
    }

    /// What was decided in a window, held against what each sink did.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn observed(&self, window: Window, now: Timestamp) -> Result<Observed, LedgerError> {
        self.with(move |connection| observed::observed(connection, window, now))
    }

    /// Since when anything is remembered; none where nothing is yet.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn since(&self) -> Result<Option<Timestamp>, LedgerError> {
        self.with(counts::since)
    }

    /// Says that somebody is on an incident.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn ack(
        &self,
        incident: &str,
        by: &str,
        note: Option<&str>,
        now: Timestamp,
    ) -> Result<Acted<Incident>, LedgerError> {
        let (incident, by, note) = (incident.to_owned(), by.to_owned(), note.map(str::to_owned));
        self.with(move |connection| {
            incidents::ack(connection, &incident, (&by, note.as_deref()), now)
        })
    }

    /// Says that nobody is on an incident any more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn unack(&self, incident: &str) -> Result<Acted<Incident>, LedgerError> {
        let incident = incident.to_owned();
        self.with(move |connection| incidents::unack(connection, &incident))
    }

    /// Ends an incident. The sinks that were told of it are told within a second.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn resolve(
        &self,
        incident: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<Acted<Incident>, LedgerError> {
        let (incident, by) = (incident.to_owned(), by.to_owned());
        self.with(move |connection| incidents::resolve(connection, &incident, &by, now))
    }

    /// Makes a silence, of seven days at most.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn silence(&self, new: &NewSilence, now: Timestamp) -> Result<Silence, LedgerError> {
        let new = new.clone();
        self.with(move |connection| silences::add(connection, &new, now))
    }

    /// Ends a silence before its time.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn unsilence(
        &self,
        silence: i64,
        by: &str,
        now: Timestamp,
    ) -> Result<Acted<Silence>, LedgerError> {
        let by = by.to_owned();
        self.with(move |connection| silences::end(connection, silence, &by, now))
    }

    /// What a silence of these matchers would hold.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn reach(&self, matchers: &Matchers, now: Timestamp) -> Result<Reach, LedgerError> {
        let matchers = matchers.clone();
        self.with(move |connection| reach::of(connection, &matchers, now))
    }

    /// Remembers who did what, for 90 days.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn audit(&self, audited: &Audited) -> Result<(), LedgerError> {
        let audited = audited.clone();
        self.with(move |connection| audit::add(connection, &audited))
    }

    /// Who did what, the newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn audited(&self, limit: usize) -> Result<Vec<Audited>, LedgerError> {
        self.with(move |connection| audit::list(connection, limit))
    }

    /// Remembers a message that shows an incident, in the place of an earlier one in
    /// the same chat.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn put_message(&self, message: &Message) -> Result<(), LedgerError> {
        let message = message.clone();
        self.with(move |connection| messages::put(connection, &message))
    }

    /// The messages that show an incident.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn messages(&self, incident: &str) -> Result<Vec<Message>, LedgerError> {
        let incident = incident.to_owned();
        self.with(move |connection| messages::of(connection, &incident))
    }

    /// Does all of it in one transaction, or nothing.
    fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        match &self.0 {
            Place::Disk(path) => {
                if !path.exists() {
                    return Err(LedgerError::Missing(path.clone()));
                }
                Ok(at_once(&mut Store::open_beside(path)?, work)?)
            }
            Place::Memory(ask) => {
                let (answer, answered) = mpsc::sync_channel(1);
                ask(Box::new(move |store| {
                    let done = at_once(store, work);
                    // Whoever asked may be gone.
                    Box::new(move || drop(answer.send(done)))
                }));
                Ok(answered.recv().map_err(|_| LedgerError::Ending)??)
            }
        }
    }
}

fn at_once<T>(
    store: &mut Store,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    let transaction = store.connection.transaction()?;
    let done = work(&transaction)?;
    transaction.commit()?;
    Ok(done)
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Disk(path) => f.debug_tuple("Ledger").field(path).finish(),
            Place::Memory(_) => f.write_str("Ledger"),
        }
    }
}
