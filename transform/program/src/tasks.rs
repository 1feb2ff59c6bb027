//! Tasks that outlive a panic.

use std::{
    future::Future,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::{JoinError, JoinHandle, JoinSet};

/// The tasks of this process.
pub(crate) static TASKS: Tasks = Tasks::new();

/// How often a task may panic in a row.
const MOST_IN_A_ROW: u32 = 5;

/// The pause before a task is started again, for each time in a row.
const PAUSE: Duration = Duration::from_millis(50);

/// After so long without, a panic is no longer one in a row.
const CALM: Duration = Duration::from_secs(60);

/// What became of the tasks of a process.
#[derive(Debug)]
pub(crate) struct Tasks {
    failures: AtomicU64,
    given_up: Mutex<Option<&'static str>>,
}

impl Tasks {
    pub(crate) const fn new() -> Self {
        Self { failures: AtomicU64::new(0), given_up: Mutex::new(None) }
    }

    /// How often a task has panicked.
    pub(crate) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// Works once, and counts a panic. Who drops this gives the work up.
    pub(crate) async fn once<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let mut alone = JoinSet::new();
        alone.spawn(work);
        let failed = |error: &JoinError| {
            self.failures.fetch_add(1, Ordering::Relaxed);
            tracing::error!(%error, "a request failed by a fault of this program");
        };
        alone.join_next().await?.inspect_err(failed).ok()
    }

    /// Works to the end, whether what is returned is awaited or dropped; counts a
    /// panic.
    pub(crate) fn detached(
        &'static self,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> impl Future<Output = ()> {
        let task = tokio::spawn(work);
        async move {
            if let Err(error) = task.await {
                self.failures.fetch_add(1, Ordering::Relaxed);
                tracing::error!(%error, "some work failed by a fault of this program");
            }
        }
    }

    /// A task that has panicked too often, and does its work no more.
    pub(crate) fn given_up(&self) -> Option<&'static str> {
        *self.given_up.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works until the work ends; anew when it panics, unless that happens again
    /// and again.
    pub(crate) fn spawn<F>(
        &'static self,
        name: &'static str,
        mut work: impl FnMut() -> F + Send + 'static,
    ) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        tokio::spawn(async move {
            let mut in_a_row = 0;
            loop {
                let start = Instant::now();
                let Err(error) = tokio::spawn(work()).await else { return };
                if error.is_cancelled() {
                    return;
                }
                self.failures.fetch_add(1, Ordering::Relaxed);
                in_a_row = if start.elapsed() < CALM { in_a_row + 1 } else { 1 };
                if in_a_row >= MOST_IN_A_ROW {
                    tracing::error!(task = name, %error, "a task failed too often, and is given up");
                    self.give_up(name);
                    return;
                }
                tracing::error!(task = name, %error, "a task failed, and is started again");
                tokio::time::sleep(PAUSE * in_a_row).await;
            }
        })
    }

    /// Notes that a task does its work no more.
    fn give_up(&self, name: &'static str) {
        *self.given_up.lock().unwrap_or_else(PoisonError::into_inner) = Some(name);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, atomic::AtomicU32};

    use super::*;

    /// Works that many times after so many panics.
    async fn run(tasks: &'static Tasks, panics: u32) -> u32 {
        let calls = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&calls);
        let work = move || {
            let call = counted.fetch_add(1, Ordering::Relaxed);
            async move { assert!(call >= panics, "as a test") }
        };
        tasks.spawn("work", work).await.unwrap();
        calls.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn a_task_that_panics_is_started_again_within_bounds() {
        static TASKS: Tasks = Tasks::new();
        assert_eq!(run(&TASKS, 3).await, 4);
        assert_eq!((TASKS.failures(), TASKS.given_up()), (3, None));
        assert_eq!(run(&TASKS, 100).await, MOST_IN_A_ROW);
        assert_eq!((TASKS.failures(), TASKS.given_up()), (8, Some("work")));
        assert_eq!(TASKS.once(async { 7 }).await, Some(7));
        assert_eq!(TASKS.once(async { assert!(std::hint::black_box(false)) }).await, None);
        assert_eq!(TASKS.failures(), 9);
    }
}
