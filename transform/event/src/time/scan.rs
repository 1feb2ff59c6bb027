//! Reading a time at the start of some bytes, form by form.

use jiff::{
    civil::{Date, DateTime, Time},
    tz::Offset,
};

use super::{
    calendar_names::{month, zone},
    moment::Moment,
};

/// A year for times that tell none; it has 29 February.
const LEAP_YEAR: i16 = 2000;

/// Reads times at the start of some bytes.
#[derive(Clone, Copy)]
pub(super) struct Scan<'a>(pub(super) &'a [u8]);

impl<'a> Scan<'a> {
    /// Every form that begins with a digit and may stand anywhere.
    pub(super) fn with_digits_first(self) -> Option<Moment> {
        self.year_first()
            .or_else(|| self.compact())
            .or_else(|| self.day_first())
            .or_else(|| self.dotted_day_first())
            .or_else(|| self.dashed_day_first())
            .or_else(|| self.slashed())
            .or_else(|| self.short_year())
    }

    /// `2026-03-14T09:00:00.123+01:00` and its variants.
    fn year_first(self) -> Option<Moment> {
        let (year, scan) = self.digits(4)?;
        let (separator, scan) = scan.one_of(b"-/.")?;
        let (month, scan) = scan.digits(2)?;
        let (day, scan) = scan.one_of(&[separator])?.1.digits(2)?;
        let (_, scan) = scan.one_of(b"Tt -")?;
        let scan = scan.one_of(b" ").map_or(scan, |(_, scan)| scan);
        let (time, scan) = scan.time().or_else(|| scan.short_time())?;
        zoned(date(year, month, day)?, time, scan)
    }

    /// `20260314T090000Z`, `20260314-09:00:00:123`.
    fn compact(self) -> Option<Moment> {
        let (year, scan) = self.digits(4)?;
        let (month, scan) = scan.digits(2)?;
        let (day, scan) = scan.digits(2)?;
        let (_, scan) = scan.one_of(b"Tt-_ ")?;
        let (time, scan) = scan.time().or_else(|| scan.packed_time())?;
        zoned(date(year, month, day).filter(|date| date.year() >= 1970)?, time, scan)
    }

    /// `14/Mar/2026:09:00:00 +0100`, `14 Mar 2026 09:00:00`, `14 Mar 09:00:00`,
    /// `14. März 2026 09:00:00`.
    fn day_first(self) -> Option<Moment> {
        let (day, scan) = self.digits(2).or_else(|| self.digits(1))?;
        let scan = scan.one_of(b".").map_or(scan, |(_, scan)| scan);
        let (separator, scan) = scan.one_of(b"/ -")?;
        let (month, scan) = scan.month()?;
        let (_, scan) = scan.one_of(&[separator])?;
        if let Some((time, scan)) = scan.time() {
            return yearless(month, day, time, scan.zone_name());
        }
        let (year, scan) = scan.digits(4)?;
        let scan = scan.one_of(b",").map_or(scan, |(_, scan)| scan);
        let (_, scan) = scan.one_of(b": T")?;
        let (time, scan) = scan.time()?;
        zoned(date(year, month, day)?, time, scan)
    }

    /// `14.03.2026 09:00:00`, `14.3.2026, 09:00:00`: with dots the day is first
    /// everywhere.
    fn dotted_day_first(self) -> Option<Moment> {
        let (day, scan) = self.digits(2).or_else(|| self.digits(1))?;
        let (_, scan) = scan.one_of(b".")?;
        let (month, scan) = scan.digits(2).or_else(|| scan.digits(1))?;
        let (year, scan) = scan.one_of(b".")?.1.digits(4)?;
        let scan = scan.one_of(b",").map_or(scan, |(_, scan)| scan);
        let (time, scan) = scan.one_of(b" T")?.1.time()?;
        zoned(date(year, month, day)?, time, scan)
    }

    /// `14-03-2026 09:00:00`: with dashes the day is first, unless it cannot be.
    fn dashed_day_first(self) -> Option<Moment> {
        let (day, scan) = self.digits(2)?;
        let (month, scan) = scan.one_of(b"-")?.1.digits(2)?;
        let (year, scan) = scan.one_of(b"-")?.1.digits(4)?;
        let scan = scan.one_of(b",").map_or(scan, |(_, scan)| scan);
        let (time, scan) = scan.one_of(b" T")?.1.time()?;
        zoned(date(year, month, day).or_else(|| date(year, day, month))?, time, scan)
    }

