//! One line after another: judged, counted, tagged, written.

use std::{
    fmt,
    io::{self, Write},
    mem,
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use signatures_configuration::Reloads;
use signatures_engine::{
    Classifier, Observation, Observer, Tally, Told, Verdict,
    aggregate::{EventTime, TimeSource},
};
use signatures_event::{Event, LogLine};
use signatures_ledger::record::Totals;

use super::{
    line_times::{Around, LineTimes},
    long_line::{Head, LongLine},
    pretty::{Raised, Shown, Terminal},
    shape::{Only, Shape},
    status::Status,
};
use crate::{
    alert_settings::Handle,
    alerts::Alerts,
    delivery::{Delivery, Ended, Submitted},
    log::tell,
};

/// More of a line fits no row.
const LONGEST_SHOWN: usize = 4096;

/// Judges lines by the configuration in force.
pub(super) struct Stage {
    configuration: Handle,
    /// None when aggregation is off.
    raising: Option<Raising>,
    tally: Tally,
    /// What of it people who ask are told already.
    counted: Totals,
    told: Told,
    /// Lines that were too long for an event.
    long: u64,
    times: LineTimes,
    line: Vec<u8>,
    shape: Shape,
    /// Where people look, if anywhere.
    status: Option<Arc<Status>>,
}

/// What an event was found to be.
struct Judged {
    /// None where it was not looked at.
    verdict: Option<Verdict>,
    /// When it counts as an error, where it does.
    time: Option<Timestamp>,
}

impl Judged {
    fn leaves(&self, only: Option<Only>) -> bool {
        match only {
            None => !self.verdict.is_some_and(Verdict::is_noise),
            Some(Only::Matched) => matches!(self.verdict, Some(Verdict::Match(_))),
            Some(Only::Alerts) => false,
        }
    }
}

/// What becomes of errors.
struct Raising {
    alerts: Alerts,
    delivery: Delivery,
    /// What was handed over while the lines that raised it are held.
    submitted: Vec<Submitted>,
    /// Those to be shown at the end, where people read.
    raised: Option<Raised>,
}

impl Raising {
    fn observe(&mut self, error: &Observation<'_>, time: EventTime) {
        self.alerts.observe(error, time);
        if self.alerts.is_full() {
            self.submit();
        }
    }

    fn submit(&mut self) {
        let changes = self.alerts.take_changes();
        if let Some(raised) = &mut self.raised {
            changes.alerts.iter().for_each(|alert| raised.push(alert));
        }
        if !changes.is_empty() {
            self.submitted.push(self.delivery.submit(changes));
        }
    }
}

impl Stage {
    pub(super) fn new(
        configuration: Handle,
        raising: Option<(Alerts, Delivery)>,
        shape: Shape,
        status: Option<Arc<Status>>,
    ) -> Self {
        let raised = shape.terminal.map(|_| Raised::default());
        let raising = raising.map(|(alerts, delivery)| Raising {
            alerts,
            delivery,
            submitted: Vec::new(),
            raised,
        });
        Self {
            configuration,
            raising,
            tally: Tally::default(),
            counted: Totals::default(),
            told: Told::default(),
            long: 0,
            times: LineTimes::new(),
            line: Vec::new(),
            shape,
            status,
        }
    }

    /// Begins with a block of lines, which arrived at a time.
    pub(super) fn begin_block(&mut self, arrived: Timestamp) {
        self.refresh();
        self.times.begin_block(arrived);
    }

    /// Has judged the block with these whole lines.
    pub(super) fn end_block(&mut self, lines: &[u8]) {
        if self.raising.is_some() {
            self.times.end_block(lines);
        }
    }

    /// Has judged a line that is in no block as a whole.
    pub(super) fn pass(&mut self, line: &[u8]) {
        if self.raising.is_some() {
            self.times.pass(line);
        }
    }

    /// Goes on by a new configuration, if there is one.
    pub(super) fn refresh(&mut self) {
        self.configuration.refresh();
        if let Some(raising) = &mut self.raising {
            raising.alerts.refresh();
            raising.delivery.refresh();
            raising.alerts.tick(Timestamp::now());
            if let Some(status) = &self.status {
                status.show(&raising.alerts);
            }
        }
    }

    /// Whether something is to be kept before what was judged may leave.
    pub(super) fn has_changes(&self) -> bool {
        let is_to_be_kept =
            |raising: &Raising| !raising.submitted.is_empty() || raising.alerts.has_changes();
        self.raising.as_ref().is_some_and(is_to_be_kept)
    }

    /// Hands over what was raised and counted; what was judged may leave when that
    /// is kept.
    pub(super) fn submit(&mut self) -> Vec<Submitted> {
        self.count();
        self.raising.as_mut().map_or_else(Vec::new, |raising| {
            raising.submit();
            mem::take(&mut raising.submitted)
        })
    }

    /// Counts what was judged since this was last done.
    fn count(&mut self) {
        if let Some(raising) = &self.raising {
            let totals = Totals::from(&self.tally);
            raising.alerts.count(totals.since(self.counted), Timestamp::now());
            self.counted = totals;
        }
    }

    /// Delivers what can be delivered in a while, and says what cannot.
    pub(super) fn shut_down(&mut self) -> Ended {
        self.submit().into_iter().for_each(Submitted::wait);
        if let Some(status) = &self.status {
            status.end();
        }
        let raising = self.raising.take();
        raising.map_or_else(Ended::default, |raising| raising.delivery.shut_down())
    }

    /// Judges one line and writes what survives of it.
    pub(super) fn line(
        &mut self,
        bytes: &[u8],
        around: Around<'_>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let text = String::from_utf8_lossy(bytes);
        let mut line = LogLine::of_lines(&text);
        let judged = self.judge(&mut line, around);
        if !judged.leaves(self.shape.only) {
            return Ok(());
        }
        if let Some(terminal) = self.shape.terminal {
            let classifier = &self.configuration.get().classifier;
            // What is shown is what is left when secrets are gone.
            let subject = classifier.judge(&line).subject;
            return out.write_all(shown(terminal, classifier, &judged, subject.own()).as_bytes());
        }
        self.line.clear();
        line.into_event().write_to(&mut self.line);
        self.line.push(b'\n');
        out.write_all(&self.line)
    }

    /// Judges a line by its first bytes.
    pub(super) fn long_line(&mut self, head: &[u8], out: &mut impl Write) -> io::Result<LongLine> {
        self.long += 1;
        let text = String::from_utf8_lossy(head);
        let mut event = Head::of(&text);
        let judged = self.judge(&mut event, Around::default());
        if !judged.leaves(self.shape.only) {
            return Ok(LongLine::dropped());
        }
        let redactor = self.configuration.get().settings.engine.classifier.redactor;
        let redaction = redactor.and_then(|redactor| redactor.streaming(head));
        if let Some(terminal) = self.shape.terminal {
            let mut text =
                redaction.map_or_else(|| head.to_vec(), |mut redaction| redaction.push(head));
            text.truncate(LONGEST_SHOWN);
            let text = String::from_utf8_lossy(&text);
            let classifier = &self.configuration.get().classifier;
            out.write_all(shown(terminal, classifier, &judged, &text).as_bytes())?;
            return Ok(LongLine::dropped());
        }
        Ok(LongLine::passing(event.into_fields(), redaction))
    }

    /// Does all that is done to an event.
    fn judge(&mut self, event: &mut impl Event, around: Around<'_>) -> Judged {
        let Self { configuration, raising, tally, told, times, .. } = self;
        let configuration = configuration.get();
        let classifier = &configuration.classifier;
        let source = configuration.settings.engine.classifier.time;
        let mut counts_at = None;
        let mut time_of = |error: &Observation<'_>| match source {
            TimeSource::Event => times.of_error(error.time, around),
            TimeSource::Arrival => EventTime::on_arrival(times.arrived()),
        };
        let mut observer = raising.as_mut().map(|raising| {
            |error: &Observation<'_>| {
                let time = time_of(error);
                counts_at = Some(time.at);
                raising.observe(error, time);
            }
        });
        let observer = observer.as_mut().map(|observer| observer as Observer<'_>);
        let judged = classifier.process(event, tally, observer);
        let present = mem::take(&mut tally.present);
        if let Some(raising) = raising.as_mut().filter(|_| !present.is_none()) {
            raising.alerts.present(present, times.arrived());
        }
        if !tally.peculiar.is_none() {
            tell(told, &mem::take(&mut tally.peculiar));
        }
        Judged { verdict: judged.ok(), time: counts_at }
    }

    /// The alerts that were raised, for who reads on a terminal.
    pub(super) fn alerts(&self) -> Option<String> {
        let raised = self.raising.as_ref().and_then(|raising| raising.raised.as_ref());
        self.shape.terminal.zip(raised).map(|(terminal, raised)| terminal.alerts(raised))
    }

    /// `joined`: the lines that are part of others' events, and how many events went on
    /// beyond what is joined.
    pub(super) fn summary(
        &self,
        elapsed: Duration,
        reloads: Reloads,
        (joined, over): (u64, u64),
    ) -> impl fmt::Display {
        let stats = self.raising.as_ref().map(|raising| raising.alerts.stats());
        let stats = stats.unwrap_or_default();
        let Tally { matched, noise, unmatched, skipped, cut, empty, foreign, .. } = self.tally;
        let (lines, long) = (self.tally.events() + joined, self.long);
        let rate = lines as f64 / elapsed.as_secs_f64().max(1e-9);
        let mut text = format!(
            "{lines} lines, {matched} matched, {noise} noise, {unmatched} unmatched, \
             {} alerts, {} suppressed, {rate:.0} lines per second",
            stats.alerts, stats.suppressed
        );
        for (count, what) in [
            (joined, "joined to the line before"),
            (over, "events cut at 500 lines, 64 KiB or a second of waiting"),
            (skipped, "passed without a look"),
            (long, "too long for an event and passed as text"),
            (cut, "cut to the subject limit"),
            (empty, "without a text to look at"),
            (foreign, "fields of their own in the place of tags"),
            (self.tally.step_limit_hits, "searches given up at their step limit"),
            (stats.evicted, "fingerprints evicted"),
            (reloads.ok, "reloads"),
            (reloads.failed, "failed reloads"),
        ] {
            if count > 0 {
                text += &format!(", {count} {what}");
            }
        }
        text
    }
}

/// A line as a row.
fn shown(terminal: Terminal, classifier: &Classifier, judged: &Judged, text: &str) -> String {
    let signature = judged.verdict.and_then(|verdict| classifier.signature(verdict));
    terminal.line(&Shown {
        time: judged.time,
        signature: signature.map(|signature| (&signature.severity, signature.id.as_str())),
        text,
    })
}
