//! The relay's own files: those of TLS at either end, and the token of its pages.
//! They may be rotated while it runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use signatures_configuration::Contents;
use signatures_protocol::client::VectorClient;
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

use super::{config::Config, serve_error::ServeError};

/// The relay's own files, and what they came to when they were read last.
#[derive(Debug)]
pub(super) struct OwnFiles {
    config: Config,
    in_force: Mutex<InForce>,
    /// What they said when they were looked at last.
    known: Mutex<Option<Contents>>,
}

#[derive(Debug)]
struct InForce {
    /// None when connections are plain.
    tls: Option<Arc<ServerConfig>>,
    /// None when anybody may see the pages.
    token: Option<Arc<str>>,
    next_hop: Arc<VectorClient>,
}

impl OwnFiles {
    /// Reads them.
    ///
    /// # Errors
    /// When one cannot be read, or says what it must not, or there is no next hop.
    pub(super) fn open(config: &Config) -> Result<Self, ServeError> {
        let (config, in_force) = (config.clone(), InForce::read(config)?);
        Ok(Self { config, in_force: Mutex::new(in_force), known: Mutex::default() })
    }

    /// TLS for a connection that begins now; none when it is plain.
    pub(super) fn tls(&self) -> Option<TlsAcceptor> {
        lock(&self.in_force).tls.clone().map(TlsAcceptor::from)
    }

    /// What has to be shown to see the pages, if anything.
    pub(super) fn token(&self) -> Option<Arc<str>> {
        lock(&self.in_force).token.clone()
    }

    /// Who knows the next hop.
    pub(super) fn next_hop(&self) -> Arc<VectorClient> {
        Arc::clone(&lock(&self.in_force).next_hop)
    }

    /// Takes over what the files say now, if that is something else, and takes note of
    /// them. What cannot be used is told, and what is in force stays.
    pub(super) fn look(&self, noted: &mut Contents) {
        let Config { tls, forward, status, .. } = &self.config;
        let mut contents = Contents::default();
        for path in tls.files().chain(forward.tls.files()).chain(status.token_file.as_deref()) {
            // What is no file was read once, and says nothing new.
            let _ = contents.note(path);
        }
        noted.extend(contents.clone());
        let known = lock(&self.known).replace(contents.clone());
        if known.is_none_or(|known| known == contents) {
            return;
        }
        let result = InForce::read(&self.config).and_then(|read| match read.token {
            // Nobody who writes it means that anybody may see them.
            None if self.token().is_some() => Err(ServeError::EmptyToken),
            _ => Ok(read),
        });
        match result {
            Ok(read) => {
                *lock(&self.in_force) = read;
                tracing::info!(
                    event = "signatures.files_reloaded",
                    "the files of TLS and of the token are in force anew"
                );
            }
            Err(error) => {
                tracing::error!(
                    event = "signatures.files_refused",
                    "the files of TLS and of the token are not taken over, what is in force \
                     stays: {error}"
                );
            }
        }
    }
}

impl InForce {
    fn read(config: &Config) -> Result<Self, ServeError> {
        let Config { tls, forward, status, .. } = config;
        let url = forward.url.clone().ok_or(ServeError::NoForward)?;
        let next_hop = VectorClient::new(&forward.client(url.expose().to_owned()))
            .map_err(|error| ServeError::Forward { url, error })?;
        let (tls, token) = (tls.server()?.map(Arc::new), status.token()?.map(Arc::from));
        Ok(Self { tls, token, next_hop: Arc::new(next_hop) })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No change is left half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
