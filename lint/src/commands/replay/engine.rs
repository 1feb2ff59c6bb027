//! Running the engine over blocks of lines, in parallel and in order.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    io,
    sync::mpsc,
};

use jiff::{SignedDuration, Timestamp};
use signatures_alerts::{Alert, LinkTemplate};
use signatures_delivery::Settings;
use signatures_engine::{
    Classifier, GroupId, Observation, Outcome, Tally, Verdict,
    aggregate::{Aggregate, Decision, EventTime, GroupTable, LineClock},
    canonical::redacted_canonical,
};
use signatures_event::{LogLine, Moment};

use super::report::{AlertRow, GenericRow, Report};
use crate::logs::{Block, LogReader};

/// By how much one log may begin before the other ends: clocks differ.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(1);

/// A replay in progress.
pub(super) struct Replay<'c> {
    classifier: &'c Classifier,
    table: GroupTable,
    sentry_url: Option<LinkTemplate>,
    generic_limit: usize,
    generic: HashMap<GroupId, GenericRow>,
    report: Report<'c>,
    /// The time of the last line that told one.
    clock: LineClock,
    /// When the log before ended, until this one tells when it begins.
    ended: Option<Timestamp>,
    /// When it is run: a time that is ahead of that is not believed.
    now: Timestamp,
}

/// What became of the lines of a block.
#[derive(Default)]
struct Classified {
    tally: Tally,
    /// The errors, in order.
    errors: Vec<Error>,
    first_time: Option<Moment>,
    last_time: Option<Moment>,
}

/// A line that is an error, known or not.
struct Error {
    /// Its own time, or that of a line before it in the block.
    time: Option<Moment>,
    verdict: Verdict,
    observation: Observation<'static>,
    /// How many bytes of the subject its fingerprint is made of.
    own_bytes: usize,
}

impl<'c> Replay<'c> {
    pub(super) fn new(classifier: &'c Classifier, settings: Settings) -> Self {
        Self {
            classifier,
            generic_limit: settings.engine.aggregation.max_groups,
            table: GroupTable::new(settings.engine.aggregation),
            sentry_url: settings.alerts.sentry_url,
            generic: HashMap::new(),
            report: Report::new(classifier),
            clock: LineClock::default(),
            ended: None,
            now: Timestamp::now(),
        }
    }

    /// Replays one log on so many threads.
    ///
    /// # Errors
    /// When it cannot be read to its end; what could be read has been replayed.
    pub(super) fn read(&mut self, reader: &mut LogReader, threads: usize) -> io::Result<()> {
        let read = self.read_blocks(reader, threads);
        let (joined, over) = reader.joined();
        self.report.joined += joined;
        self.report.over += over;
        read
    }

