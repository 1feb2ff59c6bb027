//! Pushes to a `vector` source.
//!
//! Where Vector acknowledges end to end, a source answers when the sinks behind it
//! have delivered, which may be long after it has taken the alert. To ask again
//! meanwhile would be to send it twice, so it is waited for; HTTP/2 pings tell a
//! connection that is dead.

use std::{error::Error, time::Duration};

use bytes::Bytes;
use jiff::Timestamp;
use signatures_alerts::Alert;
use signatures_protocol::{
    client::{ClientConfig, ClientError, VectorClient, reason},
    wire::log_request,
};
use tonic::{Code, ConnectError, Status};

use super::message::{MOST, message};
use crate::{
    secret::Scrubber,
    send::{Fault, SendError},
    sink::sender::{Accepted, Batching, Sender, Sending},
};

/// How long it may take until a source says anything at all.
const REACH_WITHIN: Duration = Duration::from_secs(15);

/// A `vector` source.
#[derive(Debug)]
pub(super) struct Vector {
    client: VectorClient,
    timeout: Duration,
    scrubber: Scrubber,
}

impl Vector {
    /// A source by its config, whose acknowledgement is waited for so long.
    ///
    /// # Errors
    /// When the config cannot be used.
    pub(super) fn new(
        config: &ClientConfig,
        timeout: Duration,
        scrubber: Scrubber,
    ) -> Result<Self, ClientError> {
        Ok(Self { client: VectorClient::new(config)?, timeout, scrubber })
    }

    /// Waits until the source says anything at all. What was not sent cannot arrive
    /// twice, so here nobody is waited for for long.
    async fn reach(&self) -> Result<(), SendError> {
        let reached = tokio::time::timeout(self.timeout.min(REACH_WITHIN), self.client.reach());
        match reached.await {
            Ok(reached) => reached.map_err(|status| self.fault(&status).into()),
            Err(_) => {
                self.client.reconnect();
                Err(Fault::Timeout.into())
            }
        }
    }

    fn fault(&self, status: &Status) -> Fault {
        let reason = self.scrubber.excerpt(&reason(status));
        match status.source() {
            Some(source) if is_connect(source) => Fault::Unreachable(reason),
            Some(_) => Fault::Broken(reason),
            None => Fault::Refused {
                code: format!("{:?}", status.code()),
                permanent: is_permanent(status.code()),
                excerpt: reason,
            },
        }
    }
}

impl Sender for Vector {
    fn batching(&self) -> Batching {
        Batching::List(MOST)
    }

    fn send<'a>(&'a self, alerts: &'a [Alert], _now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let events = message(alerts).map_err(|error| Fault::Internal(error.to_string()))?;
            let request = Bytes::from(log_request(&events));
            self.reach().await?;
            match tokio::time::timeout(self.timeout, self.client.push(request)).await {
                Ok(Ok(())) => Ok(Accepted::new("taken")),
                Ok(Err(status)) => Err(SendError::from(self.fault(&status))),
                Err(_) => Err(Fault::Unacknowledged(self.timeout).into()),
            }
        })
    }
}

fn is_connect(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| (*error).source())
        .any(|error| error.is::<ConnectError>())
}

/// Whether the same alert would be refused for ever: it is not understood, not
/// allowed, or nobody there takes any.
fn is_permanent(code: Code) -> bool {
    matches!(
        code,
        Code::InvalidArgument
            | Code::OutOfRange
            | Code::DataLoss
            | Code::FailedPrecondition
            | Code::NotFound
            | Code::PermissionDenied
            | Code::Unauthenticated
            | Code::Unimplemented
    )
}
