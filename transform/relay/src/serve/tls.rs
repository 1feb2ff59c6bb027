//! TLS of both sides, from PEM files.

use std::path::{Path, PathBuf};

use tonic::transport::{Certificate, ClientTlsConfig, Identity, ServerTlsConfig};

use super::{ServeError, config::Tls};

/// TLS for those who connect; with a CA they have to show a certificate of it.
pub(super) fn server(config: &Tls) -> Result<Option<ServerTlsConfig>, ServeError> {
    if config.is_empty() {
        return Ok(None);
    }
    let identity = identity(config)?.ok_or(ServeError::TlsIdentity)?;
    let mut server = ServerTlsConfig::new().identity(identity);
    if let Some(ca) = &config.ca_file {
        server = server.client_ca_root(Certificate::from_pem(read(ca)?));
    }
    Ok(Some(server))
}

/// TLS towards the next hop: its certificate must be of the given CA, or else
/// of one that the system trusts.
pub(super) fn client(config: &Tls) -> Result<ClientTlsConfig, ServeError> {
    let mut client = ClientTlsConfig::new();
    client = match &config.ca_file {
        Some(ca) => client.ca_certificate(Certificate::from_pem(read(ca)?)),
        None => client.with_native_roots(),
    };
    if let Some(identity) = identity(config)? {
        client = client.identity(identity);
    }
    if let Some(name) = &config.server_name {
        client = client.domain_name(name);
    }
    Ok(client)
}

fn identity(config: &Tls) -> Result<Option<Identity>, ServeError> {
    match (&config.crt_file, &config.key_file) {
        (Some(certificate), Some(key)) => {
            Ok(Some(Identity::from_pem(read(certificate)?, read(key)?)))
        }
        (None, None) => Ok(None),
        _ => Err(ServeError::TlsIdentity),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ServeError> {
    std::fs::read(path).map_err(|source| ServeError::TlsFile { path: PathBuf::from(path), source })
}
