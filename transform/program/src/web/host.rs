//! What is asked about: a relay, a pipe, or a state directory by itself.

use std::{future::Future, pin::Pin, sync::Arc};

use signatures_operations::Desk;

use super::keys::Keys;

/// An answer that may take a while.
pub(crate) type Asked<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What is asked about.
pub(crate) trait Host: Send + Sync + 'static {
    /// Whether all of it works.
    ///
    /// # Errors
    /// Why not.
    fn health(&self) -> Result<(), String>;

    /// Whether events flow, and what there is to say beside that.
    ///
    /// # Errors
    /// Why they do not.
    fn readiness(&self) -> Asked<'_, Result<Option<String>, String>>;

    /// The metrics, as Prometheus reads them; none where nothing is counted.
    fn metrics(&self) -> Asked<'_, Option<String>>;

    /// What commands go by, as it is now.
    fn desk(&self) -> Asked<'_, Desk>;

    /// The tokens in force.
    fn keys(&self) -> Arc<Keys>;
}
