//! What others have of the outbox.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, atomic::Ordering, mpsc},
    thread::{self, JoinHandle},
};

use jiff::{SignedDuration, Timestamp};
use signatures_alerts::Alert;
use signatures_engine::aggregate::GroupState;
use tracing::{error, warn};

use super::{
    board::{self, Board, DeliveryId},
    keeper::Keeper,
    lost::Lost,
    receipt::{self, Receipt},
    requests::{Request, Requests, Submission},
    shared::Shared,
};
use crate::{
    groups::UnreadableGroup,
    metrics,
    record::{Counter, FollowUp, Ledger, Rules, Ruling},
    state_directory::{self, OpenError},
    store::{Delivery, NewAlert, Outcome, Put, State},
};

/// The queue of all sinks.
///
/// Dropping it waits until all that was submitted is written.
#[derive(Debug)]
pub struct Outbox {
    board: Arc<Mutex<Board>>,
    ledger: Ledger,
    counter: Counter,
    record: Arc<Shared>,
    requests: Arc<Requests>,
    thread: Option<JoinHandle<()>>,
}

impl Outbox {
    /// Opens the outbox of a state directory, or one in memory without.
    ///
    /// A damaged database is moved aside, and a folder that cannot be written
    /// makes it run in memory; both are said loudly.
    ///
    /// # Errors
    /// When another process uses the folder, a later version wrote it, or there
    /// is no thread to be had.
    pub fn open(folder: Option<&Path>, now: Timestamp) -> Result<Self, OpenError> {
        metrics::describe();
        let opened = match folder {
            Some(folder) => Some(state_directory::open(folder, now)?),
            None => {
                warn!(
                    event = "signatures.no_state_directory",
                    "no state directory: alerts and cooldowns are kept in memory only, and a \
                     restart forgets them"
                );
                None
            }
        };
        let mut board = Board::default();
        if let Some(opened) = &opened {
            board.note_fault(opened.as_ref().err().cloned());
        }
        let board = Arc::new(Mutex::new(board));
        let requests = Arc::new(Requests::default());
        let opened = opened.and_then(Result::ok);
        let ledger = match folder.filter(|_| opened.is_some()) {
            Some(folder) => Ledger::at(folder),
            None => {
                let asked = Arc::clone(&requests);
                Ledger::in_memory(Arc::new(move |task| asked.push(Request::Ask(task))))
            }
        };
        let record = Arc::new(Shared::default());
        let theirs = Arc::clone(&record);
        let mut keeper = Keeper::new(Arc::clone(&board), theirs, opened, now);
        let served = Arc::clone(&requests);
        let thread = thread::Builder::new()
            .name("outbox".to_owned())
            .spawn(move || keeper.serve(&served))
            .map_err(OpenError::Thread)?;
        let counter = Counter::default();
        Ok(Self { board, ledger, counter, record, requests, thread: Some(thread) })
    }

    /// Tells of what is put in from now on, and of nothing where something else may
    /// have become due: on the thread that writes, so it should be quick.
    pub fn listen(&self, listener: impl Fn(&Put) + Send + Sync + 'static) {
        self.requests.push(Request::Listen(Box::new(listener)));
    }

