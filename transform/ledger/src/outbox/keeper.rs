//! The thread that writes: it alone waits for the disk.

use std::{
    collections::HashMap,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use signatures_alerts::ALERT_EVENT;
use signatures_engine::{Fingerprint, aggregate::GroupState};
use tracing::{error, warn};

use super::{
    batch::{Batch, Batched},
    board::{Board, lock},
    disk::Disk,
    receipt::Answer,
    requests::{Listener, Request, Requests, Submission},
};
use crate::{
    complaints::Complaints,
    groups::KeptGroups,
    metrics,
    state_directory::{Owned, StateDirectory},
    store::{Put, Store, StoreError},
};

/// How often it is looked after what nobody asked for: another process may have
/// changed the queue, or taken the directory away.
const POLL: Duration = Duration::from_millis(500);

/// How long a disk that refused is left alone by what can wait.
const REST: Duration = Duration::from_secs(5);

/// Keeps what is submitted, on disk or in memory.
pub(super) struct Keeper {
    board: Arc<Mutex<Board>>,
    disk: Option<Disk>,
    /// States of groups that the disk refused, of each the latest.
    unsaved: HashMap<Fingerprint, GroupState>,
    /// How many deliveries may wait for each sink, as was last said.
    bounds: HashMap<String, u64>,
    listener: Option<Listener>,
    complaints: Complaints,
    /// The time, as was last said.
    now: Timestamp,
    /// Whether the disk could be read just now.
    reachable: bool,
    /// When the disk refused, if it has done nothing since.
    refused: Option<Instant>,
}

impl Keeper {
    /// Reads what waits, so that it is due at once.
    pub(super) fn new(
        board: Arc<Mutex<Board>>,
        opened: Option<(Store, StateDirectory)>,
        now: Timestamp,
    ) -> Self {
        let disk = opened.map(Disk::new);
        lock(&board).durable = disk.is_some();
        let mut keeper = Self {
            board,
            disk,
            unsaved: HashMap::new(),
            bounds: HashMap::new(),
            listener: None,
            complaints: Complaints::default(),
            now,
            reachable: false,
            refused: None,
        };
        keeper.reachable = keeper.read_changes();
        keeper.read_events();
        keeper
    }

    /// Does what is asked until nothing more will be.
    pub(super) fn serve(&mut self, requests: &Requests) {
        while let Some(asked) = requests.take(POLL) {
            // What was asked is answered with a fault then, and the thread goes on.
            if catch_unwind(AssertUnwindSafe(|| self.round(asked))).is_err() {
                metrics::outbox_failure();
                error!(event = ALERT_EVENT, "the thread that writes alerts failed, and goes on");
            }
        }
        self.catch_up();
        self.tell(true);
        self.tell_what_is_lost();
    }

    fn round(&mut self, asked: Vec<Request>) {
        self.look_after_the_directory();
        // Another that holds the disk has been waited for once then, and is not
        // waited for again.
        self.reachable = self.read_changes();
        let mut submitted = Vec::new();
        for request in asked {
            match request {
                Request::Submit(submission, answer) => submitted.push((submission, answer)),
                other => {
                    // What was asked later is to see what was submitted before.
                    self.keep(mem::take(&mut submitted));
                    self.answer(other);
                }
            }
        }
        self.keep(submitted);
        self.prune();
        if self.refused.is_none_or(|refused| refused.elapsed() >= REST) {
            self.catch_up();
            self.read_events();
        }
        self.tell(false);
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
            #[cfg(test)]
            Request::Do(work) => work(&mut self.disk),
            Request::Submit(..) => {}
        }
    }

    /// Keeps all of it with one wait for the disk.
    fn keep(&mut self, submitted: Vec<(Submission, Answer)>) {
        let Some((last, _)) = submitted.last() else { return };
        self.now = last.now;
        let (submissions, answers): (Vec<_>, Vec<_>) = submitted.into_iter().unzip();
        for submission in &submissions {
            self.bounds.extend(submission.bounds.iter().map(|(sink, most)| (sink.clone(), *most)));
        }
        let puts = self.put(submissions);
        for (put, answer) in puts.into_iter().zip(answers) {
            self.complaints.gave_way(&put.gave_way);
            if put != Put::default() {
                self.listener.iter().for_each(|listener| listener(&put));
            }
            answer.give(Ok(put));
        }
    }

    fn put(&mut self, submissions: Vec<Submission>) -> Vec<Put> {
        match self.write(&submissions) {
            Ok(puts) => puts,
            // One bad row must not take the others with it.
            Err(error) if submissions.len() > 1 && error.may_be_about_the_row() => {
                submissions.into_iter().map(|submission| self.put_one(submission)).collect()
            }
            Err(error) => {
                let refused = submissions.into_iter();
                refused.map(|submission| self.put_in_memory(submission, &error)).collect()
            }
        }
    }

    fn put_one(&mut self, submission: Submission) -> Put {
        match self.write(std::slice::from_ref(&submission)) {
            Ok(puts) => puts.into_iter().next().unwrap_or_default(),
            Err(error) => self.put_in_memory(submission, &error),
        }
    }

    /// Writes to disk what was submitted, and what became of deliveries since.
    fn write(&mut self, submissions: &[Submission]) -> Result<Vec<Put>, StoreError> {
        let disk = self.disk.as_mut().filter(|_| self.reachable);
        let Some(disk) = disk else { return Err(StoreError::Unavailable) };
        let batch = Batch::of(submissions, lock(&self.board).unrecorded());
        let most_groups = disk.wrote_groups(batch.groups());
        let (board, bounds) = (&*self.board, &self.bounds);
        let written = disk.attempt(|store| {
            store.write(|writing| batch.write(writing, board, bounds, most_groups))
        });
        self.note(&written);
        let Batched { puts, written, groups } = written?;
        if let Some(disk) = &mut self.disk {
            let mut alerts: Vec<_> =
                written.queued.iter().map(|(w, _)| (w.alert, w.bytes)).collect();
            alerts.dedup();
            disk.added(alerts.len() as u64, alerts.iter().map(|(_, bytes)| bytes).sum());
            groups.into_iter().for_each(|groups| disk.counted_groups(groups as usize));
        }
        for state in submissions.iter().flat_map(|submission| &submission.groups) {
            self.unsaved.remove(&state.fingerprint());
        }
        lock(&self.board).wrote(written);
        Ok(puts)
    }

    /// Queues in memory what the disk refused.
    fn put_in_memory(&mut self, submission: Submission, error: &StoreError) -> Put {
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
                if self.unsaved.len() < most || self.unsaved.contains_key(&state.fingerprint()) {
                    self.unsaved.insert(state.fingerprint(), state);
                }
            }
        }
        lock(&self.board).put_in_memory(alerts, &bounds, now)
    }

    /// Brings to the disk what it was not told yet: what became of deliveries, states
    /// of groups, and what waits in memory.
    fn catch_up(&mut self) {
        let (behind, recorded) = {
            let board = lock(&self.board);
            (board.is_behind() || !self.unsaved.is_empty(), board.has_unrecorded())
        };
        if !self.reachable || !behind {
            return;
        }
        if recorded && let Err(error) = self.write(&[]) {
            return self.complaints.about("a restart would repeat recent alerts", &error);
        }
        if !self.unsaved.is_empty() {
            let groups = self.unsaved.values().cloned().collect();
            let (alerts, bounds, now) = (Vec::new(), HashMap::new(), self.now);
            if let Err(error) = self.write(&[Submission { alerts, groups, bounds, now }]) {
                return self.complaints.about("a restart would forget recent counts", &error);
            }
        }
        if let Err(error) = self.move_to_disk() {
            self.complaints.about("alerts stay in memory", &error);
        }
        self.prune();
    }

    fn move_to_disk(&mut self) -> Result<(), StoreError> {
        let movable = lock(&self.board).memory.movable();
        let Some(disk) = self.disk.as_mut().filter(|_| !movable.is_empty()) else { return Ok(()) };
        let moved = disk.attempt(|store| {
            store.write(|writing| movable.iter().try_for_each(|(_, kept)| writing.take_over(kept)))
        });
        self.note(&moved);
        moved?;
        {
            let mut board = lock(&self.board);
            movable.iter().for_each(|(alert, _)| board.memory.let_go(*alert));
        }
        self.read_again();
        Ok(())
    }

    /// Takes away old history, idle groups, and what they took of the disk.
    fn maintain(&mut self, now: Timestamp) {
        let set_back = now < mem::replace(&mut self.now, now);
        self.catch_up();
        let Some(disk) = &mut self.disk else { return };
        let most_groups = disk.most_groups;
        let done = disk.attempt(|store| {
            if set_back {
                // Those that came later than now would be kept until then.
                store.groups(most_groups, now)?;
            }
            store.prune_groups(now)?;
            store.leave_write_ahead()?;
            store.shrink()
        });
        if let Err(error) = done {
            self.complaints.about("old history stays", &error);
        }
        self.prune();
    }

    fn move_along(&mut self, by: SignedDuration) {
        let Some(disk) = &mut self.disk else { return };
        let moved = disk.attempt(|store| store.write(|writing| writing.move_along(by)));
        if let Err(error) = moved {
            self.complaints.about("alerts may be given up early or late", &error);
        }
    }

    fn prune(&mut self) {
        let Some(disk) = &mut self.disk else { return };
        let waiting = lock(&self.board).disk.size();
        match disk.prune(waiting) {
            Ok(None) => {}
            Ok(Some(counts)) => lock(&self.board).set_counts(counts),
            Err(error) => self.complaints.about("old history stays", &error),
        }
    }

    /// The states of groups that were kept.
    fn groups(&mut self, now: Timestamp) -> KeptGroups {
        self.now = now;
        let Some(disk) = &mut self.disk else { return KeptGroups::default() };
        let most = disk.most_groups;
        let kept = disk.attempt(|store| store.groups(most, now)).unwrap_or_else(|error| {
            self.complaints.about("counts and cooldowns of the last run are lost", &error);
            KeptGroups::default()
        });
        disk.counted_groups(kept.states.len());
        if let Err(error) = disk.attempt(Store::make_shrinkable) {
            self.complaints.about("the file stays as large as it is", &error);
        }
        kept
    }

    /// Reads what waits, if another process changed it.
    /// Says whether the disk could be read.
    fn read_changes(&mut self) -> bool {
        let Some(disk) = &mut self.disk else { return false };
        let changes = disk.read_changes(self.now);
        let reachable = changes.is_ok();
        match changes {
            Ok(None) => {}
            Ok(Some(read)) => {
                tell_unreadable(&read.unreadable);
                let events = {
                    let mut board = lock(&self.board);
                    board.read(read);
                    board.read_ahead()
                };
                if events {
                    self.read_events();
                }
                self.listener.iter().for_each(|listener| listener(&Put::default()));
            }
            Err(error) => {
                self.complaints.about("what other processes changed is not seen", &error);
                self.give_up_where_it_fails();
            }
        }
        reachable
    }

    fn read_again(&mut self) {
        if let Some(disk) = &mut self.disk {
            disk.forget_version();
        }
        self.read_changes();
    }

    /// Reads the events that are wanted, so that what waits for that may be sent.
    fn read_events(&mut self) {
        let Some(disk) = &mut self.disk else { return };
        let wanted = lock(&self.board).take_to_read();
        let any = !wanted.is_empty();
        for alert in wanted {
            match disk.attempt(|store| store.event(alert)) {
                Ok(Ok(event)) => lock(&self.board).disk.keep_event(alert, event.into()),
                Ok(Err(reason)) => {
                    let now = self.now;
                    let aside = disk.attempt(|store| {
                        store.write(|writing| writing.set_aside(alert, &reason, now))
                    });
                    if let Err(error) = aside {
                        return self.complaints.about("what waits there is not sent", &error);
                    }
                    lock(&self.board).set_aside(alert);
                    tell_unreadable(&[reason]);
                }
                Err(error) => {
                    return self.complaints.about("what waits there is not sent", &error);
                }
            }
        }
        if any {
            self.listener.iter().for_each(|listener| listener(&Put::default()));
        }
    }

    /// Notes whether the disk was written.
    fn note<T>(&mut self, written: &Result<T, StoreError>) {
        self.refused = written.is_err().then(Instant::now);
        self.give_up_where_it_fails();
    }

    /// Goes on without the disk when this program cannot use it.
    fn give_up_where_it_fails(&mut self) {
        let Some(disk) = self.disk.take_if(|disk| disk.is_given_up()) else { return };
        error!(
            event = ALERT_EVENT, path = %disk.path(),
            "the database of alerts is left alone after too many faults of this program: alerts and \
             cooldowns are kept in memory only; what waits in it is sent after a restart"
        );
        self.reachable = false;
        self.unsaved.clear();
        lock(&self.board).give_disk_up();
    }

    /// Sees to it that no other process owns the directory.
    fn look_after_the_directory(&mut self) {
        let Some(disk) = &mut self.disk else { return };
        match disk.check() {
            Owned::Yes => {}
            Owned::LockFileMadeAgain => {
                metrics::state_directory_lost();
                error!(event = ALERT_EVENT, path = %disk.path(),
                    "the lock file of the state directory was deleted: it is there again");
            }
            Owned::Shared => {
                metrics::state_directory_lost();
                let error = "another process holds its lock";
                self.complaints.about("the state directory is used by two processes", &error);
            }
            Owned::Lost => match disk.recover(self.now) {
                Ok(()) => {
                    metrics::state_directory_lost();
                    error!(event = ALERT_EVENT, path = %disk.path(),
                        "the database of alerts was deleted or replaced while it was in use: it is \
                         there again, with all that was in it");
                }
                Err(error) => {
                    metrics::state_directory_lost();
                    self.complaints.about(
                        "it was deleted or replaced while it was in use, and cannot be put back",
                        &error,
                    );
                }
            },
        }
    }

    /// Says what the end takes that the disk refused to the last.
    fn tell_what_is_lost(&self) {
        let deliveries = lock(&self.board).memory.queue.len();
        let groups = self.unsaved.len();
        if self.disk.is_some() && (deliveries > 0 || groups > 0) {
            error!(
                event = ALERT_EVENT,
                deliveries, groups, "what was in memory is lost: the disk refused it to the last"
            );
        }
    }

    /// Says what gave way, now and then; at the end all of it.
    fn tell(&mut self, end: bool) {
        if let Some(sinks) = self.complaints.what_gave_way(Instant::now(), end) {
            warn!(
                event = ALERT_EVENT,
                sinks, "queues are full: the oldest of the least urgent alerts gave way"
            );
        }
    }
}

/// Of alerts that cannot be read the log is told why.
fn tell_unreadable(reasons: &[String]) {
    let Some(first) = reasons.first() else { return };
    metrics::unreadable_alerts(reasons.len());
    error!(
        event = ALERT_EVENT,
        deliveries = reasons.len(),
        first,
        "some alerts that waited cannot be read: they lie with the dead letters"
    );
}
