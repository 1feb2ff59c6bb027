//! What the end of the process takes with it.

use std::sync::Arc;

/// So many events are kept to tell of.
const FIRST: usize = 3;

/// Deliveries to one sink that no disk has: they wait in memory, or were given up
/// there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// How many there are.
    pub deliveries: u64,
    /// The events of the first of them.
    pub first: Vec<Arc<str>>,
}

impl Lost {
    pub(super) fn add(&mut self, event: &Arc<str>) {
        self.deliveries += 1;
        if self.first.len() < FIRST {
            self.first.push(Arc::clone(event));
        }
    }
}
