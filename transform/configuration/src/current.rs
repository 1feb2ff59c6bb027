//! The configuration in force.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use crate::configuration::Configuration;

/// The configuration in force. Cheap to ask whether it is still the same.
#[derive(Debug)]
pub struct Current<S> {
    configuration: RwLock<Arc<Configuration<S>>>,
    generation: AtomicU64,
    failures: AtomicU64,
}

/// Somebody's own hold on the configuration in force: it changes only when they
/// say so.
#[derive(Debug)]
pub struct Handle<S> {
    current: Arc<Current<S>>,
    generation: u64,
    configuration: Arc<Configuration<S>>,
}

/// How many reloads there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Reloads {
    /// Those that brought something new.
    pub ok: u64,
    /// Those that left the last good configuration in force.
    pub failed: u64,
}

impl<S> Current<S> {
    /// The first one.
    pub(crate) fn new(configuration: Configuration<S>) -> Self {
        Self {
            configuration: RwLock::new(Arc::new(configuration)),
            generation: AtomicU64::new(0),
            failures: AtomicU64::new(0),
        }
    }

    /// A hold on it for somebody who works by it.
    #[must_use]
    pub fn handle(self: &Arc<Self>) -> Handle<S> {
        let generation = self.generation.load(Ordering::Acquire);
        Handle { current: Arc::clone(self), generation, configuration: self.get() }
    }

    /// The one in force now.
    #[must_use]
    pub fn get(&self) -> Arc<Configuration<S>> {
        Arc::clone(&self.configuration.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many reloads there were so far.
    #[must_use]
    pub fn reloads(&self) -> Reloads {
        Reloads {
            ok: self.generation.load(Ordering::Acquire),
            failed: self.failures.load(Ordering::Acquire),
        }
    }

    /// Puts another into force.
    pub(crate) fn replace(&self, configuration: Configuration<S>) {
        let configuration = Arc::new(configuration);
        *self.configuration.write().unwrap_or_else(PoisonError::into_inner) = configuration;
        self.generation.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Release);
    }
}

impl<S> Handle<S> {
    /// The configuration that was in force at the last [`refresh`](Self::refresh).
    #[must_use]
    pub fn get(&self) -> &Arc<Configuration<S>> {
        &self.configuration
    }

    /// Takes over a new configuration, if there is one, and says whether there
    /// was.
    pub fn refresh(&mut self) -> bool {
        let generation = self.current.generation.load(Ordering::Acquire);
        if generation == self.generation {
            return false;
        }
        self.generation = generation;
        self.configuration = self.current.get();
        true
    }
}
