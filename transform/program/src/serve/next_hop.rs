//! The next hop: a `vector` source, and how its refusals are passed back.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use signatures_protocol::client::reason;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tonic::{Code, Status};

use super::{config::Forward, own_files::OwnFiles};

/// How long to wait before a request is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// How long a probe of the next hop may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(2);

/// Where events go.
#[derive(Debug)]
pub(super) struct NextHop {
    own_files: Arc<OwnFiles>,
    timeout: Duration,
    retries: u32,
}

/// What came of sending.
#[derive(Debug)]
pub(super) struct Sent {
    /// Whether the next hop took the request.
    pub(super) result: Result<(), Status>,
    /// How many times it was tried again.
    pub(super) retries: u32,
}

impl NextHop {
    /// The next hop by its configuration. Does not connect yet.
    pub(super) fn new(config: &Forward, own_files: Arc<OwnFiles>) -> Self {
        Self { own_files, timeout: config.timeout(), retries: config.retries() }
    }

    /// How long a request may wait for its turn and the next hop together.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sends an encoded `PushEventsRequest` and waits until it is taken. A next
    /// hop that is away is tried again a few times, so that its restart, or a
    /// connection that went stale, costs the sender no retry of its own.
    pub(super) async fn push(&self, request: Bytes, deadline: Instant) -> Sent {
        let mut retries = 0;
        loop {
            let client = self.own_files.next_hop();
            let answer = timeout_at(deadline, client.push(request.clone()));
            let result = answer.await.unwrap_or_else(|_| {
                let waited = self.timeout;
                Err(Status::unavailable(format!("the next hop did not answer within {waited:?}")))
            });
            let away = result.as_ref().is_err_and(is_away);
            if !away || retries >= self.retries || Instant::now() >= deadline {
                return Sent { result: result.map_err(for_the_sender), retries };
            }
            retries += 1;
            sleep(RETRY_PAUSE).await;
        }
    }

    /// Asks the next hop whether it takes events.
    ///
    /// # Errors
    /// Why it does not, in words.
    pub(super) async fn probe(&self) -> Result<(), String> {
        let none = |_| Err(format!("no answer within {PROBE_TIMEOUT:?}"));
        let client = self.own_files.next_hop();
        timeout(PROBE_TIMEOUT, client.probe()).await.unwrap_or_else(none)
    }
}

/// Whether there was no answer, or the answer that nobody is there.
fn is_away(status: &Status) -> bool {
    status.code() == Code::Unavailable || std::error::Error::source(status).is_some()
}

/// Whether the next hop has judged the events, and the sender gives them up: they
/// will not come again.
///
/// Vector gives up on a batch at eight codes and tries it again at all others.
/// Three of those say something of the events themselves, and would be said
/// again: they are passed on. The rest says that this hop is set up wrongly
/// (no such service, no access), and no event may be lost for that.
pub(super) fn is_final(status: &Status) -> bool {
    matches!(status.code(), Code::DataLoss | Code::InvalidArgument | Code::OutOfRange)
}

/// A refusal as the sender is to see it.
fn for_the_sender(status: Status) -> Status {
    match status.code() {
        _ if is_final(&status) && !is_away(&status) => status,
        code => Status::unavailable(format!("next hop: {code:?}: {}", reason(&status))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_judgement_of_the_events_lets_the_sender_give_up() {
        let codes: Vec<Code> = (0..=16)
            .map(Code::from)
            .filter(|code| for_the_sender(Status::new(*code, "x")).code() != Code::Unavailable)
            .collect();
        assert_eq!(codes, [Code::InvalidArgument, Code::OutOfRange, Code::DataLoss]);
    }
}
