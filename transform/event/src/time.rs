//! When was this line written? Finding the time in log lines of any make.
//!
//! Known: RFC 3339 and its variants (a space or `-` for the `T`, `/` or `.` in
//! the date, a comma before the fraction, no zone), as Java, Python, Go, nginx
//! and Spark write it; `14.03.2026`; syslog and asctime; Apache's access log; java.util
//! .logging; Redis; logcat; klog; epoch seconds down to nanoseconds at the
//! start of a line; and the time fields of JSON events. A time without a zone
//! is taken for UTC.

use crate::{
    event::{Event, Value},
    json::JsonEvent,
    line::LogLine,
};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Time},
    tz::Offset,
};

/// How far into a line a time is looked for, in bytes.
const SEARCHED_BYTES: usize = 160;

/// The fields of a JSON event that may tell its time, in the order asked.
const TIME_FIELDS: [&str; 4] = ["timestamp", "@timestamp", "ts", "time"];

const MONTHS: [&[u8; 3]; 12] = [
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
];

/// A time as a line tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// All of it.
    At(Timestamp),
    /// All but the year, as syslog has it; the year here is a leap year.
    Yearless(DateTime),
}

const LEAP_YEAR: i16 = 2000;

impl Moment {
    /// The time that a line tells.
    pub fn of(line: &LogLine<'_>) -> Option<Self> {
        match line {
            LogLine::Json(event) => Self::of_event(event),
            LogLine::Broken(text, fields) => Self::of_event(fields).or_else(|| Self::find(text)),
            LogLine::Plain(text) => Self::find(text),
        }
    }

    fn of_event(event: &JsonEvent<'_>) -> Option<Self> {
        TIME_FIELDS.iter().find_map(|name| match event.get(name)? {
            Value::Text(text) => Self::find(&text),
            Value::Number(text) => epoch(text.as_bytes()).map(|(at, _)| Self::At(at)),
            Value::Boolean(_) | Value::Composite(_) => None,
        })
    }

    /// The first time in a text.
    pub fn find(text: &str) -> Option<Self> {
        let bytes = &text.as_bytes()[..text.len().min(SEARCHED_BYTES)];
        let mut in_word = false;
        let mut words_before = false;
        for (at, byte) in bytes.iter().enumerate() {
            let starts = !in_word && byte.is_ascii_alphanumeric();
            in_word = byte.is_ascii_alphanumeric();
            if starts {
                if let Some(moment) = Self::at_start_of(&bytes[at..], words_before) {
                    return Some(moment);
                }
                words_before = true;
            }
        }
        None
    }

    fn at_start_of(bytes: &[u8], words_before: bool) -> Option<Self> {
        let scan = Scan(bytes);
        if bytes[0].is_ascii_digit() {
            scan.year_first()
                .or_else(|| scan.day_first())
                .or_else(|| scan.dotted_day_first())
                .or_else(|| (!words_before).then(|| scan.month_and_day()).flatten())
                .or_else(|| scan.short_year())
                .or_else(|| {
                    (!words_before).then(|| epoch(bytes)).flatten().map(|(at, _)| Self::At(at))
                })
        } else {
            scan.month_name_first().or_else(|| (!words_before).then(|| scan.klog()).flatten())
        }
    }

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

/// Epoch seconds, or by their length milli-, micro- or nanoseconds; with what
/// follows them.
fn epoch(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let whole: i128 = std::str::from_utf8(&bytes[..digits]).ok()?.parse().ok()?;
    let unit: i128 = match digits {
        10 => 1_000_000_000,
        13 => 1_000_000,
        16 => 1_000,
        19 => 1,
        _ => return None,
    };
    let mut nanoseconds = whole * unit;
    let mut rest = &bytes[digits..];
    if let [b'.', fraction @ ..] = rest {
        let mut place = unit / 10;
        let places = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        for digit in &fraction[..places] {
            nanoseconds += i128::from(digit - b'0') * place;
            place /= 10;
        }
        rest = &fraction[places..];
    }
    let ends = rest.first().is_none_or(|b| !b.is_ascii_alphanumeric());
    Some((Timestamp::from_nanosecond(nanoseconds).ok().filter(|_| ends)?, rest))
}

/// Reads times at the start of some bytes.
#[derive(Clone, Copy)]
struct Scan<'a>(&'a [u8]);

