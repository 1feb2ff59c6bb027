//! `triggers:` of alerts.yml.

use jiff::SignedDuration;
use signatures_document::{Diagnostic, Reader, keep, yaml::Node};
use signatures_event::Level;

use crate::{
    aggregate::spans::{DAYS, HOURS, MINUTES, read_span},
    observation::Observation,
    presence::{MAX_WATCHES, Watch},
    selector::Selector,
    severity::Severity,
    threshold::{read_least_level, read_least_severity},
};

/// What else deserves a person, beside enough events within a window; nothing by
/// default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Triggers {
    /// An error that was never seen, or not for long.
    pub new: Option<NewTrigger>,
    /// For how long an error is quiet before its next event says that it is back.
    pub returned: Option<SignedDuration>,
    /// Many more than is usual for an error.
    pub spike: Option<SpikeTrigger>,
    /// What is to be heard of.
    pub absent: Vec<AbsentTrigger>,
    /// Enough events of different values.
    pub distinct: Vec<DistinctTrigger>,
    /// How an error that goes on alerts ever more rarely.
    pub cooldown_backoff: Option<CooldownBackoff>,
    /// Whether an error that no signature knows and that says it is critical counts
    /// for the threshold as a known one does.
    pub fatal: bool,
}

/// An error that was never seen, or not for long.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTrigger {
    /// After how long a silence an error is new again.
    pub quiet: SignedDuration,
    /// For how long after a first start errors are only remembered.
    pub learn: SignedDuration,
    /// Of errors that no signature knows, those of a lower level are only remembered.
    pub min_level: Level,
    /// Of the others, those of a milder severity are.
    pub min_severity: Severity,
    /// How many are told in an hour by themselves; the rest is one alert.
    pub per_hour: u64,
}

impl Default for NewTrigger {
    fn default() -> Self {
        Self {
            quiet: SignedDuration::from_hours(14 * 24),
            learn: SignedDuration::from_mins(60),
            min_level: Level::Error,
            min_severity: Severity::default(),
            per_hour: 10,
        }
    }
}

/// Many more than is usual for an error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpikeTrigger {
    /// How many times the median of windows it takes.
    pub factor: f64,
    /// Over how long that is taken.
    pub baseline: SignedDuration,
    /// How many events it takes at least.
    pub min_count: u64,
}

impl Default for SpikeTrigger {
    fn default() -> Self {
        Self { factor: 5.0, baseline: SignedDuration::from_hours(24), min_count: 20 }
    }
}

/// What is to be heard of.
#[derive(Clone, Debug, PartialEq)]
pub struct AbsentTrigger {
    /// Which events.
    pub watch: Watch,
    /// After how long without one somebody is told.
    pub after: SignedDuration,
    /// How bad that is: `critical`, or `anomaly`.
    pub severity: Severity,
}

/// Enough events of different values of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct DistinctTrigger {
    /// Which errors count, together.
    pub matches: Selector,
    /// Which field's values.
    pub field: String,
    /// How many different ones it takes.
    pub count: u32,
    /// Within which time.
    pub window: SignedDuration,
}

/// How an error that goes on alerts ever more rarely.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CooldownBackoff {
    /// By how much each cooldown is longer than the one before.
    pub factor: f64,
    /// How long it is at most, unless the error's own is longer.
    pub max: SignedDuration,
}

impl Default for CooldownBackoff {
    fn default() -> Self {
        Self { factor: 2.0, max: SignedDuration::from_mins(240) }
    }
}

/// How many different values an entry of `distinct:` may ask for.
pub const MAX_DISTINCT: u32 = 10_000;

const MAX_ENTRIES_OF_DISTINCT: usize = 16;
const KEYS: [&str; 7] =
    ["new", "returned", "spike", "absent", "distinct", "cooldown_backoff", "fatal"];
const NEW_KEYS: [&str; 5] =
    ["quiet_days", "learn_minutes", "min_level", "min_severity", "per_hour"];
