//! One line after another: judged, counted, tagged, written.

use std::{
    fmt,
    io::{self, Write},
    mem,
    time::Duration,
};

use jiff::Timestamp;
use signatures_configuration::Reloads;
use signatures_engine::{
    Observation, Observer, Tally, Told, Verdict,
    aggregate::{EventTime, TimeSource},
};
use signatures_event::{Event, LogLine};

use super::{
    line_times::{Around, LineTimes},
    long_line::{Head, LongLine},
};
use crate::{
    alert_settings::Handle,
    alerts::Alerts,
    delivery::{Delivery, GivenUp, Submitted},
    log::tell,
};

/// Judges lines by the configuration in force.
pub(super) struct Stage {
    configuration: Handle,
    /// None when aggregation is off.
    raising: Option<Raising>,
    tally: Tally,
    told: Told,
    /// Lines that were too long for an event.
    long: u64,
    times: LineTimes,
    line: Vec<u8>,
}

/// What becomes of errors.
struct Raising {
    alerts: Alerts,
    delivery: Delivery,
    /// What was handed over while the lines that raised it are held.
    submitted: Vec<Submitted>,
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
        if !changes.is_empty() {
            self.submitted.push(self.delivery.submit(changes));
        }
    }
}

impl Stage {
    pub(super) fn new(configuration: Handle, raising: Option<(Alerts, Delivery)>) -> Self {
        let raising =
            raising.map(|(alerts, delivery)| Raising { alerts, delivery, submitted: Vec::new() });
        Self {
            configuration,
            raising,
            tally: Tally::default(),
            told: Told::default(),
            long: 0,
            times: LineTimes::new(),
            line: Vec::new(),
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
        self.raising.as_mut().map_or_else(Vec::new, |raising| {
            raising.submit();
            mem::take(&mut raising.submitted)
        })
    }

    /// Delivers what can be delivered in a while, and says what cannot.
    pub(super) fn shut_down(&mut self) -> GivenUp {
        self.submit().into_iter().for_each(Submitted::wait);
        let raising = self.raising.take();
        raising.map_or_else(GivenUp::default, |raising| raising.delivery.shut_down())
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
        if self.drops(&mut line, around) {
            return Ok(());
        }
        self.line.clear();
        line.into_event().write_to(&mut self.line);
        self.line.push(b'\n');
        out.write_all(&self.line)
    }

    /// Judges a line by its first bytes.
    pub(super) fn long_line(&mut self, head: &[u8]) -> LongLine {
        self.long += 1;
        let text = String::from_utf8_lossy(head);
        let mut event = Head::of(&text);
        if self.drops(&mut event, Around::default()) {
            return LongLine::dropped();
        }
        let redactor = self.configuration.get().settings.engine.classifier.redactor;
        let redaction = redactor.and_then(|redactor| redactor.streaming(head));
        LongLine::passing(event.into_fields(), redaction)
    }

    /// Does all that is done to an event, and says whether it is dropped.
    fn drops(&mut self, event: &mut impl Event, around: Around<'_>) -> bool {
        let Self { configuration, raising, tally, told, times, .. } = self;
        let configuration = configuration.get();
        let classifier = &configuration.classifier;
        let source = configuration.settings.engine.classifier.time;
        let mut time_of = |error: &Observation<'_>| match source {
            TimeSource::Event => times.of_error(error.time, around),
            TimeSource::Arrival => EventTime::on_arrival(times.arrived()),
        };
        let mut observer = raising
            .as_mut()
            .map(|raising| |error: &Observation<'_>| raising.observe(error, time_of(error)));
        let observer = observer.as_mut().map(|observer| observer as Observer<'_>);
        let judged = classifier.process(event, tally, observer);
        if !tally.peculiar.is_none() {
            tell(told, &mem::take(&mut tally.peculiar));
        }
        judged.is_ok_and(Verdict::is_noise)
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
