//! What waits in memory: everything where there is no disk, and otherwise what the
//! disk refused, until it takes it.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    mem,
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};

use super::{line::Bound, lost::Lost, queue::Queue};
use crate::store::{
    AlertKind, HeldAt, KeptAlert, NewAlert, Outcome, Put, Standing, State, Waiting, moved,
};

/// How many bytes may wait in memory for one sink.
const MOST_BYTES: u64 = 16 << 20;

/// Dead letters in memory, which the disk is to have.
const MOST_DEAD_BYTES: u64 = 4 << 20;

/// So many alerts that came last are known by their ids.
const KNOWN: usize = 10_000;

/// A delivery that was given up: as it waited, its event, and where it stands.
type DeadLetter = (Waiting, Arc<str>, Standing);

/// What is known of an alert beside its deliveries.
#[derive(Debug)]
struct Origin {
    id: String,
    queued_at: Timestamp,
    held: Vec<HeldAt>,
    kind: AlertKind,
    incident: Option<String>,
}

/// Where a delivery stands, by its alert and sink.
pub(super) type Mirrored = (String, Arc<str>, Standing);

/// How many of those are remembered that nobody asked for.
const MOST_MIRRORED: usize = 10_000;

/// The queue in memory.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) queue: Queue,
    last: i64,
    alerts: BTreeMap<i64, Origin>,
    /// What was given up, of each alert, so that it lies with the dead letters once
    /// the disk takes it.
    dead: BTreeMap<i64, Vec<DeadLetter>>,
    dead_bytes: u64,
    /// Of what was given up, that which is kept nowhere: there is no disk that could
    /// have it, or too much of it.
    forgotten: BTreeMap<Arc<str>, Lost>,
    known: HashSet<String>,
    latest: VecDeque<String>,
    /// What became of deliveries since that was last asked.
    mirrored: Vec<Mirrored>,
}

impl Memory {
    /// Queues alerts; within a bound of numbers for each sink, and one of bytes.
    pub(super) fn put(
        &mut self,
        alerts: Vec<NewAlert>,
        bounds: &HashMap<String, u64>,
        now: Timestamp,
    ) -> Put {
        let mut put = Put::default();
        for alert in alerts {
            for queued in self.queue_alert(alert, now) {
                put.queued += 1;
                let number = bounds.get(&*queued).copied().unwrap_or(u64::MAX);
                let bound = Bound { number, bytes: MOST_BYTES };
                let gone = self.queue.give_way(&queued, &[], bound);
                for seq in &gone {
                    let left = self.queue.leave(*seq, State::Dropped);
                    if let Some(left) = &left {
                        self.mirror(left, left.gave_way(now));
                    }
                    self.forget(left.map(|waiting| waiting.alert));
                }
                put.give_way(&queued, gone.len() as u64);
            }
        }
        put
    }

    /// Queues an alert, and says for which sinks.
    fn queue_alert(&mut self, alert: NewAlert, now: Timestamp) -> Vec<Arc<str>> {
        let NewAlert { id, fingerprint, urgency, event, sinks, held, kind, incident } = alert;
        if !self.is_new(&id) || sinks.is_empty() {
            return Vec::new();
        }
        self.last += 1;
        let (alert, fingerprint, event): (_, Arc<str>, Arc<str>) =
            (self.last, fingerprint.into(), event.into());
        self.alerts.insert(alert, Origin { id, queued_at: now, held, kind, incident });
        let sinks: Vec<Arc<str>> = sinks.into_iter().map(Arc::from).collect();
        for sink in &sinks {
            self.last += 1;
            let of = (&fingerprint, urgency, event.len() as u64);
            let waiting =
                Waiting { seq: self.last, ..Waiting::new(alert, Arc::clone(sink), of, now) };
            self.queue.insert_whole(waiting, Some(Arc::clone(&event)));
        }
        sinks
    }

    fn is_new(&mut self, id: &str) -> bool {
        let new = self.known.insert(id.to_owned());
        if new {
            self.latest.push_back(id.to_owned());
            if self.latest.len() > KNOWN
                && let Some(oldest) = self.latest.pop_front()
            {
                self.known.remove(&oldest);
            }
        }
        new
    }

    /// Goes on by what became of a delivery. A dead letter is kept where a disk is to
    /// have it.
    pub(super) fn settle(&mut self, seq: i64, outcome: Outcome, now: Timestamp, keep_dead: bool) {
        self.go_on(seq, keep_dead, |queue| queue.settle(seq, outcome, now));
    }

    /// Gives a delivery up that was not even tried.
    pub(super) fn give_up(&mut self, seq: i64, reason: &str, now: Timestamp, keep_dead: bool) {
        self.go_on(seq, keep_dead, |queue| queue.give_up(seq, reason, now));
    }

