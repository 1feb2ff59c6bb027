//! Which of the triggers speaks, where several could.

use crate::aggregate::reason::Reason;

/// What could raise an alert on an event, at most one of each.
#[derive(Clone, Debug, Default)]
pub(in crate::aggregate) struct Candidates {
    pub(in crate::aggregate) immediate: Option<Reason>,
    /// Why an alert was raised that did not arrive.
    pub(in crate::aggregate) owed: Option<Reason>,
    pub(in crate::aggregate) spike: Option<Reason>,
    /// New, or returned.
    pub(in crate::aggregate) novel: Option<Reason>,
    pub(in crate::aggregate) threshold: Option<Reason>,
    pub(in crate::aggregate) distinct: Option<Reason>,
}

impl Candidates {
    /// Whether there is none.
    pub(in crate::aggregate) fn is_none(&self) -> bool {
        let Self { immediate, owed, spike, novel, threshold, distinct } = self;
        [immediate, owed, spike, novel, threshold, distinct].into_iter().all(Option::is_none)
    }

    /// The one that speaks.
    pub(in crate::aggregate) fn first(self) -> Option<Reason> {
        let Self { immediate, owed, spike, novel, threshold, distinct } = self;
        immediate.or(owed).or(spike).or(novel).or(threshold).or(distinct)
    }
}
