//! Times as people are told them: in one time zone, which is named.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// How times are told.
#[derive(Clone, Debug)]
pub struct Times(TimeZone);

impl Times {
    /// In that time zone.
    #[must_use]
    pub const fn of(timezone: TimeZone) -> Self {
        Self(timezone)
    }

    /// To the second, with the zone: `2026-01-02 14:02:11 CET`.
    #[must_use]
    pub fn full(&self, time: Timestamp) -> String {
        time.to_zoned(self.0.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
    }

    /// To the minute, without the date where that is today's: `14:02 CET`.
    #[must_use]
    pub fn short(&self, time: Timestamp, now: Timestamp) -> String {
        let [time, now] = [time, now].map(|time| time.to_zoned(self.0.clone()));
        let form = if time.date() == now.date() { "%H:%M %Z" } else { "%b %-d %H:%M %Z" };
        time.strftime(form).to_string()
    }

    /// For `datetime=`: as programs read it.
    #[must_use]
    pub fn exact(&self, time: Timestamp) -> String {
        format!("{time:.0}")
    }
}

/// How long, by its two greatest units: `2 d 3 h`, `6 m 12 s`.
#[must_use]
pub fn length(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let first = units.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(3);
    let (unit, name) = units[first];
    let rest = units.get(first + 1).map(|(next, name)| (seconds % unit / next, name));
    match rest {
        Some((count, next)) if count > 0 => format!("{} {name} {count} {next}", seconds / unit),
        _ => format!("{} {name}", seconds / unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_with_their_zone() {
        let [time, now]: [Timestamp; 2] =
            ["2026-01-02T13:02:11Z", "2026-01-02T23:30:00Z"].map(|time| time.parse().unwrap());
        let utc = Times::of(TimeZone::UTC);
        assert_eq!(utc.full(time), "2026-01-02 13:02:11 UTC");
        assert_eq!(utc.short(time, now), "13:02 UTC");
        let tokyo = Times::of(TimeZone::fixed(jiff::tz::offset(9)));
        assert_eq!(tokyo.short(time, now), "Jan 2 22:02 +09");
    }

    #[test]
    fn lengths_have_two_units() {
        for (seconds, shown) in [
            (-5, "0 s"),
            (0, "0 s"),
            (59, "59 s"),
            (372, "6 m 12 s"),
            (7200, "2 h"),
            (7201, "2 h"),
            (183_600, "2 d 3 h"),
        ] {
            assert_eq!(length(SignedDuration::from_secs(seconds)), shown);
        }
    }
}