impl<'a> Scan<'a> {
    /// `2026-03-14T09:00:00.123+01:00` and its variants.
    fn year_first(self) -> Option<Moment> {
        let (year, scan) = self.digits(4)?;
        let (separator, scan) = scan.one_of(b"-/.")?;
        let (month, scan) = scan.digits(2)?;
        let (day, scan) = scan.one_of(&[separator])?.1.digits(2)?;
        let (_, scan) = scan.one_of(b"Tt -")?;
        let (time, scan) = scan.time()?;
        zoned(date(year, month, day)?, time, scan)
    }

    /// `14/Mar/2026:09:00:00 +0100`, `14 Mar 2026 09:00:00`, `14 Mar 09:00:00`.
    fn day_first(self) -> Option<Moment> {
        let (day, scan) = self.digits(2).or_else(|| self.digits(1))?;
        let (separator, scan) = scan.one_of(b"/ -")?;
        let (month, scan) = scan.month()?;
        let (_, scan) = scan.one_of(&[separator])?;
        if let Some((time, _)) = scan.time() {
            return yearless(month, day, time);
        }
        let (year, scan) = scan.digits(4)?;
        let (_, scan) = scan.one_of(b": ")?;
        let (time, scan) = scan.time()?;
        zoned(date(year, month, day)?, time, scan)
    }

    /// `14.03.2026 09:00:00`, `14.3.2026, 09:00:00`: with dots the day is first
    /// everywhere; with slashes it may be the month, so they are not read.
    fn dotted_day_first(self) -> Option<Moment> {
        let (day, scan) = self.digits(2).or_else(|| self.digits(1))?;
        let (_, scan) = scan.one_of(b".")?;
        let (month, scan) = scan.digits(2).or_else(|| scan.digits(1))?;
        let (year, scan) = scan.one_of(b".")?.1.digits(4)?;
        let scan = scan.one_of(b",").map_or(scan, |(_, scan)| scan);
        let (time, scan) = scan.one_of(b" T")?.1.time()?;
        zoned(date(year, month, day)?, time, scan)
    }

    /// `03-14 09:00:00.123`, as logcat has it.
    fn month_and_day(self) -> Option<Moment> {
        let (month, scan) = self.digits(2)?;
        let (day, scan) = scan.one_of(b"-")?.1.digits(2)?;
        let (time, _) = scan.one_of(b" ")?.1.time()?;
        yearless(month, day, time)
    }

    /// `26/03/14 09:00:00`, as Spark has it.
    fn short_year(self) -> Option<Moment> {
        let (year, scan) = self.digits(2)?;
        let (month, scan) = scan.one_of(b"/")?.1.digits(2)?;
        let (day, scan) = scan.one_of(b"/")?.1.digits(2)?;
        let (time, scan) = scan.one_of(b" ")?.1.time()?;
        zoned(date(2000 + year, month, day)?, time, scan)
    }

    /// `Mar 14 09:00:00`, `Mar 14 09:00:00.123 2026`, `Mar 14, 2026 9:00:00 AM`.
    fn month_name_first(self) -> Option<Moment> {
        let (month, scan) = self.month()?;
        let scan = scan.one_of(b" ")?.1;
        let scan = scan.one_of(b" ").map_or(scan, |(_, scan)| scan);
        let (day, scan) = scan.digits(2).or_else(|| scan.digits(1))?;
        let scan = scan.one_of(b",").map_or(scan, |(_, scan)| scan);
        if let Some((year, scan)) = scan.one_of(b" ")?.1.digits(4) {
            let scan = scan.one_of(b" ")?.1;
            let (time, scan) = scan.twelve_hour_time().or_else(|| scan.time())?;
            return zoned(date(year, month, day)?, time, scan);
        }
        let (time, scan) = scan.one_of(b" ")?.1.time()?;
        let scan = scan.zone_name().unwrap_or(scan);
        match scan.one_of(b" ").and_then(|(_, scan)| scan.digits(4)) {
            Some((year, scan)) if year >= 1970 => zoned(date(year, month, day)?, time, scan),
            _ => yearless(month, day, time),
        }
    }

