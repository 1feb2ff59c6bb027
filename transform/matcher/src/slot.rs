//! Something that is built when it is first needed, and again after it was discarded.

use std::{
    cell::Cell,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use crate::budget::{BUDGET, Counted, Discard, lock};

/// How to build something.
pub(crate) trait Recipe: Send + Sync + 'static {
    /// What all threads use together.
    type Shared: Send + Sync;
    /// What each needs of its own.
    type Own: Send;

    /// Builds what all use, and says how many bytes it takes.
    fn build(&self) -> (Self::Shared, usize);

    /// What one more thread needs.
    fn own(shared: &Self::Shared) -> Self::Own;

    /// How many bytes that takes now.
    fn bytes(own: &Self::Own) -> usize;
}

/// Something that is built by a recipe when it is needed. To be found again by the
/// budget it is in an [`Arc`].
pub(crate) struct Slot<R: Recipe> {
    recipe: R,
    shared: Mutex<Shared<R::Shared>>,
    places: [Place<R>; PLACES],
    /// Whether it was needed since it was last asked to be discarded.
    needed: AtomicBool,
}

/// How many threads use one slot at the same time, and wait for nobody.
const PLACES: usize = 16;

struct Shared<T> {
    value: Option<Arc<Counted<T>>>,
    /// Whether the budget knows of it.
    is_registered: bool,
}

/// A place for what one thread needs; apart from those of others, whose writes would
/// slow it down.
#[repr(align(64))]
struct Place<R: Recipe>(Mutex<Option<Box<Searching<R>>>>);

/// What is needed for a search.
struct Searching<R: Recipe> {
    shared: Arc<Counted<R::Shared>>,
    own: Counted<R::Own>,
}

impl<R: Recipe> Slot<R> {
    pub(crate) fn new(recipe: R) -> Arc<Self> {
        Arc::new(Self {
            recipe,
            shared: Mutex::new(Shared { value: None, is_registered: false }),
            places: std::array::from_fn(|_| Place(Mutex::new(None))),
            needed: AtomicBool::new(false),
        })
    }

    /// How it is built.
    pub(crate) fn recipe(&self) -> &R {
        &self.recipe
    }

    /// Works with it; builds it where it is not there.
    #[inline]
    pub(crate) fn with<T>(self: &Arc<Self>, work: impl FnOnce(&R::Shared, &mut R::Own) -> T) -> T {
        let mut place = self.place();
        let searching = place.get_or_insert_with(|| self.searching());
        let result = work(&searching.shared.value, &mut searching.own.value);
        searching.own.recount(R::bytes(&searching.own.value));
        drop(place);
        if !self.needed.load(Ordering::Relaxed) {
            self.needed.store(true, Ordering::Relaxed);
        }
        BUDGET.keep();
        result
    }

    /// The thread's own place, or any that is free, or else its own in its turn.
    #[inline]
    fn place(&self) -> MutexGuard<'_, Option<Box<Searching<R>>>> {
        let own = thread();
        let free = (0..PLACES).find_map(|n| free(&self.places[(own + n) % PLACES]));
        free.unwrap_or_else(|| {
            let place = &self.places[own % PLACES];
            place.0.lock().unwrap_or_else(|poisoned| emptied(place, poisoned))
        })
    }

    #[cold]
    fn searching(self: &Arc<Self>) -> Box<Searching<R>> {
        let mut shared = lock(&self.shared);
        let value = shared.value.get_or_insert_with(|| {
            let (value, bytes) = self.recipe.build();
            Arc::new(Counted::new(value, bytes))
        });
        let value = Arc::clone(value);
        if !std::mem::replace(&mut shared.is_registered, true) {
            let slot: Weak<Self> = Arc::downgrade(self);
            BUDGET.register(slot);
        }
        drop(shared);
        let own = R::own(&value.value);
        let bytes = R::bytes(&own);
        Box::new(Searching { shared: value, own: Counted::new(own, bytes) })
    }
}

