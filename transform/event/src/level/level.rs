//! How loud an event says it is.

use std::borrow::Cow;

use signatures_document::{Reader, yaml::Node};

use crate::{escapes::without_escapes, names::Names};

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

    /// Other ways in which programs write a level: log4j, logback, JUL (in French,
    /// German and Spanish too), NLog, Serilog, .NET, Python, loguru, Ruby, Go, Rust,
    /// Erlang, winston, Monolog, PHP, syslog, MySQL, PostgreSQL, MongoDB, Google
    /// Cloud, Android.
    const SYNONYMS: [(&str, Self); 63] = [
        ("warn", Self::Warning),
        ("err", Self::Error),
        ("fatal", Self::Critical),
        ("inf", Self::Info),
        ("crit", Self::Critical),
        ("information", Self::Info),
        ("informational", Self::Info),
        ("wrn", Self::Warning),
        ("dbg", Self::Debug),
        ("trc", Self::Trace),
        ("ftl", Self::Critical),
        ("panic", Self::Emergency),
        ("emerg", Self::Emergency),
        ("severe", Self::Error),
        ("dpanic", Self::Critical),
        ("verbose", Self::Trace),
        ("fine", Self::Debug),
        ("finer", Self::Trace),
        ("finest", Self::Trace),
        ("config", Self::Debug),
        ("all", Self::Trace),
        ("silly", Self::Trace),
        ("http", Self::Debug),
        ("prompt", Self::Debug),
        ("input", Self::Debug),
        ("help", Self::Info),
        ("data", Self::Info),
        ("trce", Self::Trace),
        ("dbug", Self::Debug),
        ("debu", Self::Debug),
        ("deb", Self::Debug),
        ("fail", Self::Error),
        ("failure", Self::Error),
        ("erro", Self::Error),
        ("eror", Self::Error),
        ("vrb", Self::Trace),
        ("verb", Self::Trace),
        ("note", Self::Notice),
        ("system", Self::Notice),
        ("log", Self::Info),
        ("success", Self::Info),
        ("fatl", Self::Critical),
        ("emrg", Self::Emergency),
        ("pnc", Self::Emergency),
        ("alrt", Self::Alert),
        ("wtf", Self::Critical),
        ("assert", Self::Critical),
        ("v", Self::Trace),
        ("t", Self::Trace),
        ("d", Self::Debug),
        ("i", Self::Info),
        ("n", Self::Notice),
        ("w", Self::Warning),
        ("e", Self::Error),
        ("f", Self::Critical),
        ("c", Self::Critical),
        ("a", Self::Alert),
        ("infos", Self::Info),
        ("avertissement", Self::Warning),
        ("grave", Self::Error),
        ("warnung", Self::Warning),
        ("schwerwiegend", Self::Error),
        ("advertencia", Self::Warning),
    ];

    /// All these names, for a first look.
    pub(crate) const WORDS: Names = {
        let mut words = [""; Self::NAMES.len() + Self::SYNONYMS.len()];
        let mut index = 0;
        while index < words.len() {
            words[index] = match index < Self::NAMES.len() {
                true => Self::NAMES[index].0,
                false => Self::SYNONYMS[index - Self::NAMES.len()].0,
            };
            index += 1;
        }
        Names::of(&[&words as &[&str]])
    };

    /// Reads the name of a level, in any case.
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        // Most frequent ones first.
        Some(match text.len() {
            4 if text.eq_ignore_ascii_case("info") => Self::Info,
            5 if text.eq_ignore_ascii_case("error") => Self::Error,
            5 if text.eq_ignore_ascii_case("debug") => Self::Debug,
            _ => {
                let names = Self::NAMES.iter().chain(&Self::SYNONYMS);
                let named = names.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
                return named.map(|(_, level)| *level);
            }
        })
    }

    /// Reads the word that a program wrote for a level, with what it may have
    /// around it: `INFO:`, `[warn]`, a coloured `info`, the grades of `INFO2`,
    /// `DEBUG-4` and `D1`, `LogLevel.Error`, `SEVERITY_NUMBER_WARN`.
    #[must_use]
    pub fn from_word(text: &str) -> Option<Self> {
        Self::from_name(text).or_else(|| Self::from_decorated(text))
    }

    fn from_decorated(text: &str) -> Option<Self> {
        let text = without_escapes(Cow::Borrowed(text));
        let word =
            text.trim_matches(|c: char| c.is_whitespace() || "[](){}<>|:;,.!'\"".contains(c));
        if let Some(level) = Self::from_name(word) {
            return Some(level);
        }
        let ungraded = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let ungraded = ungraded.strip_suffix(['+', '-']).unwrap_or(ungraded);
        let last = ungraded.rsplit(['.', '_']).next().unwrap_or_default();
        let scope = &ungraded[..ungraded.len() - last.len()];
        let scoped = scope.is_empty() || names_a_scale(scope);
        Self::from_name(last).filter(|_| scoped && !last.is_empty())
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

/// Whether `Log.Level.` or `SEVERITY_NUMBER_` stands before a level.
fn names_a_scale(scope: &str) -> bool {
    let scope = scope.to_ascii_lowercase();
    scope.contains("level") || scope.contains("severity")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_programs_write_them() {
        use Level::{Alert, Critical, Debug, Emergency, Error, Info, Notice, Trace, Warning};
        let cases: &[(Level, &[&str])] = &[
            (
                Trace,
                &["TRACE", "Verbose", "trce", "TRC", "VRB", "FINER", "finest", "silly", "V", "ALL"],
            ),
            (
                Debug,
                &["debug", "DBG", "dbug", "FINE", "CONFIG", "DEBUG5", "DEBUG-4", "D1", "D", "http"],
            ),
            (
                Info,
                &[
                    "INFO",
                    "inf",
                    "Information",
                    "informational",
                    "INFO2",
                    "INFO+2",
                    "I",
                    "LOG",
                    "INFO:",
                    "[info]",
                    "\u{1b}[32minfo\u{1b}[39m",
                    "SUCCESS",
                    "LogLevel.INFO",
                    " info ",
                    "Infos",
                ],
            ),
            (Notice, &["notice", "Note", "System"]),
            (Warning, &["WARN", "warning", "wrn", "W", "WARN2", "SEVERITY_NUMBER_WARN", "WARNUNG"]),
            (Error, &["ERROR", "err", "E", "SEVERE", "fail", "ERR!", "ERROR4", "GRAVE"]),
            (Critical, &["FATAL", "crit", "CRITICAL", "F", "FTL", "dpanic"]),
            (Alert, &["ALERT", "alrt"]),
            (Emergency, &["emerg", "EMERGENCY", "PANIC"]),
        ];
        for (level, words) in cases {
            for word in *words {
                assert_eq!(Level::from_word(word), Some(*level), "{word:?}");
            }
        }
        for word in ["", "high", "OFF", "DEFAULT", "none", "user_info", "1", "-", "non-fatal", "17"]
        {
            assert_eq!(Level::from_word(word), None, "{word:?}");
        }
    }

    #[test]
    fn names_are_in_order() {
        for (index, (name, level)) in Level::NAMES.iter().enumerate() {
            assert_eq!((level.as_str(), *level as usize), (*name, index));
        }
    }
}
