//! Work on many items at once.

use std::{
    num::NonZero,
    panic,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// As much as the main thread has: patterns nest deeply.
const STACK_SIZE: usize = 8 << 20;

/// What `work` makes of each item, in order, with all cores at it.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get).min(items.len());
    let next = AtomicUsize::new(0);
    let all = Mutex::new(Vec::with_capacity(items.len()));
    let worker = || {
        let mut done = Vec::new();
        while let Some((at, item)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, item))
        } {
            done.push((at, work(item)));
        }
        // Nothing panics while it holds the lock.
        if let Ok(mut all) = all.lock() {
            all.extend(done);
        }
    };
    thread::scope(|scope| {
        let builder = || thread::Builder::new().stack_size(STACK_SIZE);
        // Where no thread is to be had, the others do its share.
        let others: Vec<_> =
            (1..cores).filter_map(|_| builder().spawn_scoped(scope, worker).ok()).collect();
        worker();
        for other in others {
            other.join().unwrap_or_else(|panic| panic::resume_unwind(panic));
        }
    });
    let mut all = all.into_inner().unwrap_or_default();
    all.sort_unstable_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, result)| result).collect()
}

/// All that `work` finds at each item, in the order of the items.
pub(crate) fn find<T: Sync, R: Send>(items: &[T], work: impl Fn(&T, &mut Vec<R>) + Sync) -> Vec<R> {
    let found = map(items, |item| {
        let mut found = Vec::new();
        work(item, &mut found);
        found
    });
    found.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<u32> = (0..1_000).collect();
        assert_eq!(map(&items, |n| n * 2), (0..1_000).map(|n| n * 2).collect::<Vec<_>>());
        assert!(map(&[], |n: &u32| *n).is_empty());
    }
}
