//! The level that the fields of an event say.

use super::{level::Level, level_names::LevelNames, number::Scale};
use crate::{
    canonical_value::canonical_number,
    event::{Event, Value},
    names::Names,
};

/// The fields that most loggers write, in the order in which they are asked.
const COMMON: [(&str, Scale); 4] = [
    ("level", Scale::Level),
    ("severity", Scale::Severity),
    ("log.level", Scale::Level),
    ("severity_text", Scale::Words),
];

/// The fields of the others, asked after those and in this order.
const OTHERS: [(&str, Scale); 52] = [
    // Go's and hclog's, Serilog's, .NET's, winston's and log4j2's own.
    ("lvl", Scale::Level),
    ("loglevel", Scale::Level),
    ("log_level", Scale::Level),
    ("logLevel", Scale::Level),
    ("Level", Scale::Level),
    ("LogLevel", Scale::Level),
    ("LEVEL", Scale::Level),
    ("@l", Scale::Words),
    ("@level", Scale::Words),
    ("level.name", Scale::Words),
    ("level.standardLevel", Scale::Words),
    // Python, loguru, structlog.
    ("levelname", Scale::Words),
    ("levelName", Scale::Words),
    ("levelno", Scale::Python),
    ("level_number", Scale::Python),
    ("record.level.name", Scale::Words),
    ("record.level.no", Scale::Python),
    // Monolog, logback.
    ("level_name", Scale::Words),
    ("level_value", Scale::Level),
    // OpenTelemetry.
    ("severityText", Scale::Words),
    ("SeverityText", Scale::Words),
    ("severity_number", Scale::Otel),
    ("severityNumber", Scale::Otel),
    ("SeverityNumber", Scale::Otel),
    ("Severity", Scale::Severity),
    ("SEVERITY", Scale::Severity),
    ("log_severity", Scale::Severity),
    // syslog, journald.
    ("PRIORITY", Scale::Syslog),
    ("priority", Scale::Words),
    ("pri", Scale::SyslogPriority),
    ("syslog_severity", Scale::Syslog),
    ("syslog.severity", Scale::Syslog),
    ("syslog.severity.name", Scale::Words),
    ("syslog.severity.code", Scale::Syslog),
    ("log.syslog.severity.name", Scale::Words),
    ("log.syslog.severity.code", Scale::Syslog),
    // Windows, NXLog, Azure.
    ("winlog.level", Scale::Windows),
    ("levelDisplayName", Scale::Words),
    ("LevelDisplayName", Scale::Words),
    ("SeverityValue", Scale::Nxlog),
    ("severityLevel", Scale::ApplicationInsights),
    // Wrapped by Google Cloud, tracing, Vector, and exporters of OpenTelemetry.
    ("logging.googleapis.com/severity", Scale::Severity),
    ("jsonPayload.level", Scale::Level),
    ("jsonPayload.severity", Scale::Severity),
    ("fields.level", Scale::Level),
    ("attributes.level", Scale::Level),
    ("attributes.log.level", Scale::Level),
    ("labels.level", Scale::Level),
    // PostgreSQL; MongoDB; Serilog, whose `@mt` without `@l` is information.
    ("error_severity", Scale::Words),
    ("s", Scale::Words),
    ("@mt", Scale::Words),
    ("@m", Scale::Words),
];

/// Who writes numbers of their own into `level` is known by these.
const PYTHON: [&str; 10] = [
    "levelno",
    "levelname",
    "lineno",
    "funcName",
    "pathname",
    "processName",
    "threadName",
    "relativeCreated",
    "asctime",
    "taskName",
];
const WINDOWS: [&str; 6] =
    ["EventID", "EventId", "event_id", "ProviderName", "SourceName", "winlog"];

/// The names of the [`OTHERS`], in a form that can be asked for at once.
pub(crate) const OTHER_NAMES: Names = {
    let mut names = [""; OTHERS.len()];
    let mut index = 0;
    while index < OTHERS.len() {
        names[index] = OTHERS[index].0;
        index += 1;
    }
    Names::of(&[&names as &[&str]])
};

/// The names of all fields that may say a level, in the order asked.
pub fn level_fields() -> impl Iterator<Item = &'static str> {
    COMMON.iter().chain(&OTHERS).map(|(name, _)| *name)
}

impl Level {
    /// The level that the fields of an event say; none when they say none, or one
    /// that nobody knows.
    #[must_use]
    pub fn of(event: &impl Event, names: &LevelNames) -> Option<Self> {
        Self::of_common(event, names).or_else(|| {
            OTHER_NAMES.may_be_in(event).then(|| Self::of_others(event, names)).flatten()
        })
    }

    /// As most loggers say it.
    #[inline]
    pub(crate) fn of_common(event: &impl Event, names: &LevelNames) -> Option<Self> {
        COMMON.iter().find_map(|(name, scale)| level_in(event, name, *scale, names))
    }

    /// As the others do.
    pub(crate) fn of_others(event: &impl Event, names: &LevelNames) -> Option<Self> {
        OTHERS.iter().find_map(|(name, scale)| match *name {
            // Our own tag, when we have written one.
            "error_severity" if event.get("error_fingerprint").is_some() => None,
            "s" => event.get("t.$date").and_then(|_| level_in(event, name, *scale, names)),
            "@mt" | "@m" => {
                let bare = event.get(name).is_some() && event.get("@l").is_none();
                (bare && event.get("@t").is_some()).then_some(Self::Info)
            }
            _ => level_in(event, name, *scale, names),
        })
    }
}

