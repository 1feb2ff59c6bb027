//! Running the engine over logs: judged in parallel, aggregated in the order of time.

use std::{
    collections::{HashMap, hash_map::Entry},
    io,
    sync::{Mutex, mpsc},
};

use jiff::Timestamp;
use signatures_alerts::{Alert, LinkTemplate};
use signatures_delivery::Settings;
use signatures_engine::{
    Classifier, GroupId, Observation, Verdict,
    aggregate::{Aggregate, Decision, EventTime, GroupTable, Timed},
    canonical::redacted_canonical,
};

use super::{
    classified::{Error, Seen, classify},
    merge::{Merge, Open, Totals},
    report::{GenericRow, Report},
    source::Job,
    sources::Found,
};

/// A replay in progress.
pub(super) struct Replay<'c> {
    classifier: &'c Classifier,
    table: GroupTable,
    sentry_url: Option<LinkTemplate>,
    generic_limit: usize,
    generic: HashMap<GroupId, GenericRow>,
    report: Report<'c>,
    /// When it is run: a time that is ahead of that is not believed.
    now: Timestamp,
    /// The latest time of the logs so far.
    latest: Timestamp,
}

impl<'c> Replay<'c> {
    pub(super) fn new(classifier: &'c Classifier, settings: Settings, now: Timestamp) -> Self {
        Self {
            classifier,
            generic_limit: settings.engine.aggregation.max_groups,
            table: GroupTable::new(settings.engine.aggregation),
            sentry_url: settings.alerts.sentry_url,
            generic: HashMap::new(),
            report: Report::new(classifier),
            now,
            latest: Timestamp::MIN,
        }
    }

    /// Replays logs on so many threads. Says of which no more could be read, and why;
    /// what could be has been replayed.
    pub(super) fn read(
        &mut self,
        logs: Vec<Found>,
        open: Open<'_>,
        threads: usize,
    ) -> Vec<(String, io::Error)> {
        let (classifier, now) = (self.classifier, self.now);
        let (jobs, queue) = mpsc::sync_channel::<Job>(threads);
        let queue = Mutex::new(queue);
        let totals = std::thread::scope(|scope| {
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
            let mut merge = Merge::new(logs, open, jobs, 2 * threads, now);
            while let Some((at, seen)) = merge.next() {
                self.report.timeless |= at.is_none();
                self.see(&seen, at.unwrap_or(Timestamp::UNIX_EPOCH));
            }
            if let Some(end) = merge.latest {
                self.tick(self.latest.max(end));
            }
            merge.totals
        });
        self.add(totals)
    }

    fn add(&mut self, totals: Totals) -> Vec<(String, io::Error)> {
        let Totals { sum, backwards, read, timeless, with_text, late, failed } = totals;
        let report = &mut self.report;
        report.tally = sum.tally;
        (report.joined, report.over) = (sum.joined, sum.over);
        report.timeless |= timeless == with_text && timeless > 0;
        report.logs = read;
        report.timeless_logs = timeless;
        report.backwards = backwards;
        report.late_logs = late;
        failed
    }

    fn see(&mut self, Seen { present, error, .. }: &Seen, at: Timestamp) {
        // What is late, or from another age, does not turn the time back.
        self.latest = self.latest.max(at);
        self.tick(self.latest);
        if !present.is_none() {
            self.table.present(*present, at);
        }
        if let Some(error) = error {
            self.observe(error, at);
        }
    }

    /// Decides what time alone decides, by the time of the logs.
    fn tick(&mut self, now: Timestamp) {
        for Timed { raised, observation } in self.table.tick(now) {
            let alert = Alert::new(raised, &observation, self.sentry_url.as_ref(), false);
            self.report.push(alert);
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
            self.report.push(alert);
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
