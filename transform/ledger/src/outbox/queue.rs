//! What waits in one place, the disk or the memory, as the process knows it:
//! whoever asks what is due never waits for a disk.

use std::{collections::HashMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use super::line::{Bound, Line};
use crate::store::{Counts, Delivery, Outcome, Standing, State, Waiting};

/// What waits in one place, and how much does not any more.
#[derive(Debug, Default)]
pub(super) struct Queue {
    lines: HashMap<Arc<str>, Line>,
    /// For which sink each delivery is.
    sinks: HashMap<i64, Arc<str>>,
    alerts: HashMap<i64, QueuedAlert>,
    /// How many deliveries stand where, those that wait aside.
    counts: Counts,
    /// The size of the alerts that wait.
    bytes: u64,
    /// The size of those events that are at hand.
    at_hand: u64,
}

/// An alert that waits for a sink at least.
#[derive(Debug)]
struct QueuedAlert {
    deliveries: Vec<i64>,
    bytes: u64,
    event: Option<Arc<str>>,
}

/// How many bytes of the events on disk are at hand. The others are read when
/// their time has come.
const AT_HAND: u64 = 16 << 20;

impl Queue {
    /// As it was read, with the events that are at hand already.
    pub(super) fn read(waiting: Vec<Waiting>, counts: Counts, before: &Self) -> Self {
        let mut queue = Self { counts, ..Self::default() };
        for mut waiting in waiting {
            if let Some(known) = before.get(waiting.seq) {
                waiting.decided_at = known.decided_at.or(waiting.decided_at);
                waiting.queued_at = known.queued_at.min(waiting.queued_at);
            }
            let event = before.alerts.get(&waiting.alert).and_then(|alert| alert.event.clone());
            let seq = waiting.seq;
            queue.insert(waiting, event);
            if before.is_taken(seq)
                && let Some(line) = queue.line_of(seq)
            {
                line.take(seq);
            }
        }
        queue
    }

    pub(super) fn insert(&mut self, waiting: Waiting, event: Option<Arc<str>>) {
        let event = event.filter(|event| self.at_hand + event.len() as u64 <= AT_HAND);
        self.insert_whole(waiting, event);
    }

    /// With its event, however many are at hand already.
    pub(super) fn insert_whole(&mut self, waiting: Waiting, event: Option<Arc<str>>) {
        let alert = self.alerts.entry(waiting.alert).or_insert_with(|| {
            self.bytes += waiting.bytes;
            QueuedAlert { deliveries: Vec::new(), bytes: waiting.bytes, event: None }
        });
        alert.deliveries.push(waiting.seq);
        if let (None, Some(event)) = (&alert.event, event) {
            self.at_hand += event.len() as u64;
            alert.event = Some(event);
        }
        self.sinks.insert(waiting.seq, Arc::clone(&waiting.sink));
        self.lines.entry(Arc::clone(&waiting.sink)).or_default().insert(waiting);
    }

    /// Takes one out of the queue.
    pub(super) fn remove(&mut self, seq: i64) -> Option<Waiting> {
        let sink = self.sinks.remove(&seq)?;
        let waiting = self.lines.get_mut(&sink)?.remove(seq)?;
        if let Some(alert) = self.alerts.get_mut(&waiting.alert) {
            alert.deliveries.retain(|delivery| *delivery != seq);
            if alert.deliveries.is_empty() {
                self.bytes -= alert.bytes;
                self.at_hand -= alert.event.as_ref().map_or(0, |event| event.len() as u64);
                self.alerts.remove(&waiting.alert);
            }
        }
        Some(waiting)
    }

    /// Takes one out of the queue because of what became of it.
    pub(super) fn leave(&mut self, seq: i64, state: State) -> Option<Waiting> {
        let waiting = self.remove(seq)?;
        self.counted(&waiting.sink, state);
        Some(waiting)
    }

    /// Counts one more that stands there, unless it waits.
    pub(super) fn counted(&mut self, sink: &str, state: State) {
        if state != State::Queued {
            let counts = self.counts.entry(sink.to_owned()).or_default();
            *counts.entry(state).or_default() += 1;
        }
    }

    /// Up to `limit` that may be sent now, oldest first, and the alerts whose events
    /// have to be read before more may.
    pub(super) fn due(&mut self, sink: &str, now: Timestamp, limit: usize) -> (Vec<i64>, Vec<i64>) {
        let (mut due, mut to_read) = (Vec::new(), Vec::new());
        let Self { lines, alerts, .. } = self;
        let Some(line) = lines.get_mut(sink) else { return (due, to_read) };
        for waiting in line.due(now) {
            if due.len() >= limit || to_read.len() >= limit {
                break;
            }
            match alerts.get(&waiting.alert).and_then(|alert| alert.event.as_ref()) {
                Some(_) => due.push(waiting.seq),
                None => to_read.push(waiting.alert),
            }
        }
        (due, to_read)
    }

    /// Takes one to be sent, if it waits, its event is at hand, and nobody has.
    pub(super) fn take(&mut self, seq: i64) -> Option<Delivery> {
        let sink = self.sinks.get(&seq)?;
        let line = self.lines.get_mut(sink)?;
        let event = self.alerts.get(&line.get(seq)?.alert)?.event.as_ref()?;
        let Waiting { attempts, alone, queued_at, .. } = *line.take(seq)?;
        Some(Delivery { seq, attempts, alone, queued_at, event: event.to_string() })
    }

    pub(super) fn give_back(&mut self, seq: i64) {
        if let Some(line) = self.line_of(seq) {
            line.give_back(seq);
        }
    }

    /// Goes on by what became of one, and says where it stands now; none when it is
    /// not queued any more.
    pub(super) fn settle(
        &mut self,
        seq: i64,
        outcome: Outcome,
        now: Timestamp,
    ) -> Option<Standing> {
        let line = self.line_of(seq)?;
        let attempts = line.get(seq)?.attempts.saturating_add(1);
        let settled = |state, reason| Standing {
            state,
            attempts,
            alone: false,
            due_at: now,
            settled_at: Some(now),
            reason,
        };
        match outcome {
            Outcome::Sent => self.leave(seq, State::Sent).map(|_| settled(State::Sent, None)),
            Outcome::Dead { reason } => {
                self.leave(seq, State::Dead).map(|_| settled(State::Dead, Some(reason)))
            }
            Outcome::Retry { at, reason, alone } => {
                let mut waiting = line.remove(seq)?;
                waiting.attempts = attempts;
                waiting.alone |= alone;
                (waiting.due_at, waiting.decided_at) = (at, Some(now));
                // Queued by a clock that was ahead, it would be tried until then too.
                waiting.queued_at = waiting.queued_at.min(now);
                waiting.reason = Some(reason.clone());
                let standing = waiting.standing();
                line.insert(waiting);
                Some(standing)
            }
        }
    }

    /// Goes by a time of day that was set by so much.
    pub(super) fn move_along(&mut self, by: SignedDuration) {
        self.lines.values_mut().for_each(|line| line.move_along(by));
    }

    /// All that waits: for each sink in order.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.lines.values().flat_map(Line::iter)
    }

    /// All that waits, and where it stands.
    pub(super) fn standings(&self) -> impl Iterator<Item = (i64, (Arc<str>, Standing))> {
        self.waiting().map(|waiting| (waiting.seq, (Arc::clone(&waiting.sink), waiting.standing())))
    }

    /// Gives one up that was not even tried, and says where it stands now.
    pub(super) fn give_up(&mut self, seq: i64, reason: &str, now: Timestamp) -> Option<Standing> {
        let waiting = self.leave(seq, State::Dead)?;
        let (state, settled_at) = (State::Dead, Some(now));
        Some(Standing { state, settled_at, reason: Some(reason.to_owned()), ..waiting.standing() })
    }

    /// Goes on by what the database could not be told yet.
    pub(super) fn stands(&mut self, seq: i64, standing: &Standing) {
        if standing.state != State::Queued {
            self.leave(seq, standing.state);
            return;
        }
        let Some(line) = self.line_of(seq) else { return };
        let taken = line.is_taken(seq);
        let Some(mut waiting) = line.remove(seq) else { return };
        (waiting.attempts, waiting.alone) = (standing.attempts, standing.alone);
        waiting.due_at = standing.due_at;
        line.insert(waiting);
        if taken {
            line.take(seq);
        }
    }

    /// What gives way to what is new: see [`Line::give_way`].
    pub(super) fn give_way(&self, sink: &str, new: &[Waiting], bound: Bound) -> Vec<i64> {
        match self.lines.get(sink) {
            Some(line) => line.give_way(new, bound),
            None => Line::default().give_way(new, bound),
        }
    }

    /// How many deliveries of a sink stand there.
    pub(super) fn count(&self, sink: &str, state: State) -> u64 {
        match state {
            State::Queued => self.lines.get(sink).map_or(0, Line::len),
            other => self.counts.get(sink).and_then(|c| c.get(&other)).copied().unwrap_or_default(),
        }
    }

    /// What waits for sinks other than these, but what is being sent.
    pub(super) fn of_other_sinks(&self, known: &[&str]) -> Vec<i64> {
        let lines = self.lines.iter().filter(|(sink, _)| !known.contains(&&***sink));
        let waiting = lines.flat_map(|(_, line)| {
            line.iter().map(|waiting| waiting.seq).filter(|seq| !line.is_taken(*seq))
        });
        waiting.collect()
    }

    /// How many alerts wait, and their size.
    pub(super) fn size(&self) -> (u64, u64) {
        (self.alerts.len() as u64, self.bytes)
    }

    /// Whether something of that fingerprint waits for a sink.
    pub(super) fn is_waiting(&self, sink: &str, fingerprint: &str) -> bool {
        self.lines.get(sink).is_some_and(|line| line.has(fingerprint))
    }

    /// How many deliveries wait.
    pub(super) fn len(&self) -> usize {
        self.sinks.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sinks.is_empty()
    }

    pub(super) fn set_counts(&mut self, counts: Counts) {
        self.counts = counts;
    }

    /// Counts one less that stands there: it stands elsewhere now.
    pub(super) fn uncount(&mut self, sink: &str, state: State) {
        let count = self.counts.get_mut(sink).and_then(|counts| counts.get_mut(&state));
        count.into_iter().for_each(|count| *count = count.saturating_sub(1));
    }

    /// The first alerts whose events are not at hand, as many as fit.
    pub(super) fn not_at_hand(&self) -> Vec<i64> {
        let mut missing: Vec<_> = (self.alerts.iter())
            .filter(|(_, alert)| alert.event.is_none())
            .map(|(seq, alert)| (*seq, alert.bytes))
            .collect();
        missing.sort_unstable();
        let mut bytes = self.at_hand;
        let fits = missing.into_iter().take_while(|(_, size)| {
            bytes += size;
            bytes <= AT_HAND
        });
        fits.map(|(seq, _)| seq).collect()
    }

    /// Has an event at hand; others are put away where there is no room.
    pub(super) fn keep_event(&mut self, alert: i64, event: Arc<str>) {
        let size = event.len() as u64;
        if self.at_hand + size > AT_HAND {
            self.alerts.values_mut().for_each(|alert| alert.event = None);
            self.at_hand = 0;
        }
        if let Some(alert) = self.alerts.get_mut(&alert)
            && alert.event.is_none()
        {
            alert.event = Some(event);
            self.at_hand += size;
        }
    }

    /// What waits of an alert.
    pub(super) fn of_alert(&self, alert: i64) -> Vec<i64> {
        self.alerts.get(&alert).map_or_else(Vec::new, |alert| alert.deliveries.clone())
    }

    pub(super) fn get(&self, seq: i64) -> Option<&Waiting> {
        self.lines.get(self.sinks.get(&seq)?)?.get(seq)
    }

    pub(super) fn is_taken(&self, seq: i64) -> bool {
        let line = self.sinks.get(&seq).and_then(|sink| self.lines.get(sink));
        line.is_some_and(|line| line.is_taken(seq))
    }

    /// The event of an alert that is at hand.
    pub(super) fn event(&self, alert: i64) -> Option<Arc<str>> {
        self.alerts.get(&alert)?.event.clone()
    }

    fn line_of(&mut self, seq: i64) -> Option<&mut Line> {
        self.lines.get_mut(self.sinks.get(&seq)?)
    }
}
