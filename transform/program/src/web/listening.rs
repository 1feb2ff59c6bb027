//! The status address of a pipe, or of a state directory by itself.

use std::{io, sync::Arc};

use tokio::runtime;

use super::{
    access::Access,
    host::Host,
    server::{Pages, serve},
};
use crate::net::Address;

/// Why nobody can look.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    /// Others could read the status without being asked who they are.
    #[error(
        "the status address {0} can be reached from elsewhere: give a token \
         (--status-token-file) or use 127.0.0.1"
    )]
    NeedsToken(Address),
    /// It cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: Address,
        /// Why not.
        source: io::Error,
    },
}

/// Answers at an address those who ask; says where that is.
///
/// # Errors
/// When it is not to be, or cannot be had.
pub(crate) fn listen(address: &Address, host: Arc<dyn Host>) -> Result<String, ListenError> {
    let failed = |source| ListenError::Listen { address: address.clone(), source };
    let runtime = runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let listener = runtime.block_on(async {
        let resolved = address.resolve().await.map_err(failed)?;
        let is_near = resolved.iter().all(|address| address.ip().is_loopback());
        if !host.keys().has_reader() && !is_near {
            return Err(ListenError::NeedsToken(address.clone()));
        }
        address.listen().await.and_then(tokio::net::TcpListener::into_std).map_err(failed)
    })?;
    let local = listener.local_addr().map_err(failed)?.to_string();
    let pages = Pages { host, access: Access::new(&[]), open_metrics: false };
    serve(listener, pages).map_err(failed)?;
    Ok(local)
}
