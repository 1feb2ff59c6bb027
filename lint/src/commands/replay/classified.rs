//! What became of the lines of a block.

use std::mem;

use jiff::Timestamp;
use signatures_engine::{
    Classifier, Observation, Outcome, Present, Tally, Verdict, aggregate::LineClock,
};
use signatures_event::{LogLine, Moment, has_stream};

use crate::logs::Block;

/// What became of the lines of a block.
#[derive(Default)]
pub(super) struct Classified {
    pub(super) tally: Tally,
    /// What is to be aggregated, in order.
    pub(super) seen: Vec<Seen>,
    pub(super) first_time: Option<Told>,
    pub(super) last_time: Option<Told>,
}

/// A time that a line tells.
#[derive(Clone, Copy)]
pub(super) struct Told {
    pub(super) moment: Moment,
    /// Whether its line stands where it was written: those of several containers may
    /// change places where lines are joined.
    pub(super) is_in_place: bool,
}

impl Told {
    /// None where it is not to be believed.
    fn of(text: &str, line: &LogLine<'_>, now: Timestamp) -> Option<Self> {
        let moment = Moment::of(line).filter(|told| LineClock::believes(*told, now))?;
        Some(Self { moment, is_in_place: !has_stream(text.as_bytes()) })
    }
}

/// A line that is to be aggregated.
pub(super) struct Seen {
    /// Its own time, or that of a line before it in the block.
    pub(super) time: Option<Told>,
    /// Of what is to be heard of, what it is.
    pub(super) present: Present,
    /// The error that it is, if it is one.
    pub(super) error: Option<Error>,
}

/// A line that is an error, known or not.
pub(super) struct Error {
    pub(super) verdict: Verdict,
    pub(super) observation: Observation<'static>,
    /// How many bytes of the subject its fingerprint is made of.
    pub(super) own_bytes: usize,
}

/// Judges the lines of a block, by themselves: blocks may be judged in any order.
pub(super) fn classify(classifier: &Classifier, block: &Block, now: Timestamp) -> Classified {
    let mut result = Classified::default();
    let events = block.events();
    let lines: Vec<&str> = events.iter().map(|event| &**event).collect();
    let time_of = |line: &str| Told::of(line, &LogLine::of_lines(line), now);
    // Few lines are errors, so a time is looked for only where one is needed.
    let mut searched_to = 0;
    let mut latest = None;
    for (index, text) in lines.iter().enumerate() {
        let line = LogLine::of_lines(text);
        let mut observed = None;
        let mut observer = |error: &Observation<'_>| observed = Some(error.clone().into_owned());
        let outcome = classifier.inspect(&line, &mut result.tally, Some(&mut observer));
        let present = mem::take(&mut result.tally.present);
        let error = match (outcome, observed) {
            (Outcome::Classified(classification), Some(observation)) => {
                let own_bytes = classification.subject.own().len();
                Some(Error { verdict: classification.verdict, observation, own_bytes })
            }
            _ => None,
        };
        if error.is_none() && present.is_none() {
            continue;
        }
        let before = || lines[searched_to..index].iter().rev().find_map(|line| time_of(line));
        latest = Told::of(text, &line, now).or_else(before).or(latest);
        searched_to = index + 1;
        result.seen.push(Seen { time: latest, present, error });
    }
    result.last_time = lines[searched_to..].iter().rev().find_map(|line| time_of(line)).or(latest);
    // Where no line at all told a time, the search need not be made again.
    result.first_time = result.last_time.and_then(|_| lines.iter().find_map(|line| time_of(line)));
    result
}