    /// Goes by a time of day that was set by so much.
    pub(super) fn move_along(&mut self, by: SignedDuration) {
        self.queue.move_along(by);
        for origin in self.alerts.values_mut() {
            origin.queued_at = moved(origin.queued_at, by);
        }
    }

    fn go_on(
        &mut self,
        seq: i64,
        keep_dead: bool,
        change: impl FnOnce(&mut Queue) -> Option<Standing>,
    ) {
        let before = self.queue.get(seq).cloned();
        let event = before.as_ref().and_then(|waiting| self.queue.event(waiting.alert));
        let standing = change(&mut self.queue);
        let (Some(before), Some(event), Some(standing)) = (before, event, standing) else { return };
        let alert = before.alert;
        self.mirror(&before, standing.clone());
        match standing.state {
            State::Dead if keep_dead => self.bury(before, event, standing),
            State::Dead => self.forgotten.entry(before.sink).or_default().add(&event),
            _ => {}
        }
        self.forget(Some(alert));
    }

    fn mirror(&mut self, waiting: &Waiting, standing: Standing) {
        if self.mirrored.len() < MOST_MIRRORED
            && let Some(origin) = self.alerts.get(&waiting.alert)
        {
            self.mirrored.push((origin.id.clone(), Arc::clone(&waiting.sink), standing));
        }
    }

    /// What became of deliveries since this was last asked.
    pub(super) fn take_mirrored(&mut self) -> Vec<Mirrored> {
        mem::take(&mut self.mirrored)
    }

    fn bury(&mut self, waiting: Waiting, event: Arc<str>, standing: Standing) {
        self.dead_bytes += waiting.bytes;
        self.dead.entry(waiting.alert).or_default().push((waiting, event, standing));
        while self.dead_bytes > MOST_DEAD_BYTES
            && let Some((oldest, dead)) = self.dead.pop_first()
        {
            self.dead_bytes -= size(&dead);
            for (waiting, event, _) in dead {
                self.forgotten.entry(waiting.sink).or_default().add(&event);
            }
            self.forget(Some(oldest));
        }
    }

    /// What is lost when it ends now: what was given up and what waits, by sink.
    pub(super) fn lost(&self) -> BTreeMap<String, Lost> {
        let mut lost: BTreeMap<_, _> =
            self.forgotten.iter().map(|(sink, lost)| (sink.to_string(), lost.clone())).collect();
        let dead = self.dead.values().flatten().map(|(dead, event, _)| (dead, Arc::clone(event)));
        let waiting = self.queue.waiting();
        let waiting =
            waiting.filter_map(|waiting| Some((waiting, self.queue.event(waiting.alert)?)));
        for (waiting, event) in dead.chain(waiting) {
            lost.entry(waiting.sink.to_string()).or_default().add(&event);
        }
        lost
    }

    /// Whether there is anything that a disk should have.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty() && self.dead.is_empty()
    }

    /// Takes the alerts none of which is being sent, so that nobody sends them while a
    /// disk takes them over: as it does, with the numbers by which to
    /// [let them go](Self::let_go), or to [give them back](Self::give_back).
    pub(super) fn take_movable(&mut self) -> Vec<(i64, KeptAlert)> {
        let movable = self.alerts.iter().filter_map(|(alert, origin)| {
            let waiting = self.queue.of_alert(*alert);
            let being_sent = waiting.iter().any(|seq| self.queue.is_taken(*seq));
            (!being_sent).then(|| Some((*alert, self.kept(*alert, &waiting, origin)?)))?
        });
        let movable: Vec<_> = movable.collect();
        for (alert, _) in &movable {
            for seq in self.queue.of_alert(*alert) {
                drop(self.queue.take(seq));
            }
        }
        movable
    }

    /// No disk has taken an alert over: it may be sent again.
    pub(super) fn give_back(&mut self, alert: i64) {
        for seq in self.queue.of_alert(alert) {
            self.queue.give_back(seq);
        }
    }

    fn kept(&self, alert: i64, waiting: &[i64], origin: &Origin) -> Option<KeptAlert> {
        let Origin { id, queued_at, held, kind, incident } = origin;
        let waiting: Vec<_> = waiting.iter().filter_map(|seq| self.queue.get(*seq)).collect();
        let dead = self.dead.get(&alert).map_or(&[][..], Vec::as_slice);
        let first = *waiting.first().or(dead.first().map(|(dead, ..)| dead).as_ref())?;
        let event = self.queue.event(alert).or(dead.first().map(|(_, event, _)| Arc::clone(event)));
        let given_up = dead.iter().map(|(dead, _, standing)| (&dead.sink, standing.clone()));
        let queued = waiting.iter().map(|waiting| (&waiting.sink, waiting.standing()));
        let deliveries = given_up.chain(queued).map(|(sink, stands)| (Arc::clone(sink), stands));
        Some(KeptAlert {
            id: id.clone(),
            fingerprint: Arc::clone(&first.fingerprint),
            urgency: first.urgency,
            event: event?,
            queued_at: *queued_at,
            deliveries: deliveries.collect(),
            held: held.clone(),
            kind: *kind,
            incident: incident.clone(),
        })
    }

    /// Lets an alert go that a disk has taken over.
    pub(super) fn let_go(&mut self, alert: i64) {
        for seq in self.queue.of_alert(alert) {
            self.queue.remove(seq);
        }
        let dead = self.dead.remove(&alert).unwrap_or_default();
        self.dead_bytes -= size(&dead);
        for (dead, ..) in dead {
            self.queue.uncount(&dead.sink, State::Dead);
        }
        self.alerts.remove(&alert);
    }

    /// Forgets an alert that waits for no sink any more.
    fn forget(&mut self, alert: Option<i64>) {
        if let Some(alert) = alert
            && self.queue.event(alert).is_none()
            && !self.dead.contains_key(&alert)
        {
            self.alerts.remove(&alert);
        }
    }
}

