//! Minutes and days as the database holds them: their number since 1970.

use jiff::Timestamp;

/// A minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Minute(pub(crate) i64);

/// A day of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Day(pub(crate) i64);

/// How many minutes a day has.
pub(crate) const MINUTES_OF_DAY: i64 = 24 * 60;

impl Minute {
    pub(crate) fn of(time: Timestamp) -> Self {
        Self(time.as_second().div_euclid(60))
    }

    pub(crate) fn begins(self) -> Timestamp {
        Timestamp::from_second(self.0.saturating_mul(60)).unwrap_or(Timestamp::MIN)
    }

    pub(crate) fn day(self) -> Day {
        Day(self.0.div_euclid(MINUTES_OF_DAY))
    }
}

impl Day {
    pub(crate) fn first(self) -> Minute {
        Minute(self.0 * MINUTES_OF_DAY)
    }

    pub(crate) fn last(self) -> Minute {
        Minute(self.first().0 + MINUTES_OF_DAY - 1)
    }
}
