//! Counts errors in memory, beside the path that events take: a call costs a look into
//! a table and a few copies, and nothing waits for a disk.

use std::{
    collections::{BTreeMap, HashMap, VecDeque, hash_map::Entry},
    hash::{BuildHasherDefault, Hasher},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use signatures_alerts::LinkTemplate;
use signatures_engine::{
    GENERIC, GroupId, Observation, Policy, Severity,
    aggregate::{Decision, EventTime, Hold},
};

use super::{packed::Count, rows::Totals, samples, time::Minute};

/// How many errors are counted each for itself between two writes; past that only their
/// signatures are.
const MOST_ERRORS: usize = 20_000;

/// How many bytes of samples wait to be written.
const MOST_SAMPLE_BYTES: usize = 16 << 20;

/// How much of a text is looked at for a sample of 512 characters: secrets are taken out
/// before it is cut, and may begin before that.
const SAMPLE_BYTES: usize = 4096;

/// Counts errors, for what is remembered of them.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<Mutex<Counting>>);

#[derive(Debug, Default)]
struct Counting {
    counted: Counted,
    /// Whether texts are kept.
    keeps_samples: bool,
    link: Option<LinkTemplate>,
}

/// What was counted since it was last written.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    pub(crate) errors: HashMap<GroupId, CountedError, BuildHasherDefault<OfHash>>,
    /// By minute, category and signature, what has found no room among the errors.
    pub(crate) rest: BTreeMap<(Minute, String, String), Count>,
    pub(crate) totals: BTreeMap<Minute, Totals>,
    sample_bytes: usize,
}

/// One error, and how often it came.
#[derive(Debug)]
pub(crate) struct CountedError {
    pub(crate) identity: Box<Identity>,
    /// Of each minute that had events; nearly always one.
    pub(crate) minutes: Vec<(Minute, Count)>,
    pub(crate) first_seen: Timestamp,
    pub(crate) last_seen: Timestamp,
    /// When its last event came, whatever time that tells.
    pub(crate) last_arrival: Timestamp,
    /// How many events came after the last that raised an alert, if one did.
    pub(crate) after_alert: Option<u64>,
    pub(crate) samples: VecDeque<RawSample>,
}

/// What an error is, as its last event has it.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) fingerprint: String,
    /// The group of the whole error, where alerts of its groups are joined.
    pub(crate) joined: Option<GroupId>,
    pub(crate) category: String,
    pub(crate) signature: Option<String>,
    pub(crate) policy: Policy,
    pub(crate) severity: Severity,
    /// Not redacted yet.
    pub(crate) subject: String,
    pub(crate) link: Option<LinkTemplate>,
}

/// A text that is not redacted yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawSample {
    pub(crate) at: Timestamp,
    pub(crate) text: String,
    pub(crate) service: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) request_id: Option<String>,
}

/// The groups are hashes already.
#[derive(Debug, Default)]
pub(crate) struct OfHash(u64);

impl Hasher for OfHash {
    fn finish(&self) -> u64 {
        // The table goes by the upper bits, too.
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    fn write_usize(&mut self, _length: usize) {}
}

impl Counter {
    /// Goes by other settings: whether texts are kept, and what makes links.
    pub fn configure(&self, keeps_samples: bool, link: Option<&LinkTemplate>) {
        let mut counting = self.lock();
        counting.keeps_samples = keeps_samples;
        counting.link = link.cloned();
    }

    /// Takes note of an error, and of what became of it.
    pub fn observe(&self, observation: &Observation<'_>, time: EventTime, decision: &Decision) {
        let suppressed = matches!(decision, Decision::Held(Hold::Cooldown));
        let count = Count { events: 1, suppressed: u64::from(suppressed) };
        let mut counting = self.lock();
        let Counting { counted, keeps_samples, link } = &mut *counting;
        let is_full = counted.errors.len() >= MOST_ERRORS;
        let error = match counted.errors.entry(observation.group) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(_) if is_full => {
                let signature = observation.signature.as_deref().unwrap_or(GENERIC);
                let category = observation.category.to_string();
                let of = (Minute::of(time.at), category, signature.to_owned());
                return counted.rest.entry(of).or_default().add(count);
            }
            Entry::Vacant(entry) => {
                entry.insert(CountedError::new(observation, time, link.as_ref()))
            }
        };
        error.add(Minute::of(time.at), count);
        error.first_seen = error.first_seen.min(time.at);
        error.last_seen = error.last_seen.max(time.at);
        error.last_arrival = error.last_arrival.max(time.arrived);
        match decision {
            Decision::Raised(_) => error.after_alert = Some(0),
            Decision::Held(_) => error.after_alert = error.after_alert.map(|after| after + 1),
        }
        if *keeps_samples {
            error.sample(observation, time.at, &mut counted.sample_bytes);
        }
    }

    /// Takes note of how many events came.
    pub fn add_totals(&self, totals: Totals, now: Timestamp) {
        if totals != Totals::default() {
            self.lock().counted.totals.entry(Minute::of(now)).or_default().add(totals);
        }
    }

