//! How much work an analysis may take.

/// How much work one analysis may take. It is counted, never timed: the same
/// pattern gets the same answer on every machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Steps of the trial matcher, some nanoseconds each.
    pub steps: u64,
    /// States of automaton products, some tens of nanoseconds each.
    pub states: u64,
    /// The longest text that a match is ever tried on, in characters: what an
    /// attack can cost is told for a text of this length.
    pub subject_limit: usize,
    /// Seconds: squared growth that costs less on such a text is told, but not
    /// looked into any further.
    pub harmless_seconds: f64,
}

impl Default for Budget {
    /// About half a second at most.
    fn default() -> Self {
        Budget {
            steps: 20_000_000,
            states: 2_000_000,
            subject_limit: 16_384,
            harmless_seconds: 1.0,
        }
    }
}
