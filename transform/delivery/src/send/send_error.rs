//! Why a sink has not taken a message.

use std::time::Duration;

/// What went wrong with one attempt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No connection came about, or none that can be trusted.
    #[error("cannot connect: {0}")]
    Unreachable(String),
    /// The answer did not come within the sink's timeouts.
    #[error("no answer in time")]
    Timeout,
    /// The connection broke before the answer.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The service answered that it has not taken the message.
    #[error("answered {status}{}", excerpt_after_colon(.excerpt))]
    Answered {
        /// The HTTP status.
        status: u16,
        /// The beginning of the answer, without secrets.
        excerpt: String,
    },
    /// A `vector` source answered that it has not taken the message.
    #[error("answered {code}{}", excerpt_after_colon(.excerpt))]
    Refused {
        /// The gRPC status.
        code: String,
        /// Whether the same message would be refused for ever.
        permanent: bool,
        /// What it says, without secrets.
        excerpt: String,
    },
    /// Something else than the service answered that all is well: a captive
    /// portal, a login page, a proxy.
    #[error("answered {status}, but not as the service does{}", excerpt_after_colon(.excerpt))]
    Foreign {
        /// The HTTP status.
        status: u16,
        /// The beginning of the answer, without secrets.
        excerpt: String,
    },
    /// A `vector` source did not acknowledge the message within that time. It may
    /// have taken it.
    #[error("not acknowledged within {} s; it may have arrived", .0.as_secs())]
    Unacknowledged(Duration),
    /// The console did not take it.
    #[error("cannot write: {0}")]
    Unwritable(String),
    /// This program is at fault, and would be again.
    #[error("a fault of this program: {0}")]
    Internal(String),
}

fn excerpt_after_colon(excerpt: &str) -> String {
    if excerpt.is_empty() { String::new() } else { format!(": {excerpt}") }
}

/// A failed attempt, and when the service wants to be asked again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct SendError {
    /// What went wrong.
    pub fault: Fault,
    /// How long the service asked to wait.
    pub retry_after: Option<Duration>,
}

impl Fault {
    /// Whether the same message would be refused for ever: of HTTP at a 4xx
    /// other than those that say "not now".
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Answered { status: 408 | 425 | 429, .. } => false,
            Self::Answered { status, .. } => matches!(status, 400..=499),
            Self::Refused { permanent, .. } => *permanent,
            Self::Internal(_) => true,
            _ => false,
        }
    }

    /// Whether the content of the message may be what was refused, so that
    /// parts of a digest may fare better alone.
    #[must_use]
    pub fn may_be_about_content(&self) -> bool {
        match self {
            Self::Answered { status, .. } => matches!(status, 400 | 413 | 422),
            Self::Refused { permanent, .. } => *permanent,
            Self::Internal(_) => true,
            _ => false,
        }
    }

    /// Whether other messages would fare no better right now.
    #[must_use]
    pub fn concerns_the_whole_sink(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_) | Self::Timeout | Self::Foreign { .. } | Self::Unwritable(_)
        )
    }

    /// A name for metrics.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Timeout | Self::Unacknowledged(_) => "timeout",
            Self::Broken(_) => "broken",
            Self::Answered { status: 300..=399, .. } => "redirect",
            Self::Answered { status: 429, .. } => "too_many_requests",
            Self::Answered { status: 400..=499, .. } => "refused",
            Self::Refused { permanent: true, .. } => "refused",
            Self::Answered { .. } | Self::Refused { .. } => "server_error",
            Self::Foreign { .. } => "foreign_answer",
            Self::Unwritable(_) => "unwritable",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<Fault> for SendError {
    fn from(fault: Fault) -> Self {
        Self { fault, retry_after: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_4xx_that_does_not_mean_later_is_permanent() {
        let permanent = |status| Fault::Answered { status, excerpt: String::new() }.is_permanent();
        let statuses = [302, 400, 401, 404, 408, 410, 425, 429, 500, 502, 503];
        assert_eq!(
            statuses.into_iter().filter(|status| permanent(*status)).collect::<Vec<_>>(),
            [400, 401, 404, 410]
        );
        assert!(!Fault::Timeout.is_permanent());
    }

    #[test]
    fn a_fault_of_ours_is_final_and_maybe_that_of_one_alert() {
        let ours = Fault::Internal("panicked".into());
        assert!(ours.is_permanent() && ours.may_be_about_content());
        assert!(!ours.concerns_the_whole_sink());
    }

    #[test]
    fn a_fault_reads_as_a_sentence() {
        let answered = |excerpt: &str| Fault::Answered { status: 404, excerpt: excerpt.into() };
        assert_eq!(answered("").to_string(), "answered 404");
        assert_eq!(answered("no_service").to_string(), "answered 404: no_service");
    }
}
