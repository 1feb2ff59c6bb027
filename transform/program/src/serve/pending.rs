//! Requests that are to be answered, and those that their senders gave up before.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use signatures_delivery::OnceAMinute;
use tonic::Code;

use super::metrics;

/// The requests that senders gave up.
#[derive(Debug, Default)]
pub(super) struct Abandoned(Mutex<Untold>);

/// What nobody was told of yet.
#[derive(Debug, Default)]
struct Untold {
    requests: u64,
    longest: Duration,
    told: OnceAMinute,
}

/// A request that has come. Dropped before it is answered, it was given up.
#[derive(Debug)]
pub(super) struct Pending<'a> {
    abandoned: &'a Abandoned,
    start: Instant,
    is_answered: bool,
}

impl Abandoned {
    /// Follows a request.
    pub(super) fn begin(&self) -> Pending<'_> {
        Pending { abandoned: self, start: Instant::now(), is_answered: false }
    }

    /// Tells of it, and not for each while a next hop hangs.
    fn add(&self, waited: Duration) {
        let mut untold = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        untold.requests += 1;
        untold.longest = untold.longest.max(waited);
        if untold.told.is_due(Instant::now()) {
            let Untold { requests, longest, told } = *untold;
            *untold = Untold { told, ..Untold::default() };
            drop(untold);
            tracing::warn!(
                event = "signatures.requests_cancelled",
                requests,
                longest_seconds = longest.as_secs_f64(),
                "senders gave up requests before they were answered; they try again"
            );
        }
    }
}

impl Pending<'_> {
    /// It is answered now.
    pub(super) fn answered(mut self, code: Code) {
        self.is_answered = true;
        metrics::answered(code, self.start.elapsed());
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            let waited = self.start.elapsed();
            metrics::answered(Code::Cancelled, waited);
            self.abandoned.add(waited);
        }
    }
}
