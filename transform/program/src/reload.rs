//! New rules while events flow: all of them or none, the last good ones kept.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::Duration,
};

use crate::rules::{RuleFiles, RuleTexts, Rules, RulesError};

/// The rules in force. Cheap to ask whether they are still the same.
#[derive(Debug)]
pub(crate) struct CurrentRules {
    rules: RwLock<Arc<Rules>>,
    generation: AtomicU64,
    failures: AtomicU64,
}

/// Somebody's own hold on the rules in force.
#[derive(Debug)]
pub(crate) struct RulesHandle {
    current: Arc<CurrentRules>,
    generation: u64,
    rules: Arc<Rules>,
}

impl CurrentRules {
    pub(crate) fn new(rules: Rules) -> Arc<Self> {
        Arc::new(Self {
            rules: RwLock::new(Arc::new(rules)),
            generation: AtomicU64::new(0),
            failures: AtomicU64::new(0),
        })
    }

    pub(crate) fn handle(self: &Arc<Self>) -> RulesHandle {
        let generation = self.generation.load(Ordering::Acquire);
        RulesHandle { current: Arc::clone(self), generation, rules: self.get() }
    }

    /// The rules in force now.
    pub(crate) fn get(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, rules: Rules) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// How many reloads have succeeded and failed.
    pub(crate) fn reloads(&self) -> (u64, u64) {
        (self.generation.load(Ordering::Acquire), self.failures.load(Ordering::Acquire))
    }
}

impl RulesHandle {
    /// The rules that were in force at the last [`RulesHandle::refresh`].
    pub(crate) fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// Takes over new rules, if there are any, and says whether there were.
    pub(crate) fn refresh(&mut self) -> bool {
        let generation = self.current.generation.load(Ordering::Acquire);
        if generation == self.generation {
            return false;
        }
        self.generation = generation;
        self.rules = self.current.get();
        true
    }
}

/// Watches the files until nobody can wake it any more: at each wake, and each
/// period if there is one.
pub(crate) fn watch(
    files: &RuleFiles,
    mut known: RuleTexts,
    current: &CurrentRules,
    period: Option<Duration>,
    wake: &Receiver<()>,
) {
    let mut broken = None;
    loop {
        let woken = match period {
            Some(period) => wake.recv_timeout(period),
            None => wake.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let asked = match woken {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        match reload(files, &known) {
            Ok(Some((texts, rules))) => {
                known = texts;
                broken = None;
                let signatures = rules.classifier.taxonomy().signatures.len();
                current.replace(rules);
                tracing::info!(files = files.describe(), signatures, "reloaded");
            }
            Ok(None) if asked => match &broken {
                Some(error) => tracing::error!("still not reloaded: {error}"),
                None => tracing::info!(files = files.describe(), "nothing has changed"),
            },
            Ok(None) => {}
            Err((texts, error)) => {
                current.failures.fetch_add(1, Ordering::Release);
                tracing::error!("not reloaded, the rules in force stay: {error}");
                // The same broken text is told once, and not at every look.
                if let Some(texts) = texts {
                    known = texts;
                    broken = Some(error.to_string());
                }
            }
        }
    }
}

type Reloaded = Result<Option<(RuleTexts, Rules)>, (Option<RuleTexts>, RulesError)>;

fn reload(files: &RuleFiles, known: &RuleTexts) -> Reloaded {
    let texts = files.read().map_err(|error| (None, error))?;
    if texts == *known {
        return Ok(None);
    }
    match files.compile(&texts) {
        Ok(rules) => Ok(Some((texts, rules))),
        Err(error) => Err((Some(texts), error)),
    }
}
