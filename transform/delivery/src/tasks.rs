//! Tasks and threads that outlive a panic.

use std::{
    any::Any,
    collections::BTreeSet,
    fmt,
    future::Future,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::task::{JoinError, JoinHandle, JoinSet};

use crate::secret::without_secrets;

/// How often a task may panic in a row.
const MOST_IN_A_ROW: u32 = 5;

/// The pause before a task is started again, for each time in a row.
const PAUSE: Duration = Duration::from_millis(50);

/// After so long without, a panic is no longer one in a row.
const CALM: Duration = Duration::from_secs(60);

/// What became of the tasks and threads of a process. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Tasks(Arc<Fates>);

#[derive(Debug, Default)]
struct Fates {
    failures: AtomicU64,
    given_up: Mutex<BTreeSet<String>>,
}

impl Tasks {
    /// How often a task has panicked.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.0.failures.load(Ordering::Relaxed)
    }

    /// A task that has panicked too often, and does its work no more.
    #[must_use]
    pub fn given_up(&self) -> Option<String> {
        self.names().first().cloned()
    }

    /// Whether that task does its work no more.
    #[must_use]
    pub fn is_given_up(&self, name: &str) -> bool {
        self.names().contains(name)
    }

    /// Works once, and counts a panic. Who drops this gives the work up.
    pub async fn once<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let failed = |error: &JoinError| {
            self.count(error);
            let error = told(error);
            tracing::error!(
                event = "signatures.task_failed",
                error,
                "a request failed by a fault of this program"
            );
        };
        alone(work).await?.inspect_err(failed).ok()
    }

    /// Works to the end, whether what is returned is awaited or dropped; counts a
    /// panic.
    pub fn detached<W>(&self, work: W) -> impl Future<Output = ()> + use<W>
    where
        W: Future<Output = ()> + Send + 'static,
    {
        let (tasks, task) = (self.clone(), tokio::spawn(work));
        async move {
            if let Err(error) = task.await {
                tasks.count(&error);
                let error = told(&error);
                tracing::error!(
                    event = "signatures.task_failed",
                    error,
                    "some work failed by a fault of this program"
                );
            }
        }
    }

    /// Works until the work ends; anew when it panics, unless that happens again
    /// and again. Who drops this gives the work up.
    pub async fn keep<F>(&self, name: &str, mut work: impl FnMut() -> F + Send)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut restarts = Restarts::new(self, name);
        loop {
            restarts.begin();
            let Some(Err(error)) = alone(work()).await else { return };
            if error.is_cancelled() {
                return;
            }
            let Some(pause) = restarts.after(&error) else { return };
            tokio::time::sleep(pause).await;
        }
    }

    /// As [`Self::keep`], beside whoever calls.
    pub fn spawn<F>(
        &self,
        name: &'static str,
        work: impl FnMut() -> F + Send + 'static,
    ) -> JoinHandle<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let tasks = self.clone();
        tokio::spawn(async move { tasks.keep(name, work).await })
    }

    /// As [`Self::keep`] on a thread of its own, which has the name. The work goes
    /// on where the panic has left it.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn spawn_thread(
        &self,
        name: &'static str,
        mut work: impl FnMut() + Send + 'static,
    ) -> io::Result<()> {
        let tasks = self.clone();
        let work = move || {
            let mut restarts = Restarts::new(&tasks, name);
            loop {
                restarts.begin();
                // Whoever works sees to it that what it has is whole at each step.
                let Err(panic) = catch_unwind(AssertUnwindSafe(&mut work)) else { return };
                let Some(pause) = restarts.after(&Panic(&*panic)) else { return };
                thread::sleep(pause);
            }
        };
        thread::Builder::new().name(name.to_owned()).spawn(work).map(drop)
    }

    /// Takes note of a task that ended so.
    pub(crate) fn count(&self, error: &JoinError) {
        if error.is_panic() {
            self.failed();
        }
    }

    fn failed(&self) {
        self.0.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// Those that were given up.
    fn names(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.0.given_up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often one task was started again.
struct Restarts<'a> {
    tasks: &'a Tasks,
    name: &'a str,
    in_a_row: u32,
    begun: Instant,
}

impl<'a> Restarts<'a> {
    fn new(tasks: &'a Tasks, name: &'a str) -> Self {
        tasks.names().remove(name);
        Self { tasks, name, in_a_row: 0, begun: Instant::now() }
    }

    /// The work begins.
    fn begin(&mut self) {
        self.begun = Instant::now();
    }

    /// How long to pause before it begins again, after it has panicked; none when
    /// that was too often.
    fn after(&mut self, error: &dyn fmt::Display) -> Option<Duration> {
        let Self { tasks, name, .. } = *self;
        let error = told(error);
        tasks.failed();
        self.in_a_row = if self.begun.elapsed() < CALM { self.in_a_row + 1 } else { 1 };
        if self.in_a_row >= MOST_IN_A_ROW {
            tracing::error!(
                event = "signatures.task_given_up",
                task = name,
                error,
                "a task failed too often, and is given up"
            );
            tasks.names().insert(name.to_owned());
            return None;
        }
        tracing::error!(
            event = "signatures.task_failed",
            task = name,
            error,
            "a task failed, and is started again"
        );
        Some(PAUSE * self.in_a_row)
    }
}

/// What went wrong, as it may be told: a panic can say anything.
fn told(error: &dyn fmt::Display) -> String {
    without_secrets(&error.to_string())
}

/// What a thread has panicked with.
struct Panic<'a>(&'a (dyn Any + Send));

