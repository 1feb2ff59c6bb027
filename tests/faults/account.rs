//! What came of everything, and whether it may be so.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::sink::Sink;

/// A time that may not be over.
pub type Span = (Instant, Option<Instant>);

/// How late something may come that happens at once: the machine may be busy.
const LATE: Duration = Duration::from_secs(15);

/// An event that was acknowledged, and is one of an error.
#[derive(Clone, Debug)]
pub struct Passed {
    pub text: String,
    pub fingerprint: String,
    pub at: Instant,
}

/// A process, from its start to its end.
#[derive(Debug)]
pub struct Life {
    pub span: Span,
    /// Whether its end took what was in memory with it.
    pub forgot: bool,
    /// Whether it began without a state directory that it could use.
    pub in_memory: bool,
}

/// One alert for one sink in the outbox.
#[derive(Debug)]
pub struct Row {
    pub id: String,
    pub fingerprint: String,
    pub sink: String,
    pub state: String,
    pub reason: Option<String>,
}

#[derive(Default)]
pub struct Account {
    pub lives: Vec<Life>,
    /// When the disk refused.
    pub refused: Vec<Span>,
    /// When what a sink answered may not have been heard or kept.
    pub unheard: Vec<Span>,
}

impl Row {
    pub fn of(delivery: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            id: text(&delivery["alert"]["id"]),
            fingerprint: text(&delivery["alert"]["fingerprint"]),
            sink: text(&delivery["sink"]),
            state: text(&delivery["state"]),
            reason: delivery["reason"].as_str().map(str::to_owned),
        }
    }
}

fn overlaps((start, end): &Span, from: Instant, until: Instant) -> bool {
    *start <= until && end.is_none_or(|end| end >= from)
}

impl Account {
    /// Whether what was kept then may have been kept in memory alone, and been
    /// forgotten.
    fn may_be_forgotten(&self, at: Instant) -> bool {
        let alive = |life: &&Life| overlaps(&life.span, at - LATE, at);
        let by = |life: &Life| {
            // What the disk takes again is moved to it, in a while.
            let until = life.span.1.unwrap_or(at);
            let refused = |span: &Span| overlaps(span, at - LATE, at) && span.0 <= until;
            life.forgot && (life.in_memory || self.refused.iter().any(refused))
        };
        self.lives.iter().filter(alive).any(by)
    }

    /// Whether an alert that was taken then may have come from memory, which has no
    /// history.
    fn may_be_in_memory(&self, at: Instant) -> bool {
        let in_memory = |life: &Life| life.in_memory && overlaps(&life.span, at - LATE, at);
        self.refused.iter().any(|span| overlaps(span, at - LATE, at))
            || self.lives.iter().any(in_memory)
    }

    /// Whether the answer of a sink may have been lost.
    fn may_be_unheard(&self, sink: &Sink, at: Instant) -> bool {
        let around = |span: &Span| overlaps(span, at - LATE, at + LATE);
        let spans = [&self.unheard, &self.refused, &sink.unheard];
        spans.into_iter().flatten().any(around)
    }

    /// Holds every promise to what came of it; what was not kept is told.
    pub fn broken(
        &self,
        passed: &[Passed],
        raised: &BTreeSet<String>,
        rows: &[Row],
        sinks: &[Sink],
    ) -> Vec<String> {
        let mut broken = Vec::new();
        for sink in sinks {
            self.check_sink(sink, passed, raised, rows, &mut broken);
        }
        broken
    }

    fn check_sink(
        &self,
        sink: &Sink,
        passed: &[Passed],
        raised: &BTreeSet<String>,
        rows: &[Row],
        broken: &mut Vec<String>,
    ) {
        let mut tell = |what: String| broken.push(format!("{}: {what}", sink.name));
        let rows: BTreeMap<&str, &Row> =
            rows.iter().filter(|row| row.sink == sink.name).map(|row| (&*row.id, row)).collect();
        let mut taken: BTreeMap<String, Vec<Instant>> = BTreeMap::new();
        let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for one in sink.taken() {
            if !raised.contains(&one.fingerprint) {
                tell(format!("{one:?} was never raised"));
            }
            ids.entry(one.fingerprint).or_default().insert(one.id.clone());
            taken.entry(one.id).or_default().push(one.at);
        }
        for row in rows.values() {
            ids.entry(row.fingerprint.clone()).or_default().insert(row.id.clone());
            let times = taken.get(&row.id).map_or(&[][..], Vec::as_slice);
            let true_ = match row.state.as_str() {
                "sent" => !times.is_empty(),
                "queued" => times.iter().all(|at| self.may_be_unheard(sink, *at)),
                "dead" => {
                    times.iter().all(|at| self.may_be_unheard(sink, *at))
                        && row.reason.as_ref().is_some_and(|reason| !reason.is_empty())
                }
                _ => false,
            };
            if !true_ {
                tell(format!("{row:?}, and taken {} times", times.len()));
            }
        }
        for (id, times) in &taken {
            for pair in times.windows(2).filter(|pair| !self.may_be_unheard(sink, pair[0])) {
                tell(format!("{id} was taken again after {:?}", pair[1] - pair[0]));
            }
            if !rows.contains_key(&**id) && !times.iter().any(|at| self.may_be_in_memory(*at)) {
                tell(format!("{id} was taken and is not in the history"));
            }
        }
        for one in passed {
            match ids.get(&one.fingerprint).map_or(0, BTreeSet::len) {
                1 => {}
                0 if self.may_be_forgotten(one.at) => {}
                0 => tell(format!(
                    "the alert of `{}`, which passed at {:?}, is lost",
                    one.text, one.at
                )),
                // Its cooldown was forgotten with it.
                _ if self.has_forgotten() => {}
                more => tell(format!("`{}` raised {more} alerts", one.text)),
            }
        }
    }

    fn has_forgotten(&self) -> bool {
        let forgot = |life: &Life| {
            let until = life.span.1.unwrap_or(life.span.0);
            let refused = |span: &Span| overlaps(span, life.span.0, until);
            life.forgot && (life.in_memory || self.refused.iter().any(refused))
        };
        self.lives.iter().any(forgot)
    }
}
