//! Why an alert is raised, with the numbers that decided.

use std::fmt;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use signatures_document::{Reader, closest, yaml::Node};

/// What raises an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trigger {
    /// Enough events within the window.
    Threshold,
    /// One event is enough.
    Immediate,
    /// An error that was never seen, or not for very long.
    New,
    /// An error that was over, and is back.
    Returned,
    /// Many more than is usual for this error.
    Spike,
    /// Nothing came.
    Absent,
    /// Enough events of different values.
    Distinct,
}

impl Trigger {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Threshold,
        Self::Immediate,
        Self::New,
        Self::Returned,
        Self::Spike,
        Self::Absent,
        Self::Distinct,
    ];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Threshold => "threshold",
            Self::Immediate => "immediate",
            Self::New => "new",
            Self::Returned => "returned",
            Self::Spike => "spike",
            Self::Absent => "absent",
            Self::Distinct => "distinct",
        }
    }

    /// Reads the one that a key of a file names.
    pub fn read(reader: &mut Reader, key: &str, node: &Node) -> Option<Self> {
        let word = node.as_text().filter(|_| !node.is_null()).unwrap_or_default();
        let found = Self::ALL.into_iter().find(|trigger| trigger.as_str() == word);
        found.or_else(|| {
            let names = Self::ALL.map(Self::as_str);
            let meant = closest(word, names).map(|name| format!(" (did you mean `{name}`?)"));
            let expected = format!("one of {}{}", names.join(", "), meant.unwrap_or_default());
            reader.expected(key, &expected, node)
        })
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an alert is raised, with the numbers that decided.
/// How it serialises is part of the state on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Its category or severity needs one event only.
    Immediate,
    /// The minimum count was reached within the window.
    Threshold {
        /// The minimum count.
        count: u64,
        /// The window.
        window: SignedDuration,
    },
    /// The error was never seen, or not for so long that nobody remembers it.
    New {
        /// For how long it was not seen; none where it never was.
        quiet: Option<SignedDuration>,
    },
    /// So many errors are new or back beyond those that may be told in an hour.
    MoreNew {
        /// How many.
        errors: u64,
        /// How many are told by themselves.
        per_hour: u64,
    },
    /// The error was over, and is back.
    Returned {
        /// For how long it was not seen.
        quiet: SignedDuration,
        /// Whether somebody had said that it is resolved.
        resolved: bool,
    },
    /// There are many more events than is usual for this error.
    Spike {
        /// How many came within the window.
        count: u64,
        /// The window.
        window: SignedDuration,
        /// How many usually do.
        usual: u64,
    },
    /// Nothing came.
    Absent {
        /// For how long.
        quiet: SignedDuration,
    },
    /// Enough events of different values came within the window.
    Distinct {
        /// The field whose values were counted.
        field: String,
        /// How many different ones.
        count: u64,
        /// The window.
        window: SignedDuration,
    },
}

impl Reason {
    /// What raised the alert.
    #[must_use]
    pub const fn trigger(&self) -> Trigger {
        match self {
            Self::Immediate => Trigger::Immediate,
            Self::Threshold { .. } => Trigger::Threshold,
            Self::New { .. } | Self::MoreNew { .. } => Trigger::New,
            Self::Returned { .. } => Trigger::Returned,
            Self::Spike { .. } => Trigger::Spike,
            Self::Absent { .. } => Trigger::Absent,
            Self::Distinct { .. } => Trigger::Distinct,
        }
    }
}

impl fmt::Display for Reason {
    /// As people say it: `41 in 5 minutes, usually 3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Immediate => f.write_str("one is enough"),
            Self::Threshold { count, window } => write!(f, "{count} in {}", Spoken(*window)),
            Self::New { quiet: None } => f.write_str("never seen before"),
            Self::New { quiet: Some(quiet) } => write!(f, "not seen for {}", Spoken(*quiet)),
            Self::MoreNew { errors, per_hour } => {
                write!(f, "{errors} more errors are new, beyond {per_hour} an hour")
            }
            Self::Returned { resolved: true, .. } => f.write_str("back after it was resolved"),
            Self::Returned { quiet, .. } => write!(f, "back after {}", Spoken(*quiet)),
            Self::Spike { count, window, usual: 0 } => {
                write!(f, "{count} in {}, usually none", Spoken(*window))
            }
            Self::Spike { count, window, usual } => {
                write!(f, "{count} in {}, usually {usual}", Spoken(*window))
            }
            Self::Absent { quiet } => write!(f, "nothing for {}", Spoken(*quiet)),
            Self::Distinct { field, count, window } => {
                write!(f, "{count} different values of {field} in {}", Spoken(*window))
            }
        }
    }
}

/// A span in its largest unit, or its two largest where the first would say too little.
pub(crate) struct Spoken(pub(crate) SignedDuration);

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(i64, &str); 4] =
            [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
        let seconds = self.0.as_secs().max(0);
        let first = UNITS.iter().position(|(length, _)| seconds >= *length).unwrap_or(3);
        let (length, name) = UNITS[first];
        write!(f, "{}", counted(seconds / length, name))?;
        let rest = seconds % length;
        match UNITS.get(first + 1) {
            Some((length, name)) if rest >= *length => {
                write!(f, " {}", counted(rest / length, name))
            }
            _ => Ok(()),
        }
    }
}

fn counted(number: i64, name: &str) -> String {
    match number {
        1 => format!("1 {name}"),
        number => format!("{number} {name}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_read_as_people_say_them() {
        let minutes = SignedDuration::from_mins;
        for (reason, text) in [
            (Reason::Immediate, "one is enough"),
            (Reason::Threshold { count: 3, window: minutes(5) }, "3 in 5 minutes"),
            (Reason::New { quiet: None }, "never seen before"),
            (Reason::New { quiet: Some(minutes(15 * 1440)) }, "not seen for 15 days"),
            (
                Reason::MoreNew { errors: 12, per_hour: 10 },
                "12 more errors are new, beyond 10 an hour",
            ),
            (Reason::Returned { quiet: minutes(1501), resolved: false }, "back after 1 day 1 hour"),
            (Reason::Returned { quiet: minutes(5), resolved: true }, "back after it was resolved"),
            (
                Reason::Spike { count: 41, window: minutes(5), usual: 3 },
                "41 in 5 minutes, usually 3",
            ),
            (
                Reason::Spike { count: 41, window: minutes(5), usual: 0 },
                "41 in 5 minutes, usually none",
            ),
            (Reason::Absent { quiet: minutes(15) }, "nothing for 15 minutes"),
            (
                Reason::Distinct { field: "user".into(), count: 20, window: minutes(5) },
                "20 different values of user in 5 minutes",
            ),
            (
                Reason::Threshold { count: 3, window: SignedDuration::from_secs(90) },
                "3 in 1 minute 30 seconds",
            ),
            (Reason::Threshold { count: 3, window: SignedDuration::ZERO }, "3 in 0 seconds"),
        ] {
            assert_eq!(reason.to_string(), text);
        }
    }
}