impl fmt::Display for Panic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.downcast_ref::<&str>().copied();
        let text = text.or_else(|| self.0.downcast_ref::<String>().map(String::as_str));
        write!(f, "it panicked: {}", text.unwrap_or("without a word"))
    }
}

/// Works in a task that ends with whoever waits for it.
async fn alone<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Option<Result<T, JoinError>> {
    let mut alone = JoinSet::new();
    alone.spawn(work);
    alone.join_next().await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    /// Works that many times after so many panics.
    async fn run(tasks: &Tasks, panics: u32) -> u32 {
        let calls = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&calls);
        let work = move || {
            let call = counted.fetch_add(1, Ordering::Relaxed);
            async move { assert!(call >= panics, "as a test") }
        };
        tasks.spawn("work", work).await.unwrap();
        calls.load(Ordering::Relaxed)
    }

    /// The same on a thread, which tells when it is through.
    fn run_thread(tasks: &Tasks, panics: u32) -> u32 {
        let (through, ended) = std::sync::mpsc::channel::<()>();
        let calls = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&calls);
        let work = move || {
            let _through = &through;
            let call = counted.fetch_add(1, Ordering::Relaxed);
            assert!(call >= panics, "as a test");
        };
        tasks.spawn_thread("thread", work).unwrap();
        assert!(ended.recv().is_err());
        calls.load(Ordering::Relaxed)
    }

    #[test]
    fn a_thread_that_panics_is_started_again_within_bounds() {
        let tasks = Tasks::default();
        assert_eq!(run_thread(&tasks, 3), 4);
        assert_eq!((tasks.failures(), tasks.given_up()), (3, None));
        assert_eq!(run_thread(&tasks, 100), MOST_IN_A_ROW);
        assert_eq!((tasks.failures(), tasks.given_up()), (8, Some("thread".to_owned())));
        assert!(tasks.is_given_up("thread") && !tasks.is_given_up("work"));
    }

    #[test]
    fn what_a_thread_panicked_with_is_told() {
        let panic = |panic: &(dyn Any + Send)| Panic(panic).to_string();
        assert_eq!(panic(&"a"), "it panicked: a");
        assert_eq!(panic(&"b".to_owned()), "it panicked: b");
        assert_eq!(panic(&7), "it panicked: without a word");
    }

    #[tokio::test]
    async fn a_task_that_panics_is_started_again_within_bounds() {
        let tasks = Tasks::default();
        assert_eq!(run(&tasks, 3).await, 4);
        assert_eq!((tasks.failures(), tasks.given_up()), (3, None));
        assert_eq!(run(&tasks, 100).await, MOST_IN_A_ROW);
        assert_eq!((tasks.failures(), tasks.given_up()), (8, Some("work".to_owned())));
        assert_eq!(tasks.once(async { 7 }).await, Some(7));
        assert_eq!(tasks.once(async { assert!(std::hint::black_box(false)) }).await, None);
        assert_eq!(tasks.failures(), 9);
        // What is begun anew is given up no more.
        assert_eq!(run(&tasks, 0).await, 1);
        assert_eq!(tasks.given_up(), None);
    }
}
