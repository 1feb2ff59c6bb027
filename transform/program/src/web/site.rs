//! What the paths of the status address have in common: what is asked about, and who may.

use std::{sync::Arc, time::Instant};

use axum::http::request::Parts;
use jiff::Timestamp;
use signatures_operations::{Answer, AnswerError, Desk, Who, commands::Command};
use tokio::sync::Semaphore;

use super::{
    access::{Access, Caller, Refusal, peer},
    host::Host,
};

/// How many look into the memory at a time: it is for people, and events go first.
const AT_A_TIME: usize = 2;

/// What the paths have in common.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) access: Arc<Access>,
    turns: Arc<Semaphore>,
}

impl Site {
    pub(crate) fn new(host: Arc<dyn Host>, access: Arc<Access>) -> Self {
        Self { host, access, turns: Arc::new(Semaphore::new(AT_A_TIME)) }
    }

    /// Who asks.
    pub(crate) fn caller(&self, parts: &Parts) -> Result<Caller, Refusal> {
        self.access.caller(&self.host.keys(), parts, peer(parts), Instant::now())
    }

    /// Does what a command asks for, in its turn: it may read a lot.
    pub(crate) async fn answer(&self, command: Command, who: Who) -> Result<Answer, AnswerError> {
        self.look(move |desk| desk.answer(&command, &who, Timestamp::now())).await
    }

    /// Has somebody look at the memory, in turn.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Desk) -> Result<T, AnswerError> + Send + 'static,
    ) -> Result<T, AnswerError> {
        let Ok(_turn) = self.turns.acquire().await else { return Err(AnswerError::Failed) };
        let desk = self.host.desk().await;
        // Who is not to wait for it, such as /healthz, does not.
        let looked = tokio::task::spawn_blocking(move || look(&desk)).await;
        looked.unwrap_or(Err(AnswerError::Failed))
    }
}
