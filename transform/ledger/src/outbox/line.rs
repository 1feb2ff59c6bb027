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
    /// Of those others, by when it was decided to put them off, if that is known.
    put_off: BTreeSet<(Timestamp, i64)>,
    by_urgency: BTreeSet<(u8, i64)>,
    /// What is being sent.
    taken: BTreeSet<i64>,
    bytes: u64,
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

    /// Whether something of that fingerprint waits.
    pub(super) fn has(&self, fingerprint: &str) -> bool {
        self.fingerprints.contains_key(fingerprint)
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
        if !self.waiting.contains_key(&seq) || !self.taken.insert(seq) {
            return None;
        }
        self.unlist(seq);
        self.waiting.get(&seq)
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
        let last = self.taken.len() as u64 + 1;
        while (number > bound.number || bytes > bound.bytes) && number > last {
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
        for times in [&mut self.unripe, &mut self.put_off] {
            let before = mem::take(times).into_iter();
            *times = before.map(|(time, seq)| (moved(time, by), seq)).collect();
        }
    }

    /// Notes whose time has come; also when the clock says that it lies further ahead
    /// than it can have been put off.
    fn ripen(&mut self, now: Timestamp) {
        while let Some((due_at, seq)) = self.unripe.first().copied()
            && due_at <= now
        {
            self.unripe.pop_first();
            self.ripen_one(seq, now);
        }
        while let Some((due_at, seq)) = self.unripe.last().copied()
            && due_at.duration_since(now) > LONGEST_DELAY
        {
            self.unripe.pop_last();
            self.ripen_one(seq, now);
        }
        while let Some((decided_at, seq)) = self.put_off.last().copied()
            && decided_at.duration_since(now) > CLOCK_SET_BACK
        {
            self.put_off.pop_last();
            self.ripen_one(seq, now);
        }
    }

    fn ripen_one(&mut self, seq: i64, now: Timestamp) {
        self.unlist(seq);
        if let Some(waiting) = self.waiting.get_mut(&seq) {
            // So it stays when it is given back.
            waiting.due_at = waiting.due_at.min(now);
            waiting.decided_at = waiting.decided_at.map(|decided_at| decided_at.min(now));
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
            self.put_off.extend(waiting.decided_at.map(|decided_at| (decided_at, seq)));
        }
    }

    fn unlist(&mut self, seq: i64) {
        self.ripe.remove(&seq);
        if let Some(waiting) = self.waiting.get(&seq) {
            self.unripe.remove(&(waiting.due_at, seq));
            if let Some(decided_at) = waiting.decided_at {
                self.put_off.remove(&(decided_at, seq));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;
    const YEAR: i64 = 365 * 24 * HOUR;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    /// One of a fingerprint, put off at one time to another.
    fn waiting(seq: i64, fingerprint: &str, decided_at: i64, due_at: i64) -> Waiting {
        Waiting {
            seq,
            alert: seq,
            sink: "a".into(),
            fingerprint: fingerprint.into(),
            urgency: 4,
            bytes: 10,
            attempts: 1,
            alone: false,
            queued_at: at(0),
            due_at: at(due_at),
            decided_at: Some(at(decided_at)),
            reason: None,
        }
    }

    fn line(waiting: impl IntoIterator<Item = Waiting>) -> Line {
        let mut line = Line::default();
        waiting.into_iter().for_each(|waiting| line.insert(waiting));
        line
    }

    const NONE: [i64; 0] = [];

    fn due(line: &mut Line, second: i64) -> Vec<i64> {
        line.due(at(second)).map(|waiting| waiting.seq).collect()
    }

    #[test]
    fn only_the_first_of_a_fingerprint_is_due_whatever_leaves_and_in_which_order_they_came() {
        let mut line =
            line([3, 1, 2, 4].map(|seq| waiting(seq, if seq == 4 { "g" } else { "f" }, 0, 0)));
        assert_eq!(due(&mut line, 0), [1, 4]);
        line.remove(2);
        assert_eq!(due(&mut line, 0), [1, 4]);
        assert!(line.take(1).is_some() && line.take(1).is_none());
        assert_eq!(due(&mut line, 0), [4]);
        line.give_back(1);
        assert_eq!(due(&mut line, 0), [1, 4]);
        line.take(1);
        line.remove(1);
        assert_eq!(due(&mut line, 0), [3, 4]);
        line.insert(waiting(0, "f", 0, 0));
        assert_eq!(due(&mut line, 0), [0, 4]);
    }

    #[test]
    fn a_clock_that_is_set_back_makes_due_what_was_put_off_by_it() {
        for back in [HOUR, YEAR] {
            let mut line = line([waiting(1, "f", 100, 160)]);
            assert_eq!(due(&mut line, 101), NONE);
            assert_eq!(due(&mut line, 101 - back), [1]);
            // It is due by the new clock that was put off by it.
            line.remove(1);
            line.insert(waiting(3, "f", 110 - back, 120 - back));
            assert_eq!(due(&mut line, 119 - back), NONE);
            assert_eq!(due(&mut line, 120 - back), [3]);
        }
        // One that is kept right runs slower for a moment.
        let mut line = line([waiting(1, "f", 100, 160)]);
        assert_eq!(due(&mut line, 100), NONE);
        assert_eq!(due(&mut line, 99), NONE);
    }

    #[test]
    fn what_was_put_off_by_a_clock_that_is_set_back_is_due_whenever_it_comes() {
        // It was on its way when the clock was set, and the others were moved along.
        let half = HOUR / 2;
        let mut line = line([waiting(1, "f", 0, 60)]);
        assert_eq!(due(&mut line, 0), NONE);
        line.move_along(SignedDuration::from_secs(-half));
        line.insert(waiting(2, "g", 0, 60));
        assert_eq!(due(&mut line, -half), [2]);
        assert_eq!(due(&mut line, 59 - half), [2]);
        assert_eq!(due(&mut line, 60 - half), [1, 2]);
    }

    #[test]
    fn what_is_further_ahead_than_any_delay_is_due_now() {
        let of_disk = |seq, fingerprint, due_at| Waiting {
            decided_at: None,
            ..waiting(seq, fingerprint, 0, due_at)
        };
        let longest = LONGEST_DELAY.as_secs();
        let mut line =
            line([of_disk(1, "f", YEAR), of_disk(2, "g", longest), of_disk(3, "h", longest + 1)]);
        assert_eq!(due(&mut line, 0), [1, 3]);
        assert_eq!(due(&mut line, longest), [1, 2, 3]);
    }

    #[test]
    fn a_clock_that_was_a_year_ahead_once_puts_nothing_off() {
        let mut line = line([waiting(1, "f", 0, 10)]);
        assert_eq!(due(&mut line, YEAR), [1]);
        line.remove(1);
        line.insert(waiting(1, "f", YEAR, YEAR + 10));
        assert_eq!(due(&mut line, YEAR + 1), NONE);
        assert_eq!(due(&mut line, 20), [1]);
    }

    #[test]
    fn way_is_given_by_urgency_and_age_but_never_by_what_is_being_sent_or_the_last() {
        let of = |seq, urgency, bytes| Waiting {
            urgency,
            bytes,
            ..waiting(seq, &seq.to_string(), 0, 0)
        };
        let mut line = line([of(1, 6, 10), of(2, 1, 10), of(3, 4, 10), of(4, 1, 10)]);
        line.take(2);
        let gone = |new: &[Waiting], number, bytes| line.give_way(new, Bound { number, bytes });
        assert_eq!(gone(&[], 4, 40), NONE);
        assert_eq!(gone(&[], 3, 40), [4]);
        assert_eq!(gone(&[], 4, 29), [4, 3]);
        assert_eq!(gone(&[of(5, 0, 10), of(6, 5, 10)], 4, 100), [5, 4]);
        assert_eq!(gone(&[of(5, 9, 99)], 9, 100), [4, 3, 1]);
        let alone = Line::default().give_way(&[of(5, 0, 99)], Bound { number: 0, bytes: 1 });
        assert_eq!(alone, NONE);
    }
}