fn size(dead: &[DeadLetter]) -> u64 {
    dead.iter().map(|(waiting, ..)| waiting.bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(id: &str, sinks: &[&str]) -> NewAlert {
        NewAlert {
            id: id.into(),
            fingerprint: id.into(),
            urgency: 4,
            event: id.into(),
            sinks: sinks.iter().map(|sink| (*sink).to_owned()).collect(),
            ..NewAlert::default()
        }
    }

    fn with(alerts: &[NewAlert]) -> Memory {
        let mut memory = Memory::default();
        memory.put(alerts.to_vec(), &HashMap::new(), Timestamp::UNIX_EPOCH);
        memory
    }

    #[test]
    fn what_a_disk_takes_over_is_sent_by_nobody_meanwhile() {
        let now = Timestamp::UNIX_EPOCH;
        let mut memory = with(&[alert("1", &["a", "b"]), alert("2", &["a"])]);
        let being_sent = memory.queue.due("b", now, 9).0[0];
        assert!(memory.queue.take(being_sent).is_some());
        let of_2 = memory.queue.due("a", now, 9).0[1];

        let movable = memory.take_movable();
        assert_eq!(movable.iter().map(|(_, kept)| &*kept.id).collect::<Vec<_>>(), ["2"]);
        // Whoever was told before that it is due comes too late.
        assert!(memory.queue.take(of_2).is_none());
        assert_eq!(memory.queue.due("a", now, 9).0.len(), 1);
        assert!(memory.take_movable().is_empty());

        memory.give_back(movable[0].0);
        assert!(memory.queue.take(of_2).is_some());
    }

    #[test]
    fn what_the_end_takes_is_known_by_sink() {
        let (now, gone) = (Timestamp::UNIX_EPOCH, "its sink is gone");
        let lost = |deliveries, first: &[&str]| Lost {
            deliveries,
            first: first.iter().map(|event| (*event).into()).collect(),
        };
        for keep_dead in [false, true] {
            let ids = ["1", "2", "3", "4", "5"];
            let mut memory = with(&ids.map(|id| alert(id, &["a", "b"])));
            for seq in memory.queue.due("a", now, 9).0 {
                memory.give_up(seq, gone, now, keep_dead);
            }
            let dead = Outcome::Dead { reason: "refused".into() };
            for (seq, outcome) in
                memory.queue.due("b", now, 2).0.into_iter().zip([Outcome::Sent, dead])
            {
                memory.settle(seq, outcome, now, keep_dead);
            }
            let expected = [("a", lost(5, &["1", "2", "3"])), ("b", lost(4, &["2", "3", "4"]))];
            assert_eq!(memory.lost(), expected.map(|(sink, lost)| (sink.to_owned(), lost)).into());
        }
    }

    #[test]
    fn dead_letters_past_their_bound_are_lost_and_not_forgotten() {
        let now = Timestamp::UNIX_EPOCH;
        let big = |id: &str| NewAlert { event: id.repeat(3 << 20), ..alert(id, &["a"]) };
        let mut memory = with(&[big("1"), big("2")]);
        for seq in memory.queue.due("a", now, 9).0 {
            memory.settle(seq, Outcome::Dead { reason: "refused".into() }, now, true);
        }
        assert_eq!((memory.dead.len(), memory.lost()["a"].deliveries), (1, 2));
    }
}
