//! How loud an event says it is.

use signatures_document::{Reader, yaml::Node};

use crate::event::Event;

/// A log level, quietest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Finer than debugging.
    Trace,
    /// For whoever debugs.
    Debug,
    /// All is well.
    Info,
    /// Worth a look, and well.
    Notice,
    /// Something may go wrong.
    Warning,
    /// Something went wrong.
    Error,
    /// A part of the service is down.
    Critical,
    /// Somebody must act at once.
    Alert,
    /// Nothing works.
    Emergency,
}

/// The fields that may say an event's level, in the order they are asked.
pub const LEVEL_FIELDS: [&str; 4] = ["level", "severity", "log.level", "severity_text"];

impl Level {
    /// The names that a configuration may use, quietest first.
    pub const NAMES: [(&str, Self); 9] = [
        ("trace", Self::Trace),
        ("debug", Self::Debug),
        ("info", Self::Info),
        ("notice", Self::Notice),
        ("warning", Self::Warning),
        ("error", Self::Error),
        ("critical", Self::Critical),
        ("alert", Self::Alert),
        ("emergency", Self::Emergency),
    ];

    /// Other ways in which programs write a level.
    const SYNONYMS: [(&str, Self); 13] = [
        ("warn", Self::Warning),
        ("err", Self::Error),
        ("fatal", Self::Critical),
        ("crit", Self::Critical),
        ("panic", Self::Emergency),
        ("emerg", Self::Emergency),
        ("information", Self::Info),
        ("informational", Self::Info),
        ("severe", Self::Error),
        ("dpanic", Self::Critical),
        ("verbose", Self::Trace),
        ("fine", Self::Debug),
        ("finest", Self::Trace),
    ];

    /// Reads a level as programs write it: a name in any case, a syslog number
    /// (0 emergency … 7 debug) or a pino number (10 trace … 60 fatal).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.parse::<u32>() {
            Ok(number) => Self::from_number(number),
            Err(_) => Self::from_name(text),
        }
    }

    /// Reads the name of a level, in any case.
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        let names = Self::NAMES.iter().chain(&Self::SYNONYMS);
        names.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, level)| *level)
    }

    fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Emergency,
            1 => Self::Alert,
            2 => Self::Critical,
            3 => Self::Error,
            4 => Self::Warning,
            5 => Self::Notice,
            6 => Self::Info,
            7 => Self::Debug,
            // pino lets an application put levels of its own between these.
            10..=19 => Self::Trace,
            20..=29 => Self::Debug,
            30..=39 => Self::Info,
            40..=49 => Self::Warning,
            50..=59 => Self::Error,
            60..=69 => Self::Critical,
            _ => return None,
        })
    }

    /// The level that an event says it has; none when it says none, or one that
    /// nobody knows.
    #[must_use]
    pub fn of(event: &impl Event) -> Option<Self> {
        LEVEL_FIELDS.iter().find_map(|field| Self::parse(&event.get(field)?.into_scalar_text()?))
    }

    /// Reads the level that a key of a settings file names.
    pub fn read(reader: &mut Reader, key: &str, node: &Node) -> Option<Self> {
        let names = || format!("one of {}", Self::NAMES.map(|(name, _)| name).join(", "));
        let level = node.as_text().and_then(Self::from_name);
        level.or_else(|| reader.expected(key, &names(), node))
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::JsonEvent;

    #[test]
    fn names_and_numbers_are_read_as_programs_write_them() {
        let cases = [
            ("WARN", Some(Level::Warning)),
            (" Error ", Some(Level::Error)),
            ("3", Some(Level::Error)),
            ("50", Some(Level::Error)),
            ("35", Some(Level::Info)),
            ("8", None),
            ("high", None),
            ("", None),
        ];
        for (text, level) in cases {
            assert_eq!(Level::parse(text), level, "{text}");
        }
        for (index, (name, level)) in Level::NAMES.iter().enumerate() {
            assert_eq!((level.as_str(), *level as usize), (*name, index));
        }
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
        ];
        for (line, level) in cases {
            assert_eq!(Level::of(&JsonEvent::parse(line).unwrap()), level, "{line}");
        }
    }
}
