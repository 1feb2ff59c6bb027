//! The counts that are under way, whether anybody waits for them or not.

use std::{pin::pin, time::Duration};

use tokio::{sync::watch, time::timeout};

/// How many requests are being counted.
#[derive(Debug, Default)]
pub(super) struct Counts(watch::Sender<usize>);

/// A request that is being counted, until this is dropped.
#[derive(Debug)]
pub(super) struct Count(watch::Sender<usize>);

impl Counts {
    /// Begins to count a request.
    pub(super) fn begin(&self) -> Count {
        self.0.send_modify(|under_way| *under_way += 1);
        Count(self.0.clone())
    }

    /// Waits until none is under way, or for so long. Says how many still are.
    pub(super) async fn end(&self, patience: Duration) -> usize {
        let mut under_way = self.0.subscribe();
        let ended = pin!(under_way.wait_for(|under_way| *under_way == 0));
        match timeout(patience, ended).await {
            Ok(_) => 0,
            Err(_) => *self.0.borrow(),
        }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.0.send_modify(|under_way| *under_way -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_waits_for_all_counts_and_not_for_ever() {
        let (counts, short) = (Counts::default(), Duration::from_millis(20));
        assert_eq!(counts.end(short).await, 0);
        let [first, second] = [counts.begin(), counts.begin()];
        assert_eq!(counts.end(short).await, 2);
        drop(first);
        assert_eq!(counts.end(short).await, 1);
        tokio::spawn(async move {
            tokio::time::sleep(short).await;
            drop(second);
        });
        assert_eq!(counts.end(Duration::from_secs(600)).await, 0);
    }
}
