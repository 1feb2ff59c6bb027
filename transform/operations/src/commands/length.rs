//! How long: a window that is looked at, or a silence.

use std::{fmt, str::FromStr};

use jiff::SignedDuration;
use serde::{Serialize, Serializer};

/// From one minute to seven days, written `90s`, `30m`, `8h` or `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Length {
    seconds: u32,
}

/// A text that is no [`Length`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time from 1m to 7d, as 90s, 30m, 8h or 7d")]
pub struct InvalidLength(pub String);

const UNITS: [(char, u32); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl Length {
    /// Half an hour: the window of who names none.
    pub const HALF_AN_HOUR: Self = Self { seconds: 30 * 60 };
    /// The longest there is.
    pub const WEEK: Self = Self { seconds: 7 * 86_400 };

    /// So many minutes, from one up to those of a week.
    #[must_use]
    pub const fn of_minutes(minutes: u16) -> Self {
        let minutes = if minutes == 0 { 1 } else { minutes };
        let seconds = minutes as u32 * 60;
        if seconds > Self::WEEK.seconds { Self::WEEK } else { Self { seconds } }
    }

    /// As a duration.
    #[must_use]
    pub const fn duration(self) -> SignedDuration {
        SignedDuration::from_secs(self.seconds as i64)
    }
}

impl FromStr for Length {
    type Err = InvalidLength;

    fn from_str(text: &str) -> Result<Self, InvalidLength> {
        let seconds = || {
            let unit = text.chars().next_back()?;
            let (_, seconds) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
            let number = text.strip_suffix(unit)?;
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            number.parse::<u32>().ok().filter(|_| is_number)?.checked_mul(seconds)
        };
        match seconds() {
            Some(seconds @ 60..=604_800) => Ok(Self { seconds }),
            _ => Err(InvalidLength(text.to_owned())),
        }
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS.into_iter().find(|(_, unit)| self.seconds.is_multiple_of(*unit));
        let (name, unit) = whole.unwrap_or(('s', 1));
        write!(f, "{}{name}", self.seconds / unit)
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Length {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_from_a_minute_to_a_week() {
        for (text, shown) in [
            ("1m", "1m"),
            ("60s", "1m"),
            ("90s", "90s"),
            ("24h", "1d"),
            ("7d", "7d"),
            ("030m", "30m"),
        ] {
            assert_eq!(text.parse::<Length>().unwrap().to_string(), shown, "{text}");
        }
        for text in [
            "",
            "m",
            "0m",
            "59s",
            "8d",
            "604801s",
            "30",
            "30 m",
            "+30m",
            "-30m",
            "1.5h",
            "30M",
            "99999999999d",
            "4294967295d",
            "٣m",
            "30mm",
            "1h30m",
        ] {
            assert_eq!(text.parse::<Length>(), Err(InvalidLength(text.to_owned())));
        }
        assert_eq!(
            [Length::of_minutes(0), Length::of_minutes(u16::MAX)].map(|l| l.to_string()),
            ["1m", "7d"]
        );
    }
}
