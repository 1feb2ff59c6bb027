//! `mute_times:` of alerts.yml: when nothing is delivered, again and again.

use std::fmt;

use jiff::{
    Timestamp, ToSpan,
    civil::{DateTime, Weekday},
    tz::TimeZone,
};
use signatures_document::{
    Diagnostic, Reader, one_or_more,
    yaml::{Node, Span},
};
use signatures_engine::Selector;

use super::zone::read_zone;
use crate::{alert::Alert, routes::selects};

/// One entry of `mute_times:`: a silence that comes again, by the clock of a zone.
#[derive(Clone, Debug, PartialEq)]
pub struct MuteTime {
    /// On which days it begins.
    days: Vec<Weekday>,
    /// From when and to when, in minutes of a day; over midnight where the second is
    /// not after the first.
    from: i16,
    to: i16,
    zone: TimeZone,
    matches: Selector,
}

const KEYS: [&str; 5] = ["days", "from", "to", "timezone", "match"];

const DAYS: [(&str, &str, Weekday); 7] = [
    ("mon", "monday", Weekday::Monday),
    ("tue", "tuesday", Weekday::Tuesday),
    ("wed", "wednesday", Weekday::Wednesday),
    ("thu", "thursday", Weekday::Thursday),
    ("fri", "friday", Weekday::Friday),
    ("sat", "saturday", Weekday::Saturday),
    ("sun", "sunday", Weekday::Sunday),
];

const MINUTES_OF_DAY: i16 = 24 * 60;

impl MuteTime {
    /// Until when it mutes an alert at a time; none when it does not.
    #[must_use]
    pub fn mutes(&self, alert: &Alert, now: Timestamp) -> Option<Timestamp> {
        if !selects(&self.matches, alert) {
            return None;
        }
        self.until(now)
    }

    /// Until when it is in force at a time; none when it is not.
    fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let local = self.zone.to_datetime(now);
        let minute = i16::from(local.hour()) * 60 + i16::from(local.minute());
        let today = local.weekday();
        let over_midnight = self.to <= self.from;
        let begun_today = self.days.contains(&today) && minute >= self.from;
        let begun_yesterday = over_midnight && self.days.contains(&today.previous());
        let days_ahead = match (over_midnight, begun_today) {
            (false, true) if minute < self.to => 0,
            (true, true) => 1,
            (true, false) if begun_yesterday && minute < self.to => 0,
            _ => return None,
        };
        let midnight: DateTime = local.date().into();
        let end = midnight
            .checked_add(i32::from(days_ahead).days().minutes(i32::from(self.to)))
            .and_then(|end| self.zone.to_timestamp(end));
        // Where there is no such time it ends at the end of time.
        Some(end.unwrap_or(Timestamp::MAX))
    }

    fn is_always(&self) -> bool {
        let whole = self.from == 0 && self.to == MINUTES_OF_DAY;
        whole && DAYS.iter().all(|(_, _, day)| self.days.contains(day))
    }

    pub(super) fn read(reader: &mut Reader, zone: &TimeZone, node: &Node) -> Option<Self> {
        let mut mute = Self {
            days: DAYS.map(|(_, _, day)| day).to_vec(),
            from: 0,
            to: MINUTES_OF_DAY,
            zone: zone.clone(),
            matches: Selector::default(),
        };
        let mut is_read = true;
        let mut take = |is: bool| is_read &= is;
        for entry in reader.mapping("mute_times", node) {
            let (key, value) = (entry.key.as_str(), &entry.value);
            match key {
                "days" => match read_days(reader, value) {
                    Some(days) => mute.days = days,
                    None => take(false),
                },
                "from" | "to" => match read_time(reader, key, value) {
                    Some(minute) if key == "from" => mute.from = minute,
                    Some(minute) => mute.to = minute,
                    None => take(false),
                },
                "timezone" => match read_zone(reader, key, value) {
                    Some(zone) => mute.zone = zone,
                    None => take(false),
                },
                "match" => mute.matches = Selector::read(reader, value),
                _ => reader.unknown_key(entry, "a mute time", &KEYS),
            }
        }
        if is_read {
            mute.check(reader, node.span);
        }
        is_read.then_some(mute)
    }

    /// Reports what cannot be meant.
    fn check(&self, reader: &mut Reader, span: Span) {
        if self.from == self.to {
            let help = "without `from` and `to` it is all of the day";
            let message = "`from` and `to` of a mute time are the same";
            reader.report(Diagnostic::schema(span, message).help(help));
        } else if self.is_always() && self.matches == Selector::default() {
            let help = "say `days`, `from` and `to`, or `match`; `shadow` delivers nothing at all";
            let message = "a mute time mutes everything, always";
            reader.report(Diagnostic::schema(span, message).help(help));
        }
    }
}

fn read_days(reader: &mut Reader, node: &Node) -> Option<Vec<Weekday>> {
    let items = one_or_more(node);
    let day = |item: &Node| {
        let name = item.as_text()?.to_lowercase();
        let known = DAYS.iter().find(|(short, long, _)| [*short, *long].contains(&name.as_str()));
        known.map(|(_, _, day)| *day)
    };
    let days: Vec<_> = items.iter().map(|item| (item, day(item))).collect();
    for (item, _) in days.iter().filter(|(_, day)| day.is_none()) {
        let names = DAYS.map(|(short, ..)| short).join(", ");
        reader.expected::<()>("days", &format!("some of {names}"), item);
    }
    if items.is_empty() {
        return reader.expected("days", "at least one day", node);
    }
    days.into_iter().map(|(_, day)| day).collect()
}

