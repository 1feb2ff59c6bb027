//! What a question may cost.

/// More steps than this one question does not take; each costs some
/// nanoseconds.
const STEP_LIMIT: usize = 1_000_000;

/// The budget of a question is used up: nothing is known of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the question cannot be answered within its budget")]
pub struct OutOfBudget;

/// The steps that one question has taken.
pub(super) struct Steps {
    taken: usize,
    limit: usize,
}

impl Default for Steps {
    fn default() -> Self {
        Self { taken: 0, limit: STEP_LIMIT }
    }
}

impl Steps {
    /// Takes some more.
    pub(super) fn take_many(&mut self, count: usize) -> Result<(), OutOfBudget> {
        self.taken += count;
        if self.taken > self.limit { Err(OutOfBudget) } else { Ok(()) }
    }

    /// Takes one more.
    pub(super) fn take(&mut self) -> Result<(), OutOfBudget> {
        self.take_many(1)
    }

    /// How many were taken.
    pub(super) fn taken(&self) -> usize {
        self.taken
    }
}
