//! TLS from PEM files, for either end.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    client::Resumption,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{VerifierBuilderError, WebPkiClientVerifier, danger::ClientCertVerifier},
};
use serde::Deserialize;

use super::{
    kept_files::{KeptFiles, UnreadableFile},
    trust::{System, Trust},
};

/// TLS, by PEM files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// The certificate to show, and those between it and its authority.
    pub crt_file: Option<PathBuf>,
    /// Its key.
    pub key_file: Option<PathBuf>,
    /// The authorities whose certificates are trusted.
    pub ca_file: Option<PathBuf>,
    /// The name that the other's certificate must have, when it is not the
    /// host of the URL.
    pub server_name: Option<String>,
}

/// Why the files are of no use.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A key or certificate cannot be read.
    #[error(transparent)]
    File(#[from] UnreadableFile),
    /// A file has not what it is for.
    #[error("{} holds no {what}", path.display())]
    Empty {
        /// Which file.
        path: PathBuf,
        /// What it is for.
        what: &'static str,
    },
    /// A certificate without its key, or no certificate at all.
    #[error("TLS needs both `crt_file` and `key_file`")]
    Identity,
    /// What they hold cannot be used, or does not go together.
    #[error(transparent)]
    Unusable(#[from] rustls::Error),
    /// The authorities cannot be used.
    #[error("{}: {error}", path.display())]
    Authorities {
        /// The file that holds them.
        path: PathBuf,
        /// Why not.
        error: VerifierBuilderError,
    },
    /// No certificate could have this name.
    #[error("`{name}` is no name of a server")]
    Name {
        /// What was given.
        name: String,
    },
}

impl Tls {
    /// Whether nothing is said of TLS.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a certificate comes with its key, and a key with its certificate.
    ///
    /// # Errors
    /// [`TlsError::Identity`] when not.
    pub fn check(&self) -> Result<(), TlsError> {
        match self.crt_file.is_some() == self.key_file.is_some() {
            true => Ok(()),
            false => Err(TlsError::Identity),
        }
    }

    /// The files that are named.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.crt_file, &self.key_file, &self.ca_file].into_iter().flatten().map(PathBuf::as_path)
    }

    /// TLS for those who connect and speak HTTP/2, by [its files](Self::files); with a
    /// CA they have to show a certificate of it. None when nothing is said.
    ///
    /// # Errors
    /// When a file was not read or cannot be used, or there is no certificate.
    pub fn server(&self, files: &KeptFiles) -> Result<Option<ServerConfig>, TlsError> {
        if self.is_empty() {
            return Ok(None);
        }
        let (Some(certificate), Some(key)) = (&self.crt_file, &self.key_file) else {
            return Err(TlsError::Identity);
        };
        let provider = Arc::new(ring::default_provider());
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()?;
        let server = match &self.ca_file {
            Some(ca) => server.with_client_cert_verifier(known_to(ca, files, provider)?),
            None => server.with_no_client_auth(),
        };
        let mut server =
            server.with_single_cert(chain(certificate, files)?, private_key(key, files)?)?;
        server.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Some(server))
    }

    /// TLS towards a server that speaks HTTP/2, by [its files](Self::files): the
    /// server's certificate must be of the given CA, or else of one that the system
    /// trusts.
    ///
    /// # Errors
    /// When a file was not read or cannot be used, or a certificate is given without its key.
    pub fn client(&self, files: &KeptFiles) -> Result<ClientConfig, TlsError> {
        let trust = match &self.ca_file {
            Some(ca) => Trust::new(chain(ca, files)?, System::Ignored)?,
            None => Trust::new(Vec::new(), System::Trusted)?,
        };
        let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(trust));
        let mut client = match (&self.crt_file, &self.key_file) {
            (Some(certificate), Some(key)) => client
                .with_client_auth_cert(chain(certificate, files)?, private_key(key, files)?)?,
            (None, None) => client.with_no_client_auth(),
            _ => return Err(TlsError::Identity),
        };
        client.alpn_protocols = vec![b"h2".to_vec()];
        // A session that goes on shows no certificate, and servers that ask for one
        // refuse it, each time anew. Connections are few and long: nothing is saved.
        client.resumption = Resumption::disabled();
        Ok(client)
    }
}

/// The certificates of a file. One without any would trust nobody, and say nothing.
fn chain(path: &Path, files: &KeptFiles) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(files.bytes(path)?).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(TlsError::Empty { path: path.to_owned(), what: "certificate" }),
    }
}

/// Who has a certificate of these authorities.
fn known_to(
    authorities: &Path,
    files: &KeptFiles,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in chain(authorities, files)? {
        roots.add(certificate)?;
    }
    let known = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    known.map_err(|error| TlsError::Authorities { path: authorities.to_owned(), error })
}

fn private_key(path: &Path, files: &KeptFiles) -> Result<PrivateKeyDer<'static>, TlsError> {
    let empty = |_| TlsError::Empty { path: path.to_owned(), what: "private key" };
    PrivateKeyDer::from_pem_slice(files.bytes(path)?).map_err(empty)
}
