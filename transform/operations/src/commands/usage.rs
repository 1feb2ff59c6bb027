//! Why what somebody asked for is no command.

use signatures_alerts::InvalidMatchers;

use super::{length::InvalidLength, specification::Specification};

/// Why what somebody asked for is no command. It says what would be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// There is none of that name.
    #[error("there is no command `{0}`; known here: {known}", known = Specification::names())]
    Unknown(String),
    /// It does not say what it must.
    #[error("{reason}\nusage: {usage}")]
    Usage {
        /// What is wrong.
        reason: String,
        /// What would be right.
        usage: &'static str,
    },
}

/// What is wrong with a word; [`Command`](super::Command) adds the usage.
pub(super) struct Wrong(String);

impl Wrong {
    pub(super) fn with(self, specification: &Specification) -> CommandError {
        CommandError::Usage { reason: self.0, usage: specification.usage }
    }
}

impl From<String> for Wrong {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}

impl From<InvalidLength> for Wrong {
    fn from(error: InvalidLength) -> Self {
        Self(error.to_string())
    }
}

impl From<InvalidMatchers> for Wrong {
    fn from(error: InvalidMatchers) -> Self {
        Self(error.to_string())
    }
}
