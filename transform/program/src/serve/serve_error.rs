//! Why the relay cannot start, or stopped.

use std::{io, net::SocketAddr};

use signatures_protocol::client::{ClientError, TlsError, UnreadableFile};

use super::hop_url::HopUrl;
use crate::{net::Address, web::KeysError};

/// Why the relay cannot start, or stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    /// A file cannot be read.
    #[error(transparent)]
    File(#[from] UnreadableFile),
    /// The configuration says what it must not.
    #[error("{place}: {reason}")]
    Config {
        /// Which file, line and column.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// Nobody said where events go.
    #[error("no next hop: give --forward http://host:port, the address of a `vector` source")]
    NoForward,
    /// The next hop cannot be reached, whatever it does.
    #[error("cannot forward to `{url}`: {error}")]
    Forward {
        /// Its address.
        url: HopUrl,
        /// What is wrong.
        error: ClientError,
    },
    /// Events would go round and round.
    #[error("{0} would forward to itself: give the address of a `vector` source")]
    ForwardToSelf(SocketAddr),
    /// A file of the server's TLS cannot be used.
    #[error("cannot serve TLS: {0}")]
    Tls(#[from] TlsError),
    /// Others could read the status without being asked who they are.
    #[error(
        "the status address {0} can be reached from elsewhere: give a token \
         (--status-token-file, or `status: {{token_file: …}}`) or use 127.0.0.1"
    )]
    StatusNeedsToken(Address),
    /// The tokens of those who may change something.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Anybody could see the pages.
    #[error("the file of the token is empty")]
    EmptyToken,
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: Address,
        /// Why not.
        source: io::Error,
    },
    /// No request of the greatest length could ever be taken.
    #[error(
        "limits: a request of message_bytes may take {needed} bytes, and memory_bytes is {memory}"
    )]
    TooLittleMemory {
        /// What there is.
        memory: u64,
        /// What there has to be.
        needed: u64,
    },
    /// Nobody could ask how it is.
    #[error("cannot serve the pages of the status address: {0}")]
    Pages(io::Error),
    /// The metrics cannot be set up.
    #[error("cannot set up metrics: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// A part of the relay failed by a fault of its own, again and again.
    #[error("the task `{0}` failed, and was given up")]
    GivenUp(String),
    /// The next hop has taken requests that were not counted in time.
    #[error("{0} requests were sent on and could not be counted before the end")]
    Uncounted(usize),
    /// The server failed.
    #[error("{}", chain(.0))]
    Transport(#[from] tonic::transport::Error),
}

impl ServeError {
    pub(super) fn listen(address: &Address) -> impl FnOnce(io::Error) -> Self + use<> {
        let address = address.clone();
        move |source| Self::Listen { address, source }
    }
}

/// An error and its causes: the transport's own message says nothing alone.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
