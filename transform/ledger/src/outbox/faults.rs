//! Why the state directory cannot be used now, by what it was found at.

use std::time::{Duration, Instant};

/// How long a disk that refused is left alone by what can wait.
const REST: Duration = Duration::from_secs(5);

/// What keeps the disk from being used. What was found is taken back by the next
/// attempt of the same kind that succeeds, so that it holds whenever it is asked for.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// It was deleted or replaced, and cannot be put back.
    pub(super) lost: Option<String>,
    /// It could not be read.
    pub(super) unread: Option<String>,
    refused: Option<Refusal>,
}

/// It took nothing of what was written last.
#[derive(Debug)]
struct Refusal {
    at: Instant,
    why: String,
}

impl Faults {
    /// Notes how the last write went, and why where it was refused.
    pub(super) fn wrote(&mut self, refused: Option<String>) {
        self.refused = refused.map(|why| Refusal { at: Instant::now(), why });
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// Whether it refused a moment ago.
    pub(super) fn is_resting(&self) -> bool {
        self.refused.as_ref().is_some_and(|refused| refused.at.elapsed() < REST)
    }

    /// Why it cannot be used, the worst of it.
    pub(super) fn worst(&self) -> Option<&str> {
        let refused = || self.refused.as_ref().map(|refused| &refused.why);
        self.lost.as_ref().or(self.unread.as_ref()).or_else(refused).map(String::as_str)
    }
}
