//! What is usual for an error: how many events came in each window of the last day.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::settings::SpikeTrigger;
use crate::aggregate::reason::Reason;

/// How many windows make a baseline at most.
const MOST_WINDOWS: i64 = 288;

/// The window that slides does so by a fifth of its length.
const SLOTS: usize = 5;

/// Of so long a part of the baseline something must be known.
const LEAST_KNOWN: i64 = 8;

/// How many events came in each window, two bytes each: 576 at most. Windows are
/// counted from 1970, so that the same events make the same ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::aggregate) struct Baseline {
    /// How long a slot is, in milliseconds; of another length all begins anew.
    slot_millis: i64,
    /// The latest slot in which an event came.
    slot: i64,
    /// How many came in it and in those before it, the latest last.
    recent: [u32; SLOTS],
    /// The window of the first event.
    since: i64,
    /// How many came in the window of the latest slot, so far.
    open: u32,
    /// And in those before it, the latest last; what is before the first is zero.
    counts: VecDeque<u16>,
    /// The median of those, once it was looked for.
    #[serde(skip)]
    usual: Option<u16>,
}

/// How the baseline of an error is divided.
#[derive(Clone, Copy, Debug)]
struct Division {
    window: SignedDuration,
    slot_millis: i64,
    /// How many windows the baseline has.
    windows: i64,
}

impl Division {
    /// By the error's own window, which is longer where the baseline would have too
    /// many of them.
    fn of(trigger: &SpikeTrigger, window: SignedDuration) -> Self {
        let baseline = trigger.baseline.as_millis();
        let most = i128::from(MOST_WINDOWS);
        let slots = SLOTS as i128;
        let slot = window.as_millis().max(baseline / most).max(slots) / slots;
        let slot_millis = i64::try_from(slot).unwrap_or(i64::MAX);
        let window = slot * slots;
        let windows = i64::try_from((baseline / window).clamp(1, most)).unwrap_or(1);
        let millis = i64::try_from(window).unwrap_or(i64::MAX);
        Self { window: SignedDuration::from_millis(millis), slot_millis, windows }
    }
}

impl Baseline {
    /// Takes note of an event of an error with that window.
    pub(in crate::aggregate) fn add(
        baseline: &mut Option<Box<Self>>,
        trigger: &SpikeTrigger,
        window: SignedDuration,
        at: Timestamp,
    ) {
        let division = Division::of(trigger, window);
        let slot = at.as_millisecond().div_euclid(division.slot_millis);
        match baseline {
            Some(known) if known.slot_millis == division.slot_millis => {
                known.count(slot, division.windows);
            }
            _ => *baseline = Some(Box::new(Self::new(division.slot_millis, slot))),
        }
    }

    fn new(slot_millis: i64, slot: i64) -> Self {
        let mut recent = [0; SLOTS];
        recent[SLOTS - 1] = 1;
        let (since, counts) = (window_of(slot), VecDeque::new());
        Self { slot_millis, slot, recent, since, open: 1, counts, usual: None }
    }

    fn count(&mut self, slot: i64, windows: i64) {
        self.advance(slot, windows);
        let back = usize::try_from(self.slot - slot).unwrap_or(usize::MAX);
        let Some(place) = (SLOTS - 1).checked_sub(back) else {
            // From another time: a backlog beside the stream.
            return;
        };
        self.recent[place] = self.recent[place].saturating_add(1);
        if window_of(slot) == window_of(self.slot) {
            self.open = self.open.saturating_add(1);
        } else if let Some(last) = self.counts.back_mut() {
            *last = last.saturating_add(1);
            self.usual = None;
        }
    }

    /// Goes on to a later slot.
    fn advance(&mut self, slot: i64, windows: i64) {
        let forward = slot - self.slot;
        if forward <= 0 {
            return;
        }
        let steps = usize::try_from(forward).unwrap_or(SLOTS).min(SLOTS);
        self.recent.copy_within(steps.., 0);
        self.recent[SLOTS - steps..].fill(0);
        let passed = window_of(slot) - window_of(self.slot);
        self.slot = slot;
        if passed == 0 {
            return;
        }
        self.usual = None;
        let open = std::mem::take(&mut self.open);
        self.close(u16::try_from(open).unwrap_or(u16::MAX), windows);
        for _ in 1..passed.min(windows + 1) {
            self.close(0, windows);
        }
    }

    fn close(&mut self, count: u16, windows: i64) {
        let most = usize::try_from(windows).unwrap_or(1);
        while self.counts.len() >= most {
            self.counts.pop_front();
        }
        // Never twice what is needed: there may be a hundred thousand of these.
        if self.counts.len() == self.counts.capacity() {
            let more = (self.counts.len() / 4).max(4).min(most - self.counts.len());
            self.counts.reserve_exact(more);
        }
        self.counts.push_back(count);
    }

    /// Whether the events of the last window, to that of the latest event, are many
    /// more than usual.
    pub(in crate::aggregate) fn spike(
        &mut self,
        trigger: &SpikeTrigger,
        window: SignedDuration,
        at: Timestamp,
    ) -> Option<Reason> {
        let division = Division::of(trigger, window);
        let slot = at.as_millisecond().div_euclid(self.slot_millis);
        let count = self.recent.iter().map(|count| u64::from(*count)).sum();
        // What comes late tells of a burst no more.
        let is_now = self.slot == slot && self.slot_millis == division.slot_millis;
        if !is_now || count < trigger.min_count {
            return None;
        }
        let known = (window_of(self.slot) - self.since).min(division.windows);
        if known < (division.windows / LEAST_KNOWN).max(1) {
            return None;
        }
        let usual = *self.usual.get_or_insert_with(|| median(&self.counts, known));
        let is_many = count as f64 >= trigger.factor * f64::from(usual);
        let usual = usual.into();
        is_many.then_some(Reason::Spike { count, window: division.window, usual })
    }

    /// The same without what can be found again.
    pub(in crate::aggregate) fn state(&self) -> Self {
        Self { usual: None, ..self.clone() }
    }
}

fn window_of(slot: i64) -> i64 {
    slot.div_euclid(SLOTS as i64)
}

/// The median of so many windows, the last ones; of two in the middle the higher.
fn median(counts: &VecDeque<u16>, known: i64) -> u16 {
    let known = usize::try_from(known).unwrap_or(1);
    let mut last: Vec<u16> = counts.iter().rev().take(known).copied().collect();
    last.resize(known, 0);
    *last.select_nth_unstable(known / 2).1
}
