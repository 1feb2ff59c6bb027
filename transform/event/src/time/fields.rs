//! The time that the fields of an event tell.

use jiff::Timestamp;

use super::{epoch::epoch, moment::Moment, place::find};
use crate::{
    canonical_value::canonical_number,
    event::{Event, Value},
};

/// The fields that may tell the time, in the order in which they are asked.
pub const TIME_FIELDS: [&str; 38] = [
    "timestamp",
    "@timestamp",
    "ts",
    "time",
    // Serilog, Monolog, Fluent Bit, Python, Timber.
    "@t",
    "datetime",
    "date",
    "asctime",
    "created",
    "dt",
    "_time",
    "Timestamp",
    "Time",
    "TIMESTAMP",
    "timeStamp",
    // AWS, Windows, HAProxy and Envoy, nginx.
    "eventTime",
    "event_time",
    "EventTime",
    "TimeCreated",
    "TimeGenerated",
    "start_time",
    "time_iso8601",
    "time_local",
    "log_time",
    "logTime",
    // OpenTelemetry, log4j2, Google Cloud.
    "timeUnixNano",
    "time_unix_nano",
    "observed_timestamp",
    "observedTimeUnixNano",
    "timeMillis",
    "receiveTimestamp",
    // journald: when the program said it, then when it was written.
    "_SOURCE_REALTIME_TIMESTAMP",
    "__REALTIME_TIMESTAMP",
    // loguru, MongoDB.
    "record.time.timestamp",
    "t.$date",
    "t",
    "fields.time",
    "instant",
];

/// How objects name the seconds and the nanoseconds of a time: protobuf, log4j2.
const PARTS: [(&str, &str); 2] = [("seconds", "nanos"), ("epochSecond", "nanoOfSecond")];

/// The time that the fields of an event tell.
pub(super) fn of_fields(event: &impl Event) -> Option<Moment> {
    TIME_FIELDS.iter().find_map(|name| match event.get(name)? {
        Value::Text(text) => find(&text),
        // Vector and protobuf have times that are none of JSON's kinds.
        Value::Number(text) => {
            let text = canonical_number(text);
            let counted = epoch(text.as_bytes()).map(|(at, _)| Moment::At(at));
            counted.or_else(|| find(&text))
        }
        Value::Composite(_) => of_object(event, name).map(Moment::At),
        Value::Boolean(_) => None,
    })
}

fn of_object(event: &impl Event, name: &str) -> Option<Timestamp> {
    PARTS.iter().find_map(|(seconds, nanoseconds)| {
        let number = |part: &str| -> Option<i64> {
            event.get(&format!("{name}.{part}"))?.into_scalar_text()?.parse().ok()
        };
        let nanoseconds = number(nanoseconds).and_then(|n| i32::try_from(n).ok());
        Timestamp::new(number(seconds)?, nanoseconds.unwrap_or_default()).ok()
    })
}