    /// `3/14/2026, 9:00:00 AM`: with slashes day or month may be first, so it is
    /// read only with AM or PM, which those write who put the month there; `am`
    /// others do as well.
    fn slashed(self) -> Option<Moment> {
        let (month, scan) = self.digits(2).or_else(|| self.digits(1))?;
        let (_, scan) = scan.one_of(b"/")?;
        let (day, scan) = scan.digits(2).or_else(|| scan.digits(1))?;
        let (year, scan) = scan.one_of(b"/")?.1.digits(4)?;
        let scan = scan.one_of(b",").map_or(scan, |(_, scan)| scan);
        let (time, rest) = scan.one_of(b" ")?.1.twelve_hour_time()?;
        let halves = &scan.0[..scan.0.len() - rest.0.len()];
        let capitals = halves.ends_with(b"M");
        (capitals || day > 12).then(|| zoned(date(year, month, day)?, time, rest)).flatten()
    }

    /// `03-14 09:00:00.123`, as logcat has it.
    pub(super) fn month_and_day(self) -> Option<Moment> {
        let (month, scan) = self.digits(2)?;
        let (day, scan) = scan.one_of(b"-")?.1.digits(2)?;
        let (time, _) = scan.one_of(b" ")?.1.time()?;
        yearless(month, day, time, None)
    }

    /// `26/03/14 09:00:00`, as Spark has it.
    fn short_year(self) -> Option<Moment> {
        let (year, scan) = self.digits(2)?;
        let (month, scan) = scan.one_of(b"/")?.1.digits(2)?;
        let (day, scan) = scan.one_of(b"/")?.1.digits(2)?;
        let (time, scan) = scan.one_of(b" ")?.1.time()?;
        zoned(date(2000 + year, month, day)?, time, scan)
    }

    /// `260314  9:00:00`, as MySQL wrote it, and `260314 090000`, as Hadoop did.
    pub(super) fn packed_date(self) -> Option<Moment> {
        let (year, scan) = self.digits(2)?;
        let (month, scan) = scan.digits(2)?;
        let (day, scan) = scan.digits(2)?;
        let (_, scan) = scan.one_of(b" ")?;
        let scan = scan.one_of(b" ").map_or(scan, |(_, scan)| scan);
        let (time, scan) = scan.time().or_else(|| scan.packed_time())?;
        zoned(date(2000 + year, month, day)?, time, scan)
    }

    /// `Mar 14 09:00:00`, `Mar 14 09:00:00.123 2026`, `Mar 14, 2026 9:00:00 AM`.
    pub(super) fn month_name_first(self) -> Option<Moment> {
        let (month, scan) = self.month()?;
        let scan = scan.one_of(b" ")?.1;
        let scan = scan.one_of(b" ").map_or(scan, |(_, scan)| scan);
        let (day, scan) = scan.digits(2).or_else(|| scan.digits(1))?;
        let scan = scan.one_of(b",").map_or(scan, |(_, scan)| scan);
        if let Some((year, scan)) = scan.one_of(b" ")?.1.digits(4) {
            let scan = scan.one_of(b",").map_or(scan, |(_, scan)| scan);
            let scan = scan.one_of(b" ")?.1;
            let (time, scan) = scan.twelve_hour_time().or_else(|| scan.time())?;
            return zoned(date(year, month, day)?, time, scan);
        }
        let (time, scan) = scan.one_of(b" ")?.1.time()?;
        let zone = scan.zone_name();
        let after = zone.map_or(scan, |(_, after)| after);
        let year = after.one_of(b" ").and_then(|(_, scan)| scan.digits(4));
        match (year, zone) {
            (Some((year, _)), Some((offset, _))) if year >= 1970 => {
                at(date(year, month, day)?, time, offset.unwrap_or(Offset::UTC))
            }
            (Some((year, after)), None) if year >= 1970 => {
                zoned(date(year, month, day)?, time, after)
            }
            _ => yearless(month, day, time, zone),
        }
    }

    /// `E0314 09:00:00.123456`, as klog and glog have it.
    pub(super) fn klog(self) -> Option<Moment> {
        let (_, scan) = self.one_of(b"IWEF")?;
        let (month, scan) = scan.digits(2)?;
        let (day, scan) = scan.digits(2)?;
        let (time, _) = scan.one_of(b" ")?.1.time()?;
        yearless(month, day, time, None)
    }

    /// `09:00:00`, `9:00:00`, `09.00.00`, with `.123` or `,123` after it.
    fn time(self) -> Option<(Time, Self)> {
        let (hour, scan) = self.digits(2).or_else(|| self.digits(1))?;
        let (separator, scan) = scan.one_of(b":.")?;
        let (minute, scan) = scan.digits(2)?;
        let (second, scan) = scan.one_of(&[separator])?.1.digits(2)?;
        let (nanosecond, scan) = scan.fraction();
        // A leap second counts as the one before it.
        Some((civil_time(hour, minute, second.min(59), nanosecond)?, scan))
    }

