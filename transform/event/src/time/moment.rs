//! A time as logs tell it, and what it comes to.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime},
    tz::Offset,
};

/// A time as a line tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// All of it.
    At(Timestamp),
    /// All but the year, as syslog has it; the year here is a leap year.
    Yearless(DateTime),
}

impl Moment {
    /// The full time: a missing year is the one that brings it closest to a
    /// time that is known to be near.
    pub fn resolve(self, near: Timestamp) -> Timestamp {
        let closest = |years: &mut dyn Iterator<Item = Timestamp>| {
            years.min_by_key(|at| at.duration_since(near).abs())
        };
        self.with_year_around(near, closest)
    }

    /// The full time: a missing year is the last one in which it is past.
    pub fn resolve_before(self, now: Timestamp) -> Timestamp {
        // Clocks differ, and a time without a zone may be ahead of UTC.
        let latest = now.checked_add(SignedDuration::from_hours(24)).unwrap_or(now);
        self.with_year_around(now, |years| years.filter(|at| *at <= latest).max())
    }

    fn with_year_around(
        self,
        near: Timestamp,
        choose: impl FnOnce(&mut dyn Iterator<Item = Timestamp>) -> Option<Timestamp>,
    ) -> Timestamp {
        let civil = match self {
            Self::At(at) => return at,
            Self::Yearless(civil) => civil,
        };
        let year = Offset::UTC.to_datetime(near).year();
        let mut years = (year.saturating_sub(1)..=year.saturating_add(1)).filter_map(|year| {
            // 29 February is only in some of them.
            let date = Date::new(year, civil.month(), civil.day()).ok()?;
            Offset::UTC.to_timestamp(date.to_datetime(civil.time())).ok()
        });
        choose(&mut years).unwrap_or(near)
    }
}
