//! Tasks and threads that outlive a panic.

use std::{
    any::Any,
    fmt,
    future::Future,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::task::{JoinError, JoinHandle, JoinSet};

/// The tasks and threads of this process.
pub(crate) static TASKS: Tasks = Tasks::new();

/// How often a task may panic in a row.
const MOST_IN_A_ROW: u32 = 5;

/// The pause before a task is started again, for each time in a row.
const PAUSE: Duration = Duration::from_millis(50);

/// After so long without, a panic is no longer one in a row.
const CALM: Duration = Duration::from_secs(60);

/// What became of the tasks and threads of a process.
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
            let mut restarts = Restarts::new(self, name);
            loop {
                restarts.begin();
                let Err(error) = tokio::spawn(work()).await else { return };
                if error.is_cancelled() {
                    return;
                }
                let Some(pause) = restarts.after(&error) else { return };
                tokio::time::sleep(pause).await;
            }
        })
    }

    /// The same on a thread of its own, which has the name. The work goes on where
    /// the panic has left it.
    pub(crate) fn spawn_thread(
        &'static self,
        name: &'static str,
        mut work: impl FnMut() + Send + 'static,
    ) -> io::Result<()> {
        let work = move || {
            let mut restarts = Restarts::new(self, name);
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

    /// Notes that a task does its work no more.
    fn give_up(&self, name: &'static str) {
        *self.given_up.lock().unwrap_or_else(PoisonError::into_inner) = Some(name);
    }
}

/// How often one task was started again.
struct Restarts {
    tasks: &'static Tasks,
    name: &'static str,
    in_a_row: u32,
    begun: Instant,
}

impl Restarts {
    fn new(tasks: &'static Tasks, name: &'static str) -> Self {
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
        tasks.failures.fetch_add(1, Ordering::Relaxed);
        self.in_a_row = if self.begun.elapsed() < CALM { self.in_a_row + 1 } else { 1 };
        if self.in_a_row >= MOST_IN_A_ROW {
            tracing::error!(task = name, %error, "a task failed too often, and is given up");
            tasks.give_up(name);
            return None;
        }
        tracing::error!(task = name, %error, "a task failed, and is started again");
        Some(PAUSE * self.in_a_row)
    }
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

    /// The same on a thread, which tells when it is through.
    fn run_thread(tasks: &'static Tasks, panics: u32) -> u32 {
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
        static TASKS: Tasks = Tasks::new();
        assert_eq!(run_thread(&TASKS, 3), 4);
        assert_eq!((TASKS.failures(), TASKS.given_up()), (3, None));
        assert_eq!(run_thread(&TASKS, 100), MOST_IN_A_ROW);
        assert_eq!((TASKS.failures(), TASKS.given_up()), (8, Some("thread")));
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
