//! Deliveries that are taken from the queue to be sent.

use std::sync::Arc;

use signatures_ledger::{Delivery, DeliveryId, Outcome};

use super::{clock::Now, queue::Queue};

/// Deliveries that are being sent. They are due again when nobody says what became
/// of them, whatever the reason.
pub(super) struct Taken {
    queue: Arc<Queue>,
    deliveries: Vec<(DeliveryId, Delivery)>,
}

impl Taken {
    pub(super) fn none(queue: &Arc<Queue>) -> Self {
        Self { queue: Arc::clone(queue), deliveries: Vec::new() }
    }

    /// Takes one more; the same as before when it is not queued any more.
    pub(super) fn take(&mut self, id: DeliveryId) -> Option<&Delivery> {
        let delivery = self.queue.outbox.take(id)?;
        self.deliveries.push((id, delivery));
        self.deliveries.last().map(|(_, delivery)| delivery)
    }

    /// Leaves the one that was taken last to a later message.
    pub(super) fn give_back(&mut self) {
        if let Some((id, _)) = self.deliveries.pop() {
            self.queue.outbox.give_back(id);
        }
    }

    /// Settles the one that was taken last.
    pub(super) fn settle_last(&mut self, outcome: Outcome, now: Now) {
        let last = self.deliveries.pop();
        let settled = last.into_iter().map(|(id, _)| (id, outcome.clone()));
        self.queue.outbox.settle(settled.collect(), now.time);
    }

    pub(super) fn deliveries(&self) -> impl Iterator<Item = &Delivery> {
        self.deliveries.iter().map(|(_, delivery)| delivery)
    }

    pub(super) fn len(&self) -> usize {
        self.deliveries.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.deliveries.is_empty()
    }

    /// Records what became of each, in their order.
    pub(super) fn settle(mut self, outcomes: impl IntoIterator<Item = Outcome>, now: Now) {
        let ids = self.deliveries.iter().map(|(id, _)| *id);
        self.queue.outbox.settle(ids.zip(outcomes).collect(), now.time);
        self.deliveries.clear();
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        for (id, _) in &self.deliveries {
            self.queue.outbox.give_back(*id);
        }
    }
}
