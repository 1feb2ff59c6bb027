//! TLS from PEM files, for either end.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{VerifierBuilderError, WebPkiClientVerifier, danger::ClientCertVerifier},
};
use serde::Deserialize;
use tonic::transport::{Certificate, ClientTlsConfig, Identity};

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
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
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
}

impl Tls {
    /// Whether nothing is said of TLS.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The files that are named.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.crt_file, &self.key_file, &self.ca_file].into_iter().flatten().map(PathBuf::as_path)
    }

    /// TLS for those who connect and speak HTTP/2; with a CA they have to show a
    /// certificate of it. None when nothing is said.
    ///
    /// # Errors
    /// When a file cannot be read or used, or there is no certificate.
    pub fn server(&self) -> Result<Option<ServerConfig>, TlsError> {
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
            Some(ca) => server.with_client_cert_verifier(known_to(ca, provider)?),
            None => server.with_no_client_auth(),
        };
        let mut server = server.with_single_cert(chain(certificate)?, private_key(key)?)?;
        server.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Some(server))
    }

    /// TLS towards a server: its certificate must be of the given CA, or else
    /// of one that the system trusts.
    ///
    /// # Errors
    /// When a file cannot be read, or a certificate is given without its key.
    pub fn client(&self) -> Result<ClientTlsConfig, TlsError> {
        let mut client = match &self.ca_file {
            Some(ca) => {
                ClientTlsConfig::new().ca_certificate(Certificate::from_pem(certificates(ca)?))
            }
            None => ClientTlsConfig::new().with_native_roots(),
        };
        if let Some(identity) = self.identity()? {
            client = client.identity(identity);
        }
        if let Some(name) = &self.server_name {
            client = client.domain_name(name);
        }
        Ok(client)
    }

    fn identity(&self) -> Result<Option<Identity>, TlsError> {
        match (&self.crt_file, &self.key_file) {
            (Some(certificate), Some(key)) => {
                Ok(Some(Identity::from_pem(certificates(certificate)?, key_of(key)?)))
            }
            (None, None) => Ok(None),
            _ => Err(TlsError::Identity),
        }
    }
}

/// A file of certificates. One without any would trust nobody, and say nothing.
fn certificates(path: &Path) -> Result<Vec<u8>, TlsError> {
    let pem = read(path)?;
    let mut found = CertificateDer::pem_slice_iter(&pem);
    match found.next() {
        Some(Ok(_)) => Ok(pem),
        _ => Err(TlsError::Empty { path: path.to_owned(), what: "certificate" }),
    }
}

/// The certificates of a file.
fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let broken = |_| TlsError::Empty { path: path.to_owned(), what: "certificate" };
    let pem = certificates(path)?;
    CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(broken)
}

/// Who has a certificate of these authorities.
fn known_to(
    authorities: &Path,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in chain(authorities)? {
        roots.add(certificate)?;
    }
    let known = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
    known.map_err(|error| TlsError::Authorities { path: authorities.to_owned(), error })
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let pem = key_of(path)?;
    let empty = |_| TlsError::Empty { path: path.to_owned(), what: "private key" };
    PrivateKeyDer::from_pem_slice(&pem).map_err(empty)
}

fn key_of(path: &Path) -> Result<Vec<u8>, TlsError> {
    let pem = read(path)?;
    match PrivateKeyDer::from_pem_slice(&pem) {
        Ok(_) => Ok(pem),
        Err(_) => Err(TlsError::Empty { path: path.to_owned(), what: "private key" }),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::File { path: path.to_owned(), source })
}
