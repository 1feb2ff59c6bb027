//! What was in a request.

use signatures_engine::Tally;
use signatures_protocol::wire::Counts;

/// What was in a request.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Events by kind.
    pub(super) events: Counts,
    /// What became of the logs among them.
    pub(super) logs: Tally,
    /// How often each signature matched, by its index.
    pub(super) matches: Vec<u64>,
}