const RETURNED_KEYS: [&str; 1] = ["after_hours"];
const SPIKE_KEYS: [&str; 3] = ["factor", "baseline_hours", "min_count"];
const ABSENT_KEYS: [&str; 3] = ["match", "for_minutes", "severity"];
const DISTINCT_KEYS: [&str; 4] = ["match", "field", "count", "window_minutes"];
const BACKOFF_KEYS: [&str; 2] = ["factor", "max_minutes"];

impl Triggers {
    /// Whether it is to be known which errors were seen.
    #[must_use]
    pub fn remembers(&self) -> bool {
        self.new.is_some() || self.returned.is_some()
    }

    /// Whether time alone decides anything.
    #[must_use]
    pub fn are_timed(&self) -> bool {
        self.remembers() || !self.absent.is_empty()
    }

    /// What is remembered of errors, and which are told: also where only those count
    /// that are back.
    pub(in crate::aggregate) fn novel(&self) -> NewTrigger {
        self.new.clone().unwrap_or_default()
    }

    /// Whether an error is grave enough for those who have no rule for it.
    pub(in crate::aggregate) fn is_grave(&self, observation: &Observation<'_>) -> bool {
        let NewTrigger { min_level, min_severity, .. } = self.novel();
        match observation.signature {
            Some(_) => observation.severity.rank() >= min_severity.rank(),
            None => observation.level.is_some_and(|level| level >= min_level),
        }
    }

    /// Whether an error counts that no signature knows, by its own level.
    pub(in crate::aggregate) fn is_fatal(&self, observation: &Observation<'_>) -> bool {
        self.fatal && observation.level.is_some_and(|level| level >= Level::Critical)
    }

    /// Reads the section; an entry that says nothing is none.
    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Self {
        let mut triggers = Self::default();
        for entry in reader.mapping("triggers", node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                _ if value.is_null() && KEYS.contains(&key) => {}
                "new" => triggers.new = Some(NewTrigger::read(reader, value)),
                "returned" => triggers.returned = Some(returned(reader, value)),
                "spike" => triggers.spike = Some(SpikeTrigger::read(reader, value)),
                "absent" => {
                    let items = at_most(reader, key, value, MAX_WATCHES).iter();
                    triggers.absent =
                        items.filter_map(|item| AbsentTrigger::read(reader, item)).collect();
                }
                "distinct" => {
                    let items = at_most(reader, key, value, MAX_ENTRIES_OF_DISTINCT).iter();
                    triggers.distinct =
                        items.filter_map(|item| DistinctTrigger::read(reader, item)).collect();
                }
                "cooldown_backoff" => {
                    triggers.cooldown_backoff = Some(CooldownBackoff::read(reader, value));
                }
                "fatal" => keep(&mut triggers.fatal, reader.boolean(key, value)),
                _ => reader.unknown_key(entry, "triggers", &KEYS),
            }
        }
        triggers
    }
}

/// The items of a list that may not have more.
fn at_most<'n>(reader: &mut Reader, key: &str, node: &'n Node, most: usize) -> &'n [Node] {
    let items = reader.sequence(key, node);
    if items.len() > most {
        let message = format!("`{key}` has {} entries, and may have {most}", items.len());
        reader.schema(node.span, message);
    }
    items
}

fn returned(reader: &mut Reader, node: &Node) -> SignedDuration {
    let mut after = SignedDuration::from_hours(24);
    for entry in reader.mapping("returned", node) {
        match entry.key.as_str() {
            "after_hours" => {
                keep(&mut after, read_span(reader, &entry.key, &entry.value, HOURS, false));
            }
            _ => reader.unknown_key(entry, "returned", &RETURNED_KEYS),
        }
    }
    after
}

/// A factor by which something is more: above 1.
fn factor(reader: &mut Reader, key: &str, node: &Node) -> Option<f64> {
    reader.number(key, "a number above 1 up to 1000", node, |number| {
        number.as_f64().filter(|factor| *factor > 1.0 && *factor <= 1_000.0)
    })
}

