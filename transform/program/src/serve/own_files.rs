//! The relay's own files: those of TLS at either end, and the tokens of its pages.
//! They may be rotated while it runs.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use signatures_configuration::Contents;
use signatures_protocol::client::{KeptFiles, VectorClient};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

use super::{config::Config, serve_error::ServeError};
use crate::web::Keys;

/// The relay's own files, and what they came to when they were taken last.
#[derive(Debug)]
pub(super) struct OwnFiles {
    config: Config,
    in_force: Mutex<InForce>,
}

#[derive(Debug)]
struct InForce {
    files: Arc<KeptFiles>,
    /// None when connections are plain.
    tls: Option<Arc<ServerConfig>>,
    keys: Arc<Keys>,
    next_hop: Arc<VectorClient>,
}

impl OwnFiles {
    /// Reads them.
    ///
    /// # Errors
    /// When one cannot be read, or says what it must not, or there is no next hop.
    pub(super) fn open(config: &Config) -> Result<Self, ServeError> {
        // What is wrong with the settings is told before what is wrong with a file.
        config.tls.check()?;
        let url = config.forward.url.clone().ok_or(ServeError::NoForward)?;
        VectorClient::check(&config.forward.client(url.expose().to_owned()))
            .map_err(|error| ServeError::Forward { url, error })?;
        let in_force = InForce::by(config, KeptFiles::read(paths(config))?)?;
        Ok(Self { config: config.clone(), in_force: Mutex::new(in_force) })
    }

    /// TLS for a connection that begins now; none when it is plain.
    pub(super) fn tls(&self) -> Option<TlsAcceptor> {
        self.in_force().tls.clone().map(TlsAcceptor::from)
    }

    /// The tokens of the pages.
    pub(super) fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.in_force().keys)
    }

    /// Who knows the next hop.
    pub(super) fn next_hop(&self) -> Arc<VectorClient> {
        Arc::clone(&self.in_force().next_hop)
    }

    /// Takes over what the files say now, if that is something else than what is in
    /// force, and takes note of them.
    ///
    /// # Errors
    /// When that cannot be used; what is in force stays.
    pub(super) fn look(&self, noted: &mut Contents) -> Result<(), ServeError> {
        for path in paths(&self.config) {
            // What is no file was read once, and says nothing new.
            let _ = noted.note(path);
        }
        let before = Arc::clone(&self.in_force().files);
        let files = before.read_again()?;
        if files == *before {
            return Ok(());
        }
        let read = InForce::by(&self.config, files)?;
        if !read.keys.has_reader() && self.keys().has_reader() {
            // Nobody who writes it means that anybody may see them.
            return Err(ServeError::EmptyToken);
        }
        *self.in_force() = read;
        tracing::info!(
            event = "signatures.files_reloaded",
            "the files of TLS and of the token are in force anew"
        );
        Ok(())
    }

    fn in_force(&self) -> MutexGuard<'_, InForce> {
        // No change is left half done.
        self.in_force.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All that are named.
fn paths(Config { tls, forward, status, .. }: &Config) -> impl Iterator<Item = &Path> {
    tls.files()
        .chain(forward.tls.files())
        .chain(status.token_file())
        .chain(status.write_tokens_file.as_deref())
}

impl InForce {
    fn by(config: &Config, files: KeptFiles) -> Result<Self, ServeError> {
        let Config { tls, forward, status, .. } = config;
        let url = forward.url.clone().ok_or(ServeError::NoForward)?;
        let next_hop = VectorClient::with_files(&forward.client(url.expose().to_owned()), &files)
            .map_err(|error| ServeError::Forward { url, error })?;
        let (tls, keys) = (tls.server(&files)?.map(Arc::new), Arc::new(status.keys(&files)?));
        Ok(Self { files: Arc::new(files), tls, keys, next_hop: Arc::new(next_hop) })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::serve::config::{Forward, Status};

    #[test]
    fn what_changed_before_the_first_look_is_taken_and_what_is_refused_stays_refused() {
        let folder = tempfile::tempdir().unwrap();
        let token_file = folder.path().join("token");
        fs::write(&token_file, "first").unwrap();
        let url = Some("http://127.0.0.1:1".parse().unwrap());
        let own_files = OwnFiles::open(&Config {
            forward: Forward { url, ..Forward::default() },
            status: Status { token_file: Some(token_file.clone()), ..Status::default() },
            ..Config::default()
        });
        let own_files = own_files.unwrap();
        let [first, second] = [b"first".as_slice(), b"second"];
        let look = |text: &str| {
            fs::write(&token_file, text).unwrap();
            let looked = own_files.look(&mut Contents::default());
            (looked.is_ok(), [first, second].map(|token| own_files.keys().holder(token).is_some()))
        };
        assert_eq!(look("second"), (true, [false, true]));
        for _ in 0..2 {
            assert_eq!(look(" "), (false, [false, true]));
        }
        assert_eq!(look("second"), (true, [false, true]));
        fs::remove_file(&token_file).unwrap();
        assert!(own_files.look(&mut Contents::default()).is_err());
    }
}
