//! The answer to what was submitted, for whoever waits for it: a thread that
//! blocks, or a task that awaits.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use crate::store::{Put, StoreError};

/// Tells when what was submitted is kept: awaited, or [waited for](Self::wait).
///
/// What was submitted is kept whether anybody waits or not.
#[must_use = "before the answer nothing is known to be kept"]
#[derive(Debug)]
pub struct Receipt(Arc<Slot>);

/// Whoever is to answer. One that is dropped answers with a fault.
#[derive(Debug)]
pub(super) struct Answer(Arc<Slot>);

#[derive(Debug)]
struct Slot {
    state: Mutex<State>,
    answered: Condvar,
}

#[derive(Debug)]
enum State {
    /// Not answered yet; who is to be woken.
    Open(Option<Waker>),
    Answered(Result<Put, StoreError>),
    /// The answer was taken away.
    Over,
}

/// An answer to be given, and the receipt that it will come by.
pub(super) fn pair() -> (Answer, Receipt) {
    let slot = Slot { state: Mutex::new(State::Open(None)), answered: Condvar::new() };
    let slot = Arc::new(slot);
    (Answer(Arc::clone(&slot)), Receipt(slot))
}

impl Receipt {
    /// Blocks until it is answered.
    ///
    /// # Errors
    /// When neither disk nor memory took what was submitted.
    pub fn wait(self) -> Result<Put, StoreError> {
        let mut state = self.0.lock();
        loop {
            match state.take() {
                Some(result) => return result,
                None => {
                    state = self.0.answered.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

impl Future for Receipt {
    type Output = Result<Put, StoreError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.0.lock();
        match state.take() {
            Some(result) => Poll::Ready(result),
            None => {
                *state = State::Open(Some(context.waker().clone()));
                Poll::Pending
            }
        }
    }
}

impl Answer {
    pub(super) fn give(self, result: Result<Put, StoreError>) {
        self.0.answer(result);
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.0.answer(Err(StoreError::Internal("what was submitted was not answered".to_owned())));
    }
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first answer counts.
    fn answer(&self, result: Result<Put, StoreError>) {
        let mut state = self.lock();
        let State::Open(waker) = &mut *state else { return };
        let waker = waker.take();
        *state = State::Answered(result);
        drop(state);
        self.answered.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl State {
    /// The answer; none when there is none yet.
    fn take(&mut self) -> Option<Result<Put, StoreError>> {
        match self {
            Self::Open(_) => None,
            Self::Answered(_) | Self::Over => match std::mem::replace(self, Self::Over) {
                Self::Answered(result) => Some(result),
                _ => Some(Err(StoreError::Internal("a receipt was asked twice".to_owned()))),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU32, Ordering},
        task::Wake,
        thread,
    };

    use super::*;

    fn queued(queued: u64) -> Result<Put, StoreError> {
        Ok(Put { queued, gave_way: vec![] })
    }

    #[derive(Default)]
    struct Woken(AtomicU32);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_thread_waits_for_the_answer() {
        let (answer, receipt) = pair();
        let waiting = thread::spawn(|| receipt.wait().unwrap());
        answer.give(queued(3));
        assert_eq!(waiting.join().unwrap(), queued(3).unwrap());
        // Answered before anybody asks.
        let (answer, receipt) = pair();
        answer.give(queued(4));
        assert_eq!(receipt.wait().unwrap(), queued(4).unwrap());
    }

    #[test]
    fn a_task_is_woken_by_the_answer() {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        let (answer, mut receipt) = pair();
        assert!(Pin::new(&mut receipt).poll(&mut context).is_pending());
        answer.give(queued(1));
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        let Poll::Ready(answered) = Pin::new(&mut receipt).poll(&mut context) else { panic!() };
        assert_eq!(answered.unwrap(), queued(1).unwrap());
    }

    #[test]
    fn what_is_never_answered_is_a_fault_and_holds_nobody() {
        let (answer, receipt) = pair();
        drop(answer);
        let told = receipt.wait().unwrap_err().to_string();
        assert_eq!(told, "a fault of this program: what was submitted was not answered");
    }
}
