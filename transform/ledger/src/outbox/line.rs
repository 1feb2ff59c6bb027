//! What waits for one sink: what is due, and what would give way.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    mem,
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};

use crate::store::{Waiting, moved};

/// No delivery is put off for longer: a time further ahead was written by a clock
/// that was wrong. A service is waited for no longer when it asks for a pause.
const LONGEST_DELAY: SignedDuration = SignedDuration::from_mins(65);

/// A clock that is set back by less than this is one that is kept right.
const CLOCK_SET_BACK: SignedDuration = SignedDuration::from_secs(1);

/// How much may wait for one sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) number: u64,
    pub(super) bytes: u64,
}

/// What waits for one sink, in order.
#[derive(Debug, Default)]
pub(super) struct Line {
    waiting: BTreeMap<i64, Waiting>,
    /// Of each fingerprint what waits: only the first may be sent.
    fingerprints: HashMap<Arc<str>, BTreeSet<i64>>,
    /// The first of each fingerprint: those whose time has come, and the others by
    /// when it comes.
    ripe: BTreeSet<i64>,
    unripe: BTreeSet<(Timestamp, i64)>,
    by_urgency: BTreeSet<(u8, i64)>,
    /// What is being sent.
    taken: BTreeSet<i64>,
    bytes: u64,
    asked: Option<Timestamp>,
}

impl Line {
    pub(super) fn len(&self) -> u64 {
        self.waiting.len() as u64
    }

    pub(super) fn get(&self, seq: i64) -> Option<&Waiting> {
        self.waiting.get(&seq)
    }

    pub(super) fn is_taken(&self, seq: i64) -> bool {
        self.taken.contains(&seq)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.values()
    }

    pub(super) fn insert(&mut self, waiting: Waiting) {
        let seq = waiting.seq;
        self.by_urgency.insert((waiting.urgency, seq));
        self.bytes += waiting.bytes;
        let fingerprint = Arc::clone(&waiting.fingerprint);
        self.waiting.insert(seq, waiting);
        let same = self.fingerprints.entry(fingerprint).or_default();
        let before = same.first().copied();
        same.insert(seq);
        if before.is_none_or(|before| seq < before) {
            before.into_iter().for_each(|before| self.unlist(before));
            self.list(seq);
        }
    }

    pub(super) fn remove(&mut self, seq: i64) -> Option<Waiting> {
        self.unlist(seq);
        self.taken.remove(&seq);
        let waiting = self.waiting.remove(&seq)?;
        self.by_urgency.remove(&(waiting.urgency, seq));
        self.bytes -= waiting.bytes;
        if let Some(same) = self.fingerprints.get_mut(&waiting.fingerprint) {
            let was_first = same.first() == Some(&seq);
            same.remove(&seq);
            match same.first().copied() {
                None => drop(self.fingerprints.remove(&waiting.fingerprint)),
                Some(next) if was_first => self.list(next),
                Some(_) => {}
            }
        }
        Some(waiting)
    }

    /// What may be sent now and is not being sent, oldest first.
    pub(super) fn due(&mut self, now: Timestamp) -> impl Iterator<Item = &Waiting> {
        self.ripen(now);
        self.ripe.iter().filter_map(|seq| self.waiting.get(seq))
    }

    /// Takes one to be sent, if nobody has.
    pub(super) fn take(&mut self, seq: i64) -> Option<&Waiting> {
        let waiting = self.waiting.get(&seq)?;
        if !self.taken.insert(seq) {
            return None;
        }
        self.ripe.remove(&seq);
        self.unripe.remove(&(waiting.due_at, seq));
        Some(waiting)
    }

    pub(super) fn give_back(&mut self, seq: i64) {
        if self.taken.remove(&seq) {
            self.list(seq);
        }
    }

    /// What gives way so that, with what is new, no more waits than may: of the
    /// least urgent the oldest first, never what is being sent, and never the last.
    pub(super) fn give_way<'a>(&'a self, new: &'a [Waiting], bound: Bound) -> Vec<i64> {
        let mut number = self.len() + new.len() as u64;
        let mut bytes = self.bytes + new.iter().map(|new| new.bytes).sum::<u64>();
        let mut new: Vec<_> = new.iter().map(|new| (new.urgency, new.seq, new.bytes)).collect();
        new.sort_unstable();
        let waiting = self.by_urgency.iter().filter(|(_, seq)| !self.taken.contains(seq));
        let waiting = waiting
            .filter_map(|(urgency, seq)| Some((*urgency, *seq, self.waiting.get(seq)?.bytes)));
        let (mut waiting, mut new) = (waiting.peekable(), new.into_iter().peekable());
        let mut gone = Vec::new();
        while (number > bound.number || bytes > bound.bytes) && number > 1 {
            let older = match (waiting.peek(), new.peek()) {
                (Some(waiting), Some(new)) => waiting < new,
                (Some(_), None) => true,
                (None, _) => false,
            };
            let Some((_, seq, size)) = (if older { waiting.next() } else { new.next() }) else {
                break;
            };
            gone.push(seq);
            (number, bytes) = (number - 1, bytes.saturating_sub(size));
        }
        gone
    }

    /// Goes by a time of day that was set by so much: each waits as long as it was
    /// to.
    pub(super) fn move_along(&mut self, by: SignedDuration) {
        self.waiting.values_mut().for_each(|waiting| waiting.move_along(by));
        let unripe = mem::take(&mut self.unripe).into_iter();
        self.unripe = unripe.map(|(due_at, seq)| (moved(due_at, by), seq)).collect();
        self.asked = self.asked.map(|asked| moved(asked, by));
    }

    /// Notes whose time has come.
    fn ripen(&mut self, now: Timestamp) {
        let set_back = self.asked.is_some_and(|asked| now < asked);
        self.asked = Some(now);
        if set_back {
            let ripe = |(_, seq): &(Timestamp, i64)| {
                self.waiting.get(seq).is_none_or(|waiting| is_due(waiting, now))
            };
            let ripe: Vec<_> = self.unripe.extract_if(.., ripe).map(|(_, seq)| seq).collect();
            self.ripe.extend(ripe);
        }
        while let Some((due_at, seq)) = self.unripe.first().copied()
            && due_at <= now
        {
            self.unripe.pop_first();
            self.ripe.insert(seq);
        }
        while let Some((due_at, seq)) = self.unripe.last().copied()
            && due_at.duration_since(now) > LONGEST_DELAY
        {
            self.unripe.pop_last();
            self.ripe.insert(seq);
        }
    }

    /// Makes one due in its time.
    fn list(&mut self, seq: i64) {
        if self.taken.contains(&seq) {
            return;
        }
        if let Some(waiting) = self.waiting.get(&seq) {
            self.unripe.insert((waiting.due_at, seq));
        }
    }

    fn unlist(&mut self, seq: i64) {
        self.ripe.remove(&seq);
        if let Some(waiting) = self.waiting.get(&seq) {
            self.unripe.remove(&(waiting.due_at, seq));
        }
    }
}

/// Whether its time has come; also when the clock says that it lies further ahead
/// than it was put off.
fn is_due(waiting: &Waiting, now: Timestamp) -> bool {
    let set_back = |decided_at: Timestamp| decided_at.duration_since(now) > CLOCK_SET_BACK;
    waiting.due_at <= now || waiting.decided_at.is_some_and(set_back)
}