    /// `09:00`, before a zone or the end of the word.
    fn short_time(self) -> Option<(Time, Self)> {
        let (hour, scan) = self.digits(2)?;
        let (minute, scan) = scan.one_of(b":")?.1.digits(2)?;
        let ends = scan.0.first().is_none_or(|byte| b" Z+-\"],|".contains(byte));
        let time = civil_time(hour, minute, 0, 0)?;
        ends.then_some((time, scan))
    }

    /// `090000`, with `.123` or `,123` after it.
    fn packed_time(self) -> Option<(Time, Self)> {
        let (hour, scan) = self.digits(2)?;
        let (minute, scan) = scan.digits(2)?;
        let (second, scan) = scan.digits(2)?;
        let (nanosecond, scan) = scan.fraction();
        let ends = scan.0.first().is_none_or(|byte| !byte.is_ascii_digit());
        let time = civil_time(hour, minute, second.min(59), nanosecond)?;
        ends.then_some((time, scan))
    }

    /// `9:00:00 AM`, of which the blank may be a narrow one.
    fn twelve_hour_time(self) -> Option<(Time, Self)> {
        let (hour, scan) = self.digits(2).or_else(|| self.digits(1))?;
        let (minute, scan) = scan.one_of(b":")?.1.digits(2)?;
        let (second, scan) = scan.one_of(b":")?.1.digits(2)?;
        let blank = scan.0.strip_prefix("\u{202f}".as_bytes()).map(Self);
        let scan = blank.or_else(|| scan.one_of(b" ").map(|(_, scan)| scan))?;
        let (half, scan) = scan.one_of(b"APap")?;
        let (_, scan) = scan.one_of(b"Mm")?;
        let afternoon = half.eq_ignore_ascii_case(&b'p');
        Some((civil_time(hour % 12 + if afternoon { 12 } else { 0 }, minute, second, 0)?, scan))
    }

    fn fraction(self) -> (i32, Self) {
        let Some((mark, scan)) = self.one_of(b".,:") else { return (0, self) };
        let places = scan.0.iter().take_while(|b| b.is_ascii_digit()).count();
        // After a colon only thousandths, since a port or a line may follow one.
        if places == 0 || mark == b':' && places != 3 {
            return (0, self);
        }
        let digits = scan.0[..places].iter().chain(std::iter::repeat(&b'0')).take(9);
        let nanosecond = digits.fold(0, |value, digit| value * 10 + i32::from(digit - b'0'));
        (nanosecond, Self(&scan.0[places..]))
    }

    /// ` UTC`, ` CET`: the offset of a zone, none where its name has several
    /// meanings, and what comes after it.
    fn zone_name(self) -> Option<(Option<Offset>, Self)> {
        let scan = self.one_of(b" ")?.1;
        let letters = scan.0.iter().take_while(|b| b.is_ascii_uppercase()).count();
        let (name, rest) = scan.0.split_at(letters);
        let ends = rest.first().is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let offset = zone(name).and_then(|minutes| Offset::from_seconds(minutes * 60).ok());
        ((3..=4).contains(&letters) && ends).then_some((offset, Self(rest)))
    }

    /// `Z`, `+01:00`, `+0100` or `+01`; after a space not the last one, which
    /// may be any number; or the name of a zone.
    fn offset(self) -> Option<Offset> {
        if let Some((offset, _)) = self.zone_name() {
            return offset;
        }
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
        let letters = self.0.iter().take_while(|b| b.is_ascii_alphabetic() || **b >= 0x80).count();
        let (name, rest) = self.0.split_at(letters);
        let rest = rest.strip_prefix(b".").unwrap_or(rest);
        Some((month(name)?, Self(rest)))
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
    at(date, time, rest.offset().unwrap_or(Offset::UTC))
}

fn at(date: Date, time: Time, offset: Offset) -> Option<Moment> {
    offset.to_timestamp(date.to_datetime(time)).ok().map(Moment::At)
}

fn yearless(
    month: i16,
    day: i16,
    time: Time,
    zone: Option<(Option<Offset>, Scan<'_>)>,
) -> Option<Moment> {
    let civil: DateTime = date(LEAP_YEAR, month, day)?.to_datetime(time);
    let offset = zone.and_then(|(offset, _)| offset).unwrap_or(Offset::UTC);
    let in_utc = offset.to_timestamp(civil).ok().map(|at| Offset::UTC.to_datetime(at));
    Some(Moment::Yearless(in_utc?))
}
