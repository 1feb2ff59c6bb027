//! Errors that people called resolved, on their way to whoever decides when they are back.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use signatures_alerts::Alert;
use signatures_engine::GroupId;

/// The errors whose incidents people ended since this was last asked.
#[derive(Clone, Debug, Default)]
pub struct ResolvedByHand(Arc<Mutex<Vec<GroupId>>>);

impl ResolvedByHand {
    /// Takes note of an incident that is over, if somebody ended it.
    pub(super) fn note(&self, over: &Alert) {
        if over.resolution.as_ref().is_some_and(|resolution| resolution.by.is_some()) {
            self.lock().push(over.group_id());
        }
    }

    /// Those that there are; they are told once.
    #[must_use]
    pub fn take(&self) -> Vec<GroupId> {
        mem::take(&mut self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<GroupId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
