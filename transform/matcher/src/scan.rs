//! What looking for all patterns in one text came to.

/// What looking for all patterns in one text came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// The index of the first pattern in priority order that matches.
    pub first: Option<usize>,
    /// How many patterns were run and gave up at the step limit before that
    /// was known.
    pub step_limit_hits: u32,
}
