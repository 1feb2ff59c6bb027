//! TLS from PEM files, for either end.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig,
    client::Resumption,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde::Deserialize;
use tonic::transport::{Certificate, Identity, ServerTlsConfig};

use super::trust::{System, Trust};

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

    /// TLS for those who connect; with a CA they have to show a certificate of
    /// it. None when nothing is said.
    ///
    /// # Errors
    /// When a file cannot be read, or there is no certificate.
    pub fn server(&self) -> Result<Option<ServerTlsConfig>, TlsError> {
        if self.is_empty() {
            return Ok(None);
        }
        let mut server =
            ServerTlsConfig::new().identity(self.identity()?.ok_or(TlsError::Identity)?);
        if let Some(ca) = &self.ca_file {
            server = server.client_ca_root(Certificate::from_pem(certificates(ca)?));
        }
        Ok(Some(server))
    }

    /// TLS towards a server that speaks HTTP/2: its certificate must be of the given
    /// CA, or else of one that the system trusts.
    ///
    /// # Errors
    /// When a file cannot be read or used, or a certificate is given without its key.
    pub fn client(&self) -> Result<ClientConfig, TlsError> {
        let trust = match &self.ca_file {
            Some(ca) => Trust::new(chain(ca)?, System::Ignored)?,
            None => Trust::new(Vec::new(), System::Trusted)?,
        };
        let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(trust));
        let mut client = match (&self.crt_file, &self.key_file) {
            (Some(certificate), Some(key)) => {
                client.with_client_auth_cert(chain(certificate)?, private_key(key)?)?
            }
            (None, None) => client.with_no_client_auth(),
            _ => return Err(TlsError::Identity),
        };
        client.alpn_protocols = vec![b"h2".to_vec()];
        // A session that goes on shows no certificate, and servers that ask for one
        // refuse it, each time anew. Connections are few and long: nothing is saved.
        client.resumption = Resumption::disabled();
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