    /// What was counted since it was last taken.
    pub(crate) fn take(&self) -> Counted {
        mem::take(&mut self.lock().counted)
    }

    fn lock(&self) -> MutexGuard<'_, Counting> {
        // What a panic leaves is counted wrong at most.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CountedError {
    fn new(observation: &Observation<'_>, time: EventTime, link: Option<&LinkTemplate>) -> Self {
        let end = observation.subject.floor_char_boundary(SAMPLE_BYTES);
        let identity = Identity {
            fingerprint: observation.fingerprint.to_string(),
            joined: observation.joined.as_deref().map(|joined| joined.group),
            category: observation.category.to_string(),
            signature: observation.signature.as_deref().map(str::to_owned),
            policy: observation.policy,
            severity: (*observation.severity).clone(),
            subject: observation.subject[..end].to_owned(),
            link: link.cloned(),
        };
        Self {
            identity: Box::new(identity),
            minutes: Vec::with_capacity(1),
            first_seen: time.at,
            last_seen: time.at,
            last_arrival: time.arrived,
            after_alert: None,
            samples: VecDeque::new(),
        }
    }

    fn add(&mut self, minute: Minute, count: Count) {
        // The last is the likeliest.
        match self.minutes.iter_mut().rev().find(|(known, _)| *known == minute) {
            Some((_, before)) => before.add(count),
            None => self.minutes.push((minute, count)),
        }
    }

    /// Keeps a text in place of the oldest, whose room it takes.
    fn sample(&mut self, observation: &Observation<'_>, at: Timestamp, bytes: &mut usize) {
        let is_new = self.samples.len() < samples::KEPT;
        if is_new && *bytes > MOST_SAMPLE_BYTES {
            return;
        }
        let mut sample = if is_new {
            RawSample::default()
        } else {
            self.samples.pop_front().unwrap_or_default()
        };
        let before = sample.bytes();
        let end = observation.subject.floor_char_boundary(SAMPLE_BYTES);
        sample.at = at;
        put(&mut sample.text, &observation.subject[..end]);
        put_if_any(&mut sample.service, observation.service.as_deref());
        put_if_any(&mut sample.host, observation.host.as_deref());
        put_if_any(&mut sample.request_id, observation.request_id.as_deref());
        *bytes = (*bytes + sample.bytes()).saturating_sub(before);
        self.samples.push_back(sample);
    }
}

impl RawSample {
    fn bytes(&self) -> usize {
        self.text.capacity()
    }
}

fn put(place: &mut String, text: &str) {
    place.clear();
    place.push_str(text);
}

fn put_if_any(place: &mut Option<String>, text: Option<&str>) {
    match (&mut *place, text) {
        (Some(place), Some(text)) => put(place, text),
        (_, text) => *place = text.map(str::to_owned),
    }
}

impl Counted {
    pub(crate) fn is_empty(&self) -> bool {
        self.errors.is_empty() && self.rest.is_empty() && self.totals.is_empty()
    }

    /// Adds what was counted later.
    pub(crate) fn merge(&mut self, later: Self) {
        for (group, error) in later.errors {
            let is_full = self.errors.len() >= MOST_ERRORS;
            match self.errors.entry(group) {
                Entry::Occupied(entry) => entry.into_mut().merge(error),
                Entry::Vacant(_) if is_full => {
                    let Identity { category, signature, .. } = *error.identity;
                    let signature = signature.unwrap_or_else(|| GENERIC.to_owned());
                    for (minute, count) in error.minutes {
                        let of = (minute, category.clone(), signature.clone());
                        self.rest.entry(of).or_default().add(count);
                    }
                }
                Entry::Vacant(entry) => drop(entry.insert(error)),
            }
        }
        for (of, count) in later.rest {
            self.rest.entry(of).or_default().add(count);
        }
        for (minute, totals) in later.totals {
            self.totals.entry(minute).or_default().add(totals);
        }
        self.sample_bytes += later.sample_bytes;
        if self.sample_bytes > MOST_SAMPLE_BYTES {
            self.errors.values_mut().for_each(|error| error.samples.clear());
            self.sample_bytes = 0;
        }
    }
}

impl CountedError {
    fn merge(&mut self, later: Self) {
        later.minutes.iter().for_each(|(minute, count)| self.add(*minute, *count));
        self.first_seen = self.first_seen.min(later.first_seen);
        self.last_seen = self.last_seen.max(later.last_seen);
        self.last_arrival = self.last_arrival.max(later.last_arrival);
        let events = later.events();
        self.after_alert = later.after_alert.or(self.after_alert.map(|after| after + events));
        self.samples.extend(later.samples);
        let too_many = self.samples.len().saturating_sub(samples::KEPT);
        self.samples.drain(..too_many);
    }

    /// How many events there were.
    pub(crate) fn events(&self) -> u64 {
        self.minutes.iter().map(|(_, count)| count.events).sum()
    }
}