impl NewTrigger {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        let mut new = Self::default();
        for entry in reader.mapping("new", node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                "quiet_days" => keep(&mut new.quiet, read_span(reader, key, value, DAYS, false)),
                "learn_minutes" => {
                    keep(&mut new.learn, read_span(reader, key, value, MINUTES, true));
                }
                "min_level" => keep(&mut new.min_level, read_least_level(reader, key, value)),
                "min_severity" => {
                    keep(&mut new.min_severity, read_least_severity(reader, key, value));
                }
                "per_hour" => keep(&mut new.per_hour, reader.integer(key, value, 0, 1_000)),
                _ => reader.unknown_key(entry, "new", &NEW_KEYS),
            }
        }
        new
    }
}

impl SpikeTrigger {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        let mut spike = Self::default();
        for entry in reader.mapping("spike", node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                "factor" => keep(&mut spike.factor, factor(reader, key, value)),
                "baseline_hours" => {
                    keep(&mut spike.baseline, read_span(reader, key, value, HOURS, false));
                }
                "min_count" => {
                    keep(&mut spike.min_count, reader.integer(key, value, 1, 1_000_000));
                }
                _ => reader.unknown_key(entry, "spike", &SPIKE_KEYS),
            }
        }
        spike
    }
}

impl AbsentTrigger {
    fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let (mut watch, mut after, mut severity) = (Watch::default(), None, Severity::default());
        let mut says_after = false;
        for entry in reader.mapping("absent", node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                "match" => watch = Watch::read(reader, value),
                "for_minutes" => {
                    says_after = true;
                    after = read_span(reader, key, value, MINUTES, false);
                }
                "severity" => keep(&mut severity, urgency(reader, key, value)),
                _ => reader.unknown_key(entry, "an entry of absent", &ABSENT_KEYS),
            }
        }
        if !says_after {
            missing(reader, node, "absent", "for_minutes: 15");
        }
        Some(Self { watch, after: after?, severity })
    }
}

/// How urgent an alert is.
fn urgency(reader: &mut Reader, key: &str, node: &Node) -> Option<Severity> {
    match node.as_text() {
        Some(name @ ("critical" | "anomaly")) => Some(Severity::new(name)),
        _ => reader.expected(key, "`critical` or `anomaly`", node),
    }
}

impl DistinctTrigger {
    fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let (mut matches, mut field, mut count) = (Selector::default(), None, None);
        let mut window = SignedDuration::from_mins(5);
        let mut said = Vec::new();
        for entry in reader.mapping("distinct", node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            said.push(key);
            match key {
                "match" => matches = Selector::read(reader, value),
                "field" => field = reader.text(key, value),
                "count" => count = reader.integer(key, value, 2, MAX_DISTINCT.into()),
                "window_minutes" => {
                    keep(&mut window, read_span(reader, key, value, MINUTES, false));
                }
                _ => reader.unknown_key(entry, "an entry of distinct", &DISTINCT_KEYS),
            }
        }
        for (key, example) in [("field", "field: user"), ("count", "count: 20")] {
            if !said.contains(&key) {
                missing(reader, node, "distinct", example);
            }
        }
        let count = u32::try_from(count?).ok()?;
        Some(Self { matches, field: field?, count, window })
    }

    pub(super) fn is_for(&self, observation: &Observation<'_>) -> bool {
        let Observation { category, signature, policy, severity, .. } = observation;
        self.matches.selects(category, signature.as_deref(), *policy, |s| *s == **severity)
    }
}

impl CooldownBackoff {
    fn read(reader: &mut Reader, node: &Node) -> Self {
        let mut backoff = Self::default();
        for entry in reader.mapping("cooldown_backoff", node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                "factor" => keep(&mut backoff.factor, factor(reader, key, value)),
                "max_minutes" => {
                    keep(&mut backoff.max, read_span(reader, key, value, MINUTES, false));
                }
                _ => reader.unknown_key(entry, "cooldown_backoff", &BACKOFF_KEYS),
            }
        }
        backoff
    }
}

fn missing(reader: &mut Reader, node: &Node, within: &str, example: &str) {
    let key = example.split(':').next().unwrap_or_default();
    let message = format!("an entry of `{within}` does not say its `{key}`");
    reader.report(Diagnostic::schema(node.span, message).help(format!("add `{example}`")));
}