    /// What is remembered for people.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.ledger.clone()
    }

    /// What counts errors, for what is remembered of them.
    #[must_use]
    pub fn counter(&self) -> Counter {
        self.counter.clone()
    }

    /// Decides what becomes of an alert before it is routed, and takes note of it: of
    /// its incident, and of what holds it. What that changes is on the disk with what is
    /// [submitted](Self::submit) next.
    #[must_use]
    pub fn rule(&self, alert: &Alert, rules: &Rules<'_>, now: Timestamp) -> Ruling {
        self.record.desk().rule(alert, rules, now)
    }

    /// Takes note of the sinks that an alert goes to: they are told when its incident is
    /// over.
    pub fn told(&self, alert: &Alert, sinks: &[String]) {
        self.record.desk().told(alert, sinks);
    }

    /// What follows from incidents now: to be [submitted](Self::submit_follow_ups).
    #[must_use]
    pub fn follow_ups(&self, rules: &Rules<'_>, now: Timestamp) -> Vec<FollowUp> {
        self.record.desk().follow_ups(rules, now)
    }

    /// Queues what follows from incidents. It never waits: there is never more of it
    /// than there are incidents.
    pub fn submit_follow_ups(
        &self,
        alerts: Vec<NewAlert>,
        bound: impl Fn(&str) -> u64,
        now: Timestamp,
    ) {
        let sinks = alerts.iter().flat_map(|alert| &alert.sinks);
        let bounds = sinks.map(|sink| (sink.clone(), bound(sink))).collect();
        let submission = Submission { alerts, groups: Vec::new(), bounds, now };
        self.requests.push_now(Request::Submit(submission, receipt::pair().0));
    }

    /// Whether an event of that fingerprint waits for a sink.
    #[must_use]
    pub fn is_waiting(&self, sink: &str, fingerprint: &str) -> bool {
        self.lock().is_waiting(sink, fingerprint)
    }

    /// Has what was counted written, soon after this returns: to be called once a
    /// second.
    pub fn pulse(&self, now: Timestamp) {
        self.collect();
        if !self.record.asked.swap(true, Ordering::Relaxed) {
            self.requests.push_now(Request::Pulse(now));
        }
    }

    /// Whether it is on disk.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.lock().durable
    }

    /// Why the state directory that was named cannot be used now; alerts and cooldowns
    /// are in memory alone meanwhile.
    #[must_use]
    pub fn state_directory_fault(&self) -> Option<String> {
        self.lock().fault.clone()
    }

    /// Queues alerts and keeps states of groups with them. Whatever was submitted
    /// while the disk was busy is written together, all of one call or none.
    ///
    /// The receipt is answered when it is on the disk, or in memory where the disk
    /// refuses. It returns at once, unless more waits for the disk than may: then
    /// it blocks until there is room.
    ///
    /// `bound` says of a sink how many deliveries may wait for it.
    pub fn submit(
        &self,
        alerts: Vec<NewAlert>,
        groups: Vec<GroupState>,
        bound: impl Fn(&str) -> u64,
        now: Timestamp,
    ) -> Receipt {
        let sinks = alerts.iter().flat_map(|alert| &alert.sinks);
        let bounds = sinks.map(|sink| (sink.clone(), bound(sink))).collect();
        let (answer, receipt) = receipt::pair();
        self.requests.push(Request::Submit(Submission { alerts, groups, bounds, now }, answer));
        receipt
    }

    /// The states of groups that were kept. Of those that cannot be read the log
    /// is told.
    #[must_use]
    pub fn groups(&self, now: Timestamp) -> Vec<GroupState> {
        let (answer, answered) = mpsc::channel();
        self.requests.push(Request::Groups(now, answer));
        let kept = answered.recv().unwrap_or_default();
        tell_unreadable(&kept.unreadable);
        kept.states
    }

    /// Keeps no more groups than that on disk: those that are idle the longest go.
    pub fn bound_groups(&self, most: usize) {
        self.requests.push(Request::BoundGroups(most));
    }

    /// Up to `limit` deliveries that may be sent now and are not being sent,
    /// oldest first. Nobody waits for the disk here: of more than fits into memory,
    /// the rest is due as soon as it was read.
    #[must_use]
    pub fn due(&self, sink: &str, now: Timestamp, limit: usize) -> Vec<DeliveryId> {
        let mut board = self.lock();
        let due = board.due(sink, now, limit);
        let nudge = board.wants_to_read();
        drop(board);
        if nudge {
            self.requests.nudge();
        }
        due
    }

    /// Takes a delivery to be sent; none when it is not queued any more. It is
    /// not due again before it is [settled](Self::settle).
    #[must_use]
    pub fn take(&self, id: DeliveryId) -> Option<Delivery> {
        self.lock().take(id)
    }

    /// Leaves a delivery that was taken to a later message.
    pub fn give_back(&self, id: DeliveryId) {
        self.lock().give_back(id);
    }

    /// Records what became of deliveries that were taken; on disk soon after this
    /// returns.
    pub fn settle(&self, outcomes: Vec<(DeliveryId, Outcome)>, now: Timestamp) {
        self.lock().settle(outcomes, now);
        self.requests.nudge_softly();
    }

    /// How many deliveries of a sink stand there, on disk and in memory.
    #[must_use]
    pub fn count(&self, sink: &str, state: State) -> u64 {
        self.lock().count(sink, state)
    }

    /// How many deliveries wait for a sink in memory alone: without a disk, or while it
    /// refuses. They are lost with the process.
    #[must_use]
    pub fn count_in_memory(&self, sink: &str) -> u64 {
        self.lock().count_in_memory(sink)
    }

    /// How many deliveries wait on disk, for any sink: the next start goes on with
    /// them.
    #[must_use]
    pub fn count_on_disk(&self) -> u64 {
        self.lock().disk.len() as u64
    }

    /// What is lost when the process ends now, by sink: what waits in memory, and what
    /// was given up where no disk has it.
    #[must_use]
    pub fn lost(&self) -> BTreeMap<String, Lost> {
        self.lock().memory.lost()
    }

    /// Lays what waits for sinks other than these with the dead letters, and says
    /// how many deliveries those were, by sink.
    pub fn give_up_unknown_sinks(&self, known: &[&str], now: Timestamp) -> BTreeMap<String, u64> {
        let given_up = self.lock().give_up_unknown_sinks(known, now);
        if !given_up.is_empty() {
            self.requests.nudge_softly();
        }
        given_up
    }

    /// Goes by a time of day that was set by so much: what waits is due, and is given
    /// up, as long after as it was to be.
    pub fn move_along(&self, by: SignedDuration) {
        self.lock().move_along(by);
        self.record.desk().move_along(by);
        self.requests.push(Request::MoveAlong(by));
    }

    /// Takes away old history, and brings to the disk what waits in memory since
    /// the disk refused. It is done soon after this returns.
    pub fn maintain(&self, now: Timestamp) {
        self.requests.push(Request::Maintain(now));
    }

    /// Takes what was counted to what is to be written.
    fn collect(&self) {
        let counted = self.counter.take();
        self.record.desk().touch(&counted);
        self.record.add(counted);
    }

    #[cfg(test)]
    pub(super) fn ask(&self, request: Request) {
        self.requests.push(request);
    }

    #[cfg(test)]
    pub(super) fn board(&self) -> MutexGuard<'_, Board> {
        self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Board> {
        board::lock(&self.board)
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.collect();
        self.requests.close();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            error!(event = "signatures.outbox_failed", "the thread that writes alerts failed");
        }
    }
}

fn tell_unreadable(groups: &[UnreadableGroup]) {
    let Some(first) = groups.first() else { return };
    metrics::unreadable_groups(groups.len());
    error!(
        event = "signatures.groups_unreadable",
        groups = groups.len(),
        first = first.group,
        reason = first.reason,
        "some groups of the last run cannot be read: they count anew, and what was known of them \
         is put aside in the table `unreadable_groups`"
    );
}
