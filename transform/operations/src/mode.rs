//! What a process does with the errors that it finds.

use std::fmt;

/// What a process does with the errors that it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Mode {
    /// Events are tagged, and no more.
    #[serde(rename = "tagging only")]
    TaggingOnly,
    /// Alerts are decided and not delivered.
    #[serde(rename = "shadow")]
    Shadow,
    /// Alerts are delivered.
    #[serde(rename = "alerting")]
    Alerting,
}

impl Mode {
    /// By the two switches that there are.
    #[must_use]
    pub const fn of(aggregate: bool, shadow: bool) -> Self {
        match (aggregate, shadow) {
            (false, _) => Self::TaggingOnly,
            (true, true) => Self::Shadow,
            (true, false) => Self::Alerting,
        }
    }

    /// As logs and the status have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TaggingOnly => "tagging only",
            Self::Shadow => "shadow",
            Self::Alerting => "alerting",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_text_say_the_same() {
        for mode in [Mode::of(false, true), Mode::of(true, true), Mode::of(true, false)] {
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.as_str());
        }
    }
}