    /// `E0314 09:00:00.123456`, as klog and glog have it.
    fn klog(self) -> Option<Moment> {
        let (_, scan) = self.one_of(b"IWEF")?;
        let (month, scan) = scan.digits(2)?;
        let (day, scan) = scan.digits(2)?;
        let (time, _) = scan.one_of(b" ")?.1.time()?;
        yearless(month, day, time)
    }

    /// `09:00:00`, `09.00.00`, with `.123` or `,123` after it.
    fn time(self) -> Option<(Time, Self)> {
        let (hour, scan) = self.digits(2)?;
        let (separator, scan) = scan.one_of(b":.")?;
        let (minute, scan) = scan.digits(2)?;
        let (second, scan) = scan.one_of(&[separator])?.1.digits(2)?;
        let (nanosecond, scan) = scan.fraction();
        // A leap second counts as the one before it.
        Some((civil_time(hour, minute, second.min(59), nanosecond)?, scan))
    }

    /// `9:00:00 AM`.
    fn twelve_hour_time(self) -> Option<(Time, Self)> {
        let (hour, scan) = self.digits(2).or_else(|| self.digits(1))?;
        let (minute, scan) = scan.one_of(b":")?.1.digits(2)?;
        let (second, scan) = scan.one_of(b":")?.1.digits(2)?;
        let (half, scan) = scan.one_of(b" ")?.1.one_of(b"APap")?;
        let (_, scan) = scan.one_of(b"Mm")?;
        let afternoon = half.eq_ignore_ascii_case(&b'p');
        Some((civil_time(hour % 12 + if afternoon { 12 } else { 0 }, minute, second, 0)?, scan))
    }

    fn fraction(self) -> (i32, Self) {
        let Some((_, scan)) = self.one_of(b".,") else { return (0, self) };
        let places = scan.0.iter().take_while(|b| b.is_ascii_digit()).count();
        if places == 0 {
            return (0, self);
        }
        let digits = scan.0[..places].iter().chain(std::iter::repeat(&b'0')).take(9);
        let nanosecond = digits.fold(0, |value, digit| value * 10 + i32::from(digit - b'0'));
        (nanosecond, Self(&scan.0[places..]))
    }

    /// ` UTC`, ` CET`: passed over, since such names have several meanings.
    fn zone_name(self) -> Option<Self> {
        let scan = self.one_of(b" ")?.1;
        let letters = scan.0.iter().take_while(|b| b.is_ascii_uppercase()).count();
        (3..=4).contains(&letters).then(|| Self(&scan.0[letters..]))
    }

    /// `Z`, `+01:00`, `+0100` or `+01`; after a space not the last one, which
    /// may be any number.
    fn offset(self) -> Option<Offset> {
        let spaced = self.one_of(b" ");
        let scan = spaced.map_or(self, |(_, scan)| scan);
        if scan.one_of(b"Zz").is_some() {
            return Some(Offset::UTC);
        }
        let (sign, scan) = scan.one_of(b"+-")?;
        let (hours, scan) = scan.digits(2)?;
        let scan = scan.one_of(b":").map_or(scan, |(_, scan)| scan);
        let minutes = match scan.digits(2) {
            Some((minutes, _)) => minutes,
            None if spaced.is_some() => return None,
            None => 0,
        };
        let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
        Offset::from_seconds(if sign == b'-' { -seconds } else { seconds }).ok()
    }

    fn month(self) -> Option<(i16, Self)> {
        let name: [u8; 3] = self.0.get(..3)?.to_ascii_lowercase().try_into().ok()?;
        let index = MONTHS.iter().position(|month| **month == name)?;
        Some((i16::try_from(index).ok()? + 1, Self(&self.0[3..])))
    }

