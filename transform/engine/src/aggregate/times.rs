//! The times of the last few events of one fingerprint.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The latest `min_count` times, in order.
///
/// That is all a sliding window needs: `min_count` events lie within it exactly
/// when the latest `min_count` do. So memory per fingerprint is fixed, and a
/// slow drip before a burst never hides the burst.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Times(VecDeque<Timestamp>);

impl Times {
    /// Adds a time, keeping the latest `min_count`, and says whether that many
    /// lie within the window.
    pub(super) fn add(&mut self, at: Timestamp, min_count: usize, window: SignedDuration) -> bool {
        let place = self.0.partition_point(|time| *time <= at);
        self.0.insert(place, at);
        // What has left the window for good need not be kept until it is full.
        while self.0.len() > min_count || self.span() > window {
            self.0.pop_front();
        }
        self.0.len() == min_count
    }

    fn span(&self) -> SignedDuration {
        match (self.0.front(), self.0.back()) {
            (Some(first), Some(last)) => last.duration_since(*first),
            _ => SignedDuration::ZERO,
        }
    }

    pub(super) fn first(&self) -> Option<Timestamp> {
        self.0.front().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
