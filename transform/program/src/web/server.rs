//! A thread that answers those who ask.

use std::{future::IntoFuture, io, sync::Arc, thread, time::Duration};

use tokio::{net::TcpListener, runtime};

use super::{
    access::{Access, Peer},
    host::Host,
    site::Site,
};
use crate::{
    net::{Bounds, Listener, Patience},
    tasks::TASKS,
};

/// A page is asked for, answered, and that is all: its connection has so long.
const BOUNDS: Bounds = Bounds {
    connections: 64,
    per_peer: 32,
    patience: Patience { first_request: Duration::from_secs(30), idle: Duration::ZERO },
};

/// What is served.
pub(crate) struct Pages {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) access: Access,
    /// Whether metrics are for everybody.
    pub(crate) open_metrics: bool,
}

/// Answers those who ask how it is, on a thread of their own: they do not wait for
/// their turn among all requests.
pub(crate) fn serve(listener: std::net::TcpListener, pages: Pages) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    let Pages { host, access, open_metrics } = pages;
    let router = Site::new(host, Arc::new(access)).router(open_metrics);
    let serving = move || {
        runtime.block_on(async {
            match TcpListener::from_std(listener).map(Arc::new) {
                Ok(listener) => {
                    let pages = move || {
                        let listener = Listener::new(Arc::clone(&listener), BOUNDS);
                        let service = router.clone().into_make_service_with_connect_info::<Peer>();
                        let serving = axum::serve(listener, service);
                        async { drop(serving.into_future().await) }
                    };
                    // Whatever becomes of it, events go on.
                    drop(TASKS.spawn("pages", pages).await);
                }
                Err(error) => tracing::error!(
                    event = "signatures.pages_failed",
                    "cannot serve pages: {error}"
                ),
            }
        });
    };
    thread::Builder::new().name("pages".to_owned()).spawn(serving).map(drop)
}