    fn read_blocks(&mut self, reader: &mut LogReader, threads: usize) -> io::Result<()> {
        let (classifier, now) = (self.classifier, self.now);
        self.ended = self.clock.now();
        let (jobs, queue) = mpsc::sync_channel::<(Block, mpsc::SyncSender<Classified>)>(threads);
        let queue = std::sync::Mutex::new(queue);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let job = queue.lock().map(|queue| queue.recv());
                        let Ok(Ok((block, done))) = job else { break };
                        // Nobody waits any more when reading has failed.
                        let _ = done.send(classify(classifier, &block, now));
                    }
                });
            }
            // Dropped with this closure, so that the threads end.
            let jobs = jobs;
            let mut pending = VecDeque::new();
            let mut ended = Ok(false);
            loop {
                while pending.len() < 2 * threads && matches!(ended, Ok(false)) {
                    let block = match reader.next_block() {
                        Ok(Some(block)) => block,
                        end => {
                            ended = end.map(|_| true);
                            break;
                        }
                    };
                    let (done, result) = mpsc::sync_channel(1);
                    if jobs.send((block, done)).is_err() {
                        return Err(io::Error::other("a thread ended early"));
                    }
                    pending.push_back(result);
                }
                let Some(result) = pending.pop_front() else { return ended.map(|_| ()) };
                self.take(result.recv().map_err(io::Error::other)?);
            }
        })
    }

    fn take(&mut self, block: Classified) {
        let report = &mut self.report;
        report.tally += block.tally;
        if let (Some(ended), Some(begins)) = (self.ended, block.first_time) {
            let overlap = ended.duration_since(begins.resolve(ended));
            report.overlapping |= overlap > CLOCKS_DIFFER;
            self.ended = None;
        }
        // Lines before the first one with a time take that.
        if self.clock.now().is_none() {
            self.advance(block.first_time);
        }
        for error in block.errors {
            self.advance(error.time);
            self.observe(&error, self.clock.now().unwrap_or(Timestamp::UNIX_EPOCH));
        }
        self.report.timeless |= self.clock.now().is_none();
        self.advance(block.last_time);
    }

    fn advance(&mut self, told: Option<Moment>) {
        if let Some(told) = told {
            self.clock.advance(told, self.now);
        }
    }

    fn observe(&mut self, error: &Error, at: Timestamp) {
        let observation = &error.observation;
        match error.verdict {
            Verdict::Match(index) => {
                let row = &mut self.report.signatures[index];
                row.count += 1;
                row.fingerprints.insert(observation.fingerprint);
                row.groups.insert(observation.group);
            }
            _ => {
                let subject = &observation.subject[..error.own_bytes];
                self.count_generic(observation, subject);
            }
        }
        let time = EventTime { at, arrived: self.now };
        if let Decision::Raised(mut raised) = self.table.observe(observation, time) {
            // As it would have been decided then.
            raised.decided_at = at;
            let alert = Alert::new(*raised, observation, self.sentry_url.as_ref(), false);
            self.report.alerts.push(AlertRow { time: alert.last_seen, alert });
        }
    }

    fn count_generic(&mut self, observation: &Observation<'_>, subject: &str) {
        let full = self.generic.len() >= self.generic_limit;
        let order = self.generic.len();
        match self.generic.entry(observation.group) {
            Entry::Occupied(mut entry) => entry.get_mut().count += 1,
            Entry::Vacant(_) if full => self.report.generic_not_listed += 1,
            Entry::Vacant(entry) => {
                entry.insert(GenericRow {
                    order,
                    fingerprint: observation.fingerprint,
                    canonical: redacted_canonical(subject),
                    count: 1,
                });
            }
        }
    }

    pub(super) fn into_report(mut self) -> Report<'c> {
        self.report.suppressed = self.table.stats().suppressed;
        self.report.generic = self.generic.into_iter().collect();
        self.report.generic.sort_by_key(|(_, row)| (std::cmp::Reverse(row.count), row.order));
        self.report
    }
}

fn classify(classifier: &Classifier, block: &Block, now: Timestamp) -> Classified {
    let mut result = Classified::default();
    let events = block.events();
    let lines: Vec<&str> = events.iter().map(|event| &**event).collect();
    let believed = |told: &Moment| LineClock::believes(*told, now);
    let time_of = |line: &str| Moment::of(&LogLine::of_lines(line)).filter(believed);
    // Few lines are errors, so a time is looked for only where one is needed.
    let mut searched_to = 0;
    let mut latest = None;
    for (index, line) in lines.iter().enumerate() {
        let line = LogLine::of_lines(line);
        let mut observed = None;
        let mut observer = |error: &Observation<'_>| observed = Some(error.clone().into_owned());
        let outcome = classifier.inspect(&line, &mut result.tally, Some(&mut observer));
        let (Outcome::Classified(classification), Some(observation)) = (outcome, observed) else {
            continue;
        };
        let before = || lines[searched_to..index].iter().rev().find_map(|line| time_of(line));
        latest = Moment::of(&line).filter(believed).or_else(before).or(latest);
        searched_to = index + 1;
        let (verdict, own_bytes) = (classification.verdict, classification.subject.own().len());
        result.errors.push(Error { time: latest, verdict, observation, own_bytes });
    }
    result.last_time = lines[searched_to..].iter().rev().find_map(|line| time_of(line)).or(latest);
    // Where no line at all told a time, the search need not be made again.
    result.first_time = result.last_time.and_then(|_| lines.iter().find_map(|line| time_of(line)));
    result
}
