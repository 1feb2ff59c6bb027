//! The thread that writes: it alone waits for the disk.

use std::{
    collections::{HashMap, VecDeque},
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use signatures_engine::{GroupId, aggregate::GroupState};
use tracing::{error, info, warn};

use super::{
    batch::{Batch, Batched},
    board::{Board, lock},
    disk::Disk,
    faults::Faults,
    receipt::Answer,
    recovery::Recovery,
    requests::{Listener, Request, Requests, Submission},
    shared::{Record, Shared},
};
use crate::{
    complaints::Complaints,
    metrics,
    state_directory::StateDirectory,
    store::{Put, Store, StoreError},
};

/// How often it is looked after what nobody asked for: another process may have
/// changed the queue, or taken the directory away.
const POLL: Duration = Duration::from_millis(500);

/// Keeps what is submitted, on disk or in memory.
pub(super) struct Keeper {
    pub(super) board: Arc<Mutex<Board>>,
    pub(super) disk: Option<Disk>,
    /// What is remembered for people.
    pub(super) record: Record,
    /// What is asked and not done yet, and what was submitted and not answered: a
    /// panic loses none of it.
    asked: VecDeque<Request>,
    submitted: Vec<(Submission, Answer)>,
    /// Alerts in memory that the disk is taking over.
    pub(super) moving: Vec<i64>,
    pub(super) recovery: Recovery,
    /// States of groups that the disk refused, of each the latest.
    pub(super) unsaved: HashMap<GroupId, GroupState>,
    /// How many deliveries may wait for each sink, as was last said.
    pub(super) bounds: HashMap<String, u64>,
    pub(super) listener: Option<Listener>,
    pub(super) complaints: Complaints,
    /// The time, as was last said.
    pub(super) now: Timestamp,
    /// Whether the disk could be read just now.
    pub(super) reachable: bool,
    pub(super) faults: Faults,
}

impl Keeper {
    /// Reads what waits, so that it is due at once.
    pub(super) fn new(
        board: Arc<Mutex<Board>>,
        shared: Arc<Shared>,
        opened: Option<(Store, StateDirectory)>,
        now: Timestamp,
    ) -> Self {
        let disk = opened.map(Disk::new);
        lock(&board).durable = disk.is_some();
        let mut keeper = Self {
            board,
            record: Record::new(shared, disk.is_none()),
            disk,
            asked: VecDeque::new(),
            submitted: Vec::new(),
            moving: Vec::new(),
            recovery: Recovery::default(),
            unsaved: HashMap::new(),
            bounds: HashMap::new(),
            listener: None,
            complaints: Complaints::default(),
            now,
            reachable: false,
            faults: Faults::default(),
        };
        keeper.reachable = keeper.read_changes();
        keeper.read_events();
        keeper
    }

    /// Does what is asked until nothing more will be.
    pub(super) fn serve(&mut self, requests: &Requests) {
        while let Some(asked) = requests.take(POLL) {
            self.asked.extend(asked);
            self.guard(Self::round);
            self.guard(Self::move_no_more);
            // Whatever a panic left: each time at least one less.
            while !self.asked.is_empty() || !self.submitted.is_empty() {
                self.guard(Self::do_what_is_asked);
            }
        }
        // Each for itself: what is lost is told whatever became of the rest.
        self.guard(|keeper| keeper.reachable = keeper.read_changes());
        self.guard(Self::catch_up);
        self.guard(|keeper| keeper.pulse(keeper.now));
        self.guard(|keeper| keeper.tell(true));
        self.guard(|keeper| keeper.tell_what_is_lost());
    }

    /// Outlives a panic.
    fn guard<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let done = catch_unwind(AssertUnwindSafe(|| work(self))).ok();
        if done.is_none() {
            metrics::outbox_failure();
            error!(
                event = "signatures.outbox_restarted",
                "the thread that writes alerts failed, and goes on"
            );
        }
        done
    }

    fn round(&mut self) {
        self.look_after_the_directory();
        // Another that holds the disk has been waited for once then, and is not
        // waited for again.
        self.reachable = self.read_changes();
        self.do_what_is_asked();
        self.prune();
        if !self.faults.is_resting() {
            self.catch_up();
        }
        self.read_events();
        self.mirror();
        self.tell(false);
    }

    fn do_what_is_asked(&mut self) {
        while let Some(request) = self.asked.pop_front() {
            match request {
                Request::Submit(submission, answer) => self.submitted.push((submission, answer)),
                other => {
                    // What was asked later is to see what was submitted before.
                    self.keep();
                    self.answer(other);
                }
            }
        }
        self.keep();
    }

    fn answer(&mut self, request: Request) {
        match request {
            Request::Listen(listener) => self.listener = Some(listener),
            Request::Maintain(now) => self.maintain(now),
            Request::MoveAlong(by) => self.move_along(by),
            Request::BoundGroups(most) => {
                self.disk.iter_mut().for_each(|disk| disk.most_groups = most);
            }
            // Whoever asked may be gone.
            Request::Groups(now, asker) => drop(asker.send(self.groups(now))),
            Request::Ask(task) => self.ask(task),
            Request::Pulse(now) => self.pulse(now),
            #[cfg(test)]
            Request::Do(work) => work(&mut self.disk),
            Request::Submit(..) => {}
        }
    }

    /// Keeps all that was submitted with one wait for the disk; in memory what a fault
    /// of this program keeps from it.
    fn keep(&mut self) {
        let (submissions, answers): (Vec<_>, Vec<_>) =
            mem::take(&mut self.submitted).into_iter().unzip();
        let Some(last) = submissions.last() else { return };
        self.now = last.now;
        for submission in &submissions {
            self.bounds.extend(submission.bounds.iter().map(|(sink, most)| (sink.clone(), *most)));
        }
        let puts = self.guard(|keeper| keeper.put(&submissions)).unwrap_or_else(|| {
            let fault = StoreError::Internal("it panicked".to_owned());
            self.put_all_in_memory(&submissions, &fault)
        });
        for put in &puts {
            self.complaints.gave_way(&put.gave_way);
            if *put != Put::default() {
                self.tell_of(put);
            }
        }
        puts.into_iter().zip(answers).for_each(|(put, answer)| answer.give(Ok(put)));
    }

    /// Tells who listens; that is code of others, whose faults keep nothing up.
    pub(super) fn tell_of(&mut self, put: &Put) {
        self.guard(|keeper| keeper.listener.iter().for_each(|listener| listener(put)));
    }

    fn put(&mut self, submissions: &[Submission]) -> Vec<Put> {
        match self.write(submissions) {
            Ok(puts) => puts,
            // One bad row must not take the others with it.
            Err(error) if submissions.len() > 1 && error.may_be_about_the_row() => {
                submissions.iter().map(|submission| self.put_one(submission)).collect()
            }
            Err(error) => self.put_all_in_memory(submissions, &error),
        }
    }

    fn put_one(&mut self, submission: &Submission) -> Put {
        match self.write(std::slice::from_ref(submission)) {
            Ok(puts) => puts.into_iter().next().unwrap_or_default(),
            Err(error) => self.put_in_memory(submission.clone(), &error),
        }
    }

    fn put_all_in_memory(&mut self, refused: &[Submission], error: &StoreError) -> Vec<Put> {
        refused.iter().map(|submission| self.put_in_memory(submission.clone(), error)).collect()
    }

    /// Writes to disk what was submitted, and what became of deliveries since.
    pub(super) fn write(&mut self, submissions: &[Submission]) -> Result<Vec<Put>, StoreError> {
        let disk = self.disk.as_mut().filter(|_| self.reachable);
        let Some(disk) = disk else { return Err(StoreError::Unavailable) };
        let changes = self.record.shared.take_changes();
        let batch = Batch::of(submissions, lock(&self.board).unrecorded(), &changes);
        let most_groups = disk.wrote_groups(batch.groups());
        let (board, bounds) = (&*self.board, &self.bounds);
        let written = disk.attempt(|store| {
            store.write(|writing| batch.write(writing, board, bounds, most_groups))
        });
        self.note(&written);
        if written.is_err() {
            self.record.shared.give_back(changes);
        }
        let Batched { puts, written, groups, added: (alerts, bytes) } = written?;
        if let Some(disk) = &mut self.disk {
            disk.added(alerts, bytes);
            groups.into_iter().for_each(|groups| disk.counted_groups(groups as usize));
        }
        for state in submissions.iter().flat_map(|submission| &submission.groups) {
            self.unsaved.remove(&state.id());
        }
        lock(&self.board).wrote(written);
        Ok(puts)
    }

    /// Queues in memory what the disk refused.
    fn put_in_memory(&mut self, submission: Submission, error: &StoreError) -> Put {
        self.remember_in_memory(&submission);
        let Submission { alerts, groups, bounds, now } = submission;
        if let Some(disk) = &self.disk {
            let consequence = if alerts.is_empty() {
                "a restart would forget recent counts"
            } else {
                "alerts are kept in memory until it works again"
            };
            self.complaints.about(consequence, error);
            let most = disk.most_groups;
            for state in groups {
                if self.unsaved.len() < most || self.unsaved.contains_key(&state.id()) {
                    self.unsaved.insert(state.id(), state);
                }
            }
        }
        lock(&self.board).put_in_memory(alerts, &bounds, now)
    }

    /// Notes whether the disk was written.
    pub(super) fn note<T>(&mut self, written: &Result<T, StoreError>) {
        self.faults.wrote(written.as_ref().err().map(ToString::to_string));
        self.give_up_where_it_fails();
        self.show_faults();
    }

    /// Shows whether the disk can be used to all who ask, and tells when it can again.
    pub(super) fn show_faults(&self) {
        let Some(disk) = &self.disk else { return };
        let fault = self.faults.worst().map(|why| format!("cannot use {}: {why}", disk.path()));
        if lock(&self.board).note_fault(fault) {
            info!(
                event = "signatures.state_directory_usable", path = %disk.path(),
                "the state directory can be used again"
            );
        }
    }

    /// Goes on without the disk when this program cannot use it.
    pub(super) fn give_up_where_it_fails(&mut self) {
        let Some(disk) = self.disk.take_if(|disk| disk.is_given_up()) else { return };
        error!(
            event = "signatures.database_abandoned", path = %disk.path(),
            "the database of alerts is left alone after too many faults of this program: alerts and \
             cooldowns are kept in memory only; what waits in it is sent after a restart"
        );
        self.reachable = false;
        self.unsaved.clear();
        let fault = format!("{} is left alone after too many faults of this program", disk.path());
        lock(&self.board).give_disk_up(fault);
    }

    /// Says what the end takes that the disk refused to the last.
    fn tell_what_is_lost(&self) {
        let deliveries = lock(&self.board).memory.queue.len();
        let groups = self.unsaved.len();
        if self.disk.is_some() && (deliveries > 0 || groups > 0) {
            error!(
                event = "signatures.alerts_lost",
                deliveries, groups, "what was in memory is lost: the disk refused it to the last"
            );
        }
    }

    /// Says what gave way, now and then; at the end all of it.
    fn tell(&mut self, end: bool) {
        if let Some(sinks) = self.complaints.what_gave_way(Instant::now(), end) {
            warn!(
                event = "signatures.alerts_displaced",
                sinks, "queues are full: the oldest of the least urgent alerts gave way"
            );
        }
    }
}
