//! When an event counts.

use jiff::{SignedDuration, Timestamp};
use signatures_document::{Reader, yaml::Node};
use signatures_event::Moment;

/// How far ahead of the clock a time may be and still be believed.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(1);

/// By which time events count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeSource {
    /// The one that they tell.
    #[default]
    Event,
    /// The one at which they arrive.
    Arrival,
}

impl TimeSource {
    /// Reads the one that a key of a settings file names.
    pub(crate) fn read(reader: &mut Reader, key: &str, node: &Node) -> Option<Self> {
        match node.as_text() {
            Some("event") => Some(Self::Event),
            Some("arrival") => Some(Self::Arrival),
            _ => reader.expected(key, "`event` or `arrival`", node),
        }
    }
}

/// When an event counts, and when it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventTime {
    /// When it counts: windows and cooldowns go by that.
    pub at: Timestamp,
    /// When it came, on the clock of whoever counts: what is forgotten, and what
    /// gives way, goes by that.
    pub arrived: Timestamp,
}

impl EventTime {
    /// That of an event that counts when it arrives.
    #[must_use]
    pub const fn on_arrival(arrived: Timestamp) -> Self {
        Self { at: arrived, arrived }
    }

    /// That of an event by itself: it counts at the time that it tells, or when it
    /// arrives where it tells none or one that is over a minute ahead.
    #[must_use]
    pub fn of_event(told: Option<Moment>, arrived: Timestamp) -> Self {
        let at = told.map(|moment| moment.resolve_before(arrived));
        let at = at.filter(|at| !is_ahead(*at, arrived)).unwrap_or(arrived);
        Self { at, arrived }
    }
}

/// The time along the lines of a log, where one that tells none takes that of the
/// line before it.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineClock(Option<Timestamp>);

impl LineClock {
    /// Whether a time may be believed when it arrives now. One that lacks the year
    /// always may, since the year is still to be found.
    #[must_use]
    pub fn believes(moment: Moment, now: Timestamp) -> bool {
        match moment {
            Moment::At(at) => !is_ahead(at, now),
            Moment::Yearless(_) => true,
        }
    }

    /// Takes note of a time that a line tells, unless it is ahead of now: a missing
    /// year is the one that brings it closest to the line before.
    pub fn advance(&mut self, told: Moment, now: Timestamp) {
        let at = match self.0 {
            Some(before) => told.resolve(before),
            None => told.resolve_before(now),
        };
        if !is_ahead(at, now) {
            self.0 = Some(at);
        }
    }

    /// The time of the last line that told one; none while none has.
    #[must_use]
    pub fn now(&self) -> Option<Timestamp> {
        self.0
    }
}

fn is_ahead(at: Timestamp, now: Timestamp) -> bool {
    at.duration_since(now) > CLOCKS_DIFFER
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-03-14T09:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    #[test]
    fn an_event_counts_at_the_time_it_tells_unless_that_is_ahead() {
        for (text, counted) in [
            ("2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
            ("2026-03-14T09:01:00Z", "2026-03-14T09:01:00Z"),
            ("2026-03-14T09:01:01Z", NOW),
            ("2099-01-01T00:00:00Z", NOW),
            ("Mar 14 08:59:00", "2026-03-14T08:59:00Z"),
            ("Mar 14 09:02:00", NOW),
            ("Mar 16 09:02:00", "2025-03-16T09:02:00Z"),
            ("no time", NOW),
        ] {
            let at = counted.parse().unwrap();
            assert_eq!(
                EventTime::of_event(Moment::find(text), now()),
                EventTime { at, arrived: now() },
                "{text}"
            );
        }
    }

    #[test]
    fn a_line_without_a_time_to_be_believed_takes_the_one_before() {
        let mut clock = LineClock::default();
        let mut at = |text: &str| {
            if let Some(told) = Moment::find(text) {
                clock.advance(told, now());
            }
            clock.now().map(|at| at.to_string())
        };
        assert_eq!(at("no time yet"), None);
        assert_eq!(at("2025-12-31 23:59:00").as_deref(), Some("2025-12-31T23:59:00Z"));
        for line in ["    at a.b(c.java:1)", "2099-01-01 00:00:00"] {
            assert_eq!(at(line).as_deref(), Some("2025-12-31T23:59:00Z"), "{line}");
        }
        assert_eq!(at("Jan  1 00:01:00").as_deref(), Some("2026-01-01T00:01:00Z"));
    }
}
