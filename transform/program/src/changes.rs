//! What the aggregation hands over to be kept.

use signatures_alerts::Alert;
use signatures_engine::aggregate::GroupState;

/// What the aggregation has come to, and nobody has kept yet.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) alerts: Vec<Alert>,
    /// The groups that changed, as they are now.
    pub(crate) groups: Vec<GroupState>,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.alerts.is_empty() && self.groups.is_empty()
    }
}
