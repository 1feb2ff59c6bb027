//! What a question may cost.

/// More steps than this one question does not take; each costs about a
/// microsecond.
const STEP_LIMIT: usize = 60_000;

/// The budget of a question is used up: nothing is known of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the question cannot be answered within its budget")]
pub struct OutOfBudget;

/// The steps that one question has taken.
#[derive(Default)]
pub(super) struct Steps(usize);

impl Steps {
    /// Takes one more.
    pub(super) fn take(&mut self) -> Result<(), OutOfBudget> {
        self.0 += 1;
        if self.0 > STEP_LIMIT { Err(OutOfBudget) } else { Ok(()) }
    }
}