impl<R: Recipe> Discard for Slot<R> {
    fn discard(&self) -> bool {
        if self.needed.swap(false, Ordering::Relaxed) {
            return false;
        }
        // Whoever builds it needs it.
        let Ok(mut shared) = self.shared.try_lock() else { return false };
        shared.value = None;
        let all_free = self.places.iter().fold(true, |all_free, place| match free(place) {
            Some(mut place) => {
                *place = None;
                all_free
            }
            None => false,
        });
        shared.is_registered = !all_free;
        all_free
    }
}

/// A place that nobody uses.
#[inline]
fn free<R: Recipe>(place: &Place<R>) -> Option<MutexGuard<'_, Option<Box<Searching<R>>>>> {
    match place.0.try_lock() {
        Ok(place) => Some(place),
        Err(TryLockError::WouldBlock) => None,
        Err(TryLockError::Poisoned(poisoned)) => Some(emptied(place, poisoned)),
    }
}

/// A place that a panic has left as nobody knows.
#[cold]
fn emptied<'a, R: Recipe>(
    place: &Place<R>,
    poisoned: PoisonError<MutexGuard<'a, Option<Box<Searching<R>>>>>,
) -> MutexGuard<'a, Option<Box<Searching<R>>>> {
    let mut found = poisoned.into_inner();
    *found = None;
    place.0.clear_poison();
    found
}

/// The number of this thread.
#[inline]
fn thread() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static THREAD: Cell<usize> = Cell::new(THREADS.fetch_add(1, Ordering::Relaxed));
    }
    // None is left at the end of a thread.
    THREAD.try_with(Cell::get).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::{panic, thread};

    use super::*;

    /// Counts how often it is built, and each thread its searches since.
    struct Counting(AtomicUsize);

    impl Recipe for Counting {
        type Shared = usize;
        type Own = usize;

        fn build(&self) -> (usize, usize) {
            (self.0.fetch_add(1, Ordering::Relaxed) + 1, 1)
        }

        fn own(_: &usize) -> usize {
            0
        }

        fn bytes(searches: &usize) -> usize {
            *searches
        }
    }

    /// How often it was built, and how often it was searched since by this thread.
    fn search(slot: &Arc<Slot<Counting>>) -> (usize, usize) {
        slot.with(|built, searches| {
            *searches += 1;
            (*built, *searches)
        })
    }

    fn slot() -> Arc<Slot<Counting>> {
        Slot::new(Counting(AtomicUsize::new(0)))
    }

    #[test]
    fn what_is_discarded_is_built_again() {
        let slot = slot();
        assert_eq!([search(&slot), search(&slot)], [(1, 1), (1, 2)]);
        thread::scope(|scope| {
            let other = scope.spawn(|| search(&slot)).join().unwrap();
            assert_eq!(other.0, 1);
        });
        assert_eq!([slot.discard(), slot.discard()], [false, true]);
        assert_eq!(search(&slot), (2, 1));
    }

    #[test]
    fn what_is_in_use_stays_and_is_asked_again() {
        let slot = slot();
        slot.with(|_, _| assert!(!slot.discard()));
        // It was needed since.
        assert!(!slot.discard());
        // Who has it goes on with what it has.
        assert_eq!(search(&slot), (1, 1));
        assert_eq!([slot.discard(), slot.discard()], [false, true]);
        assert_eq!(search(&slot), (2, 1));
    }

    #[test]
    fn what_a_panic_has_left_is_built_again() {
        let slot = slot();
        assert_eq!([search(&slot), search(&slot)], [(1, 1), (1, 2)]);
        let panic = || slot.with(|_, _| panic!("as a test"));
        assert!(panic::catch_unwind(panic::AssertUnwindSafe(panic)).is_err());
        assert_eq!(search(&slot), (1, 1));
    }
}
