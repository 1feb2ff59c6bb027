//! What is to be done about an error.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use signatures_document::{Code, Diagnostic, Reader, yaml::Node};

/// A policy is none of `retry`, `notify` and `escalate`.
pub const UNKNOWN_POLICY: Code = Code::error("unknown-policy");

/// What is to be done about a match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// It heals itself when tried again.
    Retry,
    /// Somebody should know.
    Notify,
    /// Somebody must act.
    #[default]
    Escalate,
}

impl Policy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Retry, Self::Notify, Self::Escalate];

    /// Reads the policy that a key of a file names.
    pub fn read(reader: &mut Reader, key: &str, node: &Node) -> Option<Self> {
        let name = reader.text(key, node)?;
        let policy = name.parse().ok();
        if policy.is_none() {
            let message = format!("there is no policy `{name}`");
            let help = format!("one of {}", Self::ALL.map(Self::as_str).join(", "));
            reader.report(Diagnostic::new(UNKNOWN_POLICY, node.span, message).help(help));
        }
        policy
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Notify => "notify",
            Self::Escalate => "escalate",
        }
    }
}

impl FromStr for Policy {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|p| p.as_str().eq_ignore_ascii_case(name)).ok_or(())
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
