//! TLS from PEM files, for either end.

use std::{
    io,
    path::{Path, PathBuf},
};

use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use serde::Deserialize;
use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};

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