/// A time of day as `06:30`, in minutes; the end of the day is `24:00`.
fn read_time(reader: &mut Reader, key: &str, node: &Node) -> Option<i16> {
    let read = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        let two = |digits: &str| {
            let is = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            is.then(|| digits.parse::<i16>().ok())?
        };
        let (hour, minute) = (two(hour)?, two(minute)?);
        let total = hour * 60 + minute;
        (minute < 60 && total <= MINUTES_OF_DAY).then_some(total)
    };
    let time = node.as_text().and_then(read).filter(|time| key == "to" || *time < MINUTES_OF_DAY);
    time.or_else(|| reader.expected(key, "a time of day like 06:30", node))
}

/// `sat, sun 22:00–06:00 Europe/Berlin`.
impl fmt::Display for MuteTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = DAYS.iter().filter(|(_, _, day)| self.days.contains(day));
        let days: Vec<_> = days.map(|(short, ..)| *short).collect();
        let days = if days.len() == DAYS.len() { "daily".to_owned() } else { days.join(", ") };
        let time = |minutes: i16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let zone = self.zone.iana_name().unwrap_or("UTC");
        write!(f, "{days} {}–{} {zone}", time(self.from), time(self.to))
    }
}

#[cfg(test)]
mod tests {
    use signatures_document::yaml::Source;

    use super::*;
    use crate::settings::Settings;

    fn mute(text: &str) -> MuteTime {
        let source = Source::new("a.yml", format!("operations: {{mute_times: [{text}]}}"));
        let read = signatures_document::Sections::read(&source, "alerts.yml", Settings::read);
        let told: Vec<_> = read.diagnostics.iter().map(|found| found.located(&source)).collect();
        assert_eq!(told, Vec::<String>::new());
        read.value.unwrap().operations.mute_times.remove(0)
    }

    fn until(mute: &MuteTime, now: &str) -> Option<String> {
        mute.until(now.parse().unwrap()).map(|until| until.to_string())
    }

    #[test]
    fn it_is_in_force_by_the_clock_of_its_zone() {
        let office = mute("{days: [mon, Tuesday], from: '08:00', to: '16:30'}");
        // 2026-01-05 is a Monday.
        assert_eq!(until(&office, "2026-01-05T07:59:59Z"), None);
        assert_eq!(until(&office, "2026-01-05T08:00:00Z").unwrap(), "2026-01-05T16:30:00Z");
        assert_eq!(until(&office, "2026-01-06T16:29:59Z").unwrap(), "2026-01-06T16:30:00Z");
        assert_eq!(until(&office, "2026-01-06T16:30:00Z"), None);
        assert_eq!(until(&office, "2026-01-07T12:00:00Z"), None);
        assert_eq!(office.to_string(), "mon, tue 08:00–16:30 UTC");
        let berlin = mute("{from: '08:00', to: '09:00', timezone: Europe/Berlin}");
        assert_eq!(until(&berlin, "2026-01-05T07:30:00Z").unwrap(), "2026-01-05T08:00:00Z");
        // In summer an hour earlier.
        assert_eq!(until(&berlin, "2026-07-05T06:30:00Z").unwrap(), "2026-07-05T07:00:00Z");
        assert_eq!(berlin.to_string(), "daily 08:00–09:00 Europe/Berlin");
    }

    #[test]
    fn a_night_is_of_the_day_on_which_it_begins() {
        let nights =
            mute("{days: [sat, sun], from: '22:00', to: '06:00', timezone: Europe/Berlin}");
        // Saturday the third, 22:00 in Berlin.
        assert_eq!(until(&nights, "2026-01-03T20:59:00Z"), None);
        assert_eq!(until(&nights, "2026-01-03T21:00:00Z").unwrap(), "2026-01-04T05:00:00Z");
        assert_eq!(until(&nights, "2026-01-05T04:59:00Z").unwrap(), "2026-01-05T05:00:00Z");
        assert_eq!(until(&nights, "2026-01-05T05:00:00Z"), None);
        // The night from Friday to Saturday is Friday's.
        assert_eq!(until(&nights, "2026-01-03T03:00:00Z"), None);
        let whole = mute("{days: sun}");
        assert_eq!(until(&whole, "2026-01-04T23:59:59Z").unwrap(), "2026-01-05T00:00:00Z");
        assert_eq!(until(&whole, "2026-01-05T00:00:00Z"), None);
    }

    #[test]
    fn it_is_for_what_it_selects() {
        let alert = Alert::test("2026-01-04T12:00:00Z".parse().unwrap());
        let now = "2026-01-04T12:00:00Z".parse().unwrap();
        assert!(mute("{days: sun, match: {policy: notify}}").mutes(&alert, now).is_some());
        assert!(mute("{days: sun, match: {policy: retry}}").mutes(&alert, now).is_none());
    }
}