    fn digits(self, count: usize) -> Option<(i16, Self)> {
        let digits = self.0.get(..count)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let value = digits.iter().fold(0, |value, digit| value * 10 + i16::from(digit - b'0'));
        Some((value, Self(&self.0[count..])))
    }

    fn one_of(self, choices: &[u8]) -> Option<(u8, Self)> {
        let (first, rest) = self.0.split_first()?;
        choices.contains(first).then_some((*first, Self(rest)))
    }
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn civil_time(hour: i16, minute: i16, second: i16, nanosecond: i32) -> Option<Time> {
    let small = |value| i8::try_from(value).ok();
    Time::new(small(hour)?, small(minute)?, small(second)?, nanosecond).ok()
}

fn zoned(date: Date, time: Time, rest: Scan<'_>) -> Option<Moment> {
    let offset = rest.offset().unwrap_or(Offset::UTC);
    offset.to_timestamp(date.to_datetime(time)).ok().map(Moment::At)
}

fn yearless(month: i16, day: i16, time: Time) -> Option<Moment> {
    Some(Moment::Yearless(date(LEAP_YEAR, month, day)?.to_datetime(time)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(line: &str) -> Option<String> {
        let near = "2026-03-20T00:00:00Z".parse().unwrap();
        Moment::of(&LogLine::parse(line)).map(|moment| moment.resolve(near).to_string())
    }

    #[test]
    fn times_of_every_make_are_found() {
        let cases = [
            ("2026-03-14T09:00:00Z x", "2026-03-14T09:00:00Z"),
            ("2026-03-14T09:00:00.123456+01:00 x", "2026-03-14T08:00:00.123456Z"),
            ("2026-03-14t09:00:00-0530", "2026-03-14T14:30:00Z"),
            ("2026-03-14 09:00:00", "2026-03-14T09:00:00Z"),
            ("2026-03-14 09:00:00,123 ERROR python", "2026-03-14T09:00:00.123Z"),
            ("2026-03-14 09:00:00.008 25746 INFO nova", "2026-03-14T09:00:00.008Z"),
            ("[2026-03-14 09:00:00 +0200] [7] [CRITICAL]", "2026-03-14T07:00:00Z"),
            ("2026/03/14 09:00:00 [error] 7#7: nginx", "2026-03-14T09:00:00Z"),
            ("<34>1 2026-03-14T09:00:00.003Z host su - -", "2026-03-14T09:00:00.003Z"),
            ("ERROR 2026-03-14 09:00:00 late", "2026-03-14T09:00:00Z"),
            (
                "api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.272 25746",
                "2017-05-16T00:00:00.272Z",
            ),
            ("- 1117838570 2005.06.03 R02", "2005-06-03T22:42:50Z"),
            ("R02 2005-06-03-15.42.50.675872 R02", "2005-06-03T15:42:50.675872Z"),
            ("17/06/09 20:10:40 INFO Spark", "2017-06-09T20:10:40Z"),
            ("Mar 14 09:00:00 combo sshd", "2026-03-14T09:00:00Z"),
            ("Mar  4 09:00:00.5 combo sshd", "2026-03-04T09:00:00.5Z"),
            ("Sat Mar 14 09:00:00 UTC 2025", "2025-03-14T09:00:00Z"),
            ("Mar 14 2025 09:00:00 x", "2025-03-14T09:00:00Z"),
            ("Mar 14, 2025 09:00:00 x", "2025-03-14T09:00:00Z"),
            ("2026-03-14 09:00:00 -10 retries", "2026-03-14T09:00:00Z"),
            ("[Sun Dec 04 04:47:44 2005] [notice]", "2005-12-04T04:47:44Z"),
            ("[Sun Dec 04 04:47:44.123456 2005] [notice]", "2005-12-04T04:47:44.123456Z"),
            (r#"10.0.0.1 - - [14/Mar/2026:09:00:00 +0100] "GET /""#, "2026-03-14T08:00:00Z"),
            ("Oct 18, 2015 6:01:47 PM org.x.Y log", "2015-10-18T18:01:47Z"),
            ("Oct 18, 2015 12:01:47 AM org.x.Y log", "2015-10-18T00:01:47Z"),
            ("1:M 14 Mar 2026 09:00:00.123 # redis", "2026-03-14T09:00:00.123Z"),
            ("1:M 14 Mar 09:00:00.123 # redis", "2026-03-14T09:00:00.123Z"),
            ("Sat, 14 Mar 2026 09:00:00 GMT", "2026-03-14T09:00:00Z"),
            ("14.03.2026 09:00:00,123 ERROR x", "2026-03-14T09:00:00.123Z"),
            ("[4.3.2026, 09:00:00] x", "2026-03-04T09:00:00Z"),
            ("03-17 16:13:38.811  1702 D Window", "2026-03-17T16:13:38.811Z"),
            ("E0314 09:00:00.123456    1 main.go:5] x", "2026-03-14T09:00:00.123456Z"),
            ("1773478800 x", "2026-03-14T09:00:00Z"),
            ("1773478800.25 x", "2026-03-14T09:00:00.25Z"),
            ("[1773478800123] x", "2026-03-14T09:00:00.123Z"),
            (r#"{"timestamp":"2026-03-14T09:00:00Z"}"#, "2026-03-14T09:00:00Z"),
            (r#"{"@timestamp":"2026-03-14 09:00:00,5"}"#, "2026-03-14T09:00:00.5Z"),
            (r#"{"ts":1773478800.123,"message":"x"}"#, "2026-03-14T09:00:00.123Z"),
            (r#"{"time":1773478800123456789}"#, "2026-03-14T09:00:00.123456789Z"),
            (r#"{"time":"1773478800"}"#, "2026-03-14T09:00:00Z"),
        ];
        for (line, expected) in cases {
            assert_eq!(found(line).as_deref(), Some(expected), "{line}");
        }
    }

    #[test]
    fn what_is_no_time_is_not_taken_for_one() {
        for line in [
            "",
            "no time here",
            "order 1773478800 shipped",
            "177347880 0",
            "26-03-14 09:00:00",
            "17734788001",
            "1773478800abc",
            "2026-13-14T09:00:00Z",
            "2026-02-30 09:00:00",
            "03/14/2026 09:00:00",
            "31.02.2026 09:00:00",
            "1.2.2026.4 09:00:00",
            "2026-03-14 29:00:00",
            "version 1.2.3 of 10-11",
            "March 14",
            r#"{"message":"2026-03-14T09:00:00Z"}"#,
            r#"{"timestamp":true}"#,
        ] {
            assert_eq!(found(line), None, "{line}");
        }
    }

    #[test]
    fn a_missing_year_is_the_one_that_is_nearest() {
        let resolve = |line: &str, near: &str| {
            Moment::find(line).unwrap().resolve(near.parse().unwrap()).to_string()
        };
        let new_year = "2026-01-01T00:10:00Z";
        assert_eq!(resolve("Dec 31 23:59:00", new_year), "2025-12-31T23:59:00Z");
        assert_eq!(resolve("Jan  1 00:20:00", new_year), "2026-01-01T00:20:00Z");
        assert_eq!(resolve("Feb 29 00:00:00", "2024-06-01T00:00:00Z"), "2024-02-29T00:00:00Z");
    }

    #[test]
    fn with_nothing_to_go_by_a_missing_year_is_the_last_one() {
        let resolve = |line: &str, now: &str| {
            Moment::find(line).unwrap().resolve_before(now.parse().unwrap()).to_string()
        };
        let now = "2026-11-22T12:00:00Z";
        assert_eq!(resolve("May  1 00:00:00", now), "2026-05-01T00:00:00Z");
        assert_eq!(resolve("Nov 23 06:00:00", now), "2026-11-23T06:00:00Z");
        assert_eq!(resolve("Dec  1 00:00:00", now), "2025-12-01T00:00:00Z");
    }

    proptest! {
        #[test]
        fn arbitrary_lines_do_not_panic(line in "[0-9MarDecE:/. ,+T{}\"tsé-]{0,60}") {
            let _ = found(&line);
        }
    }
}