#[inline]
fn level_in(event: &impl Event, name: &str, scale: Scale, names: &LevelNames) -> Option<Level> {
    let (text, number) = match event.get(name)? {
        Value::Text(text) => (text, false),
        Value::Number(text) => (canonical_number(text), true),
        Value::Boolean(_) | Value::Composite(_) => return None,
    };
    // Most levels are words, and no word begins with a digit.
    let number = number || text.bytes().any(|byte| byte.is_ascii_digit());
    if !number {
        return names.level_of(&text);
    }
    names.own(&text).or_else(|| numbered(event, &text, scale)).or_else(|| Level::from_word(&text))
}

fn numbered(event: &impl Event, text: &str, scale: Scale) -> Option<Level> {
    let number = text.trim().parse().ok()?;
    let told_by = |neighbours: &[&str]| {
        // A holder that does not tell its names has them asked for.
        event.any_name(&mut |name| neighbours.contains(&name))
            && neighbours.iter().any(|name| event.get(name).is_some())
    };
    let scale = match (scale, number) {
        (Scale::Level, 10..=59) if told_by(&PYTHON) => Scale::Python,
        (Scale::Level, 0..=5) if told_by(&WINDOWS) => Scale::Windows,
        (scale, _) => scale,
    };
    scale.level(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::JsonEvent;

    fn level(line: &str) -> Option<Level> {
        Level::of(&JsonEvent::parse(line).unwrap(), &LevelNames::default())
    }

    #[test]
    fn the_first_field_that_says_a_known_level_counts() {
        let cases = [
            (r#"{"level":30,"severity":"error"}"#, Some(Level::Info)),
            (r#"{"level":"weird","severity":"ERROR"}"#, Some(Level::Error)),
            (r#"{"log.level":"debug"}"#, Some(Level::Debug)),
            (r#"{"log":{"level":"debug"}}"#, Some(Level::Debug)),
            (r#"{"severity_text":"WARN"}"#, Some(Level::Warning)),
            (r#"{"level":null,"message":"x"}"#, None),
            (r#"{"level":"","levelname":"INFO"}"#, Some(Level::Info)),
            (r#"{"level":{"standardLevel":"INFO","intLevel":400}}"#, Some(Level::Info)),
            (r#"{"level":true}"#, None),
        ];
        for (line, expected) in cases {
            assert_eq!(level(line), expected, "{line}");
        }
    }

    #[test]
    fn neighbours_tell_whose_number_it_is() {
        let cases = [
            (r#"{"level":30}"#, Some(Level::Info)),
            (r#"{"level":30.0}"#, Some(Level::Info)),
            (r#"{"level":3e1}"#, Some(Level::Info)),
            (r#"{"level":"30"}"#, Some(Level::Info)),
            (r#"{"level":30,"lineno":7,"funcName":"f"}"#, Some(Level::Warning)),
            (r#"{"level":20,"lineno":7}"#, Some(Level::Info)),
            (r#"{"levelno":20}"#, Some(Level::Info)),
            (r#"{"level":4}"#, Some(Level::Warning)),
            (r#"{"EventID":7,"Level":4}"#, Some(Level::Info)),
            (r#"{"EventID":7,"Level":2}"#, Some(Level::Error)),
            (r#"{"severity":17}"#, Some(Level::Error)),
            (r#"{"severity_number":9}"#, Some(Level::Info)),
            (r#"{"PRIORITY":"6"}"#, Some(Level::Info)),
            (r#"{"priority":6}"#, None),
            (r#"{"priority":"info"}"#, Some(Level::Info)),
            (r#"{"pri":"30"}"#, Some(Level::Info)),
        ];
        for (line, expected) in cases {
            assert_eq!(level(line), expected, "{line}");
        }
    }

    #[test]
    fn some_fields_are_levels_only_beside_others() {
        let cases = [
            (r#"{"error_severity":"LOG"}"#, Some(Level::Info)),
            (r#"{"error_severity":"info","error_fingerprint":"0123456789ab"}"#, None),
            (r#"{"t":{"$date":"2026-03-14T09:00:00Z"},"s":"I","c":"NETWORK"}"#, Some(Level::Info)),
            (r#"{"s":"I"}"#, None),
            (r#"{"@t":"2026-03-14T09:00:00Z","@mt":"x"}"#, Some(Level::Info)),
            (r#"{"@t":"2026-03-14T09:00:00Z","@mt":"x","@l":"Error"}"#, Some(Level::Error)),
            (r#"{"@m":"x"}"#, None),
        ];
        for (line, expected) in cases {
            assert_eq!(level(line), expected, "{line}");
        }
    }

    #[test]
    fn a_team_names_its_levels() {
        let names = LevelNames::from([("ANOMALY", Level::Error), ("35", Level::Notice)]);
        for (line, expected) in [
            (r#"{"level":"anomaly"}"#, Some(Level::Error)),
            (r#"{"level":35}"#, Some(Level::Notice)),
            (r#"{"level":"info"}"#, Some(Level::Info)),
        ] {
            assert_eq!(Level::of(&JsonEvent::parse(line).unwrap(), &names), expected, "{line}");
        }
    }
}
