//! The time that an event tells.
//!
//! Known: RFC 3339 and its variants (a space or `-` for the `T`, `/` or `.` in
//! the date, a comma before the fraction, no zone, no seconds, no separators at
//! all), as Java, Python, Go, nginx and Spark write it; `14.03.2026`, `14-03-2026`
//! and, with AM or PM, `3/14/2026`; syslog and asctime, with the names of months in
//! several languages; Apache's access log; java.util.logging; Redis; MySQL; logcat;
//! klog; logfmt; TAI64N; epoch seconds down to nanoseconds at the start of a line;
//! and the time fields of events. A time is in the zone that it names, where the
//! name means one, or else in UTC.

use std::borrow::Cow;

use super::{fields::of_fields, moment::Moment, place::find};
use crate::{
    bare_text::bare, event::Event, json_inside::json_inside, line::LogLine, wrapper::unwrapped,
};

/// How much of a line is looked at for the JSON inside it, in bytes.
const SEARCHED_BYTES: usize = 64 << 10;

impl Moment {
    /// The time that an event tells: a plain line where log formats put it, JSON
    /// inside a text by its fields, every other by its own.
    pub fn of(event: &impl Event) -> Option<Self> {
        if let Some(text) = event.as_text() {
            return Self::of_text(&text);
        }
        let inside = json_inside(event).and_then(|text| Self::of_json(&text));
        inside.or_else(|| of_fields(event))
    }

    fn of_text(text: &str) -> Option<Self> {
        let (text, _) = bare(Cow::Borrowed(text), SEARCHED_BYTES);
        let inside = unwrapped(&text).and_then(Self::of_json);
        inside.or_else(|| find(&text)).or_else(|| find(unwrapped(&text)?))
    }

    fn of_json(text: &str) -> Option<Self> {
        match LogLine::parse(text) {
            LogLine::Plain(_) => None,
            line => of_fields(&line),
        }
    }

    /// The time that a text tells where log formats put one: never a date that a
    /// sentence speaks of.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        find(text)
    }
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
            // A zone that is named.
            ("2026-03-14 09:00:00 CEST x", "2026-03-14T07:00:00Z"),
            ("2026-03-14 09:00:00.123 EST [7] LOG:  x", "2026-03-14T14:00:00.123Z"),
            ("2026-03-14 09:00:00 CST x", "2026-03-14T09:00:00Z"),
            ("2026-03-14 09:00:00 CETERA", "2026-03-14T09:00:00Z"),
            ("Sat Mar 14 09:00:00 PDT 2026", "2026-03-14T16:00:00Z"),
            ("Mar 14 09:00:00 JST web app: x", "2026-03-14T00:00:00Z"),
            // Forms of their own.
            ("2026-03-14T09:00+01:00 x", "2026-03-14T08:00:00Z"),
            ("20260314T090000.5Z x", "2026-03-14T09:00:00.5Z"),
            ("20260314-9:00:00:606|Step|x", "2026-03-14T09:00:00.606Z"),
            ("2026-03-14  9:00:00 0 [Note] x", "2026-03-14T09:00:00Z"),
            ("081109 203615 148 INFO dfs.X: x", "2008-11-09T20:36:15Z"),
            ("03/14/2026, 9:00:00 PM x", "2026-03-14T21:00:00Z"),
            ("3/4/2026 9:00:00\u{202f}AM x", "2026-03-04T09:00:00Z"),
            ("04-03-2026 09:00:00 x", "2026-03-04T09:00:00Z"),
            ("03-14-2026 09:00:00 x", "2026-03-14T09:00:00Z"),
            ("14. M\u{e4}rz 2026 09:00:00 x", "2026-03-14T09:00:00Z"),
            ("14 d\u{e9}c. 2026 09:00:00 x", "2026-12-14T09:00:00Z"),
            ("@4000000069b5239a075bcd15 x", "2026-03-14T09:00:00.123456789Z"),
            // Behind what formats put first.
            ("10.0.0.1 - frank [14/Mar/2026:09:00:00 +0100] x", "2026-03-14T08:00:00Z"),
            (
                "web-1 haproxy[7]: 10.0.0.1:5 [14/Mar/2026:09:00:00.123] x",
                "2026-03-14T09:00:00.123Z",
            ),
            ("INFO  [main] 2026-03-14 09:00:00,123 Foo.java:1 - x", "2026-03-14T09:00:00.123Z"),
            ("[pod/api/web] 2026-03-14T09:00:00Z x", "2026-03-14T09:00:00Z"),
            ("[worker one] 2026-03-14T09:00:00Z x", "2026-03-14T09:00:00Z"),
            ("<30>Mar 14 09:00:00 web app: x", "2026-03-14T09:00:00Z"),
            ("\"2026-03-14 09:00:00\",\"ERROR\"", "2026-03-14T09:00:00Z"),
            ("type=SYSCALL msg=audit(1773478800.123:456): x", "2026-03-14T09:00:00.123Z"),
            (
                "level=error msg=\"till 2036-01-01 00:00:00\" t=2026-03-14T09:00:00Z",
                "2026-03-14T09:00:00Z",
            ),
            // Through what wraps a line.
            ("\u{1b}[36m2026-03-14 09:00:00\u{1b}[0m x", "2026-03-14T09:00:00Z"),
            ("\u{0}\u{0}2026-03-14 09:00:00 x", "2026-03-14T09:00:00Z"),
            ("app-1  | 2026-03-14 09:00:00 x", "2026-03-14T09:00:00Z"),
            ("2026-03-14T09:00:01Z stdout F x", "2026-03-14T09:00:01Z"),
            (r#"2026-03-14T09:00:01Z stdout F {"ts":1773478800}"#, "2026-03-14T09:00:00Z"),
            (
                r#"{"time":"2026-03-14T09:00:01Z","log":"{\"ts\":1773478800}"}"#,
                "2026-03-14T09:00:00Z",
            ),
            (r#"{"time":"2026-03-14T09:00:01Z","log":"{\"a\":1}"}"#, "2026-03-14T09:00:01Z"),
            // Fields.
            (r#"{"__REALTIME_TIMESTAMP":"1773478800123456"}"#, "2026-03-14T09:00:00.123456Z"),
            (r#"{"timeUnixNano":"1773478800123456789"}"#, "2026-03-14T09:00:00.123456789Z"),
            (r#"{"created":1773478800.5}"#, "2026-03-14T09:00:00.5Z"),
            (r#"{"asctime":"2026-03-14 09:00:00,123"}"#, "2026-03-14T09:00:00.123Z"),
            (r#"{"t":{"$date":"2026-03-14T09:00:00.000+00:00"}}"#, "2026-03-14T09:00:00Z"),
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
            // What a sentence speaks of.
            "cert check: valid to 2036-01-01 00:00:00, chain: certificate has expired",
            "backup of 2026-01-01 00:00:00 failed",
            "expires: 2036-01-01 00:00:00",
            "level=error msg=\"till 2036-01-01 00:00:00\"",
            "restored 3 files from 14 Mar 2026 09:00:00",
            // Day or month first?
            "4/3/2026, 9:00:00 am",
            "@400000006b5d2c1e0 x",
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
