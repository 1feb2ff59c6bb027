//! The batches counted a while ago, by which one is recognised whose answer was
//! lost: its sender sends it again, and it must not count twice.
//!
//! A sender may well send the same bytes twice and mean it. So a batch is one that
//! came before only when the answer to that did not arrive, as far as can be known:
//!
//! - its sender gave up before it was answered;
//! - or the connection broke soon after the answer: it ended without the farewell
//!   that its end would have had in good order, and no request came by it after the
//!   answer.
//!
//! Each lost answer excuses one repetition, which is answered when the first is
//! counted.

use std::{
    collections::{HashMap, VecDeque},
    future::Future,
    hash::{BuildHasher, Hasher, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::watch, time::Instant};

use crate::net::{Answered, Sender};

/// After so many bytes others get their turn.
const TURN_BYTES: usize = 1 << 20;

/// How many batches are remembered, and for how long.
const MOST: usize = 4096;
const REMEMBERED: Duration = Duration::from_secs(600);

/// The batches that were counted.
#[derive(Debug, Default)]
pub(super) struct Recent {
    state: RandomState,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_name: HashMap<Name, Vec<Arc<Batch>>>,
    in_order: VecDeque<Arc<Batch>>,
}

/// What a batch is recognised by: a hash that nobody can foresee, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Name(u64, usize);

#[derive(Debug)]
struct Batch {
    name: Name,
    sender: Arc<Sender>,
    began: Instant,
    /// Whether it is counted; nobody sends when that has failed.
    counted: watch::Receiver<bool>,
    answered: OnceLock<Answered>,
    given_up: AtomicBool,
}

/// A batch that is to be counted, once.
#[derive(Debug)]
pub(super) struct Counting {
    /// The one that it repeats.
    first: Option<watch::Receiver<bool>>,
    counted: watch::Sender<bool>,
}

/// A batch that is to be answered. When this is dropped before, its sender has given
/// up.
#[derive(Debug)]
pub(super) struct Unanswered(Arc<Batch>);

impl Recent {
    /// What the bytes of a batch are known by. Others have their turn meanwhile.
    pub(super) async fn name(&self, batch: &[u8]) -> Name {
        let mut hasher = self.state.build_hasher();
        for part in batch.chunks(TURN_BYTES) {
            hasher.write(part);
            tokio::task::yield_now().await;
        }
        Name(hasher.finish(), batch.len())
    }

    /// Takes note of a batch. One is repeated by it when that came before, and its
    /// sender could not know that it had been taken.
    pub(super) fn begin(
        &self,
        name: Name,
        sender: &Arc<Sender>,
        now: Instant,
    ) -> (Counting, Unanswered) {
        let (counted, is_counted) = watch::channel(false);
        let batch = Arc::new(Batch {
            name,
            sender: Arc::clone(sender),
            began: now,
            counted: is_counted,
            answered: OnceLock::new(),
            given_up: AtomicBool::new(false),
        });
        let mut known = self.known();
        known.forget(now);
        let first = known.take_lost(name).map(|first| first.counted.clone());
        known.in_order.push_back(Arc::clone(&batch));
        known.by_name.entry(name).or_default().push(Arc::clone(&batch));
        (Counting { first, counted }, Unanswered(batch))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Takes away one of these whose answer was lost, if there is one.
    fn take_lost(&mut self, name: Name) -> Option<Arc<Batch>> {
        let batches = self.by_name.get_mut(&name)?;
        let index = batches.iter().position(|batch| batch.is_lost())?;
        Some(batches.swap_remove(index))
    }

    fn forget(&mut self, now: Instant) {
        while let Some(batch) = self.in_order.front() {
            if self.in_order.len() < MOST && now.duration_since(batch.began) < REMEMBERED {
                return;
            }
            if let Some(batches) = self.by_name.get_mut(&batch.name) {
                batches.retain(|other| !Arc::ptr_eq(other, batch));
                if batches.is_empty() {
                    self.by_name.remove(&batch.name);
                }
            }
            self.in_order.pop_front();
        }
    }
}

impl Batch {
    fn is_lost(&self) -> bool {
        match self.answered.get() {
            Some(answered) => self.sender.has_lost(answered),
            None => self.given_up.load(Ordering::Acquire),
        }
    }
}

impl Counting {
    /// Whether it repeats another.
    pub(super) fn came_before(&self) -> bool {
        self.first.is_some()
    }

    /// Counts it, unless the one that it repeats is counted; that may be under way.
    pub(super) async fn count(self, count: impl Future<Output = ()>) {
        let Self { first, counted } = self;
        let is_counted = match first {
            Some(mut first) => first.wait_for(|counted| *counted).await.is_ok(),
            None => false,
        };
        if !is_counted {
            count.await;
        }
        counted.send_replace(true);
    }
}

impl Unanswered {
    /// The answer goes out.
    pub(super) fn answered(self, now: Instant) {
        // Set once: this is the only one.
        let _ = self.0.answered.set(self.0.sender.answers(now));
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        self.0.given_up.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(recent: &Recent, text: &str) -> Name {
        Name(recent.state.hash_one(text), text.len())
    }

    fn begin(recent: &Recent, text: &str, sender: &Arc<Sender>) -> (Counting, Unanswered) {
        recent.begin(name(recent, text), sender, Instant::now())
    }

    fn counts(recent: &Recent, text: &str, sender: &Arc<Sender>) -> bool {
        let _open = sender.begin_request();
        let (counting, unanswered) = begin(recent, text, sender);
        unanswered.answered(Instant::now());
        !counting.came_before()
    }

    fn sender() -> Arc<Sender> {
        Arc::new(Sender::new())
    }

    #[test]
    fn a_batch_whose_sender_gave_up_counts_once() {
        let (recent, first) = (Recent::default(), sender());
        let (counting, unanswered) = begin(&recent, "a", &first);
        assert!(!counting.came_before());
        // One that is worked on is none that was lost.
        assert!(counts(&recent, "a", &first));
        drop(unanswered);
        assert!(counts(&recent, "b", &first));
        // Whoever sends it again: one time is excused by it.
        assert!(!counts(&recent, "a", &sender()));
        assert!(counts(&recent, "a", &first));
    }

    #[test]
    fn equal_batches_of_a_sender_that_got_its_answers_all_count() {
        for breaks in [false, true] {
            let (recent, first) = (Recent::default(), sender());
            for _ in 0..3 {
                assert!(counts(&recent, "a", &first));
            }
            if breaks {
                first.broke(Instant::now());
            }
            // The last answer may have been lost, the others were not.
            assert_eq!(counts(&recent, "a", &sender()), !breaks);
            assert!(counts(&recent, "a", &sender()));
        }
    }

    #[test]
    fn a_connection_that_breaks_long_after_the_answer_has_delivered_it() {
        for (seconds, is_lost) in [(1, true), (60, false)] {
            let (recent, first) = (Recent::default(), sender());
            assert!(counts(&recent, "a", &first));
            first.broke(Instant::now() + Duration::from_secs(seconds));
            assert_eq!(counts(&recent, "a", &sender()), !is_lost);
        }
    }

    #[tokio::test]
    async fn a_repetition_waits_until_the_first_is_counted_or_counts_itself() {
        for is_counted in [true, false] {
            let (recent, sender) = (Recent::default(), sender());
            let times = Arc::new(Mutex::new(0));
            let once = |times: &Arc<Mutex<i32>>| {
                let times = Arc::clone(times);
                async move { *times.lock().unwrap() += 1 }
            };
            let (first, unanswered) = begin(&recent, "a", &sender);
            drop(unanswered);
            let (go, wait) = tokio::sync::oneshot::channel::<()>();
            let counted = once(&times);
            let counting = tokio::spawn(first.count(async move {
                wait.await.unwrap();
                counted.await;
            }));
            // One after the other, and the last repeats the one before.
            let repeated = [(); 2].map(|()| {
                let (repetition, unanswered) = begin(&recent, "a", &sender);
                drop(unanswered);
                assert!(repetition.came_before());
                tokio::spawn(repetition.count(once(&times)))
            });
            tokio::time::sleep(Duration::from_millis(20)).await;
            assert!(repeated.iter().all(|repeated| !repeated.is_finished()));
            match is_counted {
                true => go.send(()).unwrap(),
                // It panics.
                false => drop(go),
            }
            for repeated in repeated {
                repeated.await.unwrap();
            }
            assert_eq!(counting.await.is_ok(), is_counted);
            assert_eq!(*times.lock().unwrap(), 1);
        }
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (recent, sender) = (Recent::default(), sender());
        for index in 0..=MOST {
            drop(begin(&recent, &index.to_string(), &sender));
        }
        assert_eq!(recent.known().in_order.len(), MOST);
        assert!(begin(&recent, "2", &sender).0.came_before());
        assert!(!begin(&recent, "0", &sender).0.came_before());
        let later = Instant::now() + REMEMBERED;
        assert!(!recent.begin(name(&recent, "7"), &sender, later).0.came_before());
        let known = recent.known();
        assert_eq!((known.in_order.len(), known.by_name.len()), (1, 1));
    }
}
