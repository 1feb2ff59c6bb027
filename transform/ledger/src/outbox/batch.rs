//! All that is written with one wait for the disk.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use signatures_engine::{GroupId, aggregate::GroupState};

use super::{
    board::{Board, Written, lock},
    requests::Submission,
};
use crate::{
    record::{Changes, write_changes},
    store::{Put, Queued, Standing, StoreError, Waiting, Writing},
};

/// What one transaction is to write.
pub(super) struct Batch<'a> {
    submissions: &'a [Submission],
    /// What became of deliveries.
    recorded: Vec<(i64, Standing)>,
    /// Of each group the latest state.
    groups: HashMap<GroupId, &'a GroupState>,
    /// What changed of incidents and silences.
    changes: &'a Changes,
}

/// What a transaction wrote.
#[derive(Default)]
pub(super) struct Batched {
    /// What each submission came to.
    pub(super) puts: Vec<Put>,
    pub(super) written: Written,
    /// How many groups are left, when they were counted.
    pub(super) groups: Option<u64>,
    /// How many alerts were added, and their size.
    pub(super) added: (u64, u64),
}

impl<'a> Batch<'a> {
    pub(super) fn of(
        submissions: &'a [Submission],
        recorded: Vec<(i64, Standing)>,
        changes: &'a Changes,
    ) -> Self {
        let groups = submissions.iter().flat_map(|submission| &submission.groups);
        let groups = groups.map(|state| (state.id(), state)).collect();
        Self { submissions, recorded, groups, changes }
    }

    /// How many states of groups it writes.
    pub(super) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Writes all of it, keeping the bounds of the sinks, and of the groups if there
    /// may be too many.
    pub(super) fn write(
        &self,
        writing: &Writing<'_>,
        board: &Mutex<Board>,
        bounds: &HashMap<String, u64>,
        most_groups: Option<usize>,
    ) -> Result<Batched, StoreError> {
        for (seq, standing) in &self.recorded {
            writing.settle(*seq, standing)?;
        }
        let mut batched = Batched::default();
        for submission in self.submissions {
            let put = queue(writing, submission, &mut batched)?;
            batched.puts.push(put);
        }
        write_changes(writing.connection(), self.changes)?;
        let now = self.submissions.last().map_or(Timestamp::UNIX_EPOCH, |last| last.now);
        self.make_way(writing, (board, bounds), now, &mut batched)?;
        writing.keep_groups(self.groups.values().copied())?;
        batched.groups = most_groups.map(|most| writing.bound_groups(most)).transpose()?;
        batched.written.recorded.clone_from(&self.recorded);
        Ok(batched)
    }

    fn make_way(
        &self,
        writing: &Writing<'_>,
        (board, bounds): (&Mutex<Board>, &HashMap<String, u64>),
        now: Timestamp,
        batched: &mut Batched,
    ) -> Result<(), StoreError> {
        let queued: Vec<Waiting> =
            batched.written.queued.iter().map(|(waiting, _)| waiting.clone()).collect();
        // Nobody who asks how it is waits for the disk.
        let gone = lock(board).give_way(&queued, bounds);
        for (sink, seq) in gone {
            writing.give_way(seq, now)?;
            batched.written.gone.push(seq);
            // It is told of the first that brought something for that sink.
            let first = self.submissions.iter().position(|s| s.bounds.contains_key(&*sink));
            if let Some(put) = first.and_then(|first| batched.puts.get_mut(first)) {
                put.give_way(&sink, 1);
            }
        }
        Ok(())
    }
}

fn queue(
    writing: &Writing<'_>,
    submission: &Submission,
    batched: &mut Batched,
) -> Result<Put, StoreError> {
    let queued = &mut batched.written.queued;
    let before = queued.len();
    for alert in &submission.alerts {
        let Some(Queued { waiting, bytes }) = writing.queue(alert, submission.now)? else {
            continue;
        };
        batched.added = (batched.added.0 + 1, batched.added.1 + bytes);
        let event: Arc<str> = alert.event.as_str().into();
        queued.extend(waiting.into_iter().map(|waiting| (waiting, Arc::clone(&event))));
    }
    Ok(Put { queued: (queued.len() - before) as u64, gave_way: Vec::new() })
}
