//! Where levels and severities meet: a setting that asks for a least one of
//! either takes the words of both.
//!
//! `min_level` is held against what an event says of itself, `min_severity`
//! against what a taxonomy says of an alert. Both are asked for in words that
//! people use for either:
//!
//! | severity | level |
//! |---|---|
//! | `info` | `info` |
//! | `low` | `notice` |
//! | `warning`, `medium` | `warning` |
//! | `anomaly`, `high` | `error` |
//! | `critical` | `critical` |
//!
//! A word of a level asks for the mildest severity that comes to that level or to
//! a higher one: `error` for `anomaly`, what an error is that nobody weighed;
//! `warn` for `warning`; `debug` for all; `emergency`, which is more than any, for
//! `critical`.

use signatures_document::{Reader, yaml::Node};
use signatures_event::Level;

use crate::severity::Severity;

/// Each severity, mildest first, with the level that it comes to.
const SAME: [(&str, Level); 7] = [
    ("info", Level::Info),
    ("low", Level::Notice),
    ("warning", Level::Warning),
    ("medium", Level::Warning),
    ("anomaly", Level::Error),
    ("high", Level::Error),
    ("critical", Level::Critical),
];

/// The least severity that a word asks for, in any case: a severity, or a level
/// by any of its names.
#[must_use]
pub fn least_severity(word: &str) -> Option<Severity> {
    let severity = Severity::new(word);
    if severity.is_known() {
        return Some(severity);
    }
    let level = Level::from_name(word)?;
    let mildest = SAME.iter().find(|(_, same)| *same >= level).or(SAME.last());
    mildest.map(|(name, _)| Severity::new(name))
}

/// What a least severity may be, for messages.
#[must_use]
pub fn severity_words() -> String {
    let levels = Level::NAMES.map(|(name, _)| name);
    let levels = levels.into_iter().filter(|name| !Severity::KNOWN.contains(name));
    let levels: Vec<_> = levels.collect();
    format!("one of {}, or a level: {}", Severity::KNOWN.join(", "), levels.join(", "))
}

/// Reads the least severity that a key of a file asks for.
pub fn read_least_severity(reader: &mut Reader, key: &str, node: &Node) -> Option<Severity> {
    let severity = node.as_text().filter(|_| !node.is_null()).and_then(least_severity);
    severity.or_else(|| reader.expected(key, &severity_words(), node))
}

/// Reads the least level that a key of a file asks for.
pub(crate) fn read_least_level(reader: &mut Reader, key: &str, node: &Node) -> Option<Level> {
    let word = node.as_text().unwrap_or_default();
    let severity = SAME.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
    match severity {
        Some((_, level)) => Some(*level),
        None => Level::read(reader, key, node),
    }
}

#[cfg(test)]
mod tests {
    use signatures_document::yaml::Source;

    use super::*;

    #[test]
    fn every_severity_has_a_level_and_every_level_a_severity() {
        let names = SAME.map(|(name, _)| name);
        assert_eq!(names, Severity::KNOWN);
        assert!(SAME.is_sorted_by_key(|(_, level)| *level));
        let severities = Level::NAMES.map(|(name, _)| {
            let severity = least_severity(name).map(|severity| severity.to_string());
            (name, severity.unwrap())
        });
        assert_eq!(
            severities.each_ref().map(|(level, severity)| (*level, severity.as_str())),
            [
                ("trace", "info"),
                ("debug", "info"),
                ("info", "info"),
                ("notice", "low"),
                ("warning", "warning"),
                ("error", "anomaly"),
                ("critical", "critical"),
                ("alert", "critical"),
                ("emergency", "critical"),
            ]
        );
    }

    #[test]
    fn words_are_taken_in_any_case_and_as_programs_write_them() {
        let least = |word| least_severity(word).map(|severity| severity.to_string());
        for (word, severity) in
            [("WARN", "warning"), ("Err", "anomaly"), ("High", "high"), ("FATAL", "critical")]
        {
            assert_eq!(least(word).as_deref(), Some(severity), "{word}");
        }
        for word in ["", "loud", "null"] {
            assert_eq!(least(word), None, "{word}");
        }
    }

    #[test]
    fn a_least_level_may_be_a_severity() {
        let read = |word: &str| {
            let source = Source::new("f", format!("k: {word}"));
            let mut reader = Reader::default();
            let entries = reader.root(&source, "it").unwrap();
            let level = read_least_level(&mut reader, "k", &entries[0].value);
            (level, reader.into_diagnostics().len())
        };
        for (word, level) in [
            ("info", Level::Info),
            ("Low", Level::Notice),
            ("medium", Level::Warning),
            ("ANOMALY", Level::Error),
            ("high", Level::Error),
            ("critical", Level::Critical),
            ("warn", Level::Warning),
            ("debug", Level::Debug),
        ] {
            assert_eq!(read(word), (Some(level), 0), "{word}");
        }
        assert_eq!(read("loud"), (None, 1));
    }
}
